"""Scenes are acted out once and put back row for row from then on: most tests begin with the same one, and acting it
out takes many actions."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from itertools import chain
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection, transaction

from tests.guard import behind_the_record

P = ParamSpec("P")
T = TypeVar("T")

# What the database holds before any test
STANDING = {"django_content_type", "auth_permission", "django_site"}
MOST_VALUES = 20_000

Statements = list[tuple[str, list[Any]]]


def staged(build: Callable[P, T]) -> Callable[P, T]:
    """Carry out a function that builds something in an empty database once per process, database and arguments.

    Every later call writes the same rows in bulk and returns a copy of what was returned. Rows come back as they
    were, their times are those of the first building, and nothing is announced for them. Where the database is not
    empty, the function is carried out as it is. Arguments must be hashable.
    """
    scenes: dict[Any, tuple[Statements, T]] = {}

    @wraps(build)
    def stage(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _is_empty():
            return build(*args, **kwargs)
        key = (connection.settings_dict["NAME"], args, tuple(sorted(kwargs.items())))
        if key not in scenes:
            built = build(*args, **kwargs)
            scenes[key] = (_statements(), copy.deepcopy(built))
            return built
        statements, built = scenes[key]
        with transaction.atomic(), behind_the_record(), connection.cursor() as cursor:
            for sql, values in statements:
                cursor.execute(sql, values)
        return copy.deepcopy(built)

    return stage


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    tables = dict.fromkeys(m._meta.db_table for m in models if m._meta.managed and not m._meta.proxy)
    return [connection.ops.quote_name(table) for table in tables if table not in STANDING]


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {table})" for table in _tables())
        )
        return cursor.fetchone() is None


def _statements() -> Statements:
    """What writes the rows that stand in the database now."""
    found: Statements = []
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {table}")
            rows = cursor.fetchall()
            names = [connection.ops.quote_name(column[0]) for column in cursor.description]
            one = f"({', '.join(['%s'] * len(names))})"
            at_once = MOST_VALUES // len(names)
            for start in range(0, len(rows), at_once):
                some = rows[start : start + at_once]
                sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * len(some))}"
                found.append((sql, list(chain.from_iterable(some))))
    return found
