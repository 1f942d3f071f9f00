"""What every act in a meeting begins with and ends with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.actions import proposals
from governance.models import Proposal
from journal.actions import announce, record
from journal.topics import topic_name
from meetings.access import require_part
from meetings.limits import within_limits_5_4
from meetings.models import AgendaItem, Meeting, Turn
from meetings.room import Moved, Room
from people.models import Person
from people.refusals import Refused

# The parts of the room are read again together, so that nobody sees one without what belongs to it
ROOM = "room"


def lock(meeting: Meeting) -> Meeting:
    """Return the meeting as it stands, locked until the transaction ends."""
    locked = (
        Meeting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("circle", "facilitator", "secretary", "time_out_asked_by")
        .filter(pk=meeting.pk)
        .first()
    )
    if locked is None:
        raise Refused(_("This meeting was cancelled."))
    locked.organization = locked.circle.organization = meeting.organization
    return locked


@contextmanager
def in_room(
    meeting: Meeting,
    *,
    actor: Person,
    act: str | None = None,
    seen: str | None = None,
    facilitator: bool = False,
) -> Iterator[Room]:
    """Open a transaction with a running meeting locked, for somebody who is in the room, and yield it as it is.

    ``seen`` is the state the actor saw (``Room.seen``), ``act`` what the step must allow, ``facilitator`` that the
    acting facilitator alone does this.
    Raises RuleBroken (§5.4.1 for outsiders; the step's clause), Moved, NotAllowed, Refused.
    """
    with transaction.atomic():
        room = Room(lock(meeting))
        require_part(room.meeting, actor, room.structure)
        if seen is not None and seen != room.seen:
            raise Moved
        if room.meeting.is_scheduled:
            raise Refused(_("The meeting has not begun."))
        if room.meeting.is_closed:
            raise Refused(_("This meeting is over."))
        if not room.is_here(actor):
            raise Refused(_("Enter the room first."))
        if facilitator:
            room.require_facilitator(actor)
        if act is not None:
            room.require(act)
        yield room


def tell(meeting: Meeting) -> None:
    """Tell every open page of the meeting to read the room again."""
    announce(organization=meeting.organization, topic=topic_name("meeting", meeting.pk), fragment=ROOM)


def write_down(meeting: Meeting, kind: str, actor: Person | None, **payload: object) -> None:
    """Write into the journal that something happened in the meeting."""
    record(
        organization=meeting.organization,
        kind=kind,
        actor=actor,
        circle_id=meeting.circle_id,
        meeting=meeting.pk,
        **payload,
    )


def locked_proposal(room: Room) -> Proposal:
    """Lock the proposal at hand and return it. Raises Refused while none has been presented."""
    if room.item is None or room.proposal is None:
        raise Refused(_("No proposal has been presented yet."))
    proposal = proposals.lock(room.proposal)
    proposal.circle = room.meeting.circle
    room.item.proposal = proposal
    room.proposal = proposal
    if proposal.state != Proposal.State.IN_MEETING:
        raise Moved
    return proposal


def require_within_limits(room: Room, proposal: Proposal) -> None:
    """Raise RuleBroken §5.4 where a special meeting may not make what a proposal changes."""
    if room.meeting.is_special and proposal.changes:
        shown, _refusals = proposals.examine(proposal)
        for refusal in within_limits_5_4(room.structure, room.meeting, shown.row_changes):
            raise refusal


def the_item(room: Room) -> AgendaItem:
    """Return the item being processed; Moved where there is none (any more)."""
    if room.item is None:
        raise Moved
    return room.item


def end_item(
    room: Room, item: AgendaItem, state: str, outcome: str, *, actor: Person | None, reason: str = ""
) -> None:
    """Let the item at hand end, for now or for good, and count the time it took."""
    now = timezone.now()
    item.seconds = item.spent
    item.since = None
    item.state = state
    item.outcome = outcome
    item.reason = reason
    item.ended_at = now
    item.in_hand = None
    item.save()
    room.meeting.turns.filter(item=item, state__in=[Turn.State.WAITING, Turn.State.SPEAKING]).update(
        state=Turn.State.SKIPPED
    )
    write_down(
        room.meeting,
        "meeting.item_ended",
        actor,
        label=item.label,
        outcome=str(item.get_outcome_display() or item.get_state_display()),
        item=item.pk,
    )
