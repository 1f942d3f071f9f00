"""Reads of pages that gather from several apps."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_ROLES
from circles.models import Assignment
from people.models import Organization, Person


@dataclass
class Held:
    """A role somebody fills: its name with its circle where it is a core role, and the assignments, one per focus."""

    words: str
    assignments: list[Assignment] = field(default_factory=list)

    @property
    def purpose(self) -> str:
        """The role's purpose; of a core role, the one the Constitution fixes."""
        role = self.assignments[0].role
        return CONSTITUTIONAL_ROLES[role.kind].purpose if role.is_constitutional else role.purpose


def roles_of(person: Person) -> list[Held]:
    """Return the roles somebody fills, by name, each once with every focus they have in it (§1.4.1). One query."""
    held: dict[str, Held] = {}
    assignments = Assignment.objects.filter(person=person, role__until=None).select_related("role__circle")
    for assignment in assignments.order_by("role__name", "role_id", "focus"):
        role = assignment.role
        words = role.shown_name
        if role.is_constitutional and role.circle is not None:
            words = _("%(role)s of %(circle)s") % {"role": role.shown_name, "circle": role.circle.name}
        held.setdefault(role.pk, Held(words)).assignments.append(assignment)
    return sorted(held.values(), key=lambda h: h.words.casefold())


def people_of(organization: Organization, words: str) -> QuerySet[Person]:
    """Return the people of an organization by name, departed ones included; those whose name holds ``words``."""
    found = Person.objects.filter(organization=organization, since__isnull=False).order_by("name", "pk")
    return found.filter(name__icontains=words) if words else found


def roles_by_person(people: list[Person]) -> dict[str, list[Assignment]]:
    """Return what each of these people fills, by role name. One query."""
    result: dict[str, list[Assignment]] = {}
    assignments = Assignment.objects.filter(person__in=[p.pk for p in people], role__until=None)
    named = assignments.select_related("role__circle").only(
        "person_id", "focus", "role__name", "role__kind", "role__circle__name"
    )
    for assignment in named.order_by("role__name", "role_id", "focus"):
        result.setdefault(assignment.person_id, []).append(assignment)
    return result
