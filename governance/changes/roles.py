"""Adding, amending and removing roles (§5.2a), down to their single accountabilities and domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import ORDINARY
from circles.models import NAME_LENGTH, PURPOSE_LENGTH
from circles.structure import RoleRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.back import way_back
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
from governance.changes.lines import LINE_FIELDS, LineEdit, NewLine, unused_ids
from governance.changes.settle import (
    appear_constitutional_roles,
    clear_role,
    prefetch_clearing,
    vanish_constitutional_roles,
)
from governance.rules import places as structural
from governance.rules import structure as rules
from people.refusals import Conflict, Malformed, Refused

DEFINERS = frozenset({by.PROPOSAL, by.RATIFIERS, by.IMPORT, by.ADMIN, by.STRIKE})


def gone(what: str, *, field: str | None = None) -> Conflict:
    """A conflict with a removal: what the draft speaks of is no longer there."""
    return Conflict(_("%(what)s has been removed since this was drafted.") % {"what": what}, field=field)


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
        for line in (*self.accountabilities, *self.domains):
            if line.by is not None:
                yield Malformed(_("A new role has lines of its own circle alone."), field="accountabilities")
        for line in self.domains:
            yield from structural.domain_granted_1_3_2(
                structure, self.circle, line.text, line.within, line.internal
            )

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
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        if self.circle is None:
            return _("Found the anchor circle %(role)s") % {"role": self.name}
        return _("Add role %(role)s to %(circle)s") % {"role": self.name, "circle": names.role(self.circle)}


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
            yield from structural.anchor_by_policy_1_3_3(structure, role, self.purpose is not None)
        else:
            touches_words = bool(self.name or self.purpose)
            yield from structural.linked_definition_1_3_4(structure, role, touches_words, authority)
            if role.circle == authority.circle or structural.is_linked_into(
                structure, role.id, authority.circle
            ):
                yield from structural.own_lines_1_3_4(structure, role, self._touched(structure), authority)
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

    def _touched(self, structure: Structure) -> list[tuple[str | None, str]]:
        """The lines that this adds, amends or removes: by which circle they are, and their words."""
        touched = []
        for field, row_type in LINE_FIELDS.items():
            for line in getattr(self, field):
                row = line.new or structure.get(row_type, line.id)
                if row is not None:
                    touched.append((row.by, row.text))
        return touched

    def apply(self, structure: Structure) -> None:
        role = structure.role(self.role)
        values = {f: getattr(self, f).to for f in ("name", "purpose") if getattr(self, f) is not None}
        if values:
            structure.amend(role, **values)
        for field, row_type in LINE_FIELDS.items():
            for line in getattr(self, field):
                line.apply(structure, row_type, self.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Amend role %(role)s") % {"role": names.role(self.role)}


@dataclass(frozen=True)
class RemoveRole(Change):
    """Remove a role with everything inside it; the last ordinary one takes the circle's own roles with it."""

    kind: ClassVar[str] = "remove_role"
    label = gettext_lazy("Remove a role")
    authorities = DEFINERS

    role: str
    # Out of a circle that was brought in with no roles inside: it stays one
    leaves_circle: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> RemoveRole:
        return cls(identifier(data, "role"), boolean(data, "leaves_circle", False))

    def payload(self) -> dict[str, Any]:
        return {"role": self.role, "leaves_circle": True} if self.leaves_circle else {"role": self.role}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield gone(_("The role"), field="role")
            return
        yield from rules.constitutional_role_stays(role)
        yield from rules.anchor_stays_1_3_3(role)
        linked = list(structural.linked_role_stays_1_3_4(structure, role, authority))
        yield from linked or rules.own_circle_5_2(role.circle, authority, role.shown_name)
        if self.leaves_circle:
            yield from rules.circle_by_first_role_1_3_1(authority)

    def apply(self, structure: Structure) -> None:
        role = structure.role(self.role)
        inside = structure.descendants(role.id)
        prefetch_clearing(structure, [role.id, *(r.id for r in inside)])
        for inner in inside:
            clear_role(structure, inner)
        clear_role(structure, role)
        if role.circle is not None and not self.leaves_circle:
            vanish_constitutional_roles(structure, role.circle)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Remove role %(role)s") % {"role": names.role(self.role)}
