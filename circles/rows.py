"""The rows of the structure as plain values, and how each kind lies in the database and in the record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from django.db import models

from circles import constitution
from circles.constitution import ORDINARY
from circles.models import (
    Accountability,
    Assignment,
    Domain,
    Link,
    Policy,
    Priority,
    Role,
    Route,
    Strategy,
    policy_ref,
    role_ref,
)
from people.models import Person


@dataclass(frozen=True, slots=True)
class RoleRow:
    id: str
    circle: str | None
    kind: str
    name: str
    purpose: str
    # Of the anchor circle, while a policy of its own defines its purpose: the one it had before (§1.3.3)
    former: str = ""

    @property
    def is_constitutional(self) -> bool:
        return self.kind != ORDINARY

    @property
    def shown_name(self) -> str:
        if self.is_constitutional:
            return str(constitution.CONSTITUTIONAL_ROLES[self.kind].name)
        return self.name

    @property
    def ref(self) -> str:
        """The last part of this role's address."""
        return role_ref(self.name, self.kind, self.id)


@dataclass(frozen=True, slots=True)
class AccountabilityRow:
    id: str
    role: str
    text: str
    position: int
    # The circle that added it, where that is not the role's own: one the role links into (§1.3.4)
    by: str | None = None


@dataclass(frozen=True, slots=True)
class DomainRow:
    id: str
    role: str
    text: str
    position: int
    within: str | None = None
    internal: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyRow:
    id: str
    role: str
    title: str
    body: str
    kinds: tuple[str, ...]
    effect: Mapping[str, Any] | None
    domain: str | None
    inside: bool
    overridable: bool
    position: int

    @property
    def ref(self) -> str:
        """The last part of this policy's address."""
        return policy_ref(self.title, self.id)


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    id: str
    role: str
    person: str
    focus: str
    term_ends: str | None
    # Who came first: rises within a role, with gaps where somebody left
    position: int = 0


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: str
    partner: bool


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A role that is part of the governance of a further circle (§1.3.4)."""

    id: str
    role: str
    circle: str


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """A heuristic by which a circle judges what comes first (§1.4.3)."""

    id: str
    circle: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """The place of a role in the order in which its circle's roles come (§1.4.3)."""

    id: str
    circle: str
    role: str
    position: int


@dataclass(frozen=True, slots=True)
class RouteRow:
    """To which role of ``circle`` outside references to ``role``, which is in it or the circle itself, go (§1.4.4)."""

    id: str
    circle: str
    role: str
    to: str


Row = (
    RoleRow
    | AccountabilityRow
    | DomainRow
    | PolicyRow
    | AssignmentRow
    | PersonRow
    | LinkRow
    | StrategyRow
    | PriorityRow
    | RouteRow
)
R = TypeVar(
    "R",
    RoleRow,
    AccountabilityRow,
    DomainRow,
    PolicyRow,
    AssignmentRow,
    PersonRow,
    LinkRow,
    StrategyRow,
    PriorityRow,
    RouteRow,
)


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "kinds": lambda text: tuple(json.loads(text)),
    "effect": json.loads,
    "term_ends": str,
}


@dataclass(frozen=True)
class Table:
    """How one kind of row lies in the database and in the record.

    ``kept`` rows stay in the table after they are removed (``until`` is set), so that their address lives on.
    ``sparse`` columns came after records had been written: they are left out of the record while they have their
    default, so that what was written before them stays true.
    """

    name: str
    row: type[Any]
    model: type[models.Model]
    kept: bool
    relations: frozenset[str] = frozenset()
    sparse: frozenset[str] = frozenset()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(f.name for f in fields(self.row))

    @cached_property
    def conversions(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """Which columns, by their place, are other values here than what the database gives, and how to get these."""
        return [(at, CONVERSIONS[name]) for at, name in enumerate(self.columns) if name in CONVERSIONS]

    def read(self, values: Sequence[Any]) -> Any:
        """Build a row from its columns as the database gives them."""
        if not self.conversions:
            return self.row(*values)
        converted = list(values)
        for at, convert in self.conversions:
            if converted[at] is not None:
                converted[at] = convert(converted[at])
        return self.row(*converted)

    def attname(self, column: str) -> str:
        return f"{column}_id" if column in self.relations else column

    def load(self, data: Mapping[str, Any]) -> Any:
        """Build a row from a plain mapping, as it stands in the record."""
        values = {
            name: data[name] for name in self.columns if name not in self.sparse or data.get(name) is not None
        }
        if "kinds" in values:
            values["kinds"] = tuple(values["kinds"])
        return self.row(**values)

    def dump(self, row: Any) -> dict[str, Any]:
        """Return ``row`` as it is written in the record: only JSON types, without sparse columns at their default."""
        return self.thin(self.plain(row))

    def plain(self, row: Any) -> dict[str, Any]:
        """Return ``row`` with every column, as JSON types: as it is written in the table."""
        data = {name: getattr(row, name) for name in self.columns}
        if "kinds" in data:
            data["kinds"] = list(data["kinds"])
        if data.get("effect") is not None:
            data["effect"] = dict(data["effect"])
        return data

    def thin(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave out of a plain row the sparse columns that have their default, which is always falsy."""
        for column in self.sparse:
            if not data[column]:
                del data[column]
        return data


TABLES = {
    t.name: t
    for t in (
        Table("person", PersonRow, Person, True),
        Table("role", RoleRow, Role, True, frozenset({"circle"}), frozenset({"former"})),
        Table(
            "accountability",
            AccountabilityRow,
            Accountability,
            False,
            frozenset({"role", "by"}),
            frozenset({"by"}),
        ),
        Table("domain", DomainRow, Domain, False, frozenset({"role", "within", "by"}), frozenset({"by"})),
        Table("policy", PolicyRow, Policy, True, frozenset({"role", "domain"})),
        Table(
            "assignment",
            AssignmentRow,
            Assignment,
            False,
            frozenset({"role", "person"}),
            frozenset({"position"}),
        ),
        Table("link", LinkRow, Link, False, frozenset({"role", "circle"})),
        Table("strategy", StrategyRow, Strategy, False, frozenset({"circle"})),
        Table("priority", PriorityRow, Priority, False, frozenset({"circle", "role"})),
        Table("route", RouteRow, Route, False, frozenset({"circle", "role", "to"})),
    )
}
TABLE_OF: dict[type[Any], Table] = {t.row: t for t in TABLES.values()}
