"""Which tests show what of which clause, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.constitution import clause as marks

ROOT = Path(__file__).resolve().parents[2]
SHOWS = {name: getattr(marks, name) for name in ("REFUSES", "ALLOWS", "HAPPENS")}


class Marked(NamedTuple):
    """One mark of one test. ``shows`` is a value of ``SHOWS``, or what stands there instead."""

    clause: str
    shows: str
    file: str
    test: str


def marked() -> list[Marked]:
    """Every ``@clause(id, shows)`` in ``tests/``, in the order of files."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        source = path.read_text()
        if "clause(" in source:
            name = path.relative_to(ROOT).as_posix()
            found += [Marked(*mark, name, test) for mark, test in _marks(ast.parse(source))]
    return found


def _marks(tree: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for one in node.decorator_list:
                if isinstance(one, ast.Call) and ast.unparse(one.func) == "clause":
                    clause_id, shows = (ast.unparse(a) for a in one.args)
                    yield (ast.literal_eval(clause_id), SHOWS.get(shows, shows)), node.name
