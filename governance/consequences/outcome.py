"""A preview with what is asked about it, and what a consequence is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.constitution import ORDINARY
from circles.queries import people_named, prefetch_seats
from circles.structure import (
    AssignmentRow,
    DomainRow,
    RoleRow,
    RowChange,
    Structure,
)
from governance.enactment import Preview
from people.models import Organization, Person

# Beyond so many circles and names a consequence is told as a number
MOST_CIRCLES = 40
MOST_NAMES = 8


@dataclass(frozen=True)
class Consequence:
    """What follows from adopting, in a sentence with its clause; ``icon`` as in the sprite. ``proposal`` is the
    address of a proposal that it is about."""

    icon: str
    text: str
    clause: str = ""
    warn: bool = False
    proposal: str = ""


@dataclass
class Outcome:
    """A preview with what the questions below ask of it, read once for all of them."""

    organization: Organization
    preview: Preview
    circle: str
    proposal: str = ""
    circles: list[str] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def before(self) -> Structure:
        return self.preview.before

    @property
    def after(self) -> Structure:
        return self.preview.after

    def rows(self, *tables: str) -> Iterator[RowChange]:
        return (c for c in self.preview.row_changes if c.table in tables)

    def gone(self, table: str) -> Iterator[RowChange]:
        return (c for c in self.rows(table) if c.after is None)

    def added(self, table: str) -> Iterator[RowChange]:
        return (c for c in self.rows(table) if c.before is None and c.after is not None)

    def role(self, role_id: str) -> RoleRow | None:
        """A role as it becomes, or as it was where it goes."""
        return self.after.get(RoleRow, role_id) or self.before.get(RoleRow, role_id)

    def name(self, role_id: str | None) -> str:
        role = self.role(role_id) if role_id else None
        if role is None:
            return _("a role that is not there")
        circle = self.role(role.circle) if role.is_constitutional and role.circle else None
        if circle is not None:
            return _("%(role)s of %(circle)s") % {"role": role.shown_name, "circle": circle.name}
        return role.shown_name

    def names(self, person_ids: Iterable[str]) -> str:
        """Names of people in order; beyond a few, how many more there are."""
        found = sorted(self.people[i].name for i in set(person_ids) if i in self.people)
        more = len(found) - MOST_NAMES
        if more > 1:
            rest = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
            return ", ".join([*found[:MOST_NAMES], rest])
        return ", ".join(found)


def outcome_of(organization: Organization, preview: Preview, circle_id: str, proposal_id: str) -> Outcome:
    """Read what the questions about a preview ask, at once for all of them."""
    outcome = Outcome(organization, preview, circle_id, proposal_id)
    outcome.circles = _circles_touched(outcome)
    _prefetch(outcome)
    return outcome


def _circles_touched(outcome: Outcome) -> list[str]:
    """The circles whose members may change: the circle itself, those around what changes, those inside it."""
    found: dict[str, None] = {outcome.circle: None}
    roles: dict[str, None] = {}
    for change in outcome.preview.row_changes:
        for row in (change.before, change.after):
            if row is None:
                continue
            if change.table == "role":
                roles[row.id] = None
            elif change.table in ("assignment", "link"):
                roles[row.role] = None
            if change.table in ("role", "link") and row.circle is not None:
                found[row.circle] = None
            if change.table == "policy" and row.effect is not None:
                found[row.role] = None
    outcome.before.get_many(RoleRow, roles)
    outcome.after.get_many(RoleRow, roles)
    for role_id in roles:
        role = outcome.role(role_id)
        if role is None:
            continue
        if role.circle is not None:
            found[role.circle] = None
        if role.is_constitutional and role.circle is not None:
            circle = outcome.role(role.circle)
            if circle is not None and circle.circle is not None:
                found[circle.circle] = None
        elif role.kind == ORDINARY:
            found[role.id] = None
    candidates = list(found)
    stand = outcome.before.circles_among(candidates) | outcome.after.circles_among(candidates)
    return [c for c in candidates if c in stand or c == outcome.circle][:MOST_CIRCLES]


def _prefetch(outcome: Outcome) -> None:
    rows = [row for c in outcome.preview.row_changes for row in (c.before, c.after) if row is not None]
    columns = [getattr(row, column, None) for row in rows for column in ("role", "circle")]
    named = {i for i in columns if i is not None}
    for structure in (outcome.before, outcome.after):
        roles = structure.get_many(RoleRow, named)
        structure.get_many(RoleRow, {r.circle for r in roles.values() if r.circle is not None})
        prefetch_seats(structure, [c for c in outcome.circles if structure.get(RoleRow, c) is not None])
    outcome.after.find(AssignmentRow, "role", [c.id for c in outcome.added("role")])
    domains = {c.before.domain for c in outcome.rows("policy") if c.before is not None} - {None}
    for structure in (outcome.before, outcome.after):
        structure.get_many(DomainRow, domains)
    people = {
        row.person for c in outcome.rows("assignment") for row in (c.before, c.after) if row is not None
    }
    for circle_id in outcome.circles:
        people |= members_of(outcome.before, circle_id) | members_of(outcome.after, circle_id)
        people |= outcome.after.circle_leads(circle_id)
    outcome.people = people_named(outcome.organization, people)


def members_of(structure: Structure, circle_id: str) -> set[str]:
    return structure.members(circle_id) if structure.get(RoleRow, circle_id) is not None else set()
