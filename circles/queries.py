"""Reads of the structure for pages: a role's definition, what is inside a circle, who is a member and why.

Everything is read through a ``Structure``, in a number of queries that does not grow with the organization.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from circles.constitution import (
    CIRCLE_LEAD,
    CIRCLE_REP,
    CONSTITUTIONAL_KINDS,
    CONSTITUTIONAL_ROLES,
    ELECTED_KINDS,
    ORDINARY,
)
from circles.models import Role
from circles.relations import Linked, links_of
from circles.sources import once
from circles.structure import (
    TABLES,
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    PriorityRow,
    RoleRow,
    RouteRow,
    Seat,
    StrategyRow,
    Structure,
)
from people.ids import derived_id
from people.models import Organization, Person

L = TypeVar("L", AccountabilityRow, DomainRow, PolicyRow)


def people_named(organization: Organization, person_ids: Iterable[str]) -> dict[str, Person]:
    """Return people of an organization by identifier, departed ones included."""
    known: dict[str, Person | None] = once((Person, organization.pk), dict)
    wanted = set(person_ids)
    missing = wanted - known.keys()
    if missing:
        found = Person.objects.filter(organization=organization).in_bulk(missing)
        known |= {i: found.get(i) for i in missing}
    return {i: person for i in wanted if (person := known[i]) is not None}


# -- one role ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class From(Generic[L]):
    """A line or policy, and the role that holds it."""

    row: L
    holder: RoleRow


@dataclass
class Definition:
    """What defines a role: its own words, those the Constitution fixes, and those that come from circles above.

    ``clause`` is the number of the clause that fixes ``fixed_accountabilities`` and ``fixed_domains``. ``linked`` has
    what circles that the role links into have added to it (§1.3.4); ``within`` the wider domain of its circle that a
    domain lies in (§1.3.2), by identifier.
    """

    purpose: str
    clause: str = ""
    fixed_accountabilities: tuple[str, ...] = ()
    fixed_domains: tuple[str, ...] = ()
    accountabilities: list[AccountabilityRow] = field(default_factory=list)
    domains: list[DomainRow] = field(default_factory=list)
    further_accountabilities: list[From[AccountabilityRow]] = field(default_factory=list)
    further_domains: list[From[DomainRow]] = field(default_factory=list)
    linked: list[Linked] = field(default_factory=list)
    within: dict[str, DomainRow] = field(default_factory=dict)

    @property
    def any_accountability(self) -> bool:
        return bool(
            self.fixed_accountabilities
            or self.accountabilities
            or self.further_accountabilities
            or self.linked_accountabilities
        )

    @property
    def any_domain(self) -> bool:
        return bool(self.fixed_domains or self.domains or self.further_domains or self.linked_domains)

    @property
    def linked_accountabilities(self) -> list[Linked]:
        return [one for one in self.linked if one.accountabilities]

    @property
    def linked_domains(self) -> list[Linked]:
        return [one for one in self.linked if one.domains]

    @property
    def granted(self) -> list[tuple[DomainRow, DomainRow | None]]:
        """The role's domains, each with the wider one of its circle that it lies within, if it does."""
        return [(domain, self.within.get(domain.within or "")) for domain in self.domains]


def definition(structure: Structure, role: RoleRow) -> Definition:
    """Return what defines a role. What comes from above is computed, never copied (§1.4, §1.4.5)."""
    lines = Definition(
        role.purpose,
        accountabilities=[x for x in structure.lines(AccountabilityRow, role.id) if x.by is None],
        domains=[x for x in structure.lines(DomainRow, role.id) if x.by is None],
        linked=links_of(structure, role.id),
    )
    wider = {d.within for d in lines.domains if d.within}
    lines.within = structure.get_many(DomainRow, wider) if wider else {}
    if role.circle is None and (defined := structure.anchor_definition(role.id)):
        lines.clause, lines.fixed_accountabilities = "1.3.3", tuple(defined.get("accountabilities", ()))
    if not role.is_constitutional:
        return lines
    fixed = CONSTITUTIONAL_ROLES[role.kind]
    lines.purpose, lines.clause = fixed.purpose, fixed.clause
    lines.fixed_accountabilities, lines.fixed_domains = fixed.accountabilities, fixed.domains
    circle = structure.get(RoleRow, role.circle)
    if role.kind == CIRCLE_LEAD and circle is not None:
        lines.purpose = circle.purpose
        # Additions to the circle lead roles of the circles above apply here too (§1.4.5)
        for row, origin in structure.lead_additions(circle.id):
            if origin.id != circle.id and isinstance(row, DomainRow):
                lines.further_domains.append(From(row, origin))
            elif origin.id != circle.id and isinstance(row, AccountabilityRow):
                lines.further_accountabilities.append(From(row, origin))
    return lines


