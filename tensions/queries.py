"""Reads of tensions: what somebody holds, what became of the rest, and the roles one can sense from."""

from __future__ import annotations

from django.db.models import QuerySet

from circles.constitution import CIRCLE_LEAD, ORDINARY
from circles.structure import AssignmentRow, RoleRow, Structure
from people.models import Person
from tensions.models import Tension


def open_tensions(person: Person) -> QuerySet[Tension]:
    """Return the tensions somebody holds, latest first."""
    return (
        Tension.objects.filter(person=person, state=Tension.State.OPEN)
        .select_related("role__circle")
        .order_by("-sensed_at", "pk")
    )


def past_tensions(person: Person) -> QuerySet[Tension]:
    """Return the tensions somebody held that were processed or let go, latest first."""
    return (
        Tension.objects.filter(person=person)
        .exclude(state=Tension.State.OPEN)
        .select_related("role__circle")
        .order_by("-settled_at", "pk")
    )


def tensions_of(person: Person) -> QuerySet[Tension]:
    """Return every tension somebody has captured, whatever became of it, latest first."""
    return Tension.objects.filter(person=person).select_related("role__circle").order_by("-sensed_at", "pk")


def roles_led(structure: Structure, person_id: str) -> list[RoleRow]:
    """Return the roles somebody leads, by name: those they fill, circle lead roles included, and those that fall
    to them while no partner fills them (§1.4, §1.4.2)."""
    assignments = structure.find(AssignmentRow, "person", [person_id])
    filled = structure.get_many(RoleRow, {a.role for a in assignments}).values()
    found = {r.id: r for r in filled if r.circle is not None or person_id in structure.role_leads(r.id)}
    led = [r for r in found.values() if r.kind == ORDINARY]
    while led:
        inside = structure.find(RoleRow, "circle", [r.id for r in led])
        people: dict[str, set[str]] = {}
        for a in structure.find(AssignmentRow, "role", [r.id for r in inside]):
            people.setdefault(a.role, set()).add(a.person)
        partners = structure.partners_among({p for them in people.values() for p in them})
        led = [
            r
            for r in inside
            if r.kind == ORDINARY and r.id not in found and not people.get(r.id, set()) & partners
        ]
        found |= {r.id: r for r in [*led, *(r for r in inside if r.kind == CIRCLE_LEAD)]}
    return sorted(found.values(), key=lambda r: (r.shown_name.casefold(), r.id))
