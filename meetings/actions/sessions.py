"""Scheduling a meeting, coming and going, who facilitates, time-outs, and closing (§5.4.1–5.4.3)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import FACILITATOR, SECRETARY
from circles.models import Role
from circles.structure import Structure
from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.facilitation import ELECTED, NAMED, acting
from governance.models import Proposal
from meetings import steps
from meetings.access import require_part
from meetings.actions import elections, guests, rounds
from meetings.actions.common import end_item, in_room, lock, tell, write_down
from meetings.limits import notice_5_4_2
from meetings.models import AgendaItem, Meeting, MeetingRequest, Participant, Turn
from meetings.room import KINDS, Moved, Room
from people.ids import derived_id
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken

SHORTEST, LONGEST = 5, 480
# A meeting that was opened so long ago and has not begun is not the one that is being held now
STILL_NOW = dt.timedelta(hours=2)
ROLE_NAMES = {FACILITATOR: gettext_lazy("facilitator"), SECRETARY: gettext_lazy("secretary")}


# -- before -----------------------------------------------------------------------------------------------------


def schedule(
    circle: Role,
    *,
    at: dt.datetime,
    minutes: int,
    actor: Person,
    intent: str = "",
    request: MeetingRequest | None = None,
) -> Meeting:
    """Schedule a governance meeting of a circle for the instant ``at`` (aware) and so many minutes.

    The acting secretary schedules (§5.4). ``request`` is the request for a special meeting that this answers: the
    meeting has its intent and its limits. Raises RuleBroken §5.4, §5.4.2 (less notice than a policy asks for),
    Malformed, Refused where it is no circle or the request is settled.
    """
    structure = _structure_of_circle(circle)
    if actor.pk not in acting(structure, circle.pk, SECRETARY).people:
        raise RuleBroken(
            "5.4",
            _("The secretary of %(circle)s schedules its governance meetings. You can start one now instead.")
            % {"circle": circle.shown_name},
        )
    if at < timezone.now() - dt.timedelta(minutes=5):
        raise Malformed(_("This time has passed. Choose a later one, or start the meeting now."), field="at")
    for refusal in notice_5_4_2(structure, circle.pk, at, timezone.now()):
        raise refusal
    with transaction.atomic():
        asked = None
        if request is not None:
            asked = MeetingRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)
            if (
                asked.meeting_id is not None
                or asked.taken_back_at is not None
                or asked.circle_id != circle.pk
            ):
                raise Refused(_("This request is settled already."))
        meeting = _create(circle, at, minutes, actor, asked.intent if asked else intent)
        if asked is not None:
            meeting.requested_by_id, meeting.limits = asked.asked_by_id, asked.limits
            meeting.save(update_fields=["requested_by", "limits"])
            asked.meeting = meeting
            asked.save(update_fields=["meeting"])
        write_down(meeting, "meeting.scheduled", actor, at=at)
    return meeting


def open_now(circle: Role, *, minutes: int, actor: Person) -> Meeting:
    """Open a governance meeting of a circle now and return it; the one that is being held, if there is one.

    Any circle member may, and the acting facilitator and secretary. Raises RuleBroken §5.4.1, Malformed.
    """
    structure = _structure_of_circle(circle)
    acts = {p for kind in KINDS for p in acting(structure, circle.pk, kind).people}
    if actor.pk not in structure.members(circle.pk) | acts:
        raise RuleBroken(
            "5.4.1",
            _("Only circle members of %(circle)s take part in its governance meetings.")
            % {"circle": circle.shown_name},
        )
    now = timezone.now()
    with transaction.atomic():
        # Two who open it at the same moment are to meet in one room
        Role.objects.select_for_update(no_key=True, of=("self",)).get(pk=circle.pk)
        held = Meeting.objects.filter(circle=circle, kind=Meeting.Kind.GOVERNANCE)
        meeting = (
            held.filter(state=Meeting.State.RUNNING).first()
            or held.filter(
                state=Meeting.State.SCHEDULED,
                scheduled_for__range=(now - STILL_NOW, now + dt.timedelta(minutes=15)),
            ).first()
        )
        if meeting is None:
            for refusal in notice_5_4_2(structure, circle.pk, now, now):
                raise refusal
            meeting = _create(circle, now, minutes, actor, "")
        meeting.circle = circle
        meeting.organization = circle.organization
        enter(meeting, actor=actor)
    return meeting


def cancel(meeting: Meeting, *, actor: Person) -> None:
    """Cancel a meeting that has not begun: the acting secretary, or whoever scheduled it. Raises NotAllowed."""
    with transaction.atomic():
        room = Room(lock(meeting))
        secretaries = acting(room.structure, meeting.circle_id, SECRETARY).people
        if actor.pk not in secretaries | {room.meeting.scheduled_by_id}:
            raise NotAllowed(_("The secretary cancels a meeting, or whoever scheduled it."))
        if not room.meeting.is_scheduled:
            raise Refused(_("This meeting has begun. The facilitator can close it."))
        write_down(room.meeting, "meeting.cancelled", actor)
        guests.end_all(room.meeting)
        room.meeting.delete()


def _structure_of_circle(circle: Role) -> Structure:
    structure = Structure.of(circle.organization_id)
    if not circle.present or circle.is_constitutional or not structure.is_circle(circle.pk):
        raise Refused(_("Choose a circle: a role with roles inside it."), field="circle")
    return structure


def _create(circle: Role, at: dt.datetime, minutes: int, actor: Person, intent: str) -> Meeting:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not SHORTEST <= minutes <= LONGEST:
        raise Malformed(
            _("Give the duration in minutes, from %(least)d to %(most)d.")
            % {"least": SHORTEST, "most": LONGEST},
            field="minutes",
        )
    return Meeting.objects.create(
        organization=circle.organization,
        circle=circle,
        scheduled_for=at,
        minutes=minutes,
        scheduled_by=actor,
        intent=clean(intent, "intent", most=400),
    )


# -- coming and going -------------------------------------------------------------------------------------------


def enter(meeting: Meeting, *, actor: Person) -> None:
    """Enter the room. The elected facilitator and secretary, or who acts in their place by right, act as such from
    then on, unless somebody does.

    Whoever comes while a round is held has their turn in it. Raises RuleBroken §5.4.1, Refused once it is over.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        require_part(room.meeting, actor, room.structure)
        if room.meeting.is_closed:
            raise Refused(_("This meeting is over."))
        found, created = Participant.objects.get_or_create(
            meeting=room.meeting, person=actor, defaults={"organization": room.meeting.organization}
        )
        if not created:
            if found.here:
                return
            found.left_at = None
            found.save(update_fields=["left_at"])
        for kind in KINDS:
            may = room.who_may_act(kind)
            if room.acts_as(kind) is None and may.at_once and actor.pk in may.people:
                _let_act(room, kind, actor, may.why)
        _read_again(room)
        elections.follow(room)
        rounds.take_in(room, actor)
        tell(room.meeting)


