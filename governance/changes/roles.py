"""Adding, amending and removing roles (§5.2a), down to their single accountabilities and domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import CIRCLE_REP, CONSTITUTIONAL_KINDS, ORDINARY
from circles.models import LINE_LENGTH, NAME_LENGTH, PURPOSE_LENGTH
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    PolicyRow,
    RoleRow,
    Structure,
)
from governance import authority as by
from governance import rules
from governance.authority import Authority
from governance.changes.base import (
    Change,
    Edit,
    Names,
    boolean,
    clean,
    fresh_identifier,
    identifier,
    optional_identifier,
    sequence,
)
from people.ids import derived_id
from people.refusals import Conflict, Malformed, Refused

DEFINERS = frozenset({by.PROPOSAL, by.RATIFIERS, by.IMPORT, by.ADMIN, by.STRIKE})
MOVERS = frozenset({by.RATIFIERS, by.IMPORT, by.ADMIN})

LINE_FIELDS = {"accountabilities": AccountabilityRow, "domains": DomainRow}


def gone(what: str, *, field: str | None = None) -> Conflict:
    """A conflict with a removal: what the draft speaks of is no longer there."""
    return Conflict(_("%(what)s has been removed since this was drafted.") % {"what": what}, field=field)


def settle_rep_seats(structure: Structure, role_id: str) -> None:
    """End the rep seats of those who have become circle leads (§5.1.1), here and in unfilled circles inside."""
    level = [role_id]
    while level:
        circles = structure.circles_among(level)
        for circle in sorted(circles):
            leads = structure.circle_leads(circle)
            for assignment in structure.fillers(derived_id(circle, CIRCLE_REP)):
                if assignment.person in leads:
                    structure.drop(assignment)
        inside = structure.find(RoleRow, "circle", circles)
        filled = {a.role for a in structure.find(AssignmentRow, "role", [r.id for r in inside])}
        level = [r.id for r in inside if r.kind == ORDINARY and r.id not in filled]


def appear_constitutional_roles(structure: Structure, circle_id: str) -> None:
    """Let a circle's constitutional roles appear with the first ordinary role inside it (§1.3.5, §1.4, §5.1.1)."""
    if structure.is_circle(circle_id):
        return
    for kind in CONSTITUTIONAL_KINDS:
        structure.put(RoleRow(derived_id(circle_id, kind), circle_id, kind, "", ""))


def vanish_constitutional_roles(structure: Structure, circle_id: str) -> None:
    """Let a circle's constitutional roles go with the last ordinary role inside it, elected seats included."""
    if structure.ordinary_inside(circle_id):
        return
    for constitutional in structure.inside(circle_id):
        clear_role(structure, constitutional)


def constitutional_lines_back(before: Structure, circle_id: str) -> list[Change]:
    """The changes that give a circle's constitutional roles what its governance had added to them."""
    return [
        lines
        for role in before.inside(circle_id)
        if role.is_constitutional
        for lines in lines_back(before, role)
    ]


def lines_of(before: Structure, role_id: str) -> dict[str, tuple[NewLine, ...]]:
    """The accountabilities and domains of a role, by field, as they would be added again."""
    return {
        "accountabilities": tuple(NewLine.of(x) for x in before.lines(AccountabilityRow, role_id)),
        "domains": tuple(NewLine.of(x) for x in before.lines(DomainRow, role_id)),
    }


def lines_back(before: Structure, role: RoleRow) -> list[Change]:
    """The change that adds a role's lines again, if it has any."""
    edits = {
        f: tuple(LineEdit("add", x.id, new=x) for x in lines)
        for f, lines in lines_of(before, role.id).items()
    }
    return (
        [AmendRole(role.id, None, None, edits["accountabilities"], edits["domains"])]
        if any(edits.values())
        else []
    )


def clear_role(structure: Structure, role: RoleRow) -> None:
    """Take away one role with its lines, policies and assignments, not what is inside it."""
    for domain in structure.find(DomainRow, "role", [role.id]):
        release_domain(structure, domain)
        structure.drop(domain)
    structure.drop_all(structure.find(AccountabilityRow, "role", [role.id]))
    structure.drop_all(structure.find(PolicyRow, "role", [role.id]))
    structure.drop_all(structure.find(AssignmentRow, "role", [role.id]))
    structure.drop(role)


