"""Whom an announcement reaches, and who has which say in it: computed from the structure as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from announcements.models import Announcement
from circles.constitution import CIRCLE_REP
from circles.effects import INTENT_WAIT, SPENDING_CONTROL, SPENDING_WAIT
from circles.models import Role
from circles.queries import prefetch_seats
from circles.structure import AssignmentRow, DomainRow, PolicyRow, RoleRow, Structure
from tensions.queries import roles_led

# Where no policy says how long to wait, people judge what is reasonable; the program waits this long
USUAL_DAYS = 2


@dataclass(frozen=True)
class Say:
    """Who has a say about a domain: ``permit`` can say yes for it alone, ``reached`` are told and may object."""

    permit: frozenset[str]
    reached: frozenset[str]


def read_ahead(structure: Structure, domains: Collection[DomainRow]) -> None:
    """Read at once what finding out who has a say in these domains asks for one by one."""
    grants = structure.find(DomainRow, "within", [d.id for d in domains])
    holders = {d.role for d in domains}
    roles = holders | {g.role for g in grants}
    structure.load_paths(roles)
    ids = {r.id for role in roles for r in structure.path(role)}
    assignments = structure.find(AssignmentRow, "role", ids)
    structure.find(PolicyRow, "role", ids)
    structure.partners_among({a.person for a in assignments})
    prefetch_seats(structure, structure.circles_among(holders))


def say_in(structure: Structure, domain: DomainRow) -> Say:
    """Return who controls a domain (§4.1.2): the leads of the role that holds it. Of one a circle keeps to itself,
    its members are told as well, since each of them may use it; of one granted further, those it was granted to."""
    leads = structure.role_leads(domain.role)
    grants = structure.find(DomainRow, "within", [domain.id])
    granted = {lead for grant in grants for lead in structure.role_leads(grant.role)}
    members = structure.members(domain.role) if structure.is_circle(domain.role) and not grants else set()
    return Say(frozenset(leads or members), frozenset(leads | members | granted))


def spoken_for(structure: Structure, person_id: str) -> list[RoleRow]:
    """Return the roles somebody may announce for, by name: those they lead, and the circles they are rep of (§4.1)."""
    found = {r.id: r for r in roles_led(structure, person_id)}
    filled = structure.find(AssignmentRow, "person", [person_id])
    reps = structure.get_many(RoleRow, {a.role for a in filled}).values()
    further = {r.circle for r in reps if r.kind == CIRCLE_REP and r.circle}
    for row in structure.get_many(RoleRow, further - found.keys()).values():
        if row.circle is not None and row.id in structure.represented_by(row.circle, person_id):
            found[row.id] = row
    return sorted(found.values(), key=lambda r: (r.shown_name.casefold(), r.id))


def acts_on(structure: Structure, announcement: Announcement, person_id: str) -> bool:
    """Tell whether somebody acts on what was announced: its author, or whoever leads the role once they do not."""
    if announcement.author_id == person_id:
        return True
    leads = structure.role_leads(announcement.role_id or "")
    return person_id in leads and announcement.author_id not in leads


def own_domains(structure: Structure, person_id: str) -> list[DomainRow]:
    """Return the domains of the roles somebody leads, by their words."""
    rows = structure.find(DomainRow, "role", [r.id for r in roles_led(structure, person_id)])
    return sorted(rows, key=lambda d: (d.text.casefold(), d.id))


def asked_about_spending(structure: Structure, role_id: str) -> dict[str, list[str]]:
    """Return the partners who lead a role or a role within it, at any depth (§4.1.3), with the roles that are why."""
    inside = structure.descendants(role_id)
    assignments = structure.find(AssignmentRow, "role", [r.id for r in inside])
    leads = structure.role_leads(role_id)
    partners = structure.partners_among({a.person for a in assignments} | leads)
    why: dict[str, list[str]] = {person: [role_id] for person in leads & partners}
    for assignment in assignments:
        if assignment.person in partners:
            why.setdefault(assignment.person, []).append(assignment.role)
    return why


def leads_of(structure: Structure, role_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return who leads any of these roles, with the roles each of them leads."""
    why: dict[str, list[str]] = {}
    for role_id in role_ids:
        for person in structure.role_leads(role_id):
            why.setdefault(person, []).append(role_id)
    return why


def circle_of(role: Role) -> str:
    """Return the circle whose policies an announcement of this role follows: the one around it."""
    return role.circle_id or role.pk


def intent_wait(structure: Structure, role: Role) -> tuple[int, PolicyRow | None]:
    """Return how many working days an intent of a role waits (§4.1.2), and the policy that says so."""
    found = structure.effect(circle_of(role), INTENT_WAIT)
    return (found[1]["working_days"], found[0]) if found else (USUAL_DAYS, None)


def spending_wait(structure: Structure, role: Role, asked_of: Role) -> tuple[int, PolicyRow | None]:
    """Return how many working days announced spending waits (§4.1.3), and the policy that says so: of the circle
    around the role that asks, else of the role that is asked."""
    for circle in dict.fromkeys((circle_of(role), asked_of.pk)):
        found = structure.effect(circle, SPENDING_WAIT)
        if found:
            return found[1]["working_days"], found[0]
    return USUAL_DAYS, None


def spending_control(structure: Structure, role: Role, asked_of: Role) -> PolicyRow | None:
    """Return the policy that lets a role control the money it would ask for (§4.1.3), or None."""
    for circle in dict.fromkeys((circle_of(role), asked_of.pk)):
        for policy, effect in structure.effects(circle, SPENDING_CONTROL):
            if effect["role"] == role.pk:
                return policy
    return None


def controllers_named(structure: Structure, circle_ids: Collection[str]) -> list[str]:
    """Return the roles that policies in force in these circles let control spending (§4.1.3)."""
    named = [
        effect["role"]
        for circle in circle_ids
        for _policy, effect in structure.effects(circle, SPENDING_CONTROL)
    ]
    return list(dict.fromkeys(named))
