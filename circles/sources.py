"""Where the rows of a structure come from: the tables, the tables remembered for one request, or memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from asgiref.sync import iscoroutinefunction
from django.db import connection
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from circles.rows import TABLE_OF, TABLES, RoleRow, Row, Table

R = TypeVar("R")

# A table, a column of it, and the values that are looked for in there
Question = tuple[Table, str, Collection[str]]


class Source(Protocol):
    """Where rows come from."""

    def find(self, table: Table, column: str, values: Collection[str | None]) -> Iterable[Any]:
        """Return every row of ``table`` whose ``column`` is one of ``values``."""
        ...

    def all(self, table: Table) -> Iterable[Any]:
        """Return every row of ``table``."""
        ...

    def paths(self, role_ids: Collection[str]) -> Iterable[RoleRow]:
        """Return the roles and every circle that holds them, in any order."""
        ...

    def vain(self, questions: Sequence[Question]) -> Iterable[Question]:
        """Return those questions of which it is known, at little cost, that ``find`` has no row for them."""
        ...


class DatabaseSource:
    """Rows of one organization as they stand in the tables."""

    def __init__(self, organization_id: str) -> None:
        self.organization_id = organization_id

    def find(self, table: Table, column: str, values: Collection[str | None]) -> Iterator[Any]:
        return self._rows(table, *self._among(table, column, values))

    def vain(self, questions: Sequence[Question]) -> list[Question]:
        asked: list[str] = []
        wanted: list[str] = []
        for table, column, values in questions:
            rows, parameters = self._from(table, *self._among(table, column, values))
            asked.append(f"EXISTS (SELECT 1 {rows})")
            wanted += parameters
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked)}", wanted)
            found = cursor.fetchone()
        return [question for question, any_row in zip(questions, found, strict=True) if not any_row]

    def _among(self, table: Table, column: str, values: Collection[str | None]) -> tuple[str, list[str]]:
        name = connection.ops.quote_name(table.attname(column))
        wanted = [v for v in values if v is not None]
        ways = [f"{name} IN ({', '.join(['%s'] * len(wanted))})"] if wanted else []
        ways += [f"{name} IS NULL"] if None in values else []
        # The organization is judged row by row and no way to find rows, but for its anchor: they are asked for by
        # identifiers, of which there are few, and SQLite would rather read everything the organization has
        ours = "organization_id = %s" if None in values else "(organization_id = %s) IS TRUE"
        return f"({' OR '.join(ways) or '1 = 0'}) AND {ours}", wanted

    def all(self, table: Table) -> Iterator[Any]:
        return self._rows(table, "organization_id = %s", [])

    def _rows(self, table: Table, condition: str, values: Sequence[str]) -> Iterator[Any]:
        # Dozens of these for a page: composing them by hand takes a tenth of what a queryset takes
        columns = ", ".join(connection.ops.quote_name(table.attname(column)) for column in table.columns)
        rows, parameters = self._from(table, condition, values)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} {rows}", parameters)
            found = cursor.fetchall()
        return map(table.read, found)

    def _from(self, table: Table, condition: str, values: Sequence[str]) -> tuple[str, list[str]]:
        kept = " AND since IS NOT NULL AND until IS NULL" if table.kept else ""
        rows = connection.ops.quote_name(table.model._meta.db_table)
        return f"FROM {rows} WHERE {condition}{kept}", [*values, self.organization_id]

    def paths(self, role_ids: Collection[str]) -> Iterator[RoleRow]:
        # One recursive query however deep the roles lie; the organization is checked at every step
        columns = "r.id, r.circle_id, r.kind, r.name, r.purpose, r.former"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH RECURSIVE path AS (
                    SELECT {columns} FROM circles_role r
                    WHERE r.id IN ({", ".join(["%s"] * len(role_ids))})
                    AND (r.organization_id = %s) IS TRUE AND r.since IS NOT NULL AND r.until IS NULL
                    UNION
                    SELECT {columns} FROM circles_role r JOIN path p ON r.id = p.circle_id
                    WHERE r.organization_id = %s AND r.since IS NOT NULL AND r.until IS NULL
                ) SELECT * FROM path
                """,  # noqa: S608
                [*role_ids, self.organization_id, self.organization_id],
            )
            return iter([RoleRow(*values) for values in cursor.fetchall()])


