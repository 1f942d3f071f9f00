"""Declaring a process breakdown, the powers it gives, and ending it (§5.5)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_ROLES, FACILITATOR
from circles.models import Assignment, Role
from circles.structure import Structure
from governance import authority as by
from governance.authority import Authority
from governance.breakdown import declares_from, in_breakdown, restorer, super_circle
from governance.changes import Assign, Unassign
from governance.changes.base import clean
from governance.enactment import enact, lock_record
from governance.facilitation import SEATS, acting
from governance.models import TEXT_LENGTH, Breakdown, Proposal, Review, StandIn
from journal.actions import queue_job, record
from people.ids import new_id
from people.models import Organization, Person
from people.refusals import NotAllowed, Refused, RuleBroken

Why = Breakdown.Why
DECLARED, ENDED = "declared", "ended"


def declare(
    circle: Role,
    *,
    actor: Person,
    reasons: str,
    proposal: Proposal | None = None,
    review: Review | None = None,
) -> Breakdown:
    """Declare a process breakdown in a circle, with reasons, and return it (§5.5).

    The acting facilitator or secretary of the circle or of its super-circle does. ``proposal`` names one that got
    nowhere after reasonable effort: on that ground the circle's own facilitator declares (§5.5). ``review`` is
    the request that it answers. Everybody in the circle is told.
    Raises RuleBroken §5.5, Malformed, Refused where one stands already.
    """
    with transaction.atomic():
        lock_record(circle.organization)
        structure = Structure.of(circle.organization_id)
        _require_circle(structure, circle)
        seat = declares_from(structure, circle.pk, actor.pk)
        if seat is None:
            raise RuleBroken(
                "5.5",
                _(
                    "The facilitator or secretary of %(circle)s or of the circle around it declares this. You can ask "
                    "for a review."
                )
                % {"circle": circle.shown_name},
            )
        if proposal is not None:
            if proposal.circle_id != circle.pk:
                raise Refused(_("This proposal belongs to another circle."), field="proposal")
            if actor.pk not in acting(structure, circle.pk, FACILITATOR).people:
                raise RuleBroken(
                    "5.5",
                    _("Because a proposal got nowhere, the facilitator of %(circle)s declares it.")
                    % {"circle": circle.shown_name},
                    field="proposal",
                )
            seat = (circle.pk, FACILITATOR)
        words = clean(reasons, "reasons", most=TEXT_LENGTH, multiline=True, required=True)
        if in_breakdown(circle.pk) is not None:
            raise Refused(_("This circle is in process breakdown already."))
        breakdown = _open(
            circle,
            why=Why.STUCK if proposal is not None else Why.PATTERN,
            reasons=words,
            proposal=proposal,
            declared_by=actor,
            declared_in_id=seat[0],
            declared_as=seat[1],
        )
        _record("governance.breakdown_declared", breakdown, actor)
        if review is not None and review.circle_id == circle.pk and review.answered_at is None:
            _answer(review, actor, words, breakdown)
    return breakdown


def _require_circle(structure: Structure, circle: Role) -> None:
    if not circle.present or circle.is_constitutional or not structure.is_circle(circle.pk):
        raise Refused(_("Choose a circle: a role with roles inside it."), field="circle")


def _open(circle: Role, **fields: object) -> Breakdown:
    now = timezone.now()
    raise_at = now + dt.timedelta(days=settings.BREAKDOWN_DAYS)
    breakdown = Breakdown.objects.create(
        organization=circle.organization, circle=circle, declared_at=now, raise_at=raise_at, **fields
    )
    queue_job(
        "governance.raise_breakdown",
        breakdown.pk,
        organization=circle.organization,
        due=raise_at,
        key=f"breakdown:{breakdown.pk}",
    )
    _tell_everybody(breakdown, DECLARED)
    return breakdown


def _tell_everybody(breakdown: Breakdown, what: str) -> None:
    structure = Structure.of(breakdown.organization_id)
    people = structure.members(breakdown.circle_id) | restorer(structure, breakdown.circle_id).people
    for person in sorted(people):
        queue_job(
            "governance.mail_breakdown", breakdown.pk, person, what, organization=breakdown.organization
        )


def _record(kind: str, breakdown: Breakdown, actor: Person | None, **more: object) -> None:
    record(
        organization=breakdown.organization,
        kind=kind,
        actor=actor,
        circle_id=breakdown.circle_id,
        breakdown=breakdown.pk,
        circle_name=breakdown.circle.shown_name,
        **more,
    )


# -- reviews -----------------------------------------------------------------------------------------------------


def ask_review(circle: Role, *, actor: Person, words: str) -> Review:
    """Ask the facilitator of the circle around a circle to look at it for a process breakdown (§5.5).

    Any partner may; of a circle without one around it, its own facilitator is asked. Raises RuleBroken §5.5,
    Malformed, Refused where one's own request waits already.
    """
    with transaction.atomic():
        structure = Structure.of(circle.organization_id)
        _require_circle(structure, circle)
        if not actor.partner or not actor.present:
            raise RuleBroken("5.5", _("Only partners ask for a review. Ask one of them."))
        text = clean(words, "words", most=TEXT_LENGTH, multiline=True, required=True)
        if Review.objects.filter(circle=circle, asked_by=actor, answered_at=None).exists():
            raise Refused(_("Your request for a review waits for an answer already."))
        review = Review.objects.create(
            organization=circle.organization, circle=circle, asked_by=actor, words=text
        )
        record(
            organization=circle.organization,
            kind="governance.review_asked",
            actor=actor,
            circle_id=circle.pk,
            circle_name=circle.shown_name,
            review=review.pk,
        )
        for person in sorted(restorer(structure, circle.pk).people):
            queue_job("governance.mail_review", review.pk, person, organization=circle.organization)
    return review


def answer_review(review: Review, *, actor: Person, answer: str) -> Review:
    """Answer a request for a review: what one found. A breakdown that was found is declared (``declare``).

    The acting facilitator of the circle around does. Raises NotAllowed, Malformed, Refused where it is answered.
    """
    with transaction.atomic():
        locked = Review.objects.select_for_update(no_key=True, of=("self",)).get(pk=review.pk)
        locked.circle, locked.organization = review.circle, actor.organization
        structure = Structure.of(actor.organization_id)
        if actor.pk not in restorer(structure, locked.circle_id).people:
            raise NotAllowed(_("The facilitator who was asked answers this."))
        if locked.answered_at is not None:
            raise Refused(_("This has been answered already."))
        words = clean(answer, "answer", most=TEXT_LENGTH, multiline=True, required=True)
        _answer(locked, actor, words, None)
    return locked


def _answer(review: Review, actor: Person, words: str, breakdown: Breakdown | None) -> None:
    review.answered_by, review.answered_at = actor, timezone.now()
    review.answer, review.breakdown = words, breakdown
    review.save(update_fields=["answered_by", "answered_at", "answer", "breakdown"])
    record(
        organization=actor.organization,
        kind="governance.review_answered",
        actor=actor,
        circle_id=review.circle_id,
        circle_name=review.circle.shown_name,
        review=review.pk,
    )
    queue_job("governance.mail_review", review.pk, review.asked_by_id, organization=actor.organization)


# -- the powers of who restores the process ----------------------------------------------------------------------


def _lock(breakdown: Breakdown, actor: Person) -> tuple[Breakdown, Structure]:
    """Lock a breakdown that stands, for who restores the process in its circle (§5.5.2)."""
    lock_record(actor.organization)
    locked = (
        Breakdown.objects.select_for_update(no_key=True, of=("self",))
        .select_related("circle", "lead")
        .get(pk=breakdown.pk)
    )
    locked.organization = locked.circle.organization = actor.organization
    structure = Structure.of(actor.organization_id)
    if actor.pk not in restorer(structure, locked.circle_id).people:
        raise RuleBroken(
            "5.5.2",
            _("This is for the facilitator of the circle around it. Ask them.")
            if super_circle(structure, locked.circle_id)
            else _("This is for the circle’s facilitator. Ask them."),
        )
    if not locked.stands:
        raise Refused(_("Due process has been restored already."))
    return locked, structure


def take_over(breakdown: Breakdown, kind: str, *, actor: Person) -> StandIn:
    """Take over as facilitator or secretary (``kind``) of a circle in breakdown, until one hands back or it ends
    (§5.5.2c). Raises RuleBroken §5.5.2, Refused."""
    with transaction.atomic():
        locked, _ignored = _lock(breakdown, actor)
        if kind not in SEATS:
            raise Refused(_("Take over as facilitator or as secretary."))
        _stand_ins(locked, kind).update(ended_at=timezone.now())
        stand_in = StandIn.objects.create(
            organization=locked.organization,
            circle=locked.circle,
            kind=kind,
            why=StandIn.Why.BREAKDOWN,
            person=actor,
            named_by=actor,
        )
        _record("governance.breakdown_taken_over", locked, actor, seat=_seat(kind), seat_kind=kind)
    return stand_in


def hand_back(breakdown: Breakdown, kind: str, *, actor: Person) -> None:
    """Hand a seat that was taken over back to who would act otherwise. Raises RuleBroken §5.5.2, Refused."""
    with transaction.atomic():
        locked, _ignored = _lock(breakdown, actor)
        if kind in SEATS and _stand_ins(locked, kind).update(ended_at=timezone.now()):
            _record("governance.breakdown_handed_back", locked, actor, seat=_seat(kind), seat_kind=kind)


def _stand_ins(breakdown: Breakdown, *kinds: str) -> QuerySet[StandIn]:
    return StandIn.objects.filter(
        circle=breakdown.circle_id, kind__in=kinds or SEATS, why=StandIn.Why.BREAKDOWN, ended_at=None
    )


def _seat(kind: str) -> str:
    return str(CONSTITUTIONAL_ROLES[kind].name).lower()


def add_lead(breakdown: Breakdown, person: Person, *, actor: Person) -> Breakdown:
    """Add a circle lead for as long as the breakdown stands (§5.5.2d): a partner who is none yet.

    What they decide as circle lead no other circle lead undoes meanwhile. Raises RuleBroken §5.5.2 and what stands
    in the way of the assignment, Refused where one was added already.
    """
    with transaction.atomic():
        locked, structure = _lock(breakdown, actor)
        if locked.lead_id is not None and _assignment(locked) is not None:
            raise Refused(
                _("%(name)s was added already: one circle lead more.")
                % {"name": locked.lead.name if locked.lead else ""}
            )
        if not person.partner or not person.present or person.organization_id != actor.organization_id:
            raise RuleBroken("5.5.2", _("Add a partner of the organization."), field="person")
        if person.pk in structure.circle_leads(locked.circle_id):
            raise RuleBroken(
                "5.5.2",
                _("%(name)s is circle lead already. Add somebody else.") % {"name": person.name},
                field="person",
            )
        change = Assign(new_id(), locked.circle_id, person.pk)
        enacted = enact(locked.organization, [change], authority=_authority(locked, actor))
        locked.lead, locked.lead_assignment = person, change.id
        locked.lead_since = enacted.decision.number if enacted.decision else 0
        locked.save(update_fields=["lead", "lead_assignment", "lead_since"])
        _record("governance.breakdown_lead", locked, actor, person=person.pk, name=person.name)
    return locked


def _authority(breakdown: Breakdown, actor: Person | None) -> Authority:
    return Authority(by.BREAKDOWN, actor=actor.pk if actor else None, circle=breakdown.circle_id)


def _assignment(breakdown: Breakdown) -> Assignment | None:
    return Assignment.objects.filter(pk=breakdown.lead_assignment).first()


def end(breakdown: Breakdown, *, actor: Person, words: str) -> Breakdown:
    """End a breakdown: due process is restored, in words for everybody (§5.5.2).

    Seats that were taken over and the circle lead who was added end with it. Raises RuleBroken §5.5.2, Malformed,
    Refused.
    """
    with transaction.atomic():
        locked, _ignored = _lock(breakdown, actor)
        _end(locked, actor, clean(words, "words", most=TEXT_LENGTH, multiline=True, required=True))
        _record("governance.breakdown_ended", locked, actor)
        _tell_everybody(locked, ENDED)
    return locked


def _end(breakdown: Breakdown, actor: Person | None, words: str) -> None:
    assignment = _assignment(breakdown) if breakdown.lead_assignment else None
    if assignment is not None:
        change = Unassign(assignment.pk, assignment.role_id, assignment.person_id)
        enact(breakdown.organization, [change], authority=_authority(breakdown, actor))
    _stand_ins(breakdown).update(ended_at=timezone.now())
    breakdown.ended_at, breakdown.ended_by, breakdown.ended_words = timezone.now(), actor, words
    breakdown.save(update_fields=["ended_at", "ended_by", "ended_words"])


# -- what follows: the worker ------------------------------------------------------------------------------------


def let_lapse(organization: Organization) -> None:
    """Let breakdowns end whose circle is none any more: nobody is left who could restore its process.

    Safe to run twice or late.
    """
    standing = Breakdown.objects.filter(organization=organization, ended_at=None)
    if not standing.exists():
        return
    with transaction.atomic():
        lock_record(organization)
        structure = Structure.of(organization.pk)
        for breakdown in standing.select_related("circle").select_for_update(no_key=True, of=("self",)):
            if structure.is_circle(breakdown.circle_id):
                continue
            breakdown.organization = breakdown.circle.organization = organization
            _end(breakdown, None, _("This is no circle any more."))
            _record("governance.breakdown_lapsed", breakdown, None)


def raise_breakdown(breakdown_id: str) -> Breakdown | None:
    """Let a breakdown that was left open too long count for the circle around it as well, once (§5.5.3).

    Returns the one raised, if any. Safe to run twice or late.
    """
    with transaction.atomic():
        found = Breakdown.objects.select_related("organization").filter(pk=breakdown_id).first()
        if found is None:
            return None
        lock_record(found.organization)
        breakdown = (
            Breakdown.objects.select_for_update(no_key=True, of=("self",))
            .select_related("organization", "circle__circle")
            .get(pk=breakdown_id)
        )
        if not breakdown.stands or breakdown.raise_at is None or breakdown.raise_at > timezone.now():
            return None
        if not Structure.of(breakdown.organization_id).is_circle(breakdown.circle_id):
            return None
        breakdown.raise_at = None
        breakdown.save(update_fields=["raise_at"])
        around = breakdown.circle.circle
        if around is None or not around.present or in_breakdown(around.pk) is not None:
            return None
        around.organization = breakdown.organization
        raised = _open(around, why=Why.RAISED, raised_from=breakdown)
        _record("governance.breakdown_raised", raised, None)
    return raised