def leave(meeting: Meeting, *, actor: Person) -> None:
    """Leave the room. Whose turn it was has been; who facilitated or was secretary does so no longer (§5.3.6)."""
    with transaction.atomic():
        room = Room(lock(meeting))
        if not room.is_here(actor) or room.meeting.is_closed:
            return
        let_go(room, actor)


def mark_gone(meeting: Meeting, person: Person, *, actor: Person) -> None:
    """Let the facilitator or the secretary note that somebody has dropped out; they can enter again.

    Raises NotAllowed for anybody else.
    """
    with in_room(meeting, actor=actor) as room:
        if not room.may_enter_for(actor, person.pk):
            raise NotAllowed(_("The acting facilitator or secretary does this."))
        if room.is_here(person):
            let_go(room, person)


def let_go(room: Room, person: Person) -> None:
    """Let somebody be out of the room, in the transaction of an act with the meeting locked."""
    meeting = room.meeting
    meeting.participants.filter(person=person).update(left_at=timezone.now())
    rounds.skip(room, person)
    _read_again(room)
    elections.follow(room)
    for kind in KINDS:
        acts = room.acts_as(kind)
        if acts is not None and acts.pk == person.pk:
            _let_act(room, kind, None)
    if meeting.time_out_asked_by_id == person.pk and meeting.time_out_since is None:
        meeting.time_out_asked_by = None
        meeting.save(update_fields=["time_out_asked_by"])
    tell(meeting)


