"""For which roles somebody may speak in a circle's governance: their own, those they were given leave to
represent, and a circle they are the guest of (§5.3, §5.4.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from circles.structure import LinkRow, RoleRow, Structure
from governance.models import Guest, Permission
from governance.under_way import may_be_in
from people.models import Organization


def may_represent(structure: Structure, circle_id: str, person: str, *, meeting: str = "") -> set[str]:
    """Return the roles somebody (identifier) may represent in a circle, by identifier.

    A circle member represents the roles they lead and the sub-circles they are rep of, and roles that one of
    their leads lets them represent; leave makes nobody a member (§5.3). In ``meeting`` a circle rep's guest
    represents the rep's circle (§5.4.1); that they do so for one item alone is for the meeting to see to.
    """
    result = structure.represented_by(circle_id, person)
    if person in structure.members(circle_id):
        result |= {
            p.role_id for p in permissions_of(structure, person) if is_in(structure, p.role_id, circle_id)
        }
    if meeting:
        result |= {g.circle_id for g in guests(structure, meeting, circle_id) if g.person_id == person}
    return result


def is_in(structure: Structure, role_id: str, circle_id: str) -> bool:
    """Tell whether a role lies in a circle, or links into it (§1.3.4)."""
    role = structure.get(RoleRow, role_id)
    if role is None:
        return False
    return role.circle == circle_id or any(
        link.circle == circle_id for link in structure.find(LinkRow, "role", [role_id])
    )


def circles_around(structure: Structure, role: RoleRow) -> set[str]:
    """Return the circles a role lies in: its own, and those it links into."""
    linked = {link.circle for link in structure.find(LinkRow, "role", [role.id])}
    return linked | ({role.circle} if role.circle else set())


# -- leave to represent ------------------------------------------------------------------------------------------


def today_in(organization: Organization) -> dt.date:
    return timezone.localtime(timezone=organization.tz).date()


def is_over(until: dt.date | None, organization: Organization) -> bool:
    """Tell whether the last day ``until`` has passed in the organization's zone."""
    return until is not None and until < today_in(organization)


def _holding(structure: Structure, found: Collection[Permission]) -> list[Permission]:
    return [
        p
        for p in found
        if not is_over(p.until, p.organization) and p.granted_by_id in structure.role_leads(p.role_id)
    ]


def permissions_of(structure: Structure, person: str) -> list[Permission]:
    """Return the leave somebody holds to represent roles: neither withdrawn nor past its last day, and given by
    who leads the role still."""
    if not may_be_in(structure, Permission):
        return []
    found = Permission.objects.filter(person=person, withdrawn_at=None).select_related(
        "organization", "role__circle", "granted_by"
    )
    return _holding(structure, list(found))


def permissions_for(structure: Structure, role_id: str) -> list[Permission]:
    """Return who holds leave to represent a role, as ``permissions_of``."""
    if not may_be_in(structure, Permission):
        return []
    found = Permission.objects.filter(role=role_id, withdrawn_at=None).select_related(
        "organization", "person", "granted_by"
    )
    return _holding(structure, list(found))


# -- guests of a rep ---------------------------------------------------------------------------------------------


def guests(structure: Structure, meeting: str, circle_id: str) -> list[Guest]:
    """Return the guests of a meeting (identifier) of a circle whose invitation holds: not withdrawn, and given by
    who is rep of the circle they are to represent still (§5.4.1)."""
    found = list(
        Guest.objects.filter(meeting=meeting, ended_at=None)
        .select_related("person", "circle", "invited_by")
        .order_by("invited_at", "pk")
    )
    if not found:
        return []
    return [g for g in found if g.circle_id in rep_of(structure, circle_id, g.invited_by_id)]


def rep_of(structure: Structure, circle_id: str, person: str) -> set[str]:
    """Return the circles immediately inside a circle, or linked into it, that somebody is rep of there."""
    found = set()
    for seat in structure.seats(circle_id).get(person, ()):
        if seat.by == "rep":
            rep = structure.role(seat.role)
            if rep.circle is not None:
                found.add(rep.circle)
    return found