def release_domain(structure: Structure, domain: DomainRow) -> None:
    """Let policies on a domain, and domains granted within it, stand without it."""
    for policy in structure.find(PolicyRow, "domain", [domain.id]):
        structure.amend(policy, domain=None)
    for granted in structure.find(DomainRow, "within", [domain.id]):
        structure.amend(granted, within=None)


@dataclass(frozen=True)
class NewLine:
    """An accountability or domain to be added."""

    id: str
    text: str
    position: int | None = None
    within: str | None = None
    internal: bool = False

    @classmethod
    def parse(cls, data: object, field: str) -> NewLine:
        if isinstance(data, str):
            data = {"text": data}
        if not isinstance(data, Mapping):
            raise Malformed(_("A line is a text."), field=field)
        position = data.get("position")
        if position is not None and (
            isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < 10**6
        ):
            raise Malformed(_("A position is a small number."), field=field)
        return cls(
            fresh_identifier(data),
            clean(data.get("text"), field, most=LINE_LENGTH, required=True),
            position,
            optional_identifier(data, "within"),
            boolean(data, "internal", False),
        )

    @classmethod
    def of(cls, row: AccountabilityRow | DomainRow) -> NewLine:
        if isinstance(row, DomainRow):
            return cls(row.id, row.text, row.position, row.within, row.internal)
        return cls(row.id, row.text, row.position)

    def payload(self, domain: bool) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.id, "text": self.text}
        if self.position is not None:
            data["position"] = self.position
        if domain and self.within is not None:
            data["within"] = self.within
        if domain and self.internal:
            data["internal"] = True
        return data

    def row(self, row_type: type[Any], role_id: str, position: int) -> AccountabilityRow | DomainRow:
        at = self.position if self.position is not None else position
        if row_type is DomainRow:
            return DomainRow(self.id, role_id, self.text, at, self.within, self.internal)
        return AccountabilityRow(self.id, role_id, self.text, at)


def unused_ids(structure: Structure, row_type: type[Any], ids: Sequence[str]) -> Iterator[Refused]:
    """Yield a refusal for every identifier to be added that stands already, or is added twice."""
    present = structure.get_many(row_type, ids)
    for line_id in ids:
        if line_id in present or ids.count(line_id) > 1:
            yield Conflict(_("This has been added already."), now=getattr(present.get(line_id), "text", ""))
            return


