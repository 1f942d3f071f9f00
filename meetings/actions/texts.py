"""Capturing the proposal's text, raising and testing concerns, and integrating objections (§5.4.5, §5.3.2–5.3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.models import Objection, Proposal
from meetings import steps
from meetings.actions.common import in_room, locked_proposal, tell, the_item
from meetings.actions.guests import speaks_for_5_4_1
from meetings.actions.rounds import end_turn
from meetings.models import Meeting, Turn
from meetings.room import Moved, Room
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken


def write(meeting: Meeting, data: Mapping[str, Any], *, actor: Person, text_version: int | None) -> Proposal:
    """Change the text of the proposal at hand (``governance.actions.proposals.read_text``) and return it.

    While presenting and in the option to clarify the proposer does, and the secretary who captures it; in
    integration the objector too. A new text clears the confirmations given to the former one (§5.4.5).
    Raises RuleBroken §5.4.5, Conflict where somebody saved meanwhile, Malformed.
    """
    with in_room(meeting, actor=actor, act=steps.WRITE) as room:
        proposal = locked_proposal(room)
        if not room.writes(actor):
            clause, message = steps.NOT_YOUR_TEXT[room.step.key]
            raise RuleBroken(clause, str(message))
        before, title = proposal.text_version, proposal.title
        proposals.write_text(proposal, data, text_version=text_version, actor=actor)
        if proposal.text_version != before:
            in_meeting.forget_confirmations(proposal)
            if proposal.title and proposal.title != title and room.item is not None:
                room.item.label = proposal.title
                room.item.save(update_fields=["label"])
            tell(room.meeting)
    return proposal


# -- concerns ---------------------------------------------------------------------------------------------------


def raise_concern(
    meeting: Meeting, turn_id: str, *, actor: Person, role: str | None, concern: str, rule: str = ""
) -> Objection:
    """Raise a concern about adopting, on one's turn in the objection round (§5.4.5e), and return it.

    ``role`` is the role one speaks for (§5.3); ``rule`` names the rule that adopting would violate: then it
    counts regardless of the criteria (§5.3.2). For oneself; the facilitator or secretary for others.
    Raises RuleBroken §5.4.3 (out of turn), §5.4.5 (not in this step), §5.3, Malformed.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        turn = next((t for t in room.turns if t.pk == turn_id), None)
        if turn is None or turn.is_over:
            raise Moved
        if not room.may_enter_for(actor, turn.person_id) or turn.state != Turn.State.SPEAKING:
            raise RuleBroken("5.4.5", _("In a round one person speaks at a time. Your turn comes."))
        if turn.objection_id is not None:
            raise Moved
        speaks_for_5_4_1(room, turn.person, role or None)
        objection = in_meeting.capture_concern(
            locked_proposal(room),
            objector=turn.person,
            role=role or None,
            concern=concern,
            temporary=turn.person_id not in room.member_ids,
            actor=actor,
            rule=rule,
        )
        turn.objection = objection
        if objection.rule:
            _go_on(room, turn)
        else:
            turn.save(update_fields=["objection"])
        tell(room.meeting)
    return objection


def _go_on(room: Room, turn: Turn) -> None:
    room.__dict__.pop("objections", None)
    end_turn(room, turn, Turn.State.DONE)


def _standing(room: Room, objection_id: str) -> Objection:
    locked_proposal(room)
    objection = next((o for o in room.objections if o.pk == objection_id), None)
    if objection is None or objection.state not in Objection.STANDING:
        raise Moved
    return objection


def _settled(room: Room, objection: Objection) -> None:
    """Let the round go on once the concern of whoever has the floor is captured or settled."""
    room.__dict__.pop("objections", None)
    turn = room.speaking
    if turn is not None and turn.objection_id == objection.pk:
        _go_on(room, turn)
    tell(room.meeting)


def reword(
    meeting: Meeting,
    objection_id: str,
    *,
    actor: Person,
    concern: str,
    arguments: Mapping[str, str] | None = None,
) -> None:
    """Capture a concern in better words: its objector, the facilitator or the secretary. Raises NotAllowed, Moved."""
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        objection = _standing(room, objection_id)
        _require_voice(room, actor, objection)
        in_meeting.reword(objection, concern=concern, arguments=arguments)
        tell(room.meeting)


def _require_voice(room: Room, actor: Person, objection: Objection) -> None:
    if not room.may_enter_for(actor, objection.objector_id):
        raise NotAllowed(_("Only %(name)s speaks to this concern now.") % {"name": objection.objector.name})