def definitions(structure: Structure, role_ids: Collection[str]) -> dict[str, Definition]:
    """Return what defines each of these ordinary roles. Three queries for all of them."""
    result = {i: Definition(role.purpose) for i, role in structure.get_many(RoleRow, role_ids).items()}
    for accountability in structure.find(AccountabilityRow, "role", role_ids):
        if accountability.by is None:
            result[accountability.role].accountabilities.append(accountability)
    for domain in structure.find(DomainRow, "role", role_ids):
        if domain.by is None:
            result[domain.role].domains.append(domain)
    for lines in result.values():
        lines.accountabilities.sort(key=lambda row: (row.position, row.id))
        lines.domains.sort(key=lambda row: (row.position, row.id))
    return result


def policies_in_force(
    structure: Structure, role: RoleRow, *, within: bool
) -> tuple[list[PolicyRow], list[From[PolicyRow]]]:
    """Return a role's own policies, and those of the circles above that apply to it, nearest first (§5.2.1).

    ``within`` asks what applies inside it, as a circle: there, a policy of the circle around it applies only if it
    says so.
    """
    above = [r for r in structure.path(role.id) if r.id != role.id]
    rows = structure.find(PolicyRow, "role", [role.id, *(r.id for r in above)])
    order = {r.id: n for n, r in enumerate(above)}
    holders = {r.id: r for r in above}
    inherited = [
        From(row, holders[row.role])
        for row in sorted(rows, key=lambda p: (order.get(p.role, -1), p.position, p.id))
        if row.role in holders and (row.inside or (row.role == role.circle and not within))
    ]
    return structure.lines(PolicyRow, role.id), inherited


@dataclass(frozen=True)
class Filling:
    """Somebody in a role: with a focus, and the last day of their term where they were elected."""

    id: str
    person: Person
    focus: str
    term_ends: dt.date | None


def fillings(
    structure: Structure, organization: Organization, role_ids: Collection[str]
) -> dict[str, list[Filling]]:
    """Return who fills each of these roles, by name."""
    assignments = structure.find(AssignmentRow, "role", role_ids)
    people = people_named(organization, {a.person for a in assignments})
    result: dict[str, list[Filling]] = {role_id: [] for role_id in role_ids}
    for a in assignments:
        if a.person in people:
            ends = dt.date.fromisoformat(a.term_ends) if a.term_ends else None
            result[a.role].append(Filling(a.id, people[a.person], a.focus, ends))
    for filled in result.values():
        filled.sort(key=lambda f: (f.person.name.casefold(), f.focus.casefold(), f.id))
    return result


def prefetch_page(structure: Structure, organization: Organization, role_id: str) -> None:
    """Read at once what the page of a role or circle is made of."""
    path = structure.path(role_id)
    ids = [r.id for r in path]
    circle_id = role_id if structure.inside(role_id) else path[min(1, len(path) - 1)].id
    inside = structure.find(RoleRow, "circle", [circle_id])
    structure.rule_out(
        (LinkRow, "role", [role_id]),
        (LinkRow, "circle", [circle_id]),
        (StrategyRow, "circle", [role_id]),
        (PriorityRow, "circle", [role_id]),
        (RouteRow, "circle", [role_id]),
        (RouteRow, "role", [role_id]),
        (RouteRow, "to", [role_id]),
    )
    structure.find(PolicyRow, "role", ids)
    if circle_id == role_id:
        structure.find(RoleRow, "circle", [r.id for r in inside if r.kind == ORDINARY])
    people = prefetch_seats(structure, [circle_id])
    if circle_id == role_id:
        people_named(organization, people)


