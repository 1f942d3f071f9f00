"""Beginning, the steps forth and back, and the rounds in which people speak one at a time (§5.4.3, §5.4.5)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.rules.structure import proposal_requirements_5_3_1
from meetings import steps
from meetings.access import require_part
from meetings.actions import elections
from meetings.actions.common import (
    in_room,
    lock,
    locked_proposal,
    require_within_limits,
    tell,
    the_item,
    write_down,
)
from meetings.limits import quorum_5_4_2
from meetings.models import NOTE_LENGTH, AgendaItem, Meeting, Turn
from meetings.room import Moved, Room
from meetings.steps import STEPS, Step
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken

# -- forth and back ---------------------------------------------------------------------------------------------


def begin(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """Begin the meeting with its check-in round (§5.4.3). The acting facilitator does.

    Raises RuleBroken §5.4.1, §5.4.2 (fewer are here than a policy asks for), NotAllowed, Moved where it has begun.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        require_part(room.meeting, actor, room.structure)
        if not room.meeting.is_scheduled or (seen is not None and seen != room.seen):
            raise Moved
        if room.meeting.facilitator is None:
            raise Refused(_("Somebody has to act as facilitator first."))
        room.require_facilitator(actor)
        for refusal in quorum_5_4_2(room.structure, room.meeting.circle_id, {p.pk for p in room.here}):
            raise refusal
        room.meeting.state = Meeting.State.RUNNING
        room.meeting.step = Meeting.Step.CHECK_IN
        room.meeting.started_at = timezone.now()
        room.meeting.save(update_fields=["state", "step", "started_at"])
        _open_round(room, steps.CHECK_IN, None)
        write_down(room.meeting, "meeting.began", actor)
        tell(room.meeting)


