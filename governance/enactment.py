"""The one writer of structure. ``enact`` is the only way in; ``seal`` ends a set-up; ``preview`` writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import (
    TABLES,
    AccountabilityRow,
    DatabaseSource,
    DomainRow,
    MemorySource,
    PolicyRow,
    RoleRow,
    RowChange,
    Structure,
)
from governance import authority as authorities
from governance import record as records
from governance.authority import Authority
from governance.breakdown import lead_prevails_5_5_2
from governance.changes import MAX_CHANGES, Change
from governance.models import Decision, DecisionText, Record, RowVersion
from governance.rules import structure as rules
from journal.actions import queue_job
from journal.actions import record as write_event
from people.ids import is_id
from people.models import Organization, Person
from people.refusals import Refused, RuleBroken

BATCH = 500
FEW = 2  # of so many changes each may ask for its own


@dataclass
class Preview:
    """What a list of changes would do to the structure as it is now, and everything that stands in its way."""

    before: Structure
    after: Structure
    row_changes: list[RowChange] = field(default_factory=list)
    refusals: list[tuple[int, Refused]] = field(default_factory=list)
    warnings: list[tuple[int, Refused]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.refusals

    def of_change(self, number: int) -> list[Refused]:
        """Return what stands in the way of the change at ``number`` (from 0)."""
        return [refusal for n, refusal in self.refusals if n == number]


@dataclass(frozen=True)
class Enacted:
    """What ``enact`` did: the decision (None during set-up), the rows changed, and what was tolerated in the change
    of which number (from 0)."""

    decision: Decision | None
    row_changes: Sequence[RowChange]
    warnings: Sequence[tuple[int, Refused]] = ()


def try_changes(structure: Structure, changes: Iterable[Change], authority: Authority) -> Preview:
    """Apply each change that may be applied to ``structure``, unwritten, and collect what refuses the others."""
    changes = list(changes)
    if FEW < len(changes) <= MAX_CHANGES:
        _read_ahead(structure, changes)
    result = Preview(before=structure.branch(), after=structure)
    for number, change in enumerate(changes):
        if authority.kind not in change.authorities:
            result.refusals.append((number, _not_carried(change, authority)))
            continue
        in_the_way = []
        for refusal in change.check(structure, authority):
            tolerated = authority.founding and isinstance(refusal, RuleBroken)
            if tolerated and refusal.clause in rules.TOLERATED_ON_IMPORT:  # type: ignore[attr-defined]
                result.warnings.append((number, refusal))
            else:
                in_the_way.append(refusal)
        if in_the_way:
            result.refusals += [(number, refusal) for refusal in in_the_way]
        else:
            change.apply(structure)
    result.row_changes = structure.row_changes()
    return result


def _read_ahead(structure: Structure, changes: Sequence[Change]) -> None:
    """Read at once what these changes name, and the lines of the roles they name: each asks for its own."""
    ids = set(_identifiers([change.payload() for change in changes]))
    roles = structure.get_many(RoleRow, ids)
    structure.load_paths(roles)
    structure.find(AccountabilityRow, "role", roles)
    structure.find(DomainRow, "role", roles)
    structure.get_many(AccountabilityRow, ids)
    structure.get_many(DomainRow, ids)
    structure.get_many(PolicyRow, ids)


def _identifiers(data: object) -> Iterator[str]:
    if is_id(data):
        yield str(data)
    elif isinstance(data, Mapping | list | tuple):
        for value in data.values() if isinstance(data, Mapping) else data:
            yield from _identifiers(value)


def preview(organization: Organization, changes: Iterable[Change], *, authority: Authority) -> Preview:
    """Return what ``changes`` would do now. Reads only; ``enact`` of the same list does the same."""
    return try_changes(Structure.of(organization.id), changes, authority)


def _not_carried(change: Change, authority: Authority) -> Refused:
    message = _("“%(change)s” cannot be carried by this authority: %(authority)s.") % {
        "change": change.label,
        "authority": authorities.NAMES[authority.kind],
    }
    return RuleBroken("5.2", message) if authority.kind == authorities.PROPOSAL else Refused(message)


def lock_record(organization: Organization) -> Record:
    """Lock an organization's record until the transaction ends, and return it.

    Whatever may enact takes this lock first (organization, meeting, proposal, journal), so that two never wait
    for each other. On SQLite the write lock of the transaction serves.
    """
    record = Record.objects.select_for_update(no_key=True).filter(organization=organization).first()
    if record is None:
        Record.objects.bulk_create([Record(organization=organization)], ignore_conflicts=True)
        record = Record.objects.select_for_update(no_key=True).get(organization=organization)
    return record


def enact(
    organization: Organization,
    changes: Sequence[Change],
    *,
    authority: Authority,
    at: dt.datetime | None = None,
) -> Enacted:
    """Make ``changes`` the structure of ``organization``, all of them or none, and put them on the record.

    In one transaction: locks the record, checks every change against the structure as it is now, writes the
    rows, and appends the decision to the chain. During set-up (before adoption) the rows are written and the
    decision follows when ``seal`` is called (§1.3.3). ``at`` backdates a decision that was taken before it
    came here (imports, samples); it is never earlier than the last decision.

    Raises the first Refused that stands in the way (RuleBroken with its clause, Conflict, Malformed); then
    nothing has happened.
    """
    with transaction.atomic():
        record = lock_record(organization)
        structure = Structure.of(organization.id)
        if record.number == 0 and _is_empty(organization):
            # Nothing to be found in the tables: thousands of questions less where a whole structure comes in
            structure = Structure(MemorySource())
        result = try_changes(structure, changes, authority)
        if result.refusals:
            raise result.refusals[0][1]
        for refusal in lead_prevails_5_5_2(result.row_changes, authority):
            raise refusal
        if not result.row_changes:
            raise Refused(_("This changes nothing: what it asks for stands already."))
        in_set_up = not Organization.objects.values_list("adopted_at", flat=True).get(pk=organization.pk)
        number = 1 if in_set_up else record.number + 1
        write_rows(organization, result.row_changes, number)
        decision = None
        if not in_set_up:
            decision = append_decision(
                organization,
                record,
                authority,
                [c.to_json() for c in changes],
                records.dump_rows(result.row_changes),
                at,
            )
        write_event(
            organization=organization,
            kind="governance.decided" if decision else "governance.set_up_edited",
            actor=Person.objects.filter(organization=organization, pk=authority.actor).first()
            if authority.actor
            else None,
            circle_id=authority.circle,
            decision=decision.pk if decision else "",
            number=number,
            reason=authority.texts.get("reason", "")[:400],
        )
        if decision is not None:
            queue_job("governance.after_decision", decision.pk, organization=organization)
        return Enacted(decision, result.row_changes, result.warnings)


def _is_empty(organization: Organization) -> bool:
    people = Person.objects.present().filter(organization=organization)
    return not (organization.roles.exists() or people.exists())


def seal(organization: Organization, *, authority: Authority, at: dt.datetime | None = None) -> Decision:
    """End the set-up: declare adoption and put everything set up so far on the record as one decision (§1.3.3).

    Raises Refused where adoption was declared before or there is no anchor circle yet.
    """
    with transaction.atomic():
        record = lock_record(organization)
        organization.refresh_from_db()
        if organization.adopted_at is not None:
            raise Refused(_("The Constitution has been adopted already."))
        source = DatabaseSource(organization.id)
        if Structure(source).anchor() is None:
            raise RuleBroken("1.3.3", _("Define the anchor circle first."))
        rows = [
            RowChange(name, row.id, None, row)
            for name, table in TABLES.items()
            for row in sorted(source.all(table), key=lambda r: str(r.id))
        ]
        changes = [{"kind": "ratify", "ratifiers": len(organization.ratifiers)}]
        decision = append_decision(organization, record, authority, changes, records.dump_rows(rows), at)
        organization.adopted_at = decision.at
        organization.save(update_fields=["adopted_at"])
        write_event(
            organization=organization,
            kind="governance.adopted_constitution",
            actor=Person.objects.filter(organization=organization, pk=authority.actor).first()
            if authority.actor
            else None,
            decision=decision.pk,
            number=decision.number,
        )
        return decision


def append_decision(
    organization: Organization,
    record: Record,
    authority: Authority,
    changes: list[dict[str, Any]],
    rows: list[list[Any]],
    at: dt.datetime | None,
) -> Decision:
    """Append one entry to the chain, with its texts and the versions of its rows. The record must be locked."""
    now = at or timezone.now()
    salts = {kind: records.new_salt() for kind, text in authority.texts.items() if text}
    decision = Decision(
        organization=organization,
        number=record.number + 1,
        format=records.FORMAT,
        at=max(now, record.at) if record.at else now,
        authority=authority.kind,
        actor_id=authority.actor,
        circle_id=authority.circle,
        proposal=authority.proposal or "",
        meeting=authority.meeting or "",
        changes=changes,
        rows=rows,
        counts=records.count_rows(rows),
        digests={kind: records.text_digest(salt, authority.texts[kind]) for kind, salt in salts.items()},
        previous=record.head,
    )
    decision.hash = records.hash_of(decision)
    decision.save()
    DecisionText.objects.bulk_create(
        DecisionText(
            organization=organization, decision=decision, kind=kind, salt=salt, text=authority.texts[kind]
        )
        for kind, salt in salts.items()
    )
    write_versions(organization, rows, decision.number)
    record.number, record.head, record.at = decision.number, decision.hash, decision.at
    record.save()
    return decision


def write_versions(organization: Organization, rows: Sequence[Sequence[Any]], number: int) -> None:
    """Close the versions that a decision ends and open those it begins."""
    for table in TABLES:
        ended = [row_id for name, row_id, before, _after in rows if name == table and before is not None]
        for start in range(0, len(ended), BATCH):
            RowVersion.objects.filter(
                organization=organization, table=table, row__in=ended[start : start + BATCH], until=None
            ).update(until=number)
    RowVersion.objects.bulk_create(
        (
            records.version(organization.id, name, after, number)
            for name, _id, _before, after in rows
            if after is not None
        ),
        batch_size=BATCH,
    )


def write_rows(organization: Organization, row_changes: Sequence[RowChange], number: int) -> None:
    """Write the rows of the structure: what goes first goes last, so that nothing refers to what is gone."""
    for name, table in reversed(TABLES.items()):
        gone = [c.id for c in row_changes if c.table == name and c.after is None]
        rows = table.model._default_manager.filter(organization=organization, pk__in=gone)
        if gone and table.kept:
            rows.update(until=number)
        elif gone:
            rows.delete()
    for name, table in TABLES.items():
        changed = [c for c in row_changes if c.table == name and c.after is not None]
        if not changed:
            continue
        kept_before = _rows_left(organization, name, [c.id for c in changed if c.before is None])
        new = [c.after for c in changed if c.before is None and c.id not in kept_before]
        if name == "role":
            new = _parents_first(new)
        if name == "person" and new:
            raise Refused(_("Somebody to be admitted is not known here."))
        table.model._default_manager.bulk_create(
            (_instance(organization, name, row, number) for row in new), batch_size=BATCH
        )
        for change in changed:
            if change.before is not None or change.id in kept_before:
                values = _values(name, change.after)
                if change.id in kept_before:
                    values |= {"since": number, "until": None}
                del values["id"]
                table.model._default_manager.filter(organization=organization, pk=change.id).update(**values)


def _rows_left(organization: Organization, name: str, ids: Sequence[str]) -> set[str]:
    """Return those of ``ids`` whose row is in the table though it is not in force: revived roles, people to admit."""
    table = TABLES[name]
    left: set[str] = set()
    if table.kept:
        for start in range(0, len(ids), BATCH):
            rows = table.model._default_manager.filter(
                organization=organization, pk__in=ids[start : start + BATCH]
            )
            left |= set(rows.values_list("pk", flat=True))
    return left


def _values(name: str, row: Any) -> dict[str, Any]:
    table = TABLES[name]
    data: Mapping[str, Any] = table.plain(row)
    values = {table.attname(column): value for column, value in data.items()}
    if name == "assignment" and values["term_ends"] is not None:
        values["term_ends"] = dt.date.fromisoformat(values["term_ends"])
    return values


def _instance(organization: Organization, name: str, row: Any, number: int) -> Any:
    table = TABLES[name]
    values = _values(name, row)
    if table.kept:
        values["since"] = number
    return table.model(organization=organization, **values)


def _parents_first(rows: Sequence[Any]) -> list[Any]:
    waiting = {row.id: row for row in rows}
    ordered: list[Any] = []

    def add(row: Any) -> None:
        if waiting.pop(row.id, None) is None:
            return
        if row.circle in waiting:
            add(waiting[row.circle])
        ordered.append(row)

    for row in rows:
        add(row)
    return ordered
