"""Which clause a test is about: ``tests/constitution/test_every_clause.py`` sees to it that none is without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

F = TypeVar("F", bound=Callable[..., object])

REFUSES = "refuses"  # tries to break the clause through the public surface and is refused with its number
ALLOWS = "allows"  # the legal case beside it goes through
HAPPENS = "happens"  # what the clause says happens by itself, or gives people, happens


def clause(clause_id: str, shows: str) -> Callable[[F], F]:
    """Mark a test as showing something of a clause: its id as in ``governance.clauses`` ("5.1.1a"), and one of
    REFUSES, ALLOWS and HAPPENS. A test may carry several."""
    return pytest.mark.clause(clause_id, shows)
