"""Parts of the meeting room's pages: the forms behind its controls, and lists of meetings for other pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from circles.models import Role
from circles.structure import RoleRow
from meetings import queries
from meetings.models import Meeting, MeetingRequest
from people.models import Person

register = template.Library()


@register.simple_block_tag(takes_context=True)
def act(
    context: Context, content: str, name: str, css: str = "", plain: bool = False, **values: Any
) -> SafeString:
    """`{% act "next" seen=view.room.seen %}<button>…</button>{% endact %}`: a form that does something in the
    meeting of the page. ``values`` are sent along. It is sent in the background where JavaScript runs, unless
    ``plain``; the page then changes by what it hears, as everybody's does."""
    meeting: Meeting = context["meeting"]
    url = reverse("meetings:act", args=[meeting.organization.slug, meeting.pk, name])
    background = format_html(' hx-post="{}" hx-target="#said" hx-swap="innerHTML" hx-sync="this:drop"', url)
    return format_html(
        '<form method="post" action="{}"{}{}><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}{}</form>',
        url,
        format_html(' class="{}"', css) if css else "",
        "" if plain else background,
        get_token(context["request"]),
        format_html_join("", '<input type="hidden" name="{}" value="{}">', values.items()),
        mark_safe(content.strip()),  # noqa: S308 - rendered by the template engine, which has escaped it
    )


@register.simple_tag
def meetings_of(circle: Role | RoleRow, most: int | None = None) -> list[Meeting]:
    """The meetings of a circle: being held, to come, held."""
    return list(queries.of_circle(circle)[:most])


@register.simple_tag
def requests_awaiting(person: Person) -> list[MeetingRequest]:
    """The special meetings that somebody is to schedule as secretary (§5.4)."""
    return [r for r in queries.requests_of(person) if r.to_schedule]  # type: ignore[attr-defined]


@register.simple_tag
def meetings_awaiting(person: Person) -> list[Meeting]:
    """The meetings that await somebody: being held now, or within a week. A guest's have their ``invitation``."""
    found = list(queries.awaiting(person))
    invitations = queries.invitations_of(person, found) if found else {}
    for meeting in found:
        meeting.invitation = invitations.get(meeting.pk)  # type: ignore[attr-defined]
    return found