@dataclass(frozen=True)
class AddRole(Change):
    """Define a new role in a circle; the first one inside a role makes that role a circle (§1.3.1)."""

    kind: ClassVar[str] = "add_role"
    label = gettext_lazy("Add a role")
    authorities = DEFINERS

    id: str
    circle: str | None
    name: str
    purpose: str = ""
    accountabilities: tuple[NewLine, ...] = ()
    domains: tuple[NewLine, ...] = ()
    # Brought in as a circle though nothing but constitutional roles lies inside it yet
    broken_down: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AddRole:
        return cls(
            fresh_identifier(data),
            optional_identifier(data, "circle"),
            clean(data.get("name"), "name", most=NAME_LENGTH),
            clean(data.get("purpose"), "purpose", most=PURPOSE_LENGTH, multiline=True),
            tuple(NewLine.parse(x, "accountabilities") for x in sequence(data, "accountabilities")),
            tuple(NewLine.parse(x, "domains") for x in sequence(data, "domains")),
            boolean(data, "broken_down", False),
        )

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "circle": self.circle,
            "name": self.name,
            "purpose": self.purpose,
            "accountabilities": [line.payload(False) for line in self.accountabilities],
            "domains": [line.payload(True) for line in self.domains],
        }
        if self.broken_down:
            data["broken_down"] = True
        return data

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        if self.circle is None:
            if not authority.constituent:
                yield Malformed(_("Choose the circle the role is to lie in."), field="circle")
                return
            yield from rules.one_anchor_1_3_3(structure, None)
        else:
            circle = structure.get(RoleRow, self.circle)
            if circle is None:
                yield gone(_("The circle"), field="circle")
                return
            yield from rules.holds_roles_1_3_1(circle)
            yield from rules.own_circle_5_2(self.circle, authority, self.name)
        if self.circle is not None or not authority.constituent:
            yield from rules.role_definition_1_1(
                self.name, self.purpose, len(self.accountabilities), len(self.domains)
            )
        if self.broken_down:
            yield from rules.circle_by_first_role_1_3_1(authority)
        yield from rules.distinct_name(structure, self.id, self.circle, self.name, authority)
        if structure.get(RoleRow, self.id) is not None:
            yield Conflict(
                _("“%(name)s” has been added already.") % {"name": self.name}, field="name", drafted=self.name
            )
        for field, row_type in LINE_FIELDS.items():
            yield from unused_ids(structure, row_type, [line.id for line in getattr(self, field)])

    def apply(self, structure: Structure) -> None:
        structure.put(RoleRow(self.id, self.circle, ORDINARY, self.name, self.purpose))
        for field, row_type in LINE_FIELDS.items():
            for position, line in enumerate(getattr(self, field)):
                structure.put(line.row(row_type, self.id, position))
        if self.circle is not None:
            appear_constitutional_roles(structure, self.circle)
        if self.broken_down:
            appear_constitutional_roles(structure, self.id)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return [RemoveRole(self.id)]

    def sentence(self, names: Names) -> str:
        if self.circle is None:
            return _("Found the anchor circle %(role)s") % {"role": self.name}
        return _("Add role %(role)s to %(circle)s") % {"role": self.name, "circle": names.role(self.circle)}


@dataclass(frozen=True)
class LineEdit:
    """What happens to one existing line, or one to be added: ``op`` is add, amend or remove."""

    op: str
    id: str
    was: str = ""
    to: str = ""
    new: NewLine | None = None

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
            )
        if op == "remove":
            return cls("remove", identifier(data, "id"), was)
        raise Malformed(_("A line is added, amended or removed."), field=field)

    def payload(self, domain: bool) -> dict[str, Any]:
        if self.new is not None:
            return {"op": "add", **self.new.payload(domain)}
        if self.op == "amend":
            return {"op": "amend", "id": self.id, "from": self.was, "to": self.to}
        return {"op": "remove", "id": self.id, "from": self.was}

    def check(
        self, structure: Structure, row_type: type[Any], role: RoleRow, field: str
    ) -> Iterator[Refused]:
        if self.new is not None:
            yield from unused_ids(structure, row_type, [self.id])
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

    def apply(self, structure: Structure, row_type: type[Any], role_id: str) -> None:
        if self.new is not None:
            last = max((line.position for line in structure.lines(row_type, role_id)), default=-1)
            structure.put(self.new.row(row_type, role_id, last + 1))
            return
        row = structure.get(row_type, self.id)
        if row is None:
            return
        if self.op == "amend":
            structure.amend(row, text=self.to)
        else:
            if isinstance(row, DomainRow):
                release_domain(structure, row)
            structure.drop(row)

    def inverse(self, before: Structure, row_type: type[Any]) -> LineEdit | None:
        if self.new is not None:
            return LineEdit("remove", self.id, self.new.text)
        row = before.get(row_type, self.id)
        if row is None:
            return None
        if self.op == "amend":
            return LineEdit("amend", self.id, self.to, row.text)
        return LineEdit("add", self.id, new=NewLine.of(row))


