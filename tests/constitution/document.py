"""``python -m tests.constitution.document`` (``make constitution``) writes docs/constitution.md: each clause, how it is
honoured, what the program does, in which code, by which tests that is shown, and where people meet it."""

from __future__ import annotations

import os
from itertools import groupby

import django

HEAD = """# The Constitution, clause by clause

What the program does about each clause of the Holacracy Constitution 5.0, in its own words; the text itself is at
<https://www.holacracy.org/constitution/5-0/>. The marks say how a clause is honoured: **E** the program sees to it
(what the clause forbids is refused with its number, what it says happens by itself happens), **S** the program gives
people the means, **G** people judge and are told what to judge, **P** a policy can change it.

Written by `make constitution` from `governance/clauses.py`, `governance/clause_places.py` and the tests that are
marked with a clause; do not edit it by hand. A test fails when an E or S clause has no test, or when this page is not
up to date.

| § | | What the program does | In the code | Tests | In the product |
|---|---|---|---|---|---|
"""
LATER_HEAD = """
## Not here yet

These come with tactical meetings and the work itself.

| § | | What the program will do |
|---|---|---|
"""


def document() -> str:
    """The whole page."""
    from governance.clause_places import PLACES
    from governance.clauses import CLAUSES, LATER
    from tests.constitution.marked import marked

    marks = marked()
    text = HEAD
    for c in CLAUSES:
        if c.id in LATER:
            continue
        mine = dict.fromkeys((mark.file, mark.test) for mark in marks if mark.clause == c.id)
        tests = "<br>".join(
            f"[{file.removeprefix('tests/')}](../{file}): " + ", ".join(f"`{test}`" for _file, test in found)
            for file, found in groupby(sorted(mine), key=lambda one: one[0])
        )
        place = PLACES[c.id]
        code = "<br>".join(f"`{path}`" for path in place.code)
        shown = ", ".join(str(one) for one in place.shown)
        text += f"| {c.id} | {'·'.join(c.how)} | {c.words} | {code} | {tests} | {shown} |\n"
    text += LATER_HEAD
    for c in CLAUSES:
        if c.id in LATER:
            text += f"| {c.id} | {'·'.join(c.how)} | {c.words} |\n"
    return text


def main() -> None:
    """Write the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.constitution.marked import ROOT

    (ROOT / "docs" / "constitution.md").write_text(document())


if __name__ == "__main__":
    main()
