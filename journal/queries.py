"""What open pages need to know about live topics."""

from __future__ import annotations

from journal.models import LiveChange, LiveTopic

BATCH = 500

Change = tuple[int, str]


def latest_number(organization_id: str, topic: str) -> int:
    """Return the number of the topic's latest change, 0 if there was none.

    A page asks before it reads what it shows: a change in between is then sent to it, and none is missed.
    """
    row = LiveTopic.objects.filter(organization_id=organization_id, name=topic).values_list("number").first()
    return row[0] if row else 0


def changes_after(organization_id: str, topic: str, number: int) -> list[Change]:
    """Return the topic's changes after ``number`` as (number, fragment), in order, at most BATCH of them."""
    changes = LiveChange.objects.filter(
        topic__organization_id=organization_id, topic__name=topic, number__gt=number
    ).order_by("number")
    return list(changes.values_list("number", "fragment")[:BATCH])
