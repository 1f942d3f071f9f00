"""An election as an item of the agenda (§5.4.4), and its steps in the room (§5.3.5).

Who is here is asked: ballots are given by each on their own screen, and by nobody for another. From the sharing round
on nothing is private any more, and the facilitator or secretary may enter what somebody says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_ROLES, ELECTED_KINDS
from governance import elections as reads
from governance.actions import elections as actions
from governance.candidacy import first_to_end
from governance.models import Election
from governance.rules.elections import can_be_held_5_3_5, may_call_5_1
from meetings import steps
from meetings.actions import rounds
from meetings.actions.common import end_item, in_room, lock, tell, the_item
from meetings.limits import names_of
from meetings.models import LABEL_LENGTH, AgendaItem, Meeting, Turn
from meetings.room import Moved, Room
from people.ids import derived_id
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken

State = Election.State
# Where an election that was held elsewhere before, or has just been called, begins in the room
BEGINS_AT = {
    State.CALLED: steps.DESCRIBE_STEP,
    State.NOMINATING: steps.NOMINATE_STEP,
    State.SHARING: steps.SHARE_STEP,
    State.CHANGING: steps.CHANGE_STEP,
    State.TIED: steps.COUNT_STEP,
    State.PROPOSED: steps.COUNT_STEP,
}


# -- on the agenda ------------------------------------------------------------------------------------------------


def call_for(
    meeting: Meeting, seat: str, *, actor: Person, goes_first: bool = True, form_key: str = ""
) -> AgendaItem:
    """Put on the agenda that one calls for an election of ``seat`` (§5.4.4), and return the item.

    ``goes_first``: one asks that it goes before all other items. Twice for the same seat is once.
    Raises RuleBroken §5.4.4 where nothing is added now, §5.1.1 and §5.1.2 for who is no circle member, §5.3.5 where
    none can be held, §5.4 in a special meeting that may change something else alone, Refused.
    """
    with in_room(meeting, actor=actor, act=steps.ADD) as room:
        if seat not in ELECTED_KINDS:
            raise Refused(_("Choose the role to elect for."), field="seat")
        if room.is_only_guest(actor):
            raise RuleBroken(
                "5.4.1", _("You are here as a guest, for one tension. Ask a circle member to call it.")
            )
        there = next((i for i in room.items if i.seat == seat and (i.is_open or i.is_processing)), None)
        if there is None:
            _require_within_limits(room, seat)
            running = _running(room, seat)
            if running is None:
                for refusal in (
                    *may_call_5_1(room.structure, room.meeting.circle_id, seat, actor.pk),
                    *can_be_held_5_3_5(room.structure, room.meeting.circle_id, seat),
                ):
                    raise refusal
            highest = room.meeting.items.aggregate(at=Max("position"))["at"]
            label = _("Election: %(seat)s") % {"seat": CONSTITUTIONAL_ROLES[seat].name}
            there = AgendaItem.objects.create(
                organization=room.meeting.organization,
                meeting=room.meeting,
                label=label[:LABEL_LENGTH],
                owner=actor,
                seat=seat,
                election=running,
                position=(highest or 0) + 1,
                form_key=form_key[:40],
            )
            room.__dict__.pop("items", None)
            there = next(i for i in room.items if i.pk == there.pk)
        if goes_first and not there.goes_first:
            _put_first(room, there)
        tell(room.meeting)
    return there


def ask_first(meeting: Meeting, item_id: str, *, actor: Person) -> None:
    """Ask that an election on the agenda goes before all other items: any participant may (§5.4.4).

    Raises RuleBroken §5.4.4 for items that call for no election and while one is processed, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.ADD) as room:
        item = next((i for i in room.items if i.pk == item_id and i.is_open), None)
        if item is None:
            raise Moved
        if not item.seat:
            raise RuleBroken(
                "5.4.4", _("Only an election goes first on request; the facilitator orders the rest.")
            )
        _put_first(room, item)
        tell(room.meeting)