def _read_again(room: Room) -> None:
    """Let the room see who is in it now."""
    for name in ("participants", "here"):
        room.__dict__.pop(name, None)


# -- who acts ---------------------------------------------------------------------------------------------------


def declare(meeting: Meeting, kind: str, *, actor: Person) -> None:
    """Declare that one acts as facilitator or secretary (``kind``) of the meeting (§5.3.6).

    Who took over in a breakdown, whom the elected one named, or the elected one may at any time; others while nobody
    acts, in the clause's order of precedence among those here: the acting holder of the other role, a circle lead,
    any circle member, the first to say so.
    Raises RuleBroken §5.3.6 and §5.4.1, Refused.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        require_part(room.meeting, actor, room.structure)
        if room.meeting.is_closed or kind not in KINDS:
            raise Refused(_("This meeting is over."))
        if not room.is_here(actor):
            raise Refused(_("Enter the room first."))
        acts, may = room.acts_as(kind), room.who_may_act(kind)
        if acts is not None and acts.pk == actor.pk:
            return
        if actor.pk not in may.people:
            names = ", ".join(p.name for p in room.here if p.pk in may.people)
            raise RuleBroken(
                "5.3.6", _("%(names)s comes first: ask them to act, or to name somebody.") % {"names": names}
            )
        if acts is not None and not may.at_once:
            raise RuleBroken(
                "5.3.6", _("%(name)s acts already and can hand over to you.") % {"name": acts.name}
            )
        _let_act(room, kind, actor, may.why)
        tell(room.meeting)


def appoint(meeting: Meeting, kind: str, person: Person, *, actor: Person) -> None:
    """Name who is to act in one's place as facilitator or secretary (§5.3.6a): any partner of the organization.

    They are a temporary circle member as long as they act (§5.4.1). Raises NotAllowed, RuleBroken §5.3.6.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        acts = room.acts_as(kind)
        if kind not in KINDS or acts is None or acts.pk != actor.pk or room.meeting.is_closed:
            raise NotAllowed(_("Only who acts can name somebody in their place."))
        if not person.partner or not person.present or person.organization_id != actor.organization_id:
            raise RuleBroken("5.3.6", _("Name a partner of the organization."), field="person")
        elected = {a.person for a in room.structure.fillers(derived_id(room.meeting.circle_id, kind))}
        _let_act(room, kind, person, ELECTED if person.pk in elected else NAMED)
        tell(room.meeting)


def _let_act(room: Room, kind: str, person: Person | None, why: str = "") -> None:
    """Let somebody act as ``kind`` from now on; ``why`` is the clause that puts a surrogate there."""
    meeting = room.meeting
    why = "" if why == ELECTED else why
    setattr(meeting, kind, person)
    setattr(meeting, f"{kind}_why", why)
    meeting.save(update_fields=[kind, f"{kind}_why"])
    if person is not None:
        write_down(
            meeting,
            "meeting.acting",
            person,
            name=person.name,
            role=str(ROLE_NAMES[kind]),
            person=person.pk,
            why=why,
        )
    if kind == FACILITATOR:
        elections.follow(room)
    if kind == FACILITATOR and room.proposal is not None:
        proposal = proposals.lock(room.proposal)
        proposal.facilitator = person
        proposal.save(update_fields=["facilitator"])


# -- time-out ---------------------------------------------------------------------------------------------------


def ask_time_out(meeting: Meeting, *, actor: Person) -> None:
    """Ask for a time-out (§5.4.3); the facilitator, who decides, has one by asking."""
    with in_room(meeting, actor=actor, act=steps.TIME_OUT) as room:
        if room.meeting.time_out_since is not None:
            raise Moved
        room.meeting.time_out_asked_by = room.meeting.time_out_asked_by or actor
        if room.is_facilitator(actor):
            _begin_time_out(room, actor)
        room.meeting.save(update_fields=["time_out_asked_by", "time_out_since"])
        tell(room.meeting)


