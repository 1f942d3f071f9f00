"""The record: how an entry is written, hashed, replayed and verified.

An entry's hash covers its canonical JSON and, through ``previous``, everything before it. Texts that people wrote
(tension, example, reason) enter as digests of salt and text, so that erasing somebody leaves the chain whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.structure import TABLES, MemorySource, RowChange, Structure
from governance.models import Decision, DecisionText, Record, RowVersion
from people.models import Organization

FORMAT = 1


def canonical(data: Any) -> bytes:
    """Return the one JSON form of ``data``: UTF-8, keys sorted, no spaces."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def instant(at: dt.datetime) -> str:
    """Return an instant as the record writes it: UTC with microseconds, such as 2026-03-12T13:00:00.000000Z."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text_digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def entry_of(decision: Decision) -> dict[str, Any]:
    """Return what the hash of a decision covers. It names people by identifier only."""
    return {
        "format": decision.format,
        "organization": decision.organization_id,
        "number": decision.number,
        "at": instant(decision.at),
        "authority": decision.authority,
        "actor": decision.actor_id,
        "circle": decision.circle_id,
        "proposal": decision.proposal,
        "meeting": decision.meeting,
        "changes": decision.changes,
        "rows": decision.rows,
        "digests": decision.digests,
        "previous": decision.previous,
    }


def hash_of(decision: Decision) -> str:
    """Return the sha256 of a decision's canonical entry, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(entry_of(decision))).hexdigest()


def dump_rows(row_changes: Iterable[RowChange]) -> list[list[Any]]:
    """Return row changes as the record writes them: [table, id, before, after]."""
    return [
        [
            c.table,
            c.id,
            None if c.before is None else TABLES[c.table].dump(c.before),
            None if c.after is None else TABLES[c.table].dump(c.after),
        ]
        for c in row_changes
    ]


