"""Building the agenda in the meeting, and taking up and putting aside its items (§5.4.4)."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Proposal
from meetings import steps
from meetings.actions.common import end_item, in_room, locked_proposal, tell, the_item, write_down
from meetings.models import LABEL_LENGTH, AgendaItem, Meeting
from meetings.room import Moved, Room
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken
from tensions.models import Tension

MAX_ITEMS = 100


def add(
    meeting: Meeting,
    label: str,
    *,
    actor: Person,
    owner: Person | None = None,
    tension: Tension | None = None,
    proposal: Proposal | None = None,
    form_key: str = "",
) -> AgendaItem:
    """Put a short label on the agenda, in the meeting and between items (§5.4.4), and return the item.

    For oneself; the facilitator or secretary for somebody else who is here (``owner``). ``tension`` and
    ``proposal`` are the owner's own, which the label stands for. The same ``form_key`` adds once.
    Raises RuleBroken §5.4.4, Malformed, NotAllowed.
    """
    with in_room(meeting, actor=actor) as room:
        words = clean(label, "label", most=LABEL_LENGTH, required=True)
        sent = room.meeting.items.filter(form_key=form_key).first() if form_key else None
        if sent is not None and sent.label == words:
            return sent
        room.require(steps.ADD)
        owner = owner or actor
        if not room.may_enter_for(actor, owner.pk) or not room.is_here(owner):
            raise NotAllowed(_("Add labels of your own; others add theirs."))
        if len(room.items) >= MAX_ITEMS:
            raise Refused(_("The agenda is full: at most %(most)d items.") % {"most": MAX_ITEMS})
        for thing, theirs in ((tension, "person_id"), (proposal, "proposer_id")):
            if thing is not None and getattr(thing, theirs) != owner.pk:
                raise NotAllowed(_("This is not yours to bring."))
        if proposal is not None and proposal.circle_id != room.meeting.circle_id:
            raise Refused(_("This proposal belongs to another circle."))
        highest = room.meeting.items.aggregate(at=Max("position"))["at"]
        item = AgendaItem.objects.create(
            organization=room.meeting.organization,
            meeting=room.meeting,
            label=words,
            owner=owner,
            tension=tension,
            proposal=proposal,
            position=(highest or 0) + 1,
            form_key=form_key[:40] if sent is None else "",
        )
        tell(room.meeting)
    return item


def _open_item(room: Room, item_id: str) -> AgendaItem:
    item = next((i for i in room.items if i.pk == item_id), None)
    if item is None or not item.is_open:
        raise Moved
    return item


def remove(meeting: Meeting, item_id: str, *, actor: Person) -> None:
    """Take a label off the agenda: one's own; the facilitator or secretary for its owner.

    Raises RuleBroken §5.4.4 while an item is processed, NotAllowed, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.ADD) as room:
        item = _open_item(room, item_id)
        if not room.may_enter_for(actor, item.owner_id):
            raise NotAllowed(_("Only %(name)s takes this off the agenda.") % {"name": item.owner.name})
        if item.began_at is None:
            item.delete()
        else:
            item.state, item.outcome = AgendaItem.State.DROPPED, AgendaItem.Outcome.SETTLED
            item.save(update_fields=["state", "outcome"])
        tell(room.meeting)


def move(meeting: Meeting, item_id: str, *, actor: Person, up: bool) -> None:
    """Move an item of the agenda up or down by one place: the facilitator chooses the order (§5.4.4).

    Raises RuleBroken §5.4.4 for others and while an item is processed, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.ADD) as room:
        if not room.is_facilitator(actor):
            raise RuleBroken("5.4.4", _("The facilitator chooses the order of the agenda."))
        item = _open_item(room, item_id)
        order = [i for i in room.items if i.is_open]
        at = order.index(item)
        to = at - 1 if up else at + 1
        if 0 <= to < len(order):
            order.insert(to, order.pop(at))
            places = sorted(i.position for i in order)
            for other, position in zip(order, places, strict=True):
                if other.position != position:
                    other.position = position
                    other.save(update_fields=["position"])
            tell(room.meeting)


def choose(meeting: Meeting, item_id: str, *, actor: Person, seen: str | None = None) -> None:
    """Take up an item of the agenda, waiting or parked (§5.4.4). The facilitator does.

    A proposal its owner attached to the label is presented with it. Raises RuleBroken §5.4.4 while another item
    is processed, Refused where its owner is not here, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.CHOOSE, seen=seen, facilitator=True) as room:
        item = _open_item(room, item_id)
        if not room.is_here(item.owner):
            raise Refused(
                _("%(name)s, whose item this is, is not here. Choose another one first.")
                % {"name": item.owner.name}
            )
        now = timezone.now()
        item.state = AgendaItem.State.PROCESSING
        item.outcome = AgendaItem.Outcome.NONE
        item.step = steps.PRESENT_STEP.key
        item.began_at = item.began_at or now
        item.since = now
        item.ended_at = None
        if item.proposal is not None and item.proposal.state in in_meeting.BROUGHT_FROM:
            item.proposal = _bring(room, item.proposal, item.owner)
        item.save()
        write_down(room.meeting, "meeting.item_chosen", actor, label=item.label, item=item.pk)
        tell(room.meeting)


