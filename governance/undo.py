"""Undoing a decision: the structure as it stood before it, and the changes that take it back (design, §3).

Nothing is undone here. What comes out is a list of changes against the structure of today, for a proposal or a
strike to carry; what stands in their way is told as with any other draft.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.effects import ASSIGNMENTS, PRIORITIES, STRATEGIES
from circles.models import Role
from circles.sources import source_of
from circles.structure import TABLES, PolicyRow, RoleRow, Structure, Table
from governance import authority as by
from governance.authority import Authority
from governance.changes import (
    MAX_CHANGES,
    AddRole,
    Change,
    MovePolicy,
    MoveRole,
    RemoveRole,
    parse_change,
)
from governance.models import Decision, RowVersion
from governance.rules.places import leads_of_function
from people.refusals import Refused, RuleBroken

# Clauses that say who decides something: what they refuse is no matter for a proposal of that circle
WHO_DECIDES = frozenset({"1.3.3", "1.3.4", "1.4", "1.4.1", "5.1.1", "5.1.2", "5.2"})
BATCH = 400
# The columns by which versions of rows are found without reading their data
COLUMNS = {"id": "row", "role": "role", "person": "person"}


class PastSource:
    """The rows of an organization as they stood before one decision: those of today, with what that decision and
    all later ones changed taken back.

    Only what is asked for is read, with three queries at most each time, however large the organization is and
    however much was decided since.
    """

    def __init__(self, organization_id: str, number: int) -> None:
        self.organization_id, self.number = organization_id, number
        self.today = source_of(organization_id)

    @cached_property
    def _touched(self) -> set[str]:
        """The tables in which anything has changed since: the others stand as they stood."""
        decisions = Decision.objects.filter(organization=self.organization_id, number__gte=self.number)
        return set().union(*decisions.order_by().values_list("counts", flat=True))

    def _versions(self, table: Table) -> Any:
        return RowVersion.objects.filter(organization=self.organization_id, table=table.name).order_by()

    def find(self, table: Table, column: str, values: Collection[str | None]) -> Iterator[Any]:
        if table.name not in self._touched:
            yield from self.today.find(table, column, values)
            return
        yield from self._unchanged(table, list(self.today.find(table, column, values)))
        name = COLUMNS.get(column, f"data__{column}")
        if table.name in ("role", "strategy", "priority", "route") and column == "role":
            name = "data__role"
        wanted = [v for v in values if v is not None]
        chosen = Q(**{f"{name}__in": wanted}) if wanted else Q(pk__in=())
        if None in values:
            # A JSON null: found neither by __isnull nor by __in
            chosen |= Q(**{name: None})
        ended = self._versions(table).filter(chosen, since__lt=self.number, until__gte=self.number)
        for data in ended.values_list("data", flat=True):
            yield table.load(data)

    def vain(self, questions: Sequence[Any]) -> list[Any]:
        """Return none of these questions: what stood before is known by asking alone."""
        return []

    def all(self, table: Table) -> Iterator[Any]:
        yield from self._unchanged(table, list(self.today.all(table)))
        ended = self._versions(table).filter(since__lt=self.number, until__gte=self.number)
        for data in ended.values_list("data", flat=True):
            yield table.load(data)

    def _unchanged(self, table: Table, rows: Sequence[Any]) -> Iterator[Any]:
        """Those rows of today that stood as they do before the decision."""
        for start in range(0, len(rows), BATCH):
            some = {row.id: row for row in rows[start : start + BATCH]}
            changed = self._versions(table).filter(row__in=some, until=None, since__gte=self.number)
            for row_id in changed.values_list("row", flat=True):
                del some[row_id]
            yield from some.values()

    def paths(self, role_ids: Collection[str]) -> Iterator[RoleRow]:
        level, seen = set(role_ids), set()
        while level:
            rows = list(self.find(TABLES["role"], "id", level))
            yield from rows
            seen |= level
            level = {row.circle for row in rows if row.circle is not None} - seen


def structure_before(decision: Decision) -> Structure:
    """The structure as it stood before a decision. It is read as it is asked for."""
    return Structure(PastSource(decision.organization_id, decision.number))


def inverse_of(decision: Decision) -> list[Change]:
    """Return the changes that take a decision back, seen from the structure right after it, in the order in which
    they are to be made.

    Raises Refused for what is undone piece by piece alone: the first structure, an import, a decision so large
    that no proposal holds its inverse, and changes of a kind this version does not know.
    """
    if decision.authority in (by.IMPORT, by.RATIFIERS) or len(decision.changes) > MAX_CHANGES:
        raise Refused(
            _(
                "This decision is too large to be undone as one. Propose what should change in it, piece by piece."
            )
        )
    structure = structure_before(decision)
    taken_back: list[list[Change]] = []
    for data in decision.changes:
        change = parse_change(data)
        taken_back.append([_as_proposed(c) for c in change.inverse(structure)])
        change.apply(structure)
    return [change for changes in reversed(taken_back) for change in changes]


def _as_proposed(change: Change) -> Change:
    # A circle that was brought in empty comes back as a role; it is broken down again by its first role (§1.3.1)
    if isinstance(change, AddRole):
        return replace(change, broken_down=False)
    if isinstance(change, RemoveRole):
        return replace(change, leaves_circle=False)
    if isinstance(change, MoveRole):
        return replace(change, leaves_circle=False, reason=change.reason or _("It lay there before."))
    if isinstance(change, MovePolicy):
        return replace(change, reason=change.reason or _("It lay there before."))
    return change


# -- what a proposal may carry of it ------------------------------------------------------------------------------


@dataclass
class Part:
    """What one circle's governance can take back. ``stands`` says whether that circle is there today."""

    circle: RoleRow
    stands: bool
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Left:
    """A change no proposal can make, who can instead, and the clause that says so."""

    change: Change
    why: str
    clause: str = ""
    people: frozenset[str] = frozenset()


