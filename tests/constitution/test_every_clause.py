"""Every clause that is enforced or supported is shown by tests: what is refused beside what is allowed, or what
happens. Whoever adds a clause to ``governance.clauses`` owes it a test."""

from __future__ import annotations

import ast
from collections import defaultdict
from pkgutil import resolve_name

from governance.clause_places import PLACES
from governance.clauses import CLAUSES, LATER
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES
from tests.constitution.document import document
from tests.constitution.marked import ROOT, SHOWS, marked


def test_every_clause_is_shown_by_tests() -> None:
    shown = defaultdict(set)
    for mark in marked():
        shown[mark.clause].add(mark.shows)
    lacking = {
        c.id: sorted(shown[c.id]) or ["nothing"]
        for c in CLAUSES
        if "G" not in c.how
        and c.id not in LATER
        and not (HAPPENS in shown[c.id] or ("E" in c.how and {REFUSES, ALLOWS} <= shown[c.id]))
    }
    assert lacking == {}, lacking


def test_tests_name_clauses_that_are_there_and_what_they_show() -> None:
    there = {c.id for c in CLAUSES}
    unknown = [mark for mark in marked() if mark.clause not in there or mark.shows not in SHOWS.values()]
    assert unknown == []


def test_what_comes_later_is_not_shown_yet_and_leaves_the_list_with_its_first_test() -> None:
    assert [mark for mark in marked() if mark.clause in LATER] == []


def test_what_refuses_asserts_the_number_it_refuses_with() -> None:
    """A test that shows a refusal looks at the clause of the refusal, or at the words a reader gets with it."""
    lacking = []
    for mark in marked():
        if mark.shows == REFUSES:
            source = (ROOT / mark.file).read_text()
            numbers = [c.number for c in CLAUSES if c.id == mark.clause]
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef) and node.name == mark.test:
                    said = " ".join(ast.unparse(one) for one in [*node.body, *node.decorator_list[1:]])
                    said = said.replace("\\", "")
                    if "clause" not in said and not any(number in said for number in numbers):
                        lacking.append(f"{mark.file}::{mark.test} ({mark.clause})")
    assert lacking == [], "\n".join(lacking)


def test_every_clause_has_its_place_in_the_code_and_in_the_product() -> None:
    assert set(PLACES) == {c.id for c in CLAUSES} - LATER
    for place in PLACES.values():
        assert place.code
        assert place.shown
        for path in place.code:
            assert resolve_name(path) is not None, path


def test_the_page_of_clauses_is_up_to_date() -> None:
    assert (ROOT / "docs" / "constitution.md").read_text() == document(), "run make constitution"
