"""Who may fetch which announcement: everybody of the organization reads what is announced in it."""

from __future__ import annotations

from django.http import Http404

from announcements.models import Announcement, Reply
from people.models import Person


def get_announcement(viewer: Person, announcement_id: str) -> Announcement:
    """Return an announcement of the viewer's organization; Http404 for anything else."""
    found = (
        Announcement.objects.select_related(
            "author", "role__circle", "asked_of__circle", "policy", "ended_by"
        )
        .filter(organization=viewer.organization, pk=announcement_id)
        .first()
    )
    if found is None:
        raise Http404
    found.organization = viewer.organization
    return found


def get_reply(announcement: Announcement, reply_id: str) -> Reply:
    """Return what was said to this announcement; Http404 for what was said elsewhere."""
    reply = announcement.replies.select_related("person", "role").filter(pk=reply_id).first()
    if reply is None:
        raise Http404
    reply.announcement = announcement
    return reply


def can_follow_announcement(viewer: Person, announcement_id: str) -> bool:
    """Tell whether somebody may follow an announcement live: whoever may read it."""
    return Announcement.objects.filter(organization=viewer.organization_id, pk=announcement_id).exists()
