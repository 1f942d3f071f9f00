"""Parts of role, circle, person and home pages: who speaks or acts for whom, and process breakdowns."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import RoleRow, Structure
from governance import breakdown as breakdowns
from governance.facilitation import acting, stand_ins
from governance.models import Breakdown, Permission, StandIn
from governance.representation import permissions_for, permissions_of
from governance.under_way import may_have
from people.models import Person

register = template.Library()


def _structure(context: Context) -> Structure:
    return Structure.of(context["organization"].pk)


@register.simple_tag(takes_context=True)
def permissions_for_role(context: Context, role: Role | RoleRow) -> list[Permission]:
    """Who may represent a role besides its leads (§5.3)."""
    return permissions_for(_structure(context), role.id)


@register.simple_tag(takes_context=True)
def permissions_of_person(context: Context, person: Person) -> list[Permission]:
    """The roles somebody may represent besides their own (§5.3)."""
    return permissions_of(_structure(context), person.pk)


@register.simple_tag(takes_context=True)
def stand_ins_of(context: Context, circle: Role | RoleRow, kind: str = "") -> list[StandIn]:
    """Who stands in for a circle's facilitator and secretary, or for one of them, who comes first first."""
    found = [s for s in stand_ins(_structure(context), circle.id) if kind in ("", s.kind)]
    return sorted(found, key=lambda s: s.why != StandIn.Why.BREAKDOWN)


@register.simple_tag(takes_context=True)
def breakdown_of(context: Context, circle: Role | RoleRow) -> Breakdown | None:
    """The process breakdown that stands in a circle."""
    if not may_have(context["organization"].pk, Breakdown):
        return None
    return breakdowns.in_breakdown(circle.id)


@register.simple_tag
def to_restore(person: Person) -> dict[str, Any]:
    """What awaits somebody as facilitator of a circle around others: breakdowns, and requests for a review."""
    return {"breakdowns": breakdowns.to_restore(person), "reviews": breakdowns.to_review(person)}


@register.simple_tag(takes_context=True)
def acts_because(context: Context, circle: Role | RoleRow, person: Person, kind: str) -> str:
    """The clause by which somebody acts as a circle's facilitator or secretary; empty for the elected one, and for
    whoever does not act."""
    found = acting(_structure(context), circle.id, kind)
    return found.why if found.surrogate and person.pk in found.people else ""


@register.filter
def why_acts(clause: str) -> str:
    """Why somebody acts as facilitator or secretary: the words for the clause that puts them there."""
    return {
        "elected": _("elected"),
        "5.5.2c": _("took over in the process breakdown"),
        "5.3.6a": _("named by the one they replace"),
        "5.3.6b": _("holds the other of the two roles"),
        "5.3.6c": _("is circle lead"),
        "5.3.6d": _("is a circle member and said so first"),
    }.get(clause, "")