def answer_time_out(meeting: Meeting, *, actor: Person, granted: bool) -> None:
    """Grant or refuse the time-out that somebody asked for (§5.4.3)."""
    with in_room(meeting, actor=actor, act=steps.TIME_OUT, facilitator=True) as room:
        if room.meeting.time_out_asked_by is None or room.meeting.time_out_since is not None:
            raise Moved
        if granted:
            _begin_time_out(room, actor)
        else:
            room.meeting.time_out_asked_by = None
        room.meeting.save(update_fields=["time_out_asked_by", "time_out_since"])
        tell(room.meeting)


def _begin_time_out(room: Room, actor: Person) -> None:
    room.meeting.time_out_since = timezone.now()
    write_down(room.meeting, "meeting.time_out", actor)


def end_time_out(meeting: Meeting, *, actor: Person) -> None:
    """End the time-out and go on where the meeting stopped (§5.4.3)."""
    with in_room(meeting, actor=actor, act=steps.TIME_OUT, facilitator=True) as room:
        if room.meeting.time_out_since is None:
            raise Moved
        room.meeting.time_out_since = room.meeting.time_out_asked_by = None
        room.meeting.save(update_fields=["time_out_asked_by", "time_out_since"])
        tell(room.meeting)


# -- closing ----------------------------------------------------------------------------------------------------


def close(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """Close the meeting. What was not processed stays with its owners: tensions in their inboxes, drafts as drafts.

    A proposal that was being adopted is adopted. Raises NotAllowed, Moved.
    """
    with in_room(meeting, actor=actor, seen=seen, facilitator=True) as room:
        now = timezone.now()
        if room.item is not None and room.step is not steps.ADOPTING:
            if room.election is not None:
                elections.hand_back(room)
            elif room.proposal is not None:
                in_meeting.hand_back(proposals.lock(room.proposal))
            end_item(room, room.item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=actor)
        room.meeting.items.filter(state=AgendaItem.State.WAITING).update(
            outcome=AgendaItem.Outcome.NOT_REACHED
        )
        room.meeting.turns.filter(state__in=[Turn.State.WAITING, Turn.State.SPEAKING]).update(
            state=Turn.State.SKIPPED
        )
        room.meeting.state = Meeting.State.CLOSED
        room.meeting.closed_at = now
        room.meeting.time_out_since = room.meeting.time_out_asked_by = None
        room.meeting.save()
        guests.end_all(room.meeting)
        write_down(room.meeting, "meeting.closed", actor)
        tell(room.meeting)


def proposal_settled(meeting_id: str, proposal_id: str) -> None:
    """Let a meeting go on once the worker has adopted its proposal, or could not (§5.4.5e). Safe to run twice.

    What conflicts with the structure as it is now goes back to the option to clarify, with both texts.
    """
    meeting = Meeting.objects.select_related("organization", "circle").filter(pk=meeting_id).first()
    if meeting is None:
        return
    with transaction.atomic():
        room = Room(lock(meeting))
        item = next((i for i in room.items if i.proposal_id == proposal_id and i.is_processing), None)
        if item is None or item.proposal is None:
            return
        if item.seat and item.proposal.state == Proposal.State.CONFLICT:
            elections.go_on(room, item)
            tell(room.meeting)
            return
        proposal = proposals.lock(item.proposal)
        outcome = OUTCOMES.get(proposal.state)
        if outcome is not None:
            state = (
                AgendaItem.State.DONE if outcome == AgendaItem.Outcome.ADOPTED else AgendaItem.State.DROPPED
            )
            end_item(room, item, state, outcome, actor=None, reason=proposal.settled_reason)
        elif proposal.state == Proposal.State.CONFLICT and room.meeting.is_running:
            in_meeting.take_back(proposal, facilitator=room.meeting.facilitator)
            item.step = steps.CLARIFY.key
            item.save(update_fields=["step"])
        elif proposal.state == Proposal.State.CONFLICT:
            end_item(room, item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=None)
        else:
            return
        tell(room.meeting)


OUTCOMES: dict[str, str] = {
    Proposal.State.ADOPTED: AgendaItem.Outcome.ADOPTED,
    Proposal.State.DISCARDED: AgendaItem.Outcome.DISCARDED,
    Proposal.State.DROPPED: AgendaItem.Outcome.DROPPED,
    Proposal.State.WITHDRAWN: AgendaItem.Outcome.WITHDRAWN,
}
