"""What every step of an announcement begins and ends with."""

from __future__ import annotations

from typing import Any

from announcements.models import Announcement
from journal.actions import announce as change_live
from journal.actions import record
from journal.topics import topic_name
from people.models import Person

State = Announcement.State


def lock(announcement: Announcement) -> Announcement:
    """Return the announcement as it stands, locked until the transaction ends."""
    locked = (
        Announcement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("author", "role", "asked_of")
        .get(pk=announcement.pk)
    )
    locked.organization = announcement.organization
    return locked


def tell(announcement: Announcement, fragment: str = "state") -> None:
    """Tell whoever has this announcement open that it changed: how it stands, or who has read it (``reached``)."""
    topic = topic_name("announcement", announcement.pk)
    change_live(organization=announcement.organization, topic=topic, fragment=fragment)


def note_down(announcement: Announcement, event: str, *, actor: Person | None, **payload: Any) -> None:
    """Record in the journal what happened to an announcement, and tell open pages."""
    role = announcement.role
    record(
        organization=announcement.organization,
        kind=f"announcements.{event}",
        actor=actor,
        circle_id=(role.circle_id or role.pk) if role else None,
        announcement=announcement.pk,
        what=announcement.what,
        **payload,
    )
    tell(announcement)
