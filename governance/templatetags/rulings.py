"""Rulings and strikes as parts of other pages: of a circle, a role, a policy, a decision, and what awaits one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from circles.models import Policy, Role
from circles.structure import RoleRow
from governance.models import Decision, Ruling, StrikeNotice
from governance.queries import entries
from governance.rulings import about, of_circle, rulings_awaiting, rulings_that, strikes_untold
from governance.under_way import may_have
from governance.views.rulings import with_pills
from people.models import Person

register = template.Library()

SHOWN = 4


@register.inclusion_tag("governance/_rulings_section.html", takes_context=True)
def rulings_section(
    context: Context, subject: RoleRow | Role | Policy | Decision, is_circle: bool = False
) -> dict[str, Any]:
    """The rulings of a circle, or those about a role, policy or decision, with the way to ask for one."""
    person: Person = context["person"]
    named = ""
    if isinstance(subject, Decision):
        named = f"decision:{subject.number}"
    elif isinstance(subject, Policy):
        named = f"policy:{subject.pk}"
    elif not is_circle:
        named = f"role:{subject.id}"
    chosen = (
        of_circle(subject) if is_circle and not isinstance(subject, Policy | Decision) else about(subject)
    )
    found = rulings_that(person, chosen)
    rows = with_pills(found[: SHOWN + 1])
    return {
        "organization": context["organization"],
        "request": context["request"],
        "person": person,
        "rulings": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "about": named,
        "circle": subject if is_circle else None,
        "may_doubt": bool(named) and getattr(subject, "kind", "") in ("", "ordinary"),
    }


@register.simple_tag
def rulings_awaiting_from(person: Person) -> list[Ruling]:
    """The questions that await somebody as acting secretary."""
    return rulings_awaiting(person)


@register.simple_tag
def strikes_untold_to(person: Person) -> list[dict[str, Any]]:
    """The strikes somebody is told of and has not read yet, with what went and why."""
    if not may_have(person.organization_id, StrikeNotice):
        return []
    found = [notice.decision for notice in strikes_untold(person)[:SHOWN]]
    read = entries(person.organization, found) if found else []
    return [{"decision": e.decision, "headline": e.headline, "reason": e.reason} for e in read]
