"""What an election brings about (§5.3.5): somebody new in an elected seat, for a term."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from circles.constitution import ELECTED_KINDS
from circles.structure import AssignmentRow, PersonRow, RoleRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.candidacy import leaving
from governance.changes.back import way_back
from governance.changes.base import (
    Change,
    Names,
    date_text,
    fresh_identifier,
    identifier,
    optional_identifier,
)
from governance.changes.people import Assign
from governance.changes.roles import gone
from governance.rules import elections as election_rules
from governance.rules import structure as rules
from people.refusals import Conflict, Refused


@dataclass(frozen=True)
class Elect(Change):
    """Put the person elected into the seat, in place of who holds it (§5.1.1, §5.1.2).

    ``replaces`` names whose term ends, where several may be circle rep; elsewhere it is whoever holds the seat.
    """

    kind: ClassVar[str] = "elect"
    label = gettext_lazy("Elect somebody")
    authorities = frozenset({by.ELECTION})

    id: str
    role: str
    person: str
    term_ends: str | None = None
    replaces: str | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Elect:
        return cls(
            fresh_identifier(data),
            identifier(data, "role"),
            identifier(data, "person"),
            date_text(data, "term_ends"),
            optional_identifier(data, "replaces"),
        )

    def payload(self) -> dict[str, Any]:
        data = {"id": self.id, "role": self.role, "person": self.person, "term_ends": self.term_ends}
        return data if self.replaces is None else {**data, "replaces": self.replaces}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None or role.circle is None:
            yield gone(_("The role"), field="role")
            return
        person = structure.get(PersonRow, self.person)
        if person is None:
            yield gone(_("The person"), field="person")
            return
        yield from election_rules.is_elected_5_3_5(role)
        if role.kind not in ELECTED_KINDS:
            return
        yield from election_rules.own_election_5_2(structure, role, authority)
        yield from election_rules.rep_is_elected_5_1_1(structure, role)
        yield from rules.person_fills(role, person)
        yield from election_rules.candidate_5_1(structure, role, person)
        yield from rules.one_rep_5_1_1(
            structure, role, person, leaving={a.person for a in self._leaving(structure, role)}
        )
        if structure.get(AssignmentRow, self.id) is not None:
            yield Conflict(_("This has been decided already."), field="person")

    def _leaving(self, structure: Structure, role: RoleRow) -> list[AssignmentRow]:
        return leaving(structure, role.circle or "", role.kind, elected=self.person, replaces=self.replaces)

    def apply(self, structure: Structure) -> None:
        structure.drop_all(self._leaving(structure, structure.role(self.role)))
        Assign(self.id, self.role, self.person, "", self.term_ends).apply(structure)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        words = {"person": names.person(self.person), "role": names.role(self.role), "date": ""}
        if self.term_ends:
            day = dt.date.fromisoformat(self.term_ends)
            words["date"] = date_format(day, pgettext("a day, as a date format", "j F Y"))
            return _("Elect %(person)s as %(role)s, until %(date)s") % words
        return _("Elect %(person)s as %(role)s") % words
