"""Parts of pages that tell of elections: what awaits somebody, what is under way in a circle, who may call one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from circles.constitution import ELECTED_KINDS
from circles.sources import once
from circles.structure import RoleRow
from governance import elections
from governance.models import Election
from governance.under_way import may_have
from people.models import Person

register = template.Library()


@register.simple_tag
def elections_awaiting(person: Person) -> list[elections.Waiting]:
    """The elections that wait for somebody to nominate, to say whether they change it, or to facilitate."""
    return elections.awaiting_elections(person)


@register.simple_tag
def elected_of_late(person: Person) -> list[Election]:
    """The elections of the last days that somebody was elected in, and still fills the role of."""
    return elections.elected_lately(person)


@register.simple_tag(takes_context=True)
def elections_in(context: Context, circle: Any) -> list[Election]:
    """The elections under way in a circle, the earliest call first."""
    if not may_have(context["organization"].pk, Election):
        return []
    return once((elections_in, circle.id), lambda: list(elections.running([circle.id])))


@register.filter
def is_elected(role: RoleRow) -> bool:
    """Whether a role is filled by election: circle rep, facilitator, secretary."""
    return role.kind in ELECTED_KINDS


@register.filter
def for_seat(found: list[Election], role: RoleRow) -> Election | None:
    """Of these elections, the one for this role."""
    return next((e for e in found if e.seat == role.kind and e.circle_id == role.circle), None)