def prefetch_leads(structure: Structure, role_id: str) -> None:
    """Read at once what finding the leads of a role, and of every circle above it, asks for one by one."""
    path = structure.path(role_id)
    ids = [r.id for r in path]
    assignments = structure.find(AssignmentRow, "role", ids)
    structure.find(PolicyRow, "role", ids)
    structure.partners_among({a.person for a in assignments})


# -- one circle --------------------------------------------------------------------------------------------------


@dataclass
class RoleLine:
    """A role directly inside a circle, as a list shows it. ``inside`` counts the roles inside it, if it is a circle."""

    role: RoleRow
    is_circle: bool
    inside: int
    fillings: list[Filling]

    @property
    def unfilled(self) -> bool:
        return not self.fillings


def roles_inside(structure: Structure, organization: Organization, circle_id: str) -> list[RoleLine]:
    """Return the ordinary roles directly inside a circle by name, circles first."""
    roles = structure.ordinary_inside(circle_id)
    circles = structure.circles_among([r.id for r in roles])
    filled = fillings(structure, organization, [r.id for r in roles])
    inside: dict[str, int] = {}
    for role in structure.find(RoleRow, "circle", circles):
        if role.kind == ORDINARY and role.circle is not None:
            inside[role.circle] = inside.get(role.circle, 0) + 1
    lines = [RoleLine(r, r.id in circles, inside.get(r.id, 0), filled[r.id]) for r in roles]
    return sorted(lines, key=lambda line: not line.is_circle)


@dataclass
class CoreRole:
    """One of a circle's constitutional roles, with who fills it."""

    role: RoleRow
    fillings: list[Filling]


def core_roles(structure: Structure, organization: Organization, circle_id: str) -> list[CoreRole]:
    """Return a circle's constitutional roles in their fixed order. Its circle leads fill the first (§1.4)."""
    ids = {kind: derived_id(circle_id, kind) for kind in CONSTITUTIONAL_KINDS}
    roles = structure.get_many(RoleRow, ids.values())
    filled = fillings(structure, organization, [ids[kind] for kind in ELECTED_KINDS])
    leads = people_named(organization, structure.circle_leads(circle_id))
    own = {a.person: a for a in structure.fillers(circle_id)}
    filled[ids[CIRCLE_LEAD]] = [
        Filling(own[p.id].id if p.id in own else "", p, own[p.id].focus if p.id in own else "", None)
        for p in sorted(leads.values(), key=lambda p: (p.name.casefold(), p.id))
    ]
    return [CoreRole(roles[ids[k]], filled[ids[k]]) for k in CONSTITUTIONAL_KINDS if ids[k] in roles]


@dataclass(frozen=True)
class Reason:
    """Why somebody is a circle member: ``by`` as in ``Seat``, and the role, or the circle a rep comes from."""

    by: str
    role: RoleRow
    fills: bool = True


@dataclass
class Member:
    """A circle member, and every reason why (§5.1)."""

    person: Person
    reasons: list[Reason]


def circle_members(structure: Structure, organization: Organization, circle_id: str) -> list[Member]:
    """Return the members of a circle by name, each with every reason why (§5.1)."""
    seats = structure.seats(circle_id)
    people = people_named(organization, seats)
    members = [
        Member(people[person_id], reasons_for(structure, person_id, held))
        for person_id, held in seats.items()
        if person_id in people
    ]
    return sorted(members, key=lambda m: (m.person.name.casefold(), m.person.id))


@dataclass(frozen=True)
class LeftOut:
    """Somebody who would be a circle member but for a policy: why they would, and the policy with its circle."""

    person: Person
    reasons: list[Reason]
    policy: PolicyRow
    circle: RoleRow


def left_out(structure: Structure, organization: Organization, circle_id: str) -> list[LeftOut]:
    """Return who has no seat in a circle because a policy lets it not count (§5.1, §5.1.1), by name."""
    found = structure.left_out(circle_id)
    people = people_named(organization, {person for person, _seat, _policy in found})
    rows = [
        LeftOut(people[person], reasons_for(structure, person, [seat]), policy, structure.role(policy.role))
        for person, seat, policy in found
    ]
    return sorted(rows, key=lambda one: (one.person.name.casefold(), one.person.id))