def test_criterion(
    meeting: Meeting,
    objection_id: str,
    criterion: str,
    *,
    actor: Person,
    given: bool,
    argument: str = "",
    holds: bool | None = None,
) -> Objection:
    """Record whether the objector gave an argument for one criterion, with their words (§5.3.3). The facilitator
    does, and judges neither whether it is right nor whether it matters; in a process breakdown also whether it is
    logical and to the point (``holds``, §5.5.2a).

    With all four given it is an objection; with one lacking it is none (§5.3.2, §5.3.4a), and the round goes on.
    Raises NotAllowed, Moved, RuleBroken §5.4.5, Malformed.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN, facilitator=True) as room:
        objection = _standing(room, objection_id)
        if given and not (argument.strip() or (objection.criteria.get(criterion) or {}).get("argument")):
            raise Malformed(
                _("Capture the argument in the objector’s words: an argument without words is none."),
                field="argument",
            )
        tested = proposals.test_criterion(
            objection,
            criterion,
            actor=actor,
            given=given,
            argument=argument if argument.strip() else None,
            holds=holds,
        )
        if tested.state in (Objection.State.VALID, Objection.State.NOT_VALID):
            _settled(room, tested)
        else:
            tell(room.meeting)
    return tested


def capture_untested(meeting: Meeting, objection_id: str, *, actor: Person) -> None:
    """Capture a concern as an objection without testing it; it counts until it is tested (§5.4.5e).

    The facilitator does. Raises NotAllowed, Moved; RuleBroken §5.3.4 where somebody asked for a test.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN, facilitator=True) as room:
        objection = _standing(room, objection_id)
        if objection.test_asked_by_id is not None:
            raise RuleBroken("5.3.4", _("A test was asked for: test it before you go on."))
        _settled(room, objection)


def claim_violation(meeting: Meeting, objection_id: str, *, actor: Person, rule: str) -> None:
    """Capture that adopting would violate a rule, which its objector names: then it counts regardless of the
    criteria, unless the secretary rules otherwise (§5.3.2, §5.3.3)."""
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        objection = _standing(room, objection_id)
        _require_voice(room, actor, objection)
        objection.rule = clean(rule, "rule", most=200, required=True)
        objection.state = Objection.State.VALID
        objection.save(update_fields=["rule", "state"])
        _settled(room, objection)


def rule_on(meeting: Meeting, objection_id: str, *, actor: Person, violates: bool, reason: str) -> None:
    """Rule on whether adopting would violate the rule that was named: the acting secretary does (§5.3.3).

    Ruled that it would not, the objection is dismissed. Raises NotAllowed, Moved, Malformed.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        objection = _standing(room, objection_id)
        if not room.is_secretary(actor):
            raise NotAllowed(_("The acting secretary rules on this."))
        in_meeting.rule_on(objection, violates=violates, reason=reason, actor=actor)
        _after_round(room, objection)


def withdraw_concern(meeting: Meeting, objection_id: str, *, actor: Person) -> None:
    """Withdraw a concern or objection: its objector; the facilitator or secretary for them."""
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        objection = _standing(room, objection_id)
        _require_voice(room, actor, objection)
        proposals.withdraw_objection(objection, actor=objection.objector)
        _after_round(room, objection)


def ask_for_test(meeting: Meeting, objection_id: str, *, actor: Person) -> None:
    """Ask that an objection be tested, again if it was; then it must be before the proposal goes on (§5.3.4a).

    Any circle member may. Raises RuleBroken §5.3.4, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.CONCERN) as room:
        objection = _standing(room, objection_id)
        proposals.ask_for_test(objection, actor=actor)
        tell(room.meeting)


def _after_round(room: Room, objection: Objection) -> None:
    """After a concern is settled out of turn: if it was the last one in a round that is over, go on from there."""
    _settled(room, objection)
    if room.step is steps.OBJECTIONS and room.turns and room.round_is_over and not room.standing:
        proposal = locked_proposal(room)
        proposals.adopt_when_free(proposal)


# -- integration ------------------------------------------------------------------------------------------------


def take_in_hand(meeting: Meeting, objection_id: str, *, actor: Person) -> None:
    """Choose which objection is integrated now, one at a time (§5.4.5f). The facilitator does."""
    with in_room(meeting, actor=actor, act=steps.INTEGRATE, facilitator=True) as room:
        item = the_item(room)
        item.in_hand = _standing(room, objection_id)
        item.save(update_fields=["in_hand"])
        tell(room.meeting)


def confirm(
    meeting: Meeting, objection_id: str, *, actor: Person, side: str, holds: bool, text_version: int
) -> None:
    """Confirm, or take back, that the text of ``text_version`` resolves an objection (§5.4.5f).

    ``side`` is ``objector`` (it would not trigger the objection) or ``proposer`` (it still answers the tension);
    both are needed. For oneself; the facilitator or secretary for others.
    Raises NotAllowed, Refused where the text has changed since, RuleBroken §5.3.4 where a test was asked for.
    """
    with in_room(meeting, actor=actor, act=steps.INTEGRATE) as room:
        objection = _standing(room, objection_id)
        proposal = objection.proposal
        whose = objection.objector_id if side == "objector" else proposal.proposer_id
        if side not in ("objector", "proposer") or not room.may_enter_for(actor, whose):
            raise NotAllowed(_("The objector and the proposer confirm, each for themself."))
        if text_version != proposal.text_version:
            raise Refused(_("The text has changed since you read it. Read it again, then answer."))
        if objection.test_asked_by_id is not None and objection.state == Objection.State.RAISED:
            raise RuleBroken("5.3.4", _("A test was asked for: test it before you go on."))
        in_meeting.confirm(objection, side=side, holds=holds, actor=actor)
        tell(room.meeting)


def drop_objection(meeting: Meeting, objection_id: str, *, actor: Person, reason: str) -> None:
    """Deem an objection abandoned and drop it, with the reason (§5.3.4b). The facilitator does."""
    with in_room(meeting, actor=actor, act=steps.INTEGRATE, facilitator=True) as room:
        objection = _standing(room, objection_id)
        proposals.drop_objection(objection, actor=actor, reason=reason)
        tell(room.meeting)
