"""What pages of other apps show of announcements."""

from __future__ import annotations

from django import template

from announcements import queries
from people.models import Person

register = template.Library()

SHOWN = 6


@register.simple_tag
def announcements_awaiting(person: Person) -> list[queries.Row]:
    """`{% announcements_awaiting person as announced %}`: what waits for somebody, that which closes first first."""
    return queries.rows(queries.awaiting(person)[:SHOWN])
