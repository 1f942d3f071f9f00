"""The structure of one organization as plain rows, and what the Constitution lets one compute from them.

A ``Structure`` reads through a source (the tables, or rows in memory) and carries changes that are not written
yet. Previews, consequences and adoption work on the same object, so that what was shown is what happens; only
``governance.enact`` writes the changes down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, FACILITATOR, ORDINARY, SECRETARY
from circles.effects import (
    ANCHOR_CIRCLE_LEAD,
    ANCHOR_DEFINITION,
    CANDIDATES,
    INVITE_LINK,
    LEAD_FUNCTION,
    REPS_NOT_MEMBERS,
    ROLE_LEAD_LIMIT,
    SPENDING_CONTROL,
)
from circles.rows import (
    TABLE_OF,
    TABLES,
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    LinkRow,
    PersonRow,
    PolicyRow,
    PriorityRow,
    R,
    RoleRow,
    RouteRow,
    Row,
    StrategyRow,
    Table,
)
from circles.sources import DatabaseSource, MemorySource, Source, source_of
from people.ids import derived_id

# Effects that address a role, so that an outside reference of theirs can be routed (§1.4.4)
ROUTED = frozenset({CANDIDATES, INVITE_LINK, LEAD_FUNCTION, SPENDING_CONTROL})


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row as it was and as it becomes; None where there is none."""

    table: str
    id: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Seat:
    """Why somebody is a circle member (§5.1): as ``lead`` of the circle, by a ``role``, or as ``rep``; and the role."""

    by: str
    role: str