class Remembered(DatabaseSource):
    """Rows of one organization, each question asked of the tables once: for a request that only reads."""

    def __init__(self, organization_id: str) -> None:
        super().__init__(organization_id)
        self._answers: dict[tuple[str, str, str | None], list[Any]] = {}
        self._rows_by_id: dict[tuple[str, str], Any] = {}
        self._walked: set[str] = set()

    def find(self, table: Table, column: str, values: Collection[str | None]) -> Iterator[Any]:
        by_id = column == "id"
        missing = {
            value
            for value in values
            if (table.name, column, value) not in self._answers
            and not (by_id and (table.name, value) in self._rows_by_id)
        }
        if missing:
            answers: dict[str | None, list[Any]] = {value: [] for value in missing}
            for row in super().find(table, column, missing):
                answers[getattr(row, column)].append(row)
                self._rows_by_id[table.name, row.id] = row
            self._answers |= {(table.name, column, value): rows for value, rows in answers.items()}
        for value in values:
            if by_id and (row := self._rows_by_id.get((table.name, str(value)))) is not None:
                yield row
            else:
                yield from self._answers[table.name, column, value]

    def paths(self, role_ids: Collection[str]) -> Iterator[RoleRow]:
        missing = [i for i in role_ids if i not in self._walked]
        if missing:
            for row in super().paths(missing):
                self._rows_by_id["role", row.id] = row
                self._walked.add(row.id)
            self._walked |= set(missing)
        for role_id in role_ids:
            role: RoleRow | None = self._rows_by_id.get(("role", role_id))
            while role is not None:
                yield role
                role = self._rows_by_id.get(("role", role.circle or ""))

    def vain(self, questions: Sequence[Question]) -> list[Question]:
        asked = [q for q in questions if any((q[0].name, q[1], v) not in self._answers for v in q[2])]
        for table, column, values in super().vain(asked) if asked else ():
            self._answers |= {(table.name, column, value): [] for value in values}
        return [q for q in questions if all(self._answers.get((q[0].name, q[1], v)) == [] for v in q[2])]


_remembered: ContextVar[dict[Any, Any] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember what is read of a structure until the end: for what only reads, since it sees no change."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


@sync_and_async_middleware
def remember_while_reading(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware: while a request that only reads is answered, each row of a structure is read once.

    Live streams pass through: they read nothing twice, and last longer than what was read is true.
    """
    if iscoroutinefunction(get_response):
        return get_response

    def answer(request: HttpRequest) -> Any:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        with remembering():
            return get_response(request)

    return answer


def source_of(organization_id: str) -> DatabaseSource:
    """Return where the rows of an organization are read from, here and now."""
    if not is_remembering():
        return DatabaseSource(organization_id)
    return once((Remembered, organization_id), lambda: Remembered(organization_id))


def is_remembering() -> bool:
    """Whether what is read here and now is read for a request that only reads."""
    return _remembered.get() is not None


def once(what: Hashable, read: Callable[[], R]) -> R:
    """Return what ``read`` returns: read once in a request that only reads, and anew each time anywhere else."""
    remembered = _remembered.get()
    if remembered is None:
        return read()
    if what not in remembered:
        remembered[what] = read()
    found: R = remembered[what]
    return found


class MemorySource:
    """Rows held in memory: replay, bulk loading and tests of the engine."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
        for row in rows:
            self.rows[TABLE_OF[type(row)].name][row.id] = row

    def vain(self, questions: Sequence[Question]) -> list[Question]:
        return []

    def find(self, table: Table, column: str, values: Collection[str | None]) -> Iterator[Any]:
        if column == "id":
            return iter([self.rows[table.name][v] for v in values if v in self.rows[table.name]])
        return (row for row in self.rows[table.name].values() if getattr(row, column) in values)

    def all(self, table: Table) -> Iterator[Any]:
        return iter(self.rows[table.name].values())

    def paths(self, role_ids: Collection[str]) -> Iterator[RoleRow]:
        for role_id in role_ids:
            role: RoleRow | None = self.rows["role"].get(role_id)
            while role is not None:
                yield role
                role = self.rows["role"].get(role.circle) if role.circle else None
