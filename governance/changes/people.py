"""Who fills roles, and who belongs to the organization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.models import FOCUS_LENGTH
from circles.structure import AssignmentRow, PersonRow, RoleRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.back import way_back
from governance.changes.base import (
    Change,
    Names,
    boolean,
    clean,
    date_text,
    fresh_identifier,
    identifier,
    small_number,
)
from governance.changes.roles import gone
from governance.changes.settle import settle_rep_seats
from governance.rules import structure as rules
from people.refusals import Conflict, Malformed, Refused

KEEPERS = frozenset({by.RATIFIERS, by.IMPORT, by.ADMIN})
ASSIGNERS = KEEPERS | {by.BREAKDOWN, by.CIRCLE_LEAD}


@dataclass(frozen=True)
class Assign(Change):
    """Put a person into a role, with an optional focus (§1.4.1), and a term where elected."""

    kind: ClassVar[str] = "assign"
    label = gettext_lazy("Assign a role")
    authorities = ASSIGNERS

    id: str
    role: str
    person: str
    focus: str = ""
    term_ends: str | None = None
    # Where somebody comes back to the place they had among those who fill the role; else they come last
    position: int | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Assign:
        return cls(
            fresh_identifier(data),
            identifier(data, "role"),
            identifier(data, "person"),
            clean(data.get("focus"), "focus", most=FOCUS_LENGTH),
            date_text(data, "term_ends"),
            small_number(data, "position"),
        )

    @classmethod
    def of(cls, row: AssignmentRow) -> Assign:
        return cls(row.id, row.role, row.person, row.focus, row.term_ends, row.position)

    def payload(self) -> dict[str, Any]:
        data = {
            "id": self.id,
            "role": self.role,
            "person": self.person,
            "focus": self.focus,
            "term_ends": self.term_ends,
        }
        return data if self.position is None else {**data, "position": self.position}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield gone(_("The role"), field="role")
            return
        person = structure.get(PersonRow, self.person)
        if person is None:
            yield gone(_("The person"), field="person")
            return
        yield from rules.lead_is_filler_1_4(role)
        yield from rules.anchor_lead_1_4(structure, role)
        yield from rules.elected_seats_5_1(structure, role, authority)
        yield from rules.who_assigns_1_4_1(structure, role, authority)
        yield from rules.breakdown_lead_5_5_2(role, authority)
        yield from rules.person_fills(role, person)
        yield from rules.rep_eligible_5_1_1(structure, role, person)
        if any(a.person == self.person and a.focus == self.focus for a in structure.fillers(role.id)):
            yield Conflict(_("This person fills the role already, with the same focus."), field="person")
        if structure.get(AssignmentRow, self.id) is not None:
            yield Conflict(_("This has been assigned already."), field="person")

    def apply(self, structure: Structure) -> None:
        last = max((a.position for a in structure.fillers(self.role)), default=-1)
        position = last + 1 if self.position is None else self.position
        structure.put(AssignmentRow(self.id, self.role, self.person, self.focus, self.term_ends, position))
        settle_rep_seats(structure, self.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        words = {"person": names.person(self.person), "role": names.role(self.role), "focus": self.focus}
        if self.focus:
            return _("Assign %(person)s to %(role)s with the focus %(focus)s") % words
        return _("Assign %(person)s to %(role)s") % words


@dataclass(frozen=True)
class Unassign(Change):
    """End somebody's assignment (§1.4.1). Role and person are named so that the sentence outlives the row."""

    kind: ClassVar[str] = "unassign"
    label = gettext_lazy("End an assignment")
    authorities = ASSIGNERS

    assignment: str
    role: str
    person: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Unassign:
        return cls(identifier(data, "assignment"), identifier(data, "role"), identifier(data, "person"))

    @classmethod
    def of(cls, row: AssignmentRow) -> Unassign:
        return cls(row.id, row.role, row.person)

    def payload(self) -> dict[str, Any]:
        return {"assignment": self.assignment, "role": self.role, "person": self.person}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        assignment = structure.get(AssignmentRow, self.assignment)
        if assignment is None or (assignment.role, assignment.person) != (self.role, self.person):
            yield gone(_("The assignment"), field="assignment")
            return
        role = structure.role(assignment.role)
        yield from rules.elected_seats_5_1(structure, role, authority)
        yield from rules.who_assigns_1_4_1(structure, role, authority)
        yield from rules.breakdown_lead_5_5_2(role, authority)

    def apply(self, structure: Structure) -> None:
        assignment = structure.get(AssignmentRow, self.assignment)
        if assignment is not None:
            structure.drop(assignment)
            settle_rep_seats(structure, assignment.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("End %(person)s’s assignment to %(role)s") % {
            "person": names.person(self.person),
            "role": names.role(self.role),
        }


@dataclass(frozen=True)
class Resign(Unassign):
    """Resign from a role, elected ones included (§1.4.1)."""

    kind: ClassVar[str] = "resign"
    label = gettext_lazy("Resign from a role")
    authorities = frozenset({by.PERSON})

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        assignment = structure.get(AssignmentRow, self.assignment)
        if assignment is None or (assignment.role, assignment.person) != (self.role, self.person):
            yield gone(_("The assignment"), field="assignment")
            return
        yield from rules.resign_1_4_1(assignment, authority)

    def sentence(self, names: Names) -> str:
        return _("%(person)s resigns from %(role)s") % {
            "person": names.person(self.person),
            "role": names.role(self.role),
        }


@dataclass(frozen=True)
class Admit(Change):
    """Take somebody into the organization, as a partner or as somebody who only fills roles (preamble)."""

    kind: ClassVar[str] = "admit"
    label = gettext_lazy("Admit a person")
    authorities = KEEPERS

    person: str
    partner: bool = True

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Admit:
        return cls(identifier(data, "person"), boolean(data, "partner", True))

    def payload(self) -> dict[str, Any]:
        return {"person": self.person, "partner": self.partner}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        if structure.get(PersonRow, self.person) is not None:
            yield Conflict(_("This person belongs to the organization already."), field="person")

    def apply(self, structure: Structure) -> None:
        structure.put(PersonRow(self.person, self.partner))

    def inverse(self, before: Structure) -> Sequence[Change]:
        return [Depart(self.person)]

    def sentence(self, names: Names) -> str:
        if self.partner:
            return _("Admit %(person)s as a partner") % {"person": names.person(self.person)}
        return _("Admit %(person)s, not as a partner") % {"person": names.person(self.person)}


@dataclass(frozen=True)
class Depart(Change):
    """Let somebody leave: every assignment and seat of theirs ends."""

    kind: ClassVar[str] = "depart"
    label = gettext_lazy("Let a person leave")
    authorities = KEEPERS | {by.PERSON}

    person: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Depart:
        return cls(identifier(data, "person"))

    def payload(self) -> dict[str, Any]:
        return {"person": self.person}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        if structure.get(PersonRow, self.person) is None:
            yield gone(_("The person"), field="person")
        elif authority.kind == by.PERSON and authority.actor != self.person:
            yield Malformed(_("Only an admin can let somebody else leave."), field="person")

    def apply(self, structure: Structure) -> None:
        person = structure.get(PersonRow, self.person)
        assignments = structure.find(AssignmentRow, "person", [self.person])
        for assignment in assignments:
            structure.drop(assignment)
        for role in sorted({a.role for a in assignments}):
            settle_rep_seats(structure, role)
        if person is not None:
            structure.drop(person)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("%(person)s leaves the organization") % {"person": names.person(self.person)}


@dataclass(frozen=True)
class ChangePartnerStatus(Change):
    """Make somebody a partner, or no longer one; who is none holds no elected seat (§5.1)."""

    kind: ClassVar[str] = "partner_status"
    label = gettext_lazy("Change partner status")
    authorities = KEEPERS

    person: str
    partner: bool

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> ChangePartnerStatus:
        return cls(identifier(data, "person"), boolean(data, "partner", True))

    def payload(self) -> dict[str, Any]:
        return {"person": self.person, "partner": self.partner}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        person = structure.get(PersonRow, self.person)
        if person is None:
            yield gone(_("The person"), field="person")
        elif person.partner == self.partner:
            yield Conflict(_("That is so already."), field="partner")

    def apply(self, structure: Structure) -> None:
        person = structure.get(PersonRow, self.person)
        if person is None:
            return
        structure.amend(person, partner=self.partner)
        assignments = structure.find(AssignmentRow, "person", [self.person])
        roles = structure.get_many(RoleRow, {a.role for a in assignments})
        for assignment in assignments:
            if not self.partner and roles[assignment.role].is_constitutional:
                structure.drop(assignment)
        for role_id in sorted(roles):
            settle_rep_seats(structure, role_id)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        words = {"person": names.person(self.person)}
        return (
            _("%(person)s becomes a partner") if self.partner else _("%(person)s is no longer a partner")
        ) % words
