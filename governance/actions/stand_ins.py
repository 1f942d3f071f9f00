"""Naming who acts in one's place as facilitator or secretary, outside meetings too (§5.3.6a)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_ROLES
from circles.models import Role
from circles.structure import Structure
from governance.facilitation import SEATS
from governance.models import StandIn
from governance.representation import today_in
from journal.actions import record
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken


def name_stand_in(seat: Role, person: Person, *, actor: Person, until: dt.date | None = None) -> StandIn:
    """Name who acts in one's place in ``seat``, a facilitator or secretary role that one was elected to, until the
    end of the day ``until`` or until withdrawn (§5.3.6a). Whom one named before no longer does.

    Any partner can be named. Raises RuleBroken §5.3.6, Malformed, Refused where the role is no such seat.
    """
    with transaction.atomic():
        Role.objects.select_for_update(no_key=True, of=("self",)).get(pk=seat.pk)
        if seat.kind not in SEATS or not seat.present or seat.circle_id is None:
            raise Refused(_("Only the facilitator and the secretary can be stood in for."))
        if actor.pk not in {a.person for a in Structure.of(seat.organization_id).fillers(seat.pk)}:
            raise RuleBroken("5.3.6", _("Only who was elected names somebody in their place. Ask them to."))
        if not person.partner or not person.present or person.organization_id != actor.organization_id:
            raise RuleBroken("5.3.6", _("Name a partner of the organization."), field="person")
        if person.pk == actor.pk:
            raise Refused(
                _("This is you. Name somebody else, or nobody: then you act yourself."), field="person"
            )
        if until is not None and until < today_in(actor.organization):
            raise Malformed(
                _("This day has passed. Choose a later one, or leave it open until you withdraw it."),
                field="until",
            )
        _open(seat).update(ended_at=timezone.now())
        stand_in = StandIn.objects.create(
            organization=seat.organization,
            circle_id=seat.circle_id,
            kind=seat.kind,
            person=person,
            named_by=actor,
            until=until,
        )
        _record("governance.stand_in_named", stand_in, actor)
    return stand_in


def end_stand_in(seat: Role, *, actor: Person) -> None:
    """Let whom somebody named act no longer: the elected one says so, or who stands in. Raises NotAllowed."""
    with transaction.atomic():
        Role.objects.select_for_update(no_key=True, of=("self",)).get(pk=seat.pk)
        stand_in = _open(seat).select_related("person").first()
        if stand_in is None:
            return
        elected = {a.person for a in Structure.of(seat.organization_id).fillers(seat.pk)}
        if actor.pk not in elected | {stand_in.person_id, stand_in.named_by_id}:
            raise NotAllowed(_("Only who was elected ends this, or who acts in their place."))
        stand_in.ended_at = timezone.now()
        stand_in.save(update_fields=["ended_at"])
        _record("governance.stand_in_ended", stand_in, actor)


def _open(seat: Role) -> QuerySet[StandIn]:
    return StandIn.objects.filter(circle=seat.circle_id, kind=seat.kind, why=StandIn.Why.NAMED, ended_at=None)


def _record(kind: str, stand_in: StandIn, actor: Person) -> None:
    record(
        organization=actor.organization,
        kind=kind,
        actor=actor,
        circle_id=stand_in.circle_id,
        person=stand_in.person_id,
        name=stand_in.person.name,
        seat=str(CONSTITUTIONAL_ROLES[stand_in.kind].name),
        until=stand_in.until.isoformat() if stand_in.until else "",
    )