def count_rows(entries: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Return how many rows of each table an entry has; constitutional roles, which come with circles, as "core"."""
    counts: dict[str, int] = {}
    for table, _row_id, before, after in entries:
        name = "core" if table == "role" and (after or before)["kind"] != ORDINARY else table
        counts[name] = counts.get(name, 0) + 1
    return counts


def role_of(table: str, data: Mapping[str, Any]) -> str:
    """Return the role that a row is or belongs to, the circle where it is a circle's; empty for people."""
    if table in ("strategy", "priority", "route"):
        return str(data["circle"])
    return str(data["id"] if table == "role" else data.get("role", ""))


def person_of(table: str, data: Mapping[str, Any]) -> str:
    return str(data["id"] if table == "person" else data.get("person", ""))


def version(organization_id: str, table: str, data: dict[str, Any], since: int) -> RowVersion:
    return RowVersion(
        organization_id=organization_id,
        table=table,
        row=data["id"],
        role=role_of(table, data),
        person=person_of(table, data),
        since=since,
        data=data,
    )


@dataclass
class Verification:
    """What verifying found: how far the record goes, and every fault in words."""

    number: int = 0
    head: str = ""
    rows: int = 0
    erased: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


Rows = dict[str, dict[str, dict[str, Any]]]


def fold(rows: Rows, entries: Sequence[Sequence[Any]], number: int) -> Iterable[str]:
    """Fold an entry's rows into ``rows`` and yield a sentence for every before that does not fit."""
    for table, row_id, before, after in entries:
        stands = rows.setdefault(table, {}).get(row_id)
        if stands != before:
            yield _("Decision %(number)d: %(table)s %(id)s was not as the entry says it was before.") % {
                "number": number,
                "table": table,
                "id": row_id,
            }
        if after is None:
            rows[table].pop(row_id, None)
        else:
            rows[table][row_id] = after


def replay(organization: Organization, *, until: int | None = None) -> Rows:
    """Return the structure as it follows from the decisions alone, up to and including number ``until``."""
    rows: Rows = {name: {} for name in TABLES}
    decisions = Decision.objects.filter(organization=organization).order_by("number")
    if until is not None:
        decisions = decisions.filter(number__lte=until)
    for number, entries in decisions.values_list("number", "rows").iterator(chunk_size=200):
        for _fault in fold(rows, entries, number):
            pass
    return rows


def structure_of(rows: Rows) -> Structure:
    """Return folded rows as a structure that answers the same questions as the current one."""
    return Structure(
        MemorySource(TABLES[name].load(data) for name, table in rows.items() for data in table.values())
    )


def verify(organization: Organization) -> Verification:
    """Check the whole record of an organization: numbers, times, chain, texts, replay against the tables, versions.

    Reads only. Every fault is a sentence in ``faults``; texts of erased people are counted, not faulted.
    """
    result = Verification()
    record = Record.objects.filter(organization=organization).first()
    rows: Rows = {name: {} for name in TABLES}
    versions: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    closed: set[tuple[str, str, int, int]] = set()
    previous, at = "", None
    for decision in (
        Decision.objects.filter(organization=organization).order_by("number").iterator(chunk_size=200)
    ):
        if decision.number != result.number + 1:
            result.faults.append(
                _("After decision %(last)d comes %(number)d.")
                % {"last": result.number, "number": decision.number}
            )
        if decision.previous != previous:
            result.faults.append(
                _("Decision %(number)d does not follow the one before it.") % {"number": decision.number}
            )
        if decision.hash != hash_of(decision):
            result.faults.append(
                _("Decision %(number)d has been altered: its hash does not match.")
                % {"number": decision.number}
            )
        if decision.counts != count_rows(decision.rows):
            result.faults.append(
                _("Decision %(number)d counts its rows wrongly.") % {"number": decision.number}
            )
        if at is not None and decision.at < at:
            result.faults.append(
                _("Decision %(number)d is earlier than the one before it.") % {"number": decision.number}
            )
        result.faults += fold(rows, decision.rows, decision.number)
        for table, row_id, _before, after in decision.rows:
            opened = versions.pop((table, row_id), None)
            if opened is not None:
                closed.add((table, row_id, opened[0], decision.number))
            if after is not None:
                versions[(table, row_id)] = (decision.number, after)
        result.number, previous, at = decision.number, decision.hash, decision.at
    result.head = previous
    if record is not None and (record.number, record.head) != (result.number, result.head):
        result.faults.append(_("The record’s head is not its last decision: entries are missing at the end."))
    result.faults += _check_texts(organization, result)
    if result.number:
        for name, table in TABLES.items():
            stands = {row.id: table.dump(row) for row in Structure.of(organization.id).all(table.row)}
            result.rows += len(stands)
            if stands != rows[name]:
                wrong = sorted(
                    set(stands) ^ set(rows[name]) | {i for i in stands if stands[i] != rows[name].get(i)}
                )
                result.faults.append(
                    _("Table %(table)s differs from the replay at %(ids)s.")
                    % {"table": name, "ids": ", ".join(wrong[:10])}
                )
        found = set()
        for v in RowVersion.objects.filter(organization=organization).iterator(chunk_size=2000):
            if v.until is None:
                if versions.pop((v.table, v.row), None) != (v.since, v.data):
                    result.faults.append(
                        _("A version of %(table)s %(id)s is wrong.") % {"table": v.table, "id": v.row}
                    )
            else:
                found.add((v.table, v.row, v.since, v.until))
        if versions or found != closed:
            result.faults.append(_("The versions of rows do not follow from the decisions."))
    return result


def _check_texts(organization: Organization, result: Verification) -> list[str]:
    faults = []
    texts = {
        (t.decision_id, t.kind): t
        for t in DecisionText.objects.filter(organization=organization).iterator(chunk_size=1000)
    }
    digests = (
        Decision.objects.filter(organization=organization)
        .exclude(digests={})
        .values_list("id", "number", "digests")
    )
    for decision_id, number, kinds in digests.iterator(chunk_size=1000):
        for kind, digest in kinds.items():
            text = texts.pop((decision_id, kind), None)
            if text is None:
                result.erased += 1
            elif text_digest(text.salt, text.text) != digest:
                faults.append(
                    _("The %(kind)s of decision %(number)d has been altered.")
                    % {"kind": kind, "number": number}
                )
    if texts:
        faults.append(_("Texts stand beside decisions that do not name them."))
    return faults
