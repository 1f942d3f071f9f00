"""What roles and circles are to each other besides lying inside one another: links (§1.3.4), what comes first (§1.4.3),
routes for references from outside (§1.4.4), and policies on one domain (§1.3.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from circles.effects import INVITE_LINK
from circles.models import Policy
from circles.structure import (
    AccountabilityRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    PriorityRow,
    RoleRow,
    RouteRow,
    StrategyRow,
    Structure,
)
from people.models import Organization

# -- links -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linked:
    """A role linked into a circle: the circle it lies in, and what the circle linked into has added to it."""

    link: LinkRow
    role: RoleRow
    holder: RoleRow
    circle: RoleRow
    accountabilities: list[AccountabilityRow] = field(default_factory=list)
    domains: list[DomainRow] = field(default_factory=list)


def _linked(structure: Structure, links: Collection[LinkRow]) -> list[Linked]:
    rows = structure.get_many(RoleRow, {i for link in links for i in (link.role, link.circle)})
    holders = structure.get_many(RoleRow, {r.circle for r in rows.values() if r.circle})
    # Of a role that has gone, only its own rows may be there
    result = [
        Linked(link, rows[link.role], holders[rows[link.role].circle or ""], rows[link.circle])
        for link in links
        if link.role in rows and link.circle in rows and rows[link.role].circle in holders
    ]
    by_pair = {(one.role.id, one.circle.id): one for one in result}
    roles = {link.role for link in links}
    for accountability in structure.find(AccountabilityRow, "role", roles):
        if (accountability.role, accountability.by) in by_pair:
            by_pair[accountability.role, accountability.by or ""].accountabilities.append(accountability)
    for domain in structure.find(DomainRow, "role", roles):
        if (domain.role, domain.by) in by_pair:
            by_pair[domain.role, domain.by or ""].domains.append(domain)
    for one in result:
        one.accountabilities.sort(key=lambda row: (row.position, row.id))
        one.domains.sort(key=lambda row: (row.position, row.id))
    return result


def linked_into(structure: Structure, circle_id: str) -> list[Linked]:
    """Return the roles of other circles that are linked into a circle, by name."""
    links = structure.find(LinkRow, "circle", [circle_id])
    found = _linked(structure, links) if links else []
    return sorted(found, key=lambda one: (one.role.name.casefold(), one.role.id))


def links_of(structure: Structure, role_id: str) -> list[Linked]:
    """Return the circles a role has linked into, by name."""
    links = structure.find(LinkRow, "role", [role_id])
    found = _linked(structure, links) if links else []
    return sorted(found, key=lambda one: (one.circle.name.casefold(), one.circle.id))


@dataclass
class Invited:
    """A circle that a role may link into, and the policies that invite it."""

    circle: RoleRow
    policies: list[PolicyRow]


def invited_into(structure: Structure, organization: Organization, role: RoleRow) -> list[Invited]:
    """Return the circles that invite a role to link, by name, without those it lies in or has linked into."""
    wanted = Policy.objects.present().filter(organization=organization, effect__kind=INVITE_LINK)
    ids = list(wanted.values_list("pk", flat=True))
    found: dict[str, Invited] = {}
    around = {r.id for r in structure.path(role.id)[:2]}
    out = around | {link.circle for link in structure.find(LinkRow, "role", [role.id])}
    inside_role = {r.id for r in structure.descendants(role.id)}
    for policy in structure.get_many(PolicyRow, ids).values():
        holder = structure.get(RoleRow, policy.role)
        if holder is None or policy.effect is None:
            continue
        named = policy.effect.get("role")
        if named and named != role.id and structure.routed(named, policy.role) != role.id:
            continue
        reached = [holder, *(structure.descendants(holder.id) if policy.inside else ())]
        circles = structure.circles_among([r.id for r in reached if not r.is_constitutional])
        for circle in reached:
            if circle.id in circles and circle.id not in out | inside_role:
                found.setdefault(circle.id, Invited(circle, [])).policies.append(policy)
    return sorted(found.values(), key=lambda one: (one.circle.name.casefold(), one.circle.id))


# -- what comes first --------------------------------------------------------------------------------------------


def strategies(structure: Structure, circle_id: str) -> list[StrategyRow]:
    """Return the strategies of a circle in their order (§1.4.3)."""
    rows = structure.find(StrategyRow, "circle", [circle_id])
    return sorted(rows, key=lambda row: (row.position, row.id))


def priorities(structure: Structure, circle_id: str) -> list[RoleRow]:
    """Return the roles of a circle that were put into an order, the first one first (§1.4.3)."""
    rows = sorted(structure.find(PriorityRow, "circle", [circle_id]), key=lambda row: (row.position, row.id))
    roles = structure.get_many(RoleRow, [row.role for row in rows]) if rows else {}
    return [roles[row.role] for row in rows if row.role in roles]


# -- references from outside -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Routed:
    """Where references from outside to a role go."""

    role: RoleRow
    to: RoleRow
    circle: RoleRow


def _routed(structure: Structure, rows: Iterable[RouteRow]) -> list[Routed]:
    rows = list(rows)
    roles = structure.get_many(RoleRow, {i for r in rows for i in (r.role, r.to, r.circle)}) if rows else {}
    found = [Routed(roles[r.role], roles[r.to], roles[r.circle]) for r in rows]
    return sorted(found, key=lambda one: (one.role.shown_name.casefold(), one.role.id))


def routes_in(structure: Structure, circle_id: str) -> list[Routed]:
    """Return the routes that circle leads of a circle have set, by the name of what is referred to (§1.4.4)."""
    return _routed(structure, structure.find(RouteRow, "circle", [circle_id]))


def routes_of(structure: Structure, role_id: str) -> tuple[list[Routed], list[Routed]]:
    """Return the routes that lead away from a role, and those that lead to it (§1.4.4)."""
    return (
        _routed(structure, structure.find(RouteRow, "role", [role_id])),
        _routed(structure, structure.find(RouteRow, "to", [role_id])),
    )


# -- policies on one domain --------------------------------------------------------------------------------------


@dataclass
class OnDomain:
    """The other policies on the domain that a policy is about: those that go before it, and those it goes before."""

    superseded_by: list[PolicyRow] = field(default_factory=list)
    supersedes: list[PolicyRow] = field(default_factory=list)


def on_the_same_domain(structure: Structure, policies: Collection[PolicyRow]) -> dict[str, OnDomain]:
    """Return, by policy, which policies of the circle that granted the domain go before it in a conflict, and which
    of the role that holds the domain it goes before (§1.3.2)."""
    domains = structure.get_many(DomainRow, {p.domain for p in policies if p.domain})
    if not domains:
        return {}
    holders = structure.get_many(RoleRow, {d.role for d in domains.values()})
    others = structure.find(PolicyRow, "domain", domains)
    result: dict[str, OnDomain] = {}
    for policy in policies:
        domain = domains.get(policy.domain or "")
        holder = holders.get(domain.role) if domain is not None else None
        if domain is None or holder is None:
            continue
        granted_by = domain.by or holder.circle
        found = OnDomain()
        for other in sorted(others, key=lambda p: (p.title.casefold(), p.id)):
            if other.domain == domain.id and policy.role == holder.id and other.role == granted_by:
                found.superseded_by.append(other)
            elif other.domain == domain.id and policy.role == granted_by and other.role == holder.id:
                found.supersedes.append(other)
        result[policy.id] = found
    return result