@dataclass
class Undoing:
    """How a decision can be taken back: by circle, and what is left for others to do."""

    decision: Decision
    parts: list[Part] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def part(self, circle_id: str | None) -> Part | None:
        """The part of one circle; without one, the first that can be proposed today."""
        return next((p for p in self.parts if p.stands and circle_id in (None, p.circle.id)), None)


def undoing(decision: Decision) -> Undoing:
    """Sort what takes a decision back by the circle whose proposal may carry it (§5.2). Reads only.

    Raises as ``inverse_of``.
    """
    changes = inverse_of(decision)
    today = Structure.of(decision.organization_id)
    after = today.branch()
    result = Undoing(decision)
    parts: dict[str, Part] = {}
    for change in changes:
        if by.PROPOSAL not in change.authorities:
            result.left.append(_left(change, after))
            continue
        circle_id, refusals = _where(change, after, decision.circle_id)
        if circle_id is None:
            first = refusals[0]
            clause = first.clause if isinstance(first, RuleBroken) else ""
            result.left.append(Left(change, first.message, clause))
            continue
        if not refusals:
            change.apply(after)
        if circle_id not in parts:
            stood = after.get(RoleRow, circle_id)
            name = stood or RoleRow(circle_id, None, ORDINARY, _("a circle that is not there"), "")
            parts[circle_id] = Part(name, today.get(RoleRow, circle_id) is not None)
        parts[circle_id].changes.append(change)
    result.parts = list(parts.values())
    return result


def _where(change: Change, structure: Structure, first: str | None) -> tuple[str | None, list[Refused]]:
    """The circle whose proposal may carry a change, and what else stands in its way there; without one, why none."""
    data = change.payload()
    named = [data.get(key) for key in ("circle", "role", "from", "source", "target")]
    named += [getattr(structure.get(RoleRow, i), "circle", None) for i in named if isinstance(i, str)]
    policy = data.get("policy")
    if isinstance(policy, str):
        named.append(getattr(structure.get(PolicyRow, policy), "role", None))
    tried: list[Refused] = []
    for circle in dict.fromkeys([first, *named]):
        if not isinstance(circle, str):
            continue
        refusals = list(change.check(structure, Authority(by.PROPOSAL, circle=circle)))
        elsewhere: list[Refused] = [
            r for r in refusals if isinstance(r, RuleBroken) and r.clause in WHO_DECIDES
        ]
        if not elsewhere:
            return circle, refusals
        tried = tried or elsewhere
    return None, tried or [Refused(_("No circle’s proposal can carry this."))]