def _put_first(room: Room, item: AgendaItem) -> None:
    """Place an election after those that go first already, before everything else that waits."""
    order = [i for i in room.items if i.is_open and i.pk != item.pk]
    places = sorted([i.position for i in order] + [item.position])
    at = sum(1 for i in order if i.goes_first)
    item.goes_first = True
    order.insert(at, item)
    for one, position in zip(order, places, strict=True):
        one.position = position
        one.save(update_fields=["position", "goes_first"])
    room.__dict__.pop("items", None)


def require_elections_first(room: Room, item: AgendaItem) -> None:
    """Raise RuleBroken §5.4.4 where somebody asked that an election goes first, and ``item`` is another one."""
    first = next(
        (i for i in room.items if i.goes_first and i.state == AgendaItem.State.WAITING and i.pk != item.pk),
        None,
    )
    if first is not None and not item.goes_first:
        raise RuleBroken(
            "5.4.4",
            _("“%(label)s” goes first: a participant asked for it. Process it before anything else.")
            % {"label": first.label},
        )


def _running(room: Room, seat: str) -> Election | None:
    """The election for a seat that is under way in the circle, if there is one."""
    return reads.running([room.meeting.circle_id]).filter(seat=seat).first()


# -- taking it up, and putting it aside ---------------------------------------------------------------------------


def take_up(room: Room, item: AgendaItem) -> None:
    """Begin the election that an item calls for, in the room; one that runs asynchronously goes on here.

    Raises what stands in the way of calling it (§5.1.1, §5.1.2, §5.3.5), and RuleBroken §5.4 in a special meeting
    that may change something else alone.
    """
    _require_within_limits(room, item.seat)
    election = _running(room, item.seat)
    if election is not None and election.meeting not in ("", room.meeting.pk):
        raise Refused(_("This election is being held in another meeting."))
    if election is None:
        election = actions.call_election(
            room.meeting.circle,
            item.seat,
            actor=item.owner,
            replaces=_whose_seat(room, item.seat),
        )
    item.election = _bring(room, election)
    _show(room, item)


def _whose_seat(room: Room, seat: str) -> Person | None:
    """Whose seat an election is about where all that there may be are taken: whose term ends first (§5.1.1)."""
    holder = first_to_end(room.structure, room.meeting.circle_id, seat)
    return Person.objects.get(pk=holder) if holder else None


def _require_within_limits(room: Room, seat: str) -> None:
    limits = room.meeting.limits
    allowed = {*limits.get("roles", ()), *limits.get("policies", ())}
    if room.meeting.is_special and allowed and derived_id(room.meeting.circle_id, seat) not in allowed:
        raise RuleBroken(
            "5.4",
            _(
                "This special meeting may change %(names)s alone. Hold the election outside it, or in another meeting."
            )
            % {"names": ", ".join(names_of(room.structure, limits))},
        )


def _bring(room: Room, election: Election) -> Election:
    facilitator = room.meeting.facilitator
    if facilitator is None:
        raise Refused(_("Somebody has to act as facilitator first."))
    return actions.bring(
        election, meeting=room.meeting.pk, facilitator=facilitator, present=room.here, actor=facilitator
    )


def _show(room: Room, item: AgendaItem) -> None:
    """Let the item stand at the step where its election is, and open the round of that step."""
    election = item.election
    if election is None:
        raise Moved
    if not election.is_open:
        outcome = AgendaItem.Outcome.NO_RESULT
        end_item(
            room,
            item,
            AgendaItem.State.DROPPED,
            outcome,
            actor=None,
            reason=election.ended_reason,
        )
        return
    item.proposal = reads.proposal_of(election) if election.state == State.PROPOSED else None
    item.in_hand = None
    item.save()
    _forget(room)
    room.__dict__["item"] = item
    rounds.enter_step(room, BEGINS_AT[State(election.state)])


def _forget(room: Room) -> None:
    """Let the room be read anew where an election has changed under it."""
    for name in ("items", "item", "proposal", "turns", "objections", "election"):
        room.__dict__.pop(name, None)


