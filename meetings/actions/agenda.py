"""Building the agenda in the meeting, and taking up and putting aside its items (§5.4.4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.actions import in_meeting, proposals
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Guest, Proposal
from meetings import steps
from meetings.actions import elections
from meetings.actions.common import (
    end_item,
    in_room,
    locked_proposal,
    require_within_limits,
    tell,
    the_item,
    write_down,
)
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
    guest: str = "",
    form_key: str = "",
) -> AgendaItem:
    """Put a short label on the agenda, in the meeting and between items (§5.4.4), and return the item.

    For oneself; the facilitator or secretary for somebody else who is here (``owner``). ``tension`` and
    ``proposal`` are the owner's own, which the label stands for. ``guest`` is the invitation whose tension this is:
    the rep who gave it adds it so; a guest adds nothing else (§5.4.1). The same ``form_key`` adds once.
    Raises RuleBroken §5.4.4, §5.4.1, Malformed, NotAllowed.
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
        invited = _for_guest(room, owner, guest)
        highest = room.meeting.items.aggregate(at=Max("position"))["at"]
        item = AgendaItem.objects.create(
            organization=room.meeting.organization,
            meeting=room.meeting,
            label=words,
            owner=owner,
            tension=tension,
            proposal=proposal,
            guest=invited,
            position=(highest or 0) + 1,
            form_key=form_key[:40] if sent is None else "",
        )
        tell(room.meeting)
    return item


def _for_guest(room: Room, owner: Person, guest_id: str) -> Guest | None:
    """The invitation whose tension an item is: a guest's own, or one that a rep gave and names."""
    own = room.guest(owner)
    if own is not None and owner.pk not in room.member_ids:
        if any(i.guest_id == own.pk and i.owner_id == owner.pk and i.is_open for i in room.items):
            raise RuleBroken(
                "5.4.1",
                _("You are here for one tension, “%(tension)s”, and it is on the agenda.")
                % {"tension": own.tension},
            )
        return own
    if not guest_id:
        return None
    found = next((g for g in room.guests if g.pk == guest_id and g.invited_by_id == owner.pk), None)
    if found is None:
        raise NotAllowed(_("This is not your guest."))
    return found


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
    """Move an item of the agenda up or down by one place: the facilitator chooses the order; in a special meeting
    who asked for it, while they are here (§5.4.4).

    Raises RuleBroken §5.4.4 for others and while an item is processed, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.ADD) as room:
        orders = room.orders_agenda
        if orders is not None and actor.pk != orders.pk:
            raise RuleBroken(
                "5.4.4",
                _("%(name)s asked for this special meeting and chooses the order of its agenda.")
                % {"name": orders.name},
            )
        if orders is None and not room.is_facilitator(actor):
            raise RuleBroken("5.4.4", _("The facilitator chooses the order of the agenda."))
        item = _open_item(room, item_id)
        order = [i for i in room.items if i.is_open]
        at = order.index(item)
        to = at - 1 if up else at + 1
        other = order[to] if 0 <= to < len(order) else None
        if other is not None and other.goes_first != item.goes_first:
            raise RuleBroken(
                "5.4.4",
                _("A participant asked that the election goes first. It goes before all other items."),
            )
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

    A proposal its owner attached to the label is presented with it; an election it calls for begins. Raises
    RuleBroken §5.4.4 while another item is processed, or where somebody asked that an election goes first; Refused
    where its owner is not here, Moved.
    """
    with in_room(meeting, actor=actor, act=steps.CHOOSE, seen=seen, facilitator=True) as room:
        item = _open_item(room, item_id)
        elections.require_elections_first(room, item)
        _require_order(room, item)
        if not room.is_here(item.owner) and not item.seat:
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
        if item.proposal is not None and item.proposal.state in in_meeting.BROUGHT_FROM and not item.seat:
            item.proposal = _bring(room, item.proposal, item.owner)
        item.save()
        write_down(room.meeting, "meeting.item_chosen", actor, label=item.label, item=item.pk)
        if item.seat:
            elections.take_up(room, item)
        tell(room.meeting)


def _require_order(room: Room, item: AgendaItem) -> None:
    """In a special meeting whoever asked for it orders the agenda: the facilitator takes up what comes first."""
    orders = room.orders_agenda
    if orders is None or room.is_facilitator(orders) or item.state != AgendaItem.State.WAITING:
        return
    waiting = [i for i in room.items if i.state == AgendaItem.State.WAITING and room.is_here(i.owner)]
    if waiting and waiting[0] != item and not item.goes_first:
        raise RuleBroken(
            "5.4.4",
            _("%(name)s chooses the order of this agenda, and “%(label)s” comes first.")
            % {"name": orders.name, "label": waiting[0].label},
        )


def _bring(room: Room, proposal: Proposal, owner: Person) -> Proposal:
    require_within_limits(room, proposal)
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
            guest = item.guest if item.guest is not None and item.guest.person_id == item.owner_id else None
            proposal = proposals.start_draft(
                room.meeting.circle,
                actor=item.owner,
                from_tension=item.tension,
                title=item.label,
                tension=guest.tension if guest else item.tension.text if item.tension else "",
                role=guest.circle_id if guest else None,
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
        if room.election is not None:
            elections.hand_back(room)
        elif room.proposal is not None:
            in_meeting.hand_back(locked_proposal(room))
        end_item(
            room, item, AgendaItem.State.PARKED, AgendaItem.Outcome.UNFINISHED, actor=actor, reason=words
        )
        tell(room.meeting)


def settle_without(meeting: Meeting, *, actor: Person, seen: str | None = None) -> None:
    """End the item at hand because its owner needs no proposal: they say so, or the facilitator for them."""
    with in_room(meeting, actor=actor, act=steps.SET_ASIDE, seen=seen) as room:
        item = the_item(room)
        if item.seat:
            raise Refused(_("An election was called. Whoever called it can take the call back."))
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
        if room.election is not None:
            elections.withdraw(room, actor=actor)
            tell(room.meeting)
            return
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


def drop(meeting: Meeting, *, actor: Person, reason: str, ground: str = "", seen: str | None = None) -> None:
    """Deem the proposal at hand dropped, for what happened and the line of §5.3.4 that makes it a reason
    (``governance.rules.consent.DROP_GROUNDS``). The facilitator does."""
    end = partial(proposals.drop, ground=ground)
    _end_proposal(meeting, end, AgendaItem.Outcome.DROPPED, actor=actor, reason=reason, seen=seen)


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
        if item.seat:
            raise RuleBroken(
                "5.3.5",
                _("In an election the candidate is discarded after an objection, and the next one proposed."),
            )
        ended = end(locked_proposal(room), actor=actor, reason=reason)
        end_item(room, item, AgendaItem.State.DROPPED, outcome, actor=actor, reason=ended.settled_reason)
        tell(room.meeting)
