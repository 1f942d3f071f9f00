"""Single accountabilities and domains: as they are added, amended and removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from circles.models import LINE_LENGTH
from circles.structure import AccountabilityRow, DomainRow, PolicyRow, RoleRow, Structure
from governance.changes.base import (
    Edit,
    boolean,
    clean,
    fresh_identifier,
    identifier,
    optional_identifier,
    small_number,
)
from governance.rules import places as rules
from people.refusals import Conflict, Malformed, Refused

LINE_FIELDS = {"accountabilities": AccountabilityRow, "domains": DomainRow}


def release_domain(structure: Structure, domain: DomainRow) -> None:
    """Let policies on a domain, and domains granted within it, stand without it."""
    for policy in structure.find(PolicyRow, "domain", [domain.id]):
        structure.amend(policy, domain=None)
    for granted in structure.find(DomainRow, "within", [domain.id]):
        structure.amend(granted, within=None)


@dataclass(frozen=True)
class NewLine:
    """An accountability or domain to be added. ``by`` is the circle that adds it to a role that links into it
    (§1.3.4); none: the role's own."""

    id: str
    text: str
    position: int | None = None
    within: str | None = None
    internal: bool = False
    by: str | None = None

    @classmethod
    def parse(cls, data: object, field: str) -> NewLine:
        if isinstance(data, str):
            data = {"text": data}
        if not isinstance(data, Mapping):
            raise Malformed(_("A line is a text."), field=field)
        return cls(
            fresh_identifier(data),
            clean(data.get("text"), field, most=LINE_LENGTH, required=True),
            small_number(data, "position"),
            optional_identifier(data, "within"),
            boolean(data, "internal", False),
            optional_identifier(data, "by"),
        )

    @classmethod
    def of(cls, row: AccountabilityRow | DomainRow) -> NewLine:
        if isinstance(row, DomainRow):
            return cls(row.id, row.text, row.position, row.within, row.internal, row.by)
        return cls(row.id, row.text, row.position, by=row.by)

    def payload(self, domain: bool) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.id, "text": self.text}
        if self.position is not None:
            data["position"] = self.position
        if domain and self.within is not None:
            data["within"] = self.within
        if domain and self.internal:
            data["internal"] = True
        if self.by is not None:
            data["by"] = self.by
        return data

    def row(self, row_type: type[Any], role_id: str, position: int) -> AccountabilityRow | DomainRow:
        at = self.position if self.position is not None else position
        if row_type is DomainRow:
            return DomainRow(self.id, role_id, self.text, at, self.within, self.internal, self.by)
        return AccountabilityRow(self.id, role_id, self.text, at, self.by)


def unused_ids(structure: Structure, row_type: type[Any], ids: Sequence[str]) -> Iterator[Refused]:
    """Yield a refusal for every identifier to be added that stands already, or is added twice."""
    present = structure.get_many(row_type, ids)
    for line_id in ids:
        if line_id in present or ids.count(line_id) > 1:
            yield Conflict(_("This has been added already."), now=getattr(present.get(line_id), "text", ""))
            return


@dataclass(frozen=True)
class LineEdit:
    """What happens to one existing line, or one to be added: ``op`` is add, amend or remove.

    ``within`` and ``internal`` restate how a domain is granted (§1.3.2).
    """

    op: str
    id: str
    was: str = ""
    to: str = ""
    new: NewLine | None = None
    within: Edit | None = None
    internal: Edit | None = None

    @classmethod
    def parse(cls, data: object, field: str) -> LineEdit:
        if not isinstance(data, Mapping):
            raise Malformed(_("An edit of a line has an “op”."), field=field)
        op = data.get("op")
        if op == "add":
            line = NewLine.parse({k: v for k, v in data.items() if k != "op"}, field)
            return cls("add", line.id, new=line)
        was = clean(data.get("from"), field, most=LINE_LENGTH)
        if op == "amend":
            return cls(
                "amend",
                identifier(data, "id"),
                was,
                clean(data.get("to"), field, most=LINE_LENGTH, required=True),
                within=cls._edit(data, "within", optional_identifier),
                internal=cls._edit(data, "internal", lambda d, f: boolean(d, f, False)),
            )
        if op == "remove":
            return cls("remove", identifier(data, "id"), was)
        raise Malformed(_("A line is added, amended or removed."), field=field)

    @staticmethod
    def _edit(data: Mapping[str, Any], field: str, read: Any) -> Edit | None:
        if data.get(field) is None:
            return None
        was, to = Edit.parse(data[field], field)
        return Edit(read({field: was}, field), read({field: to}, field))

    def payload(self, domain: bool) -> dict[str, Any]:
        if self.new is not None:
            return {"op": "add", **self.new.payload(domain)}
        if self.op == "remove":
            return {"op": "remove", "id": self.id, "from": self.was}
        data: dict[str, Any] = {"op": "amend", "id": self.id, "from": self.was, "to": self.to}
        for name in ("within", "internal"):
            edit: Edit | None = getattr(self, name)
            if domain and edit is not None:
                data[name] = edit.payload()
        return data

    def check(
        self, structure: Structure, row_type: type[Any], role: RoleRow, field: str
    ) -> Iterator[Refused]:
        if self.new is not None:
            yield from unused_ids(structure, row_type, [self.id])
            if row_type is DomainRow:
                circle = self.new.by or role.circle
                yield from rules.domain_granted_1_3_2(
                    structure, circle, self.new.text, self.new.within, self.new.internal
                )
            return
        row = structure.get(row_type, self.id)
        if row is not None and row.role != role.id:
            yield Malformed(_("This line belongs to another role."), field=field)
        elif row is None and self.op == "amend":
            yield Conflict(
                _("“%(text)s” has been removed since this was drafted.") % {"text": self.was},
                field=field,
                drafted_from=self.was,
                drafted=self.to,
            )
        elif row is not None and row.text not in (self.was, self.to):
            yield Conflict(
                _("“%(text)s” has been amended since this was drafted.") % {"text": self.was},
                field=field,
                drafted_from=self.was,
                drafted=self.to,
                now=row.text,
            )
        elif isinstance(row, DomainRow) and self.op == "amend":
            yield from self._check_grant(structure, row, role)

    def _check_grant(self, structure: Structure, row: DomainRow, role: RoleRow) -> Iterator[Refused]:
        for name in ("within", "internal"):
            edit: Edit | None = getattr(self, name)
            if edit is not None and getattr(row, name) not in (edit.was, edit.to):
                yield Conflict(
                    _("How “%(text)s” is granted has changed since this was drafted.") % {"text": row.text},
                    field="domains",
                )
                return
        granted = self._granted(row)
        yield from rules.domain_granted_1_3_2(
            structure, row.by or role.circle, self.to, granted["within"], granted["internal"]
        )

    def _granted(self, row: DomainRow) -> dict[str, Any]:
        return {
            "within": self.within.to if self.within is not None else row.within,
            "internal": self.internal.to if self.internal is not None else row.internal,
        }

    def apply(self, structure: Structure, row_type: type[Any], role_id: str) -> None:
        if self.new is not None:
            last = max((line.position for line in structure.lines(row_type, role_id)), default=-1)
            structure.put(self.new.row(row_type, role_id, last + 1))
            return
        row = structure.get(row_type, self.id)
        if row is None:
            return
        if self.op == "amend":
            structure.amend(row, text=self.to, **(self._granted(row) if isinstance(row, DomainRow) else {}))
        else:
            if isinstance(row, DomainRow):
                release_domain(structure, row)
            structure.drop(row)
