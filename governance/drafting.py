"""What a draft would do, and what stands in its way: read for its preview, and for the page of a proposal."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.effects import TIME_LIMIT
from circles.queries import memberships
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    PolicyRow,
    RoleRow,
    Structure,
)
from governance.actions.proposals import examine
from governance.calendar import due_after
from governance.changes import Change, parse_change
from governance.consequences import Consequence, consequences
from governance.diffs import SubjectDiff, describe
from governance.enactment import Preview
from governance.forms.draft import Block, DraftForm
from governance.models import Proposal
from governance.names import NameBook
from governance.queries import with_refs
from governance.record import dump_rows
from governance.representation import may_represent
from people.refusals import Conflict, Refused, RuleBroken

# Where a refusal belongs in the editor, by its field
FIELDS: Mapping[str, str] = {
    "role": "role",
    "tension": "tension",
    "example": "example",
    "how_helped": "how_helped",
    "title": "title",
    "changes": "add",
}


# -- where something can be proposed ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A circle somebody may propose in. ``roles`` are those they would speak for; ``breaks_down`` says that it is
    the inside of a role without roles inside yet; ``suggested`` that the tension's role lies there."""

    circle: RoleRow
    roles: tuple[RoleRow, ...]
    breaks_down: bool = False
    suggested: bool = False


def places(structure: Structure, person_id: str, *, role_id: str | None = None) -> list[Place]:
    """Return the circles somebody may propose in (§5.3), the one of ``role_id`` first, then by name; the insides of
    their own roles, which proposing there would break down (§1.3.1), last."""
    role = structure.get(RoleRow, role_id)
    near = (role.circle, role.id) if role is not None else ()
    circles = [m.circle for m in memberships(structure, person_id)]
    own = structure.get_many(RoleRow, {a.role for a in structure.find(AssignmentRow, "person", [person_id])})
    member = {c.id for c in circles}
    inner = [r for r in own.values() if r.kind == ORDINARY and r.id not in member and r.circle is not None]
    inner = [r for r in inner if person_id in structure.partners_among([person_id])]
    result = [Place(c, spoken_for(structure, c.id, person_id), suggested=c.id in near) for c in circles] + [
        Place(r, (r,), breaks_down=True) for r in sorted(inner, key=lambda r: (r.name.casefold(), r.id))
    ]
    return sorted(result, key=lambda p: (not p.suggested, p.breaks_down))


def spoken_for(
    structure: Structure, circle_id: str, person_id: str, *, meeting: str = ""
) -> tuple[RoleRow, ...]:
    """Return the roles and sub-circles somebody may speak for in a circle, or a meeting of it, by name (§5.3)."""
    rows = structure.get_many(RoleRow, may_represent(structure, circle_id, person_id, meeting=meeting))
    return tuple(sorted(rows.values(), key=lambda r: (r.shown_name.casefold(), r.id)))


# -- what a draft would do ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way: the refusal, where it belongs, and the change it is about, if it is."""

    refused: Refused
    anchor: str = ""
    place: str = ""
    number: int = 0

    @property
    def message(self) -> str:
        return self.refused.message

    @property
    def clause(self) -> str:
        return self.refused.clause if isinstance(self.refused, RuleBroken) else ""

    @property
    def as_list(self) -> list[Obstacle]:
        return [self]

    @property
    def conflict(self) -> Conflict | None:
        """The texts that conflict, where two stand against each other."""
        found = self.refused if isinstance(self.refused, Conflict) else None
        return found if found is not None and (found.drafted or found.now) else None


@dataclass
class Outlook:
    """What a draft would do as things stand now, what stands in its way, and what proposing it would begin.

    ``due`` is when answers would close, by ``policy``; ``asked`` how many others are asked.
    """

    preview: Preview
    subjects: list[SubjectDiff]
    obstacles: list[Obstacle] = field(default_factory=list)
    due: dt.datetime | None = None
    policy: PolicyRow | None = None
    asked: int = 0
    follows: list[Consequence] = field(default_factory=list)

    def at(self, anchor: str) -> list[Obstacle]:
        return [o for o in self.obstacles if o.anchor == anchor]


