"""Watches the database during every test: structure is written by ``governance.enact`` alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

STRUCTURE = "circles_(?:role|accountability|domain|policy|assignment)"
RECORD = "governance_(?:decision|rowversion)"
WRITES = re.compile(
    rf'^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(?:{STRUCTURE}|{RECORD})"', re.IGNORECASE
)
# What the record says of people: whether they are partners, and since and until which decision they belong
PEOPLE = re.compile(
    r'^\s*UPDATE\s+"people_person"\s+SET\s.*"(?:partner|since|until)"\s*=.*\sWHERE', re.IGNORECASE | re.DOTALL
)
WRITERS = {("governance/enactment.py", name) for name in ("write_rows", "write_versions", "append_decision")}

_tampering: list[bool] = []


@contextmanager
def behind_the_record() -> Iterator[None]:
    """Let a test tamper with structure, as somebody with a database shell could."""
    _tampering.append(True)
    try:
        yield
    finally:
        _tampering.pop()


def _written_by_enact() -> bool:
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        file = frame.f_code.co_filename.replace("\\", "/")
        if any(file.endswith(f"/{path}") and frame.f_code.co_name == name for path, name in WRITERS):
            return True
        # Emptying the tables between tests, and building them, is nobody's act
        if file.endswith("/django/core/management/commands/flush.py") or "/django/db/migrations/" in file:
            return True
        frame = frame.f_back
    return False


def _watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if not _tampering and (WRITES.match(sql) or PEOPLE.match(sql)) and not _written_by_enact():
        raise AssertionError(f"Structure is written outside governance.enact: {sql[:200]}")
    return execute(sql, params, many, context)


def _on_connection(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def watch_structure() -> None:
    """Watch every connection that this process opens from now on."""
    connection_created.connect(_on_connection, dispatch_uid="structure-guard")