class Structure:
    """The rows of one organization with whatever has been changed but not written."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._loaded: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
        self._found: set[tuple[str, str, str | None]] = set()
        self._changed: dict[tuple[str, str], Any] = {}
        # The rows as they stand by table, column and value, for those columns that somebody has asked by
        self._index: dict[str, dict[str, dict[Any, dict[str, Any]]]] = {name: {} for name in TABLES}

    @classmethod
    def of(cls, organization_id: str) -> Structure:
        """The structure of an organization as it stands in the tables."""
        return cls(source_of(organization_id))

    def branch(self) -> Structure:
        """A structure that begins with the rows and pending changes of this one and leaves this one alone."""
        other = Structure(self.source)
        other._loaded = {name: dict(rows) for name, rows in self._loaded.items()}
        other._found = set(self._found)
        other._changed = dict(self._changed)
        return other

    # -- reading ----------------------------------------------------------------------------------------------

    def find(self, row_type: type[R], column: str, values: Collection[str | None]) -> list[R]:
        """Return the rows whose ``column`` is one of ``values``, pending changes included, in no fixed order."""
        table = TABLE_OF[row_type]
        values = set(values)
        missing = {v for v in values if (table.name, column, v) not in self._found}
        if missing:
            for row in self.source.find(table, column, missing):
                self._load(table.name, row)
            self._found |= {(table.name, column, v) for v in missing}
        index = self._index[table.name].get(column)
        if index is None:
            index = self._index[table.name][column] = {}
            rows = {
                **self._loaded[table.name],
                **{row_id: row for (name, row_id), row in self._changed.items() if name == table.name},
            }
            for row in rows.values():
                if row is not None:
                    index.setdefault(getattr(row, column), {})[row.id] = row
        return [row for value in values for row in index.get(value, {}).values()]

    def rule_out(self, *questions: tuple[type[Any], str, Collection[str]]) -> None:
        """Ask at once which of these questions (as ``find`` is asked) find no row, so that nobody need ask them: for
        what most roles have none of."""
        asked = []
        for row_type, column, values in questions:
            table = TABLE_OF[row_type]
            missing = [v for v in values if (table.name, column, v) not in self._found]
            if missing:
                asked.append((table, column, missing))
        if len(asked) > 1:
            for table, column, values in self.source.vain(asked):
                self._found |= {(table.name, column, v) for v in values}

    def get(self, row_type: type[R], row_id: str | None) -> R | None:
        """Return one row, or None where there is none (any more)."""
        if row_id is None:
            return None
        table = TABLE_OF[row_type]
        key = (table.name, row_id)
        if key in self._changed:
            return self._changed[key]  # type: ignore[no-any-return]
        if row_id not in self._loaded[table.name] and (table.name, "id", row_id) not in self._found:
            self.get_many(row_type, [row_id])
        return self._loaded[table.name].get(row_id)

    def get_many(self, row_type: type[R], ids: Iterable[str]) -> dict[str, R]:
        """Return the rows that exist among ``ids``, by identifier."""
        table = TABLE_OF[row_type]
        ids = list(ids)
        missing = [
            i
            for i in ids
            if i not in self._loaded[table.name]
            and (table.name, i) not in self._changed
            and (table.name, "id", i) not in self._found
        ]
        if missing:
            for row in self.source.find(table, "id", missing):
                self._load(table.name, row)
            self._found |= {(table.name, "id", i) for i in missing}
        rows = {i: self._changed.get((table.name, i), self._loaded[table.name].get(i)) for i in ids}
        return {i: row for i, row in rows.items() if row is not None}

    def all(self, row_type: type[R]) -> list[R]:
        """Return every row of one kind: for exports and whole-structure pages, not for rules."""
        table = TABLE_OF[row_type]
        rows = {row.id: row for row in self.source.all(table)}
        for (name, row_id), row in self._changed.items():
            if name == table.name:
                rows.pop(row_id, None)
                if row is not None:
                    rows[row_id] = row
        return list(rows.values())

    def role(self, role_id: str) -> RoleRow:
        """Return a role that is known to exist; KeyError otherwise."""
        row = self.get(RoleRow, role_id)
        if row is None:
            raise KeyError(role_id)
        return row

    def anchor(self) -> RoleRow | None:
        """Return the anchor circle (§1.3.3), or None before an organization has one."""
        rows = self.find(RoleRow, "circle", [None])
        return rows[0] if rows else None

    def path(self, role_id: str) -> list[RoleRow]:
        """Return the role, then the circle that holds it, and so on up to the anchor circle."""
        self.load_paths([role_id])
        result: list[RoleRow] = []
        role = self.get(RoleRow, role_id)
        while role is not None and role not in result:
            result.append(role)
            role = self.get(RoleRow, role.circle)
        return result

    def load_paths(self, role_ids: Iterable[str]) -> None:
        """Read the paths of several roles at once."""
        missing = sorted({i for i in role_ids if ("role", "path", i) not in self._found})
        if missing:
            for row in self.source.paths(missing):
                self._load("role", row)
                self._found.add(("role", "path", row.id))
            self._found |= {("role", "path", i) for i in missing}

    def inside(self, circle_id: str) -> list[RoleRow]:
        """Return every role directly inside a circle, constitutional ones included, by name."""
        return sorted(self.find(RoleRow, "circle", [circle_id]), key=lambda r: (r.name.casefold(), r.id))

    def ordinary_inside(self, circle_id: str) -> list[RoleRow]:
        return [r for r in self.inside(circle_id) if r.kind == ORDINARY]

    def constitutional(self, circle_id: str, kind: str) -> RoleRow | None:
        """Return a circle's circle lead, rep, facilitator or secretary role, or None while it has none."""
        return self.get(RoleRow, derived_id(circle_id, kind))

    def circles_among(self, role_ids: Iterable[str]) -> set[str]:
        """Return those of ``role_ids`` that are shown as circles: an ordinary role lies inside (§1.3.1)."""
        return {r.circle for r in self.of_kind(CIRCLE_LEAD, role_ids).values() if r.circle}

    def of_kind(self, kind: str, circle_ids: Iterable[str]) -> dict[str, RoleRow]:
        """Return the constitutional roles of one kind in any of these circles, by identifier."""
        circle_ids = list(circle_ids)
        # Where everything inside has been read, a role that was not among it is not there
        read = {i for i in circle_ids if ("role", "circle", i) in self._found}
        roles = self.get_many(RoleRow, [derived_id(i, kind) for i in circle_ids if i not in read])
        return roles | {r.id: r for r in self.find(RoleRow, "circle", read) if r.kind == kind}

    def is_circle(self, role_id: str) -> bool:
        return bool(self.circles_among([role_id]))

    def lines(self, row_type: type[R], role_id: str) -> list[R]:
        """Return the accountabilities, domains or policies of a role in their order."""
        return sorted(self.find(row_type, "role", [role_id]), key=lambda r: (getattr(r, "position"), r.id))  # noqa: B009

    def descendants(self, role_id: str) -> list[RoleRow]:
        """Return every role below a role at any depth, nearest first."""
        result: list[RoleRow] = []
        level = [role_id]
        while level:
            rows = sorted(self.find(RoleRow, "circle", level), key=lambda r: (r.name.casefold(), r.id))
            result += rows
            level = [r.id for r in rows if r.kind == ORDINARY]
        return result

    # -- what the Constitution computes -----------------------------------------------------------------------

    def effects(
        self, circle_id: str, kind: str, **concerning: str | None
    ) -> list[tuple[PolicyRow, Mapping[str, Any]]]:
        """Return the policies of a circle, and of the circles around it where these say that they apply inside,
        whose effect is of this kind, nearest first (§5.2.1).

        ``concerning`` limits them to effects that are about these values: an effect that names none is about all,
        and stands behind one that names it.
        """
        path = self.path(circle_id)
        depth = {role.id: at for at, role in enumerate(path)}
        found = [
            (policy, effect)
            for policy in self.find(PolicyRow, "role", list(depth))
            if policy.effect is not None
            and policy.effect.get("kind") == kind
            and (policy.role == circle_id or policy.inside)
            and (effect := self._routed_effect(policy, policy.effect))
            and all(effect.get(name) in (None, "", value) for name, value in concerning.items())
        ]

        def order(one: tuple[PolicyRow, Mapping[str, Any]]) -> tuple[int, int, int, str]:
            policy, effect = one
            named = sum(bool(effect.get(name)) for name in concerning)
            return depth[policy.role], -named, policy.position, policy.id

        return sorted(found, key=order)

    def _routed_effect(self, policy: PolicyRow, effect: Mapping[str, Any]) -> Mapping[str, Any]:
        """An effect as it is to be read: where it refers to a role outside, by the route set there (§1.4.4)."""
        if effect["kind"] not in ROUTED or not effect.get("role"):
            return effect
        return {**effect, "role": self.routed(effect["role"], policy.role)}

    def effect(
        self, circle_id: str, kind: str, **concerning: str | None
    ) -> tuple[PolicyRow, Mapping[str, Any]] | None:
        """Return the policy whose effect of this kind is in force in a circle, with the effect (§5.2.1).

        A circle's own policy comes first, then that of the nearest circle that says it applies inside; one that
        forbids overriding wins over everything below it. ``concerning`` as in ``effects``.
        """
        chosen: tuple[PolicyRow, Mapping[str, Any]] | None = None
        for one in self.effects(circle_id, kind, **concerning):
            if chosen is None or (one[0].role != chosen[0].role and not one[0].overridable):
                chosen = one
        return chosen

    def routed(self, role_id: str, circle_id: str) -> str:
        """Return the role to which a reference goes that governance held by ``circle_id`` makes to ``role_id``: a
        circle lead may have routed what comes from outside to another role of the circle (§1.4.4)."""
        inside = {r.id for r in self.path(circle_id)}
        seen: set[str] = set()
        while role_id not in seen:
            seen.add(role_id)
            role = self.get(RoleRow, role_id)
            routes = {r.circle: r.to for r in self.find(RouteRow, "role", [role_id])}
            ways = [c for c in (role.circle if role else None, role_id) if c in routes and c not in inside]
            if not ways:
                break
            role_id = routes[ways[0] or ""]
        return role_id

    def anchor_definition(self, circle_id: str) -> Mapping[str, Any] | None:
        """Return what a policy of the anchor circle says about its purpose and accountabilities: the last one that
        does (§1.3.3)."""
        for policy in reversed(self.lines(PolicyRow, circle_id)):
            if policy.effect is not None and policy.effect["kind"] == ANCHOR_DEFINITION:
                return policy.effect
        return None

    def linked_into(self, circle_id: str) -> list[RoleRow]:
        """Return the roles of other circles that are part of a circle's governance too, by name (§1.3.4)."""
        links = self.find(LinkRow, "circle", [circle_id])
        roles = self.get_many(RoleRow, [link.role for link in links]).values() if links else ()
        return sorted(roles, key=lambda r: (r.name.casefold(), r.id))

    def links_of(self, role_id: str) -> list[RoleRow]:
        """Return the circles a role has linked into, by name (§1.3.4)."""
        links = self.find(LinkRow, "role", [role_id])
        circles = self.get_many(RoleRow, [link.circle for link in links]).values() if links else ()
        return sorted(circles, key=lambda r: (r.name.casefold(), r.id))

    def lead_additions(self, circle_id: str) -> list[tuple[AccountabilityRow | DomainRow, RoleRow]]:
        """Return what governance has added to the circle lead role of a circle, each with the circle that added it:
        its own additions, then those of the circles around it, nearest first, which apply here too (§1.4.5)."""
        path = self.path(circle_id)
        leads = {derived_id(c.id, CIRCLE_LEAD): (at, c) for at, c in enumerate(path)}
        rows: list[AccountabilityRow | DomainRow] = [
            *self.find(AccountabilityRow, "role", leads),
            *self.find(DomainRow, "role", leads),
        ]
        rows.sort(key=lambda row: (leads[row.role][0], isinstance(row, DomainRow), row.position, row.id))
        return [(row, leads[row.role][1]) for row in rows]

    def fillers(self, role_id: str) -> list[AssignmentRow]:
        """Return the assignments of a role."""
        return sorted(self.find(AssignmentRow, "role", [role_id]), key=lambda a: (a.focus, a.id))

    def partners_among(self, person_ids: Iterable[str]) -> set[str]:
        return {i for i, p in self.get_many(PersonRow, set(person_ids)).items() if p.partner}

    def role_leads(self, role_id: str) -> set[str]:
        """Return who leads a role: its fillers and, where no partner fills it, the circle leads (§1.4.2).

        An unfilled rep, facilitator or secretary role is led by nobody: surrogates serve there (§5.3.6).
        """
        role = self.get(RoleRow, role_id)
        if role is None:
            return set()
        if role.kind == CIRCLE_LEAD:
            return self.circle_leads(role.circle or "")
        people = {a.person for a in self.fillers(role_id)}
        if role.kind != ORDINARY:
            return people
        if role.circle is None:
            return people if self.effect(role.id, ANCHOR_CIRCLE_LEAD) else set()
        if self.partners_among(people):
            return people
        return people | self.role_leads(role.circle)

    def circle_leads(self, circle_id: str) -> set[str]:
        """Return who fills a circle's circle lead role: whoever leads the role whose inside it is (§1.4)."""
        return self.role_leads(circle_id)

    def seats(self, circle_id: str) -> dict[str, list[Seat]]:
        """Return the circle members, by person, each with every reason why (§5.1). Computed, never stored.

        Partners only, one seat each: the circle leads, the leads of the circle's roles (as many of one role as a
        policy lets count: those assigned first), the fillers of its elected roles, and the reps of the circles
        immediately inside unless a policy leaves them out (§5.1.1). Roles linked into the circle count like its own
        (§1.3.4).
        """
        result: dict[str, list[Seat]] = {}
        for person, seat, policy in self._claims(circle_id):
            if policy is None and seat not in result.setdefault(person, []):
                result[person].append(seat)
        return result

    def left_out(self, circle_id: str) -> list[tuple[str, Seat, PolicyRow]]:
        """Return who would have a seat in a circle but for a policy of it: the person, by what, and the policy that
        lets it not count (§5.1, §5.1.1)."""
        return [(person, seat, policy) for person, seat, policy in self._claims(circle_id) if policy]

    def _claims(self, circle_id: str) -> Iterator[tuple[str, Seat, PolicyRow | None]]:
        path = self.path(circle_id)
        self.find(AssignmentRow, "role", [r.id for r in path])
        roles = self.find(RoleRow, "circle", [circle_id])
        ordinary = [r for r in roles if r.kind == ORDINARY]
        elected = [r for r in roles if r.kind in (CIRCLE_REP, FACILITATOR, SECRETARY)]
        linked = self.linked_into(circle_id)
        self.load_paths([r.id for r in linked])
        holders = {holder.id for r in linked for holder in self.path(r.id)}
        if holders:
            self.find(PolicyRow, "role", holders)
        reps = self.of_kind(CIRCLE_REP, [r.id for r in (*ordinary, *linked)])
        assignments = self.find(
            AssignmentRow,
            "role",
            {r.id for r in (*ordinary, *elected)} | set(reps) | holders | {circle_id},
        )
        leads = self.circle_leads(circle_id)
        partners = self.partners_among({a.person for a in assignments} | leads)
        leading = {r.id: self.role_leads(r.id) for r in linked}
        by_role: dict[str, list[str]] = {}
        for a in sorted(assignments, key=lambda a: (a.position, a.id)):
            if a.person in partners:
                by_role.setdefault(a.role, []).append(a.person)
        limited, apart = (self.effects(circle_id, kind) for kind in (ROLE_LEAD_LIMIT, REPS_NOT_MEMBERS))
        for person in sorted(leads & partners):
            yield person, Seat("lead", circle_id), None
        for role in sorted((*ordinary, *linked), key=lambda r: (r.name.casefold(), r.id)):
            counted = self.effect(circle_id, ROLE_LEAD_LIMIT, role=role.id) if limited else None
            fillers = list(dict.fromkeys(by_role.get(role.id, ())))
            for place, person in enumerate(fillers):
                over = counted is not None and place >= counted[1]["most"]
                yield person, Seat("role", role.id), counted[0] if counted and over else None
            for person in () if fillers else sorted(leading.get(role.id, leads) & partners):
                yield person, Seat("role", role.id), None
        for role in elected:
            for person in by_role.get(role.id, ()):
                yield person, Seat("role", role.id), None
        for rep_id, rep in reps.items():
            outside = self.effect(circle_id, REPS_NOT_MEMBERS, role=rep.circle) if apart else None
            for person in by_role.get(rep_id, ()):
                yield person, Seat("rep", rep_id), outside[0] if outside else None

    def members(self, circle_id: str) -> set[str]:
        """Return the circle members (§5.1) by identifier."""
        return set(self.seats(circle_id))

    def represented_by(self, circle_id: str, person_id: str) -> set[str]:
        """Return the roles a circle member represents in a circle: roles they lead, the circle lead role, and
        the sub-circles they are rep of (§5.3)."""
        result = set()
        for s in self.seats(circle_id).get(person_id, ()):
            if s.by == "lead":
                result.add(derived_id(circle_id, CIRCLE_LEAD) if self.is_circle(circle_id) else circle_id)
            elif s.by == "rep":
                rep = self.role(s.role)
                if rep.circle is not None:
                    result.add(rep.circle)
            else:
                result.add(s.role)
        return result

    # -- changing (unwritten) ---------------------------------------------------------------------------------

    def put(self, row: Row) -> None:
        """Set a row as it is to become."""
        table = TABLE_OF[type(row)]
        self._remember(table.name, row.id)
        self._reindex(table.name, row.id, row)
        self._changed[(table.name, row.id)] = row

    def amend(self, row: R, **values: Any) -> R:
        """Set some columns of a row and return it as it becomes."""
        changed = replace(row, **values)
        self.put(changed)
        return changed

    def drop(self, row: Row) -> None:
        """Take a row away."""
        table = TABLE_OF[type(row)]
        self._remember(table.name, row.id)
        self._reindex(table.name, row.id, None)
        self._changed[(table.name, row.id)] = None

    def drop_all(self, rows: Iterable[Row]) -> None:
        """Take several rows away."""
        for row in rows:
            self.drop(row)

    def _remember(self, table: str, row_id: str) -> None:
        # What stands there before must be known, or an addition could not be told from an amendment
        if row_id not in self._loaded[table] and (table, "id", row_id) not in self._found:
            for row in self.source.find(TABLES[table], "id", [row_id]):
                self._load(table, row)
            self._found.add((table, "id", row_id))

    def _load(self, table: str, row: Any) -> None:
        if (table, row.id) not in self._changed:
            self._reindex(table, row.id, row)
        self._loaded[table][row.id] = row

    def _reindex(self, table: str, row_id: str, row: Any) -> None:
        """Let the index follow a row that is about to stand as ``row`` (None: no longer)."""
        before = self._changed.get((table, row_id), self._loaded[table].get(row_id))
        for column, index in self._index[table].items():
            if before is not None:
                index[getattr(before, column)].pop(row_id, None)
            if row is not None:
                index.setdefault(getattr(row, column), {})[row_id] = row

    def row_changes(self) -> list[RowChange]:
        """Return what has changed against the source, net, tables in the order in which rows refer to each other."""
        order = {name: n for n, name in enumerate(TABLES)}
        result = []
        for (table, row_id), after in self._changed.items():
            before = self._loaded[table].get(row_id)
            if before != after:
                result.append(RowChange(table, row_id, before, after))
        return sorted(result, key=lambda c: (order[c.table], c.id))

    def changes_since(self, before: Structure) -> list[RowChange]:
        """Return what has changed since this structure was branched from ``before``, in the order of the tables."""
        order = {name: n for n, name in enumerate(TABLES)}
        result = []
        for (table, row_id), after in self._changed.items():
            if (table, row_id) in before._changed:
                was = before._changed[table, row_id]
            else:
                was = self._loaded[table].get(row_id)
            if was != after:
                result.append(RowChange(table, row_id, was, after))
        return sorted(result, key=lambda c: (order[c.table], c.id))


__all__ = [
    "TABLES",
    "TABLE_OF",
    "AccountabilityRow",
    "AssignmentRow",
    "DatabaseSource",
    "DomainRow",
    "LinkRow",
    "MemorySource",
    "PersonRow",
    "PolicyRow",
    "PriorityRow",
    "R",
    "RoleRow",
    "RouteRow",
    "Row",
    "RowChange",
    "Seat",
    "Source",
    "StrategyRow",
    "Structure",
    "Table",
]