def _bring(room: Room, proposal: Proposal, owner: Person) -> Proposal:
    return in_meeting.bring(
        proposal, meeting=room.meeting.pk, facilitator=room.meeting.facilitator, actor=owner
    )


def present(
    meeting: Meeting, *, actor: Person, proposal: Proposal | None = None, seen: str | None = None
) -> Proposal:
    """Put a proposal before the others (§5.4.5a) and return it: one the owner has, or a new one to be written now.

    The owner of the item presents; the facilitator or secretary may begin a new one for them, not bring one of
    theirs. Raises RuleBroken §5.4.5, NotAllowed, Refused.
    """
    with in_room(meeting, actor=actor, act=steps.PRESENT, seen=seen) as room:
        item = the_item(room)
        if room.proposal is not None:
            raise Moved
        if not room.may_enter_for(actor, item.owner_id) or (
            proposal is not None and actor.pk != item.owner_id
        ):
            raise RuleBroken("5.4.5a", _("Only %(name)s presents here.") % {"name": item.owner.name})
        if proposal is None:
            proposal = proposals.start_draft(
                room.meeting.circle, actor=item.owner, from_tension=item.tension, title=item.label
            )
        elif proposal.proposer_id != item.owner_id or proposal.circle_id != room.meeting.circle_id:
            raise NotAllowed(_("This is not yours to bring."))
        item.proposal = _bring(room, proposal, item.owner)
        item.save(update_fields=["proposal"])
        tell(room.meeting)
    return item.proposal


# -- putting aside ----------------------------------------------------------------------------------------------


def park(meeting: Meeting, *, actor: Person, reason: str = "", seen: str | None = None) -> None:
    """Put the item at hand aside, to be taken up again in this meeting or brought back by its owner."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen, facilitator=True) as room:
        item = the_item(room)
        words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True)
        if room.proposal is not None:
            in_meeting.hand_back(locked_proposal(room))
        end_item(
            room, item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=actor, reason=words
        )
        tell(room.meeting)


def settle_without(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """End the item at hand because its owner needs no proposal: they say so, or the facilitator for them."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen) as room:
        item = the_item(room)
        if room.proposal is not None:
            raise Refused(_("A proposal has been presented. Withdraw it instead."))
        if not room.may_enter_for(actor, item.owner_id):
            raise NotAllowed(_("Only %(name)s can say so.") % {"name": item.owner.name})
        end_item(room, item, AgendaItem.State.DONE, AgendaItem.Outcome.SETTLED, actor=actor)
        tell(room.meeting)


def withdraw(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """Withdraw the proposal at hand: its proposer does. Raises NotAllowed, Moved."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen) as room:
        item = the_item(room)
        if actor.pk != item.owner_id:
            raise NotAllowed(_("Only the proposer can do this."))
        in_meeting.withdraw(locked_proposal(room), actor=actor)
        end_item(room, item, AgendaItem.State.DROPPED, AgendaItem.Outcome.WITHDRAWN, actor=actor)
        tell(room.meeting)


def discard(meeting: Meeting, *, actor: Person, reason: str, seen: str | None = None) -> None:
    """Discard the proposal at hand because it lacks what §5.3.1 asks for, with the reason. The facilitator does."""
    _end_proposal(
        meeting, proposals.discard, AgendaItem.Outcome.DISCARDED, actor=actor, reason=reason, seen=seen
    )


def drop(meeting: Meeting, *, actor: Person, reason: str, seen: str | None = None) -> None:
    """Deem the proposal at hand dropped, with a reason among those §5.3.4 gives. The facilitator does."""
    _end_proposal(meeting, proposals.drop, AgendaItem.Outcome.DROPPED, actor=actor, reason=reason, seen=seen)


def _end_proposal(
    meeting: Meeting,
    end: Callable[..., Proposal],
    outcome: AgendaItem.Outcome,
    *,
    actor: Person,
    reason: str,
    seen: str | None,
) -> None:
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen, facilitator=True) as room:
        item = the_item(room)
        ended = end(locked_proposal(room), actor=actor, reason=reason)
        end_item(room, item, AgendaItem.State.DROPPED, outcome, actor=actor, reason=ended.settled_reason)
        tell(room.meeting)
