"""Made-up organizations to measure on."""

from __future__ import annotations

from dataclasses import dataclass

from circles.models import Role
from governance import authority as by
from governance.authority import Authority
from governance.bulk import generate, load
from governance.record import verify
from people.ids import derived_id
from people.models import Account, Organization, Person


@dataclass(frozen=True)
class Made:
    """An organization of a certain size, with somebody who can sign in."""

    organization: Organization
    person: Person
    circle: Role
    role: Role


def make(roles: int, *, people: int | None = None) -> Made:
    """Load an organization with about ``roles`` ordinary roles and 4 accountabilities each; its record verifies."""
    organization = Organization.objects.create(
        slug=f"made-{roles}", name=f"Made of {roles} roles", ratifiers=["Bench"]
    )
    rows = generate(organization, roles=roles, people=people or max(20, roles * 3 // 10))
    load(organization, rows, authority=Authority(by.RATIFIERS))
    found = verify(organization)
    if not found.ok:
        raise SystemExit(f"The record of {organization} does not verify: {found.faults[:3]}")
    circle = Role.objects.get(pk=derived_id(organization.id, "role", "1"))
    role = Role.objects.get(pk=derived_id(organization.id, "role", "11"))
    assignment = role.assignments.select_related("person").get()
    person = assignment.person
    person.account = Account.objects.create_user(f"bench@{organization.slug}.example")
    person.save(update_fields=["account"])
    person.organization = organization
    return Made(organization, person, circle, role)