def reasons_for(structure: Structure, person_id: str, seats: Iterable[Seat]) -> list[Reason]:
    """Return the seats of one person with the roles they are by: filled, or led because nobody does (§1.4.2)."""
    seats = list(seats)
    roles = structure.get_many(RoleRow, {s.role for s in seats})
    circles = structure.get_many(
        RoleRow, {r.circle for r in roles.values() if r.kind == CIRCLE_REP and r.circle}
    )
    reasons = []
    for seat in seats:
        role = roles[seat.role]
        if seat.by == "rep" and role.circle in circles:
            reasons.append(Reason("rep", circles[role.circle]))
        else:
            fills = seat.by != "role" or any(a.person == person_id for a in structure.fillers(role.id))
            reasons.append(Reason(seat.by, role, fills))
    return reasons


@dataclass
class Membership:
    """A circle somebody is a member of, and why."""

    circle: RoleRow
    reasons: list[Reason]


def prefetch_seats(structure: Structure, circle_ids: Collection[str]) -> set[str]:
    """Read at once what the members of several circles follow from. Return everybody who may be one."""
    structure.load_paths(circle_ids)
    around = {r.id for circle_id in circle_ids for r in structure.path(circle_id)}
    links = structure.find(LinkRow, "circle", circle_ids)
    linked = structure.get_many(RoleRow, {link.role for link in links}) if links else {}
    inside = [*structure.find(RoleRow, "circle", circle_ids), *linked.values()]
    reps = structure.of_kind(CIRCLE_REP, [r.id for r in inside if r.kind == ORDINARY])
    assignments = structure.find(AssignmentRow, "role", around | {r.id for r in inside} | set(reps))
    structure.find(PolicyRow, "role", around)
    people = {a.person for a in assignments}
    structure.partners_among(people)
    return people


def memberships(structure: Structure, person_id: str) -> list[Membership]:
    """Return the circles somebody is a member of, by name, with every reason why (§5.1)."""
    assigned = {a.role for a in structure.find(AssignmentRow, "person", [person_id])}
    structure.load_paths(assigned)
    roles = structure.get_many(RoleRow, assigned)
    reps = {r.circle for r in roles.values() if r.kind == CIRCLE_REP and r.circle}
    candidates = {r.circle for r in roles.values() if r.circle}
    candidates |= {c.circle for c in structure.get_many(RoleRow, reps).values() if c.circle}
    leading = {r.id for r in roles.values() if r.kind == ORDINARY} | reps
    # What lies inside tells which are circles; the rest of it is asked for below
    structure.find(RoleRow, "circle", candidates | leading)
    led = structure.circles_among(leading - reps)
    while led:
        candidates |= led
        inside = [r for r in structure.find(RoleRow, "circle", led) if r.kind == ORDINARY]
        filled = {a.role for a in structure.find(AssignmentRow, "role", [r.id for r in inside])}
        unfilled = {r.id for r in inside if r.id not in filled}
        leading |= unfilled
        led = structure.circles_among(unfilled) - candidates
    # Leads of a role, and reps of its circle, are members of the circles it links into (§1.3.4)
    structure.rule_out((LinkRow, "role", leading), (LinkRow, "circle", candidates))
    candidates |= {link.circle for link in structure.find(LinkRow, "role", leading)}
    prefetch_seats(structure, candidates)
    result = []
    for circle_id in candidates:
        seats = structure.seats(circle_id).get(person_id)
        if seats:
            result.append(Membership(structure.role(circle_id), reasons_for(structure, person_id, seats)))
    return sorted(result, key=lambda m: (m.circle.name.casefold(), m.circle.id))


# -- the whole ---------------------------------------------------------------------------------------------------


def circles_of(organization: Organization) -> QuerySet[Role]:
    """Return the circles of an organization by name: whatever has a circle lead role inside (§1.4)."""
    inside = Role.objects.present().filter(circle=OuterRef("pk"), kind=CIRCLE_LEAD)
    return Role.objects.present().filter(Exists(inside), organization=organization).order_by("name", "pk")


@dataclass
class Node:
    """A role in the tree of an organization. ``people`` are (name, focus) of those who fill it."""

    role: RoleRow
    roles: list[Node] = field(default_factory=list)
    people: list[tuple[Person, str]] = field(default_factory=list)
    inside: int = 0
    depth: int = 0
    is_circle: bool = False

    @property
    def cut(self) -> bool:
        """Whether roles lie inside that the tree leaves out."""
        return self.inside > 0 and not self.roles