FUNCTIONS = {"amend_strategies": STRATEGIES, "set_priorities": PRIORITIES}


def _left(change: Change, structure: Structure) -> Left:
    data = change.payload()
    role = structure.get(RoleRow, data.get("role")) if isinstance(data.get("role"), str) else None
    if change.kind in ("assign", "unassign", "resign"):
        if role is not None and role.is_constitutional:
            return Left(change, _("An election fills this seat."), "5.3.5")
        if role is None:
            return Left(change, _("A circle lead assigns it, once the role is back."), "1.4.1")
        leads, _policy = leads_of_function(structure, role.circle or role.id, ASSIGNMENTS)
        return Left(change, _("A circle lead assigns and unassigns."), "1.4.1", frozenset(leads))
    if change.kind in ("link_role", "unlink_role") and role is not None:
        leads = structure.role_leads(role.id)
        return Left(change, _("A lead of the role links it, or takes it out."), "1.3.4", frozenset(leads))
    circle = structure.get(RoleRow, data.get("circle")) if isinstance(data.get("circle"), str) else None
    if change.kind in FUNCTIONS and circle is not None:
        leads, _policy = leads_of_function(structure, circle.id, FUNCTIONS[change.kind])
        return Left(change, _("Whoever sets it takes it back."), "1.4.3", frozenset(leads))
    if change.kind == "reroute" and circle is not None:
        leads = structure.circle_leads(circle.id)
        return Left(change, _("A circle lead routes it back."), "1.4.4", frozenset(leads))
    if change.kind == "elect":
        return Left(change, _("An election fills this seat."), "5.3.5")
    if change.kind in ("admit", "depart", "partner_status"):
        return Left(change, _("An admin does this, under “People”."))
    return Left(change, _("A proposal cannot carry this."), "5.2")


# -- what was built on it -----------------------------------------------------------------------------------------


def built_on(decision: Decision, *, most: int = 20) -> list[Decision]:
    """Return the later decisions that touched what this one touched, latest first: the rows it wrote, what belongs
    to roles it brought in, and what lies in them."""
    rows = {(row[0], row[1]) for row in decision.rows}
    return later_decisions(
        decision.organization_id,
        after=decision.number,
        rows={row_id for _table, row_id in rows},
        roles={row[1] for row in decision.rows if row[0] == "role" and row[2] is None},
        most=most,
    )


def later_decisions(
    organization_id: str, *, after: int, rows: Iterable[str], roles: Iterable[str] = (), most: int = 20
) -> list[Decision]:
    """Return the decisions after number ``after`` that touched any of these rows, or anything of these roles."""
    numbers: set[int] = set()

    def note(chosen: Q) -> None:
        found = RowVersion.objects.filter(chosen, organization=organization_id).filter(
            Q(since__gt=after) | Q(until__gt=after)
        )
        for pair in found.order_by().values_list("since", "until"):
            numbers.update(n for n in pair if n is not None and n > after)

    row_ids, role_ids = sorted(rows), sorted(roles)
    for start in range(0, len(row_ids), BATCH):
        note(Q(row__in=row_ids[start : start + BATCH]))
    for start in range(0, len(role_ids), BATCH):
        some = role_ids[start : start + BATCH]
        note(Q(role__in=some))
        inside = Role.objects.filter(organization=organization_id, circle__in=some).order_by()
        for pair in inside.values_list("since", "until"):
            numbers.update(n for n in pair if n is not None and n > after)
    found = Decision.objects.filter(organization=organization_id, number__in=sorted(numbers)[-most:])
    return list(found.select_related("actor", "circle").defer("changes", "rows").order_by("-number"))
