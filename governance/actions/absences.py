"""When people are away: said by themselves, shown where their answer is awaited, minded by time limits (§5.3)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from journal.actions import record
from people.models import Absence, Person
from people.refusals import Malformed, Refused

MOST_ABSENCES = 20
MOST_DAYS = 366


def be_away(*, actor: Person, first_day: dt.date, last_day: dt.date) -> Absence:
    """Say that one is away from ``first_day`` until ``last_day``, both included, in one's own zone; return that.

    What one said before about days in between becomes part of it. Raises Malformed at the field where the days are
    the wrong way round, over already, or too many; Refused where too many absences are planned.
    """
    today = timezone.localdate(timezone=actor.tz)
    if last_day < first_day:
        raise Malformed(_("You would be back before you leave. Swap the days."), field="last_day")
    if last_day < today:
        raise Malformed(_("This is over already. Choose days to come."), field="last_day")
    if (last_day - first_day).days >= MOST_DAYS:
        raise Malformed(
            _("Choose at most %(days)d days. Whoever stays away longer leaves their roles.")
            % {"days": MOST_DAYS},
            field="last_day",
        )
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=actor.pk)
        joined = Absence.objects.filter(
            person=actor,
            first_day__lte=last_day + dt.timedelta(days=1),
            last_day__gte=first_day - dt.timedelta(days=1),
        )
        for one in joined:
            first_day, last_day = min(first_day, one.first_day), max(last_day, one.last_day)
        joined.delete()
        if Absence.objects.filter(person=actor, last_day__gte=today).count() >= MOST_ABSENCES:
            raise Refused(_("You planned many absences already. Take one back first."))
        absence = Absence.objects.create(
            organization=actor.organization, person=actor, first_day=first_day, last_day=last_day
        )
        _record("people.away", absence, actor)
    return absence


def take_back_absence(absence: Absence, *, actor: Person) -> None:
    """Say that one is not away after all, or back earlier. Raises Refused for somebody else's."""
    if absence.person_id != actor.pk:
        raise Refused(_("Only they themselves say when they are away."))
    with transaction.atomic():
        deleted, _rows = Absence.objects.filter(pk=absence.pk).delete()
        if deleted:
            _record("people.back", absence, actor)


def _record(kind: str, absence: Absence, actor: Person) -> None:
    record(
        organization=actor.organization,
        kind=kind,
        actor=actor,
        first=absence.first_day.isoformat(),
        last=absence.last_day.isoformat(),
    )