def look_ahead(proposal: Proposal, form: DraftForm) -> Outlook:
    """Return what the text in the editor would do if it were proposed now. Reads only, writes nothing."""
    draft = copy.copy(proposal)
    for name, text in form.texts.items():
        setattr(draft, name, text)
    draft.role_id = form.role or None
    draft.changes = form.changes
    readable = [b for b in form.blocks if b.change is not None]
    preview, refusals = examine(draft)
    numbers = {id(refused): n for n, refused in preview.refusals}
    obstacles = [_general(r) for r in refusals if id(r) not in numbers]
    by_block: dict[str, list[Refused]] = {b.key: [b.refused] for b in form.blocks if b.refused is not None}
    for n, refused in preview.refusals:
        by_block.setdefault(readable[n].key, []).append(refused)
    for number, block in enumerate(form.blocks, 1):
        obstacles += [_of_block(r, block, number) for r in by_block.get(block.key, [])]
    if form.refused is not None and not form.changes:
        obstacles = [o for o in obstacles if o.refused.field != "changes"]
    before = preview.before
    limit = before.effect(proposal.circle_id, TIME_LIMIT)
    return Outlook(
        preview,
        differences(proposal, preview),
        obstacles,
        due=due_after(before, proposal.circle_id, timezone.now(), limit[1]["working_days"])
        if limit
        else None,
        policy=limit[0] if limit else None,
        asked=len(before.members(proposal.circle_id) - {proposal.proposer_id}),
        follows=follows(proposal, preview),
    )


def _general(refused: Refused) -> Obstacle:
    return Obstacle(refused, anchor=FIELDS.get(refused.field or "", ""), place=_("Go to the field"))


def _of_block(refused: Refused, block: Block, number: int) -> Obstacle:
    return Obstacle(refused, block.key, _("Go to change %(number)d") % {"number": number}, number)


def differences(proposal: Proposal, preview: Preview) -> list[SubjectDiff]:
    """Return what a preview changes, by role and policy, with how many lines stay as they are."""
    return with_refs(
        describe(
            dump_rows(preview.row_changes), NameBook(proposal.organization), unchanged=_unchanged(preview)
        )
    )


def _unchanged(preview: Preview) -> dict[tuple[str, str], int]:
    touched: dict[tuple[str, str], set[str]] = {}
    for change in preview.row_changes:
        if change.table in ("accountability", "domain"):
            stands = change.after or change.before
            touched.setdefault((change.table, stands.role), set()).add(change.id)
    rows: dict[str, type[AccountabilityRow] | type[DomainRow]] = {
        "accountability": AccountabilityRow,
        "domain": DomainRow,
    }
    result = {}
    for (table, role_id), ids in touched.items():
        stood = preview.before.find(rows[table], "role", [role_id])  # type: ignore[type-var]
        result[table, role_id] = len([row for row in stood if row.id not in ids])
    return result


def follows(proposal: Proposal, preview: Preview) -> list[Consequence]:
    """Return what follows from a proposal besides what it says. An amended one stands for the one it is beside."""
    stands_for = proposal.beside.proposal_id if proposal.beside is not None else proposal.pk
    return consequences(
        proposal.organization, preview, circle_id=proposal.circle_id, proposal_id=stands_for or ""
    )


def refused_changes(proposal: Proposal, preview: Preview) -> list[tuple[str, Obstacle]]:
    """Return the changes of a proposal that cannot be made as things stand, as (sentence, why not)."""
    names = NameBook(proposal.organization)
    changes: list[Change] = [parse_change(data) for data in proposal.changes]
    return [(changes[n].sentence(names), Obstacle(refused, number=n + 1)) for n, refused in preview.refusals]