@dataclass(frozen=True)
class AmendRole(Change):
    """Amend a role's name, purpose, single accountabilities and domains; everything else of it stays."""

    kind: ClassVar[str] = "amend_role"
    label = gettext_lazy("Amend a role")
    authorities = DEFINERS

    role: str
    name: Edit | None = None
    purpose: Edit | None = None
    accountabilities: tuple[LineEdit, ...] = ()
    domains: tuple[LineEdit, ...] = ()

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AmendRole:
        edits: dict[str, Edit | None] = {"name": None, "purpose": None}
        for field, most in (("name", NAME_LENGTH), ("purpose", PURPOSE_LENGTH)):
            if data.get(field) is not None:
                was, to = Edit.parse(data[field], field)
                multiline = field == "purpose"
                edits[field] = Edit(
                    clean(was, field, most=most, multiline=multiline),
                    clean(to, field, most=most, multiline=multiline),
                )
        return cls(
            identifier(data, "role"),
            edits["name"],
            edits["purpose"],
            tuple(LineEdit.parse(x, "accountabilities") for x in sequence(data, "accountabilities")),
            tuple(LineEdit.parse(x, "domains") for x in sequence(data, "domains")),
        )

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {"role": self.role}
        for field in ("name", "purpose"):
            edit = getattr(self, field)
            if edit is not None:
                data[field] = edit.payload()
        for field in LINE_FIELDS:
            if getattr(self, field):
                data[field] = [line.payload(field == "domains") for line in getattr(self, field)]
        return data

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield gone(_("The role"), field="role")
            return
        if not (self.name or self.purpose or self.accountabilities or self.domains):
            yield Malformed(
                _("This changes nothing of “%(role)s” yet.") % {"role": role.shown_name}, field="purpose"
            )
            return
        if role.is_constitutional:
            yield from rules.own_circle_5_2(role.circle, authority, role.shown_name)
            yield from rules.constitutional_words_stay(role, bool(self.name or self.purpose))
        elif role.circle is None:
            yield from rules.anchor_defines_itself_1_3_3(role, authority)
        else:
            yield from rules.own_circle_5_2(role.circle, authority, role.name)
        if self.name is not None:
            yield from rules.distinct_name(structure, role.id, role.circle, self.name.to, authority)
        for field in ("name", "purpose"):
            edit: Edit | None = getattr(self, field)
            now = getattr(role, field)
            if edit is not None and now not in (edit.was, edit.to):
                yield Conflict(
                    _("The %(field)s of “%(role)s” has changed since this was drafted.")
                    % {"field": _("name") if field == "name" else _("purpose"), "role": role.name},
                    field=field,
                    drafted_from=edit.was,
                    drafted=edit.to,
                    now=now,
                )
        for field, row_type in LINE_FIELDS.items():
            touched = [line.id for line in getattr(self, field)]
            if len(touched) != len(set(touched)):
                yield Malformed(_("One line is edited twice."), field=field)
            for line in getattr(self, field):
                yield from line.check(structure, row_type, role, field)
        after = structure.branch()
        self.apply(after)
        yield from rules.role_stands_1_1(after, after.role(self.role))

    def apply(self, structure: Structure) -> None:
        role = structure.role(self.role)
        values = {f: getattr(self, f).to for f in ("name", "purpose") if getattr(self, f) is not None}
        if values:
            structure.amend(role, **values)
        for field, row_type in LINE_FIELDS.items():
            for line in getattr(self, field):
                line.apply(structure, row_type, self.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        lines = {}
        for field, row_type in LINE_FIELDS.items():
            inverses = [line.inverse(before, row_type) for line in getattr(self, field)]
            lines[field] = tuple(line for line in inverses if line is not None)
        return [
            AmendRole(
                self.role,
                Edit(self.name.to, self.name.was) if self.name else None,
                Edit(self.purpose.to, self.purpose.was) if self.purpose else None,
                lines["accountabilities"],
                lines["domains"],
            )
        ]

    def sentence(self, names: Names) -> str:
        return _("Amend role %(role)s") % {"role": names.role(self.role)}


@dataclass(frozen=True)
class RemoveRole(Change):
    """Remove a role with everything inside it; the last ordinary one takes the circle's own roles with it."""

    kind: ClassVar[str] = "remove_role"
    label = gettext_lazy("Remove a role")
    authorities = DEFINERS

    role: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> RemoveRole:
        return cls(identifier(data, "role"))

    def payload(self) -> dict[str, Any]:
        return {"role": self.role}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield gone(_("The role"), field="role")
            return
        yield from rules.constitutional_role_stays(role)
        yield from rules.anchor_stays_1_3_3(role)
        yield from rules.own_circle_5_2(role.circle, authority, role.shown_name)

    def apply(self, structure: Structure) -> None:
        role = structure.role(self.role)
        for inner in structure.descendants(role.id):
            clear_role(structure, inner)
        clear_role(structure, role)
        if role.circle is not None:
            vanish_constitutional_roles(structure, role.circle)

    def inverse(self, before: Structure) -> Sequence[Change]:
        from governance.changes.people import Assign, electable_order
        from governance.changes.policies import AddPolicy

        role = before.role(self.role)
        circle = role.circle
        roles = [role, *before.descendants(role.id)]
        if circle is not None and len(before.ordinary_inside(circle)) == 1:
            roles += [r for r in before.inside(circle) if r.is_constitutional]
        changes: list[Change] = []
        late: list[Change] = []
        for row in roles:
            if row.is_constitutional:
                late += lines_back(before, row)
            else:
                lines = lines_of(before, row.id)
                empty = before.is_circle(row.id) and not before.ordinary_inside(row.id)
                texts = (lines["accountabilities"], lines["domains"])
                changes.append(AddRole(row.id, row.circle, row.name, row.purpose, *texts, broken_down=empty))
            late += [AddPolicy.of(policy) for policy in before.lines(PolicyRow, row.id)]
        fillers = electable_order(before, [a for row in roles for a in before.fillers(row.id)])
        late += [Assign.of(a) for a in fillers]
        return [*changes, *late]

    def sentence(self, names: Names) -> str:
        return _("Remove role %(role)s") % {"role": names.role(self.role)}


@dataclass(frozen=True)
class MoveRole(Change):
    """Move a role, with everything inside it, from one circle into another; its identity stays (§5.2c)."""

    kind: ClassVar[str] = "move_role"
    label = gettext_lazy("Move a role")
    authorities = MOVERS

    role: str
    circle: str
    was: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> MoveRole:
        return cls(identifier(data, "role"), identifier(data, "circle"), identifier(data, "from"))

    def payload(self) -> dict[str, Any]:
        return {"role": self.role, "circle": self.circle, "from": self.was}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield gone(_("The role"), field="role")
            return
        circle = structure.get(RoleRow, self.circle)
        if circle is None:
            yield gone(_("The circle"), field="circle")
            return
        yield from rules.anchor_stays_1_3_3(role)
        yield from rules.constitutional_role_does_not_move(role)
        yield from rules.holds_roles_1_3_1(circle)
        yield from rules.not_inside_itself_1_3(structure, role, circle)
        if role.circle == self.circle:
            message = _("“%(role)s” lies in this circle already.") % {"role": role.shown_name}
            yield Conflict(message, field="circle")
        elif role.circle is not None and role.circle != self.was:
            message = _("“%(role)s” has been moved to another circle since this was drafted.")
            rows = structure.get_many(RoleRow, [self.was, role.circle])
            yield Conflict(
                message % {"role": role.shown_name},
                field="circle",
                drafted_from=rows[self.was].shown_name if self.was in rows else "",
                drafted=circle.shown_name,
                now=rows[role.circle].shown_name,
            )

    def apply(self, structure: Structure) -> None:
        structure.amend(structure.role(self.role), circle=self.circle)
        appear_constitutional_roles(structure, self.circle)
        vanish_constitutional_roles(structure, self.was)
        # An unfilled role is led by the leads of the circle it lies in (§1.4.2): these are others now
        settle_rep_seats(structure, self.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        from governance.changes.people import reps_back

        seats = reps_back(before, self)
        lines = (
            constitutional_lines_back(before, self.was) if len(before.ordinary_inside(self.was)) == 1 else []
        )
        return [MoveRole(self.role, self.was, self.circle), *lines, *seats]

    def sentence(self, names: Names) -> str:
        return _("Move role %(role)s from %(was)s to %(circle)s") % {
            "role": names.role(self.role),
            "was": names.role(self.was),
            "circle": names.role(self.circle),
        }