def nominators(room: Room) -> list[Person]:
    """Return whose nominations are shared, or who is asked to change one, in the order in which they came."""
    election = room.election
    if election is None:
        return []
    if room.step is steps.CHANGE_STEP:
        wanted = {line.person.pk for line in reads.roll(election, room.structure) if not line.answered}
    else:
        wanted = {n.voter.pk for n in reads.revealed(election)}
    return [p for p in room.here if p.pk in wanted]


def follow(room: Room) -> None:
    """Let the election at hand ask those who are here now, and be led by who acts as facilitator now."""
    election = room.election
    if election is not None and election.is_open and room.meeting.is_running:
        actions.set_present(election, facilitator=room.meeting.facilitator, present=room.here)


def hand_back(room: Room) -> None:
    """Let an election that the meeting has not finished go on asynchronously from where it is."""
    election = room.election
    if election is not None and election.is_open:
        actions.hand_back(election)


def withdraw(room: Room, *, actor: Person) -> None:
    """Take back the call for the election at hand, by whoever called, before nominations are shown."""
    item = the_item(room)
    actions.withdraw_election(_at_hand(room), actor=actor)
    end_item(room, item, AgendaItem.State.DROPPED, AgendaItem.Outcome.WITHDRAWN, actor=actor)


# -- the steps ----------------------------------------------------------------------------------------------------


def _at_hand(room: Room) -> Election:
    election = room.election
    if election is None:
        raise Moved
    return election


def describe(
    meeting: Meeting, *, actor: Person, term_ends: dt.date, note: str = "", seen: str | None = None
) -> None:
    """Name the role and choose a term (§5.3.5a), and open the ballots. The facilitator does.

    Raises NotAllowed, Moved, RuleBroken §5.3.5 for a term that has ended.
    """
    with in_room(meeting, actor=actor, act=steps.DESCRIBE, seen=seen, facilitator=True) as room:
        item = the_item(room)
        item.election = actions.begin_nominations(
            _at_hand(room),
            actor=actor,
            term_ends=term_ends,
            note=note,
        )
        _show(room, item)
        tell(room.meeting)


def nominate(meeting: Meeting, *, actor: Person, candidate: str | Collection[str], reason: str = "") -> None:
    """Put in one's own ballot, or change it until all are shown (§5.3.5b). Nobody does for another.

    Raises RuleBroken §5.3.5 for who is not eligible, and in any other step.
    """
    with in_room(meeting, actor=actor, act=steps.NOMINATE) as room:
        actions.nominate(_at_hand(room), actor=actor, candidate=candidate, reason=reason)
        tell(room.meeting)


def advance(room: Room, *, actor: Person) -> None:
    """Go on to what comes next in an election: show all nominations, open the change round, count, ask for objections.

    Called by ``rounds.advance`` with the meeting locked. Raises RuleBroken §5.3.5 while somebody has not answered.
    """
    item, election, step = the_item(room), _at_hand(room), room.step
    if step is steps.DESCRIBE_STEP:
        raise RuleBroken("5.3.5", _("First choose a term; that opens the nominations."), field="term_ends")
    if step is steps.NOMINATE_STEP:
        item.election = actions.close_nominations(election, actor=actor)
    elif step is steps.SHARE_STEP:
        item.election = actions.open_changes(election, actor=actor)
    elif step is steps.CHANGE_STEP:
        item.election = actions.count(election, actor=actor)
    elif election.state == State.TIED:
        raise RuleBroken("5.3.5", _("First settle the tie, by one of the ways that apply."), field="way")
    else:
        rounds.enter_step(room, steps.OBJECTIONS)
        return
    _show(room, item)


def _by(room: Room, turn: Turn, actor: Person) -> Person:
    """Who enters something on a turn, to the election: the speaker, or the facilitator, whom the secretary helps."""
    if actor.pk == turn.person_id or room.meeting.facilitator is None:
        return actor
    return room.meeting.facilitator