def advance(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """Go on to what comes next: the next person in a round, or the next step (§5.4.3, §5.4.5).

    The facilitator does. ``seen`` is the state that was seen when the control was pressed (``Room.seen``).
    Raises Moved, NotAllowed, and what stands in the way of the next step (§5.3.1 before the objection round;
    objections that stand).
    """
    with in_room(meeting, actor=actor, seen=seen, facilitator=True) as room:
        room.require_no_time_out()
        step = room.step
        if step is steps.ADOPTING:
            raise Moved
        if step.round and not room.round_is_over:
            _go_round(room)
        elif room.item is not None:
            _advance_item(room, room.item, actor=actor)
        elif step is steps.CHECK_IN:
            room.meeting.step = Meeting.Step.AGENDA
            room.meeting.agenda_at = timezone.now()
            room.meeting.save(update_fields=["step", "agenda_at"])
        elif step is steps.AGENDA:
            room.meeting.step = Meeting.Step.CLOSING
            room.meeting.closing_at = timezone.now()
            room.meeting.save(update_fields=["step", "closing_at"])
            _open_round(room, steps.CLOSING, None)
        else:
            raise Refused(_("The closing round is over. Close the meeting."))
        tell(room.meeting)


def _go_round(room: Room) -> None:
    turn = room.speaking
    if turn is not None and room.step is steps.CHANGE_STEP:
        raise RuleBroken(
            "5.3.5", _("%(name)s has not said yet: keep it, or change it?") % {"name": turn.person.name}
        )
    if turn is not None and room.step is steps.OBJECTIONS:
        if room.concern is not None:
            raise Refused(_("First settle %(name)s’s concern.") % {"name": turn.person.name})
        raise Refused(_("%(name)s has not answered yet: an objection, or none?") % {"name": turn.person.name})
    if turn is not None:
        end_turn(room, turn, Turn.State.DONE)
    else:
        _give_floor_to_next(room)


def _advance_item(room: Room, item: AgendaItem, *, actor: Person) -> None:
    step = room.step
    if step.election:
        elections.advance(room, actor=actor)
        return
    proposal = locked_proposal(room)
    if step is steps.PRESENT_STEP:
        for refusal in proposal_requirements_5_3_1(proposal.tension, "-", "-"):
            raise refusal
        if not proposal.changes:
            raise RuleBroken(
                "5.4.5a", _("First capture what is proposed: at least one change."), field="changes"
            )
        require_within_limits(room, proposal)
    if step.key in steps.AFTER:
        enter_step(room, STEPS[steps.AFTER[step.key]])
    elif step is steps.OBJECTIONS:
        settle_round(room)
    elif room.standing:
        in_hand = room.in_hand
        if in_hand is not None and in_hand in room.standing:
            raise RuleBroken(
                "5.4.5f", _("This objection stands until the objector and the proposer both confirm.")
            )
        item.in_hand = room.standing[0]
        item.save(update_fields=["in_hand"])
    else:
        enter_step(room, steps.OBJECTIONS)


def enter_step(room: Room, step: Step) -> None:
    """Take the item at hand to a step, and open its round if it is one."""
    item = the_item(room)
    if step is steps.OBJECTIONS:
        require_within_limits(room, locked_proposal(room))
        in_meeting.ask_for_objections(locked_proposal(room))
    item.step = step.key
    item.in_hand = room.standing[0] if step is steps.INTEGRATION and room.standing else None
    if step.round:
        item.round += 1
    item.save(update_fields=["step", "in_hand", "round"])
    if step.round:
        _open_round(room, step, item)


def go_back(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """Go back to the step before: in the item at hand, or from the closing round to the agenda. A round is then
    held anew. The facilitator does.

    Raises Moved, NotAllowed, and Refused where there is no way back: objections that were raised are integrated.
    """
    with in_room(meeting, actor=actor, seen=seen, facilitator=True) as room:
        room.require_no_time_out()
        step = room.step
        if step is steps.CLOSING:
            room.meeting.turns.filter(item=None, step=step.key).delete()
            room.meeting.step = Meeting.Step.AGENDA
            room.meeting.closing_at = None
            room.meeting.save(update_fields=["step", "closing_at"])
            tell(room.meeting)
            return
        if room.item is None or not room.back:
            raise Refused(_("There is no step to go back to."))
        if step is steps.OBJECTIONS and (room.standing or room.concern is not None):
            raise RuleBroken(
                "5.4.5f", _("A concern was raised. It is settled first, here or in integration.")
            )
        _end_round(room)
        enter_step(room, STEPS[room.back])
        tell(room.meeting)


# -- rounds -----------------------------------------------------------------------------------------------------


def _open_round(room: Room, step: Step, item: AgendaItem | None) -> None:
    """Give each person here a turn: in the order in which they came, secretary, facilitator and proposer last."""
    proposer = item.proposal.proposer_id if item is not None and item.proposal is not None else None
    if item is not None and item.election is not None:
        proposer = item.election.candidate_id
    # Who is several of these speaks at the latest place
    seats = (room.meeting.secretary_id, room.meeting.facilitator_id, proposer)
    last = {pk: place for place, pk in enumerate(seats)}
    here = elections.nominators(room) if step.election else room.here
    people = sorted(here, key=lambda p: last.get(p.pk, -1))
    if step.without_proposer:
        people = [p for p in people if p.pk != proposer]
    Turn.objects.bulk_create(
        Turn(
            organization=room.meeting.organization,
            meeting=room.meeting,
            item=item,
            step=step.key,
            round=item.round if item is not None else 1,
            person=person,
            position=number,
            state=Turn.State.WAITING if number else Turn.State.SPEAKING,
        )
        for number, person in enumerate(people)
    )
    room.__dict__.pop("turns", None)


def _end_round(room: Room) -> None:
    for turn in room.turns:
        if not turn.is_over:
            turn.state = Turn.State.SKIPPED
            turn.save(update_fields=["state"])


def end_turn(room: Room, turn: Turn, state: str) -> None:
    """Let a turn be over, give the floor to the next, and let what follows from a finished round follow."""
    turn.state = state
    turn.save(update_fields=["state", "note", "objection"])
    if room.speaking is None:
        _give_floor_to_next(room, after=turn.position)
    if room.step is steps.OBJECTIONS and room.round_is_over:
        settle_round(room, pause=True)


def _give_floor_to_next(room: Room, after: int = -1) -> None:
    waiting = [t for t in room.turns if t.state == Turn.State.WAITING]
    following = next((t for t in waiting if t.position > after), waiting[0] if waiting else None)
    if following is not None:
        following.state = Turn.State.SPEAKING
        following.save(update_fields=["state"])


def settle_round(room: Room, *, pause: bool = False) -> None:
    """After the objection round: without objections the proposal is adopted at once; with some, integration.

    ``pause`` leaves going on to integration to the facilitator. The worker adopts (§5.4.5e); absent members do
    not hold it up (§5.4.2).
    """
    room.__dict__.pop("objections", None)
    if room.standing:
        if not pause:
            enter_step(room, steps.INTEGRATION)
        return
    proposals.adopt_when_free(locked_proposal(room))


def take_in(room: Room, person: Person) -> None:
    """Give somebody who has come in their turn in the round being held."""
    if not room.meeting.is_running or not room.turns or room.round_is_over:
        return
    if room.step.election:
        return  # whoever comes after the ballots were shown has given none
    proposer = room.proposal.proposer_id if room.proposal is not None else None
    if room.step.without_proposer and person.pk == proposer:
        return
    turn = room.turn_of(person)
    if turn is None:
        first = room.turns[0]
        turn = Turn.objects.create(
            organization=room.meeting.organization,
            meeting=room.meeting,
            item=room.item,
            step=first.step,
            round=first.round,
            person=person,
            position=max(t.position for t in room.turns) + 1,
        )
        room.turns.append(turn)
    elif turn.state == Turn.State.SKIPPED:
        turn.state = Turn.State.WAITING
        turn.save(update_fields=["state"])
    if room.speaking is None:
        _give_floor_to_next(room)


def skip(room: Room, person: Person) -> None:
    """Let a round go on without somebody who has left; a concern they had raised stays and counts (§5.3.2)."""
    if not room.meeting.is_running:
        return
    turn = room.turn_of(person)
    if turn is not None and not turn.is_over:
        end_turn(room, turn, Turn.State.DONE if turn.objection_id else Turn.State.SKIPPED)


def _turn(room: Room, turn_id: str) -> Turn:
    turn = next((t for t in room.turns if t.pk == turn_id), None)
    if turn is None:
        raise Moved
    return turn


def floor_of(room: Room, turn_id: str, actor: Person) -> Turn:
    """The turn, if it has the floor and the actor may speak in it."""
    turn = _turn(room, turn_id)
    clause = "5.4.5" if room.step.key in ("reactions", "objections") else "5.4.3"
    if not room.may_enter_for(actor, turn.person_id):
        raise RuleBroken(clause, _("In a round each person speaks for themself, one at a time."))
    if turn.state == Turn.State.WAITING:
        raise RuleBroken(clause, _("In a round one person speaks at a time. Your turn comes."))
    if turn.state != Turn.State.SPEAKING:
        raise Moved
    return turn


def take_turn(meeting: Meeting, turn_id: str, *, actor: Person, passed: bool = False, note: str = "") -> None:
    """Say that one has spoken in a check-in, reaction or closing round, or pass; ``note`` is what was captured.

    For oneself; the facilitator or secretary for somebody without a screen.
    Raises RuleBroken §5.4.3 (out of turn), Moved (the turn is over), Malformed.
    """
    with in_room(meeting, actor=actor, act=steps.SPEAK) as room:
        turn = floor_of(room, turn_id, actor)
        if room.step is steps.OBJECTIONS:
            raise RuleBroken("5.4.5e", _("In the objection round say whether you see an objection, or none."))
        if room.step is steps.CHANGE_STEP:
            raise RuleBroken(
                "5.3.5", _("In the change round say whether you keep your nomination, or change it.")
            )
        turn.note = clean(note, "note", most=NOTE_LENGTH, multiline=True)
        end_turn(room, turn, Turn.State.PASSED if passed else Turn.State.DONE)
        tell(room.meeting)


def no_objection(meeting: Meeting, turn_id: str, *, actor: Person) -> None:
    """Say that one sees no objection (§5.4.5e). After the last one without any, the proposal is adopted at once.

    Raises as ``take_turn``.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        turn = floor_of(room, turn_id, actor)
        if room.step is not steps.OBJECTIONS:
            raise Moved
        if any(o.objector_id == turn.person_id for o in room.standing):
            raise Refused(_("An objection of yours stands. Withdraw it, or let it be tested."))
        end_turn(room, turn, Turn.State.DONE)
        tell(room.meeting)


def give_floor(meeting: Meeting, turn_id: str, *, actor: Person, seen: str | None = None) -> None:
    """Let somebody of the round have the floor now: the facilitator hands it on, or lets somebody speak again.

    Whoever had it and has not spoken waits. In the objection round anybody may ask to speak again for themself:
    they have the floor after those who wait. Raises Moved, NotAllowed, Refused.
    """
    with in_room(meeting, actor=actor, act=steps.SPEAK, seen=seen) as room:
        turn = _turn(room, turn_id)
        if room.round_is_over and room.step is not steps.OBJECTIONS:
            raise Moved
        if turn.person not in room.here:
            raise Refused(_("%(name)s is not here.") % {"name": turn.person.name})
        if room.is_facilitator(actor):
            if room.concern is not None:
                raise Refused(_("First settle %(name)s’s concern.") % {"name": room.concern.objector.name})
            if (speaking := room.speaking) is not None:
                speaking.state = Turn.State.WAITING
                speaking.save(update_fields=["state"])
        elif actor.pk != turn.person_id or room.step is not steps.OBJECTIONS:
            raise NotAllowed(_("The acting facilitator does this."))
        if turn.state == Turn.State.SPEAKING:
            raise Moved
        turn.objection = None
        turn.state = Turn.State.WAITING if room.speaking is not None else Turn.State.SPEAKING
        turn.save(update_fields=["state", "objection"])
        tell(room.meeting)