def tree(
    organization: Organization, *, top: str | None = None, whole: int = 0, depth: int = 0
) -> Node | None:
    """Return the ordinary roles of an organization as a tree, roles before circles, or None where there are none.

    ``top`` takes the part below one role. Where more than ``whole`` roles lie in it, only those down to ``depth``
    levels are in the tree; ``inside`` counts the roles below each at any depth all the same. One query, whatever
    the size; people are not read here, see ``fill``.
    """
    children: dict[str | None, list[tuple[str, str | None, str, str, str]]] = {}
    names: dict[str, tuple[str, str | None, str, str, str]] = {}
    circles: set[str | None] = set()
    rows = (
        Role.objects.present().filter(organization=organization, kind__in=(ORDINARY, CIRCLE_LEAD)).order_by()
    )
    for row in rows.values_list("id", "circle_id", "kind", "name", "purpose"):
        if row[2] == CIRCLE_LEAD:
            circles.add(row[1])
            continue
        names[row[0]] = row
        children.setdefault(row[1], []).append(row)
    chosen = names.get(top) if top else next(iter(children.get(None, ())), None)
    if chosen is None:
        return None
    order = [chosen[0]]
    for role_id in order:
        order += [row[0] for row in children.get(role_id, ())]
    inside: dict[str, int] = {}
    for role_id in reversed(order):
        inside[role_id] = sum(1 + inside[row[0]] for row in children.get(role_id, ()))
    deepest = depth if len(order) - 1 > whole else None

    def node(row: tuple[str, str | None, str, str, str], level: int) -> Node:
        result = Node(RoleRow(*row), inside=inside[row[0]], depth=level, is_circle=row[0] in circles)
        if deepest is None or level < deepest:
            result.roles = [node(child, level + 1) for child in children.get(row[0], ())]
            result.roles.sort(key=lambda n: (n.is_circle, n.role.name.casefold(), n.role.id))
        return result

    return node(chosen, 0)


def flatten(node: Node) -> Iterator[Node]:
    """Yield a node of the tree, then those below it."""
    yield node
    for child in node.roles:
        yield from flatten(child)


def fill(organization: Organization, nodes: Iterable[Node]) -> None:
    """Put into each of these nodes who fills it, by name. Two queries."""
    by_id = {node.role.id: node for node in nodes}
    structure = Structure.of(organization.id)
    for role_id, filled in fillings(structure, organization, list(by_id)).items():
        by_id[role_id].people = [(f.person, f.focus) for f in filled]


PLURALS = {
    "person": "people",
    "role": "roles",
    "accountability": "accountabilities",
    "domain": "domains",
    "policy": "policies",
    "assignment": "assignments",
    "link": "links",
    "strategy": "strategies",
    "priority": "priorities",
    "route": "routes",
}


def structure_document(organization: Organization) -> dict[str, Any]:
    """Return the whole structure as it stands, as plain values that go to JSON as they are.

    One list for each kind of row (``roles``, ``accountabilities`` …), in no fixed order, each row in the shape in
    which the record writes it, people with their names; ``constitutional`` holds what the Constitution itself
    gives the roles of every circle, by kind (§1.3.5, §1.4, §5.1.1). One query for each, whatever the size.
    """
    document: dict[str, Any] = {}
    for name, table in TABLES.items():
        rows = table.model._default_manager.filter(organization=organization).order_by()
        if table.kept:
            rows = rows.filter(since__isnull=False, until__isnull=True)
        columns = (*table.columns, "name") if name == "person" else table.columns
        # Half of all the time goes into making dictionaries; values() takes longer over it
        plain = [dict(zip(columns, row)) for row in rows.values_list(*columns)]  # noqa: B905
        document[PLURALS[name]] = [table.thin(row) for row in plain] if table.sparse else plain
    document["constitutional"] = {
        role.kind: {
            "name": str(role.name),
            "clause": role.clause,
            "purpose": role.purpose,
            "accountabilities": role.accountabilities,
            "domains": role.domains,
        }
        for role in CONSTITUTIONAL_ROLES.values()
    }
    return document