def say_why(meeting: Meeting, turn_id: str, *, actor: Person, reason: str = "") -> None:
    """Say why one's nominee would be a good fit, on one's turn in the sharing round (§5.3.5c).

    For oneself; the facilitator or secretary may capture it. Raises RuleBroken §5.4.3 out of turn, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.SHARE) as room:
        turn = rounds.floor_of(room, turn_id, actor)
        if reason.strip():
            actions.give_reason(
                _at_hand(room), actor=_by(room, turn, actor), reason=reason, voter=turn.person
            )
        rounds.end_turn(room, turn, Turn.State.DONE)
        tell(room.meeting)


def keep(meeting: Meeting, turn_id: str, *, actor: Person) -> None:
    """Keep one's nomination, on one's turn in the change round (§5.3.5d). Raises as ``say_why``."""
    with in_room(meeting, actor=actor, act=steps.CHANGE) as room:
        turn = rounds.floor_of(room, turn_id, actor)
        actions.keep_nomination(_at_hand(room), actor=_by(room, turn, actor), voter=turn.person)
        rounds.end_turn(room, turn, Turn.State.DONE)
        tell(room.meeting)


def change(meeting: Meeting, turn_id: str, *, actor: Person, candidate: str, reason: str) -> None:
    """Change one's nomination and say why, on one's turn in the change round (§5.3.5d). Raises as ``say_why``."""
    with in_room(meeting, actor=actor, act=steps.CHANGE) as room:
        turn = rounds.floor_of(room, turn_id, actor)
        actions.change_nomination(
            _at_hand(room),
            actor=_by(room, turn, actor),
            candidate=candidate,
            reason=reason,
            voter=turn.person,
        )
        rounds.end_turn(room, turn, Turn.State.DONE)
        tell(room.meeting)


def break_tie(meeting: Meeting, *, actor: Person, way: str, seen: str | None = None) -> None:
    """Settle a tie by one of the ways that apply (§5.3.5e). The facilitator does. Raises NotAllowed, Moved."""
    with in_room(meeting, actor=actor, act=steps.COUNT, seen=seen, facilitator=True) as room:
        item = the_item(room)
        item.election = actions.break_tie(_at_hand(room), actor=actor, way=way)
        _show(room, item)
        tell(room.meeting)


def discard_candidate(meeting: Meeting, *, actor: Person, reason: str, seen: str | None = None) -> None:
    """Discard the proposal after an objection: nominations for this candidate are ignored from now on, and the next
    one is proposed (§5.3.5f). The facilitator does. Raises NotAllowed, Moved, RuleBroken §5.3.5 without objection."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen, facilitator=True) as room:
        item = the_item(room)
        if room.concern is not None:
            raise Refused(_("First settle %(name)s’s concern.") % {"name": room.concern.objector.name})
        item.election = actions.discard_candidate(_at_hand(room), actor=actor, reason=reason)
        _show(room, item)
        tell(room.meeting)


def decline(meeting: Meeting, *, actor: Person, reason: str = "") -> None:
    """Decline as the candidate who is proposed; then the next one is. Raises NotAllowed, Moved."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE) as room:
        item, election = the_item(room), _at_hand(room)
        if election.candidate_id != actor.pk:
            raise NotAllowed(_("Only the candidate can decline."))
        item.election = actions.decline(election, actor=actor, reason=reason)
        _show(room, item)
        tell(room.meeting)


# -- what follows -------------------------------------------------------------------------------------------------


def go_on(room: Room, item: AgendaItem) -> None:
    """Let an election go on whose candidate could not be elected as things stand: with the next one (§5.3.5f)."""
    if item.election is None:
        return
    actions.step(item.election.pk)
    item.election = Election.objects.select_related("circle", "candidate").get(pk=item.election.pk)
    item.election.organization = room.meeting.organization
    if room.meeting.is_running:
        _show(room, item)
    else:
        actions.hand_back(item.election)
        end_item(room, item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=None)


def election_settled(meeting_id: str, election_id: str) -> None:
    """Let a meeting go on where the election at hand has ended by itself. Safe to run twice or late."""
    meeting = Meeting.objects.select_related("organization", "circle").filter(pk=meeting_id).first()
    if meeting is None:
        return
    with transaction.atomic():
        room = Room(lock(meeting))
        item = room.item
        if item is None or item.election_id != election_id or item.election is None:
            return
        if item.election.is_open or item.election.state == State.ELECTED:
            return  # adopting the proposal ends the item
        _show(room, item)
        tell(room.meeting)
