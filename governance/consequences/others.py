"""What follows for other proposals that are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.utils.translation import gettext as _

from circles.structure import (
    AccountabilityRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    RoleRow,
    Structure,
)
from governance import authority as by
from governance.authority import Authority
from governance.changes import parse_change
from governance.consequences.outcome import Consequence, Outcome
from governance.models import Proposal
from people.ids import is_id
from people.refusals import Conflict, Refused

# Only so many open proposals are looked at
MOST_PROPOSALS = 30


def proposals_conflict_5_3(outcome: Outcome) -> Iterator[Consequence]:
    """§5.3: open proposals elsewhere that would conflict once this is adopted."""
    touched = {c.id for c in outcome.preview.row_changes}
    touched |= {
        row.role for c in outcome.rows("accountability", "domain") for row in (c.before, c.after) if row
    }
    open_ones = Proposal.objects.filter(organization=outcome.organization, state__in=Proposal.OPEN)
    others = open_ones.exclude(pk=outcome.proposal or "-").filter(circle__in=_around(outcome))
    found = [
        other
        for other in others.select_related("circle").order_by("pk")[:MOST_PROPOSALS]
        if _names_any(other.changes, touched)
    ]
    _read_what_they_name(outcome, found)
    for other in found:
        if _conflicts(other, outcome.after) and not _conflicts(other, outcome.before):
            text = _("“%(title)s” in %(circle)s would conflict and go back to its proposer.") % {
                "title": other,
                "circle": other.circle.shown_name,
            }
            yield Consequence("conflict", text, "5.3", warn=True, proposal=other.pk)


def _read_what_they_name(outcome: Outcome, proposals: Iterable[Proposal]) -> None:
    """Read at once what checking these proposals asks for one by one."""
    ids = {i for proposal in proposals for i in _ids(proposal.changes)}
    if not ids:
        return
    for structure in (outcome.before, outcome.after):
        structure.load_paths(structure.get_many(RoleRow, ids))
        structure.get_many(PolicyRow, ids)
        structure.get_many(AccountabilityRow, ids)
        structure.get_many(DomainRow, ids)
        structure.find(AccountabilityRow, "role", ids)
        structure.find(DomainRow, "role", ids)
        structure.find(LinkRow, "role", ids)


def _ids(changes: object) -> Iterator[str]:
    """Every identifier in the plain data of changes."""
    if is_id(changes):
        yield str(changes)
    for value in (
        changes.values() if isinstance(changes, dict) else changes if isinstance(changes, list) else ()
    ):
        yield from _ids(value)


def _around(outcome: Outcome) -> set[str]:
    """The circles whose proposals may speak of what changes: those touched, and the roles that go or move."""
    ids = set(outcome.circles)
    for change in outcome.rows("role"):
        row = change.before or change.after
        ids |= {row.id, row.circle} - {None}
    return ids


def _names_any(changes: object, ids: Collection[str]) -> bool:
    """Whether the plain data of changes names any of these rows."""
    if isinstance(changes, str):
        return changes in ids
    if isinstance(changes, dict):
        return any(_names_any(value, ids) for value in changes.values())
    if isinstance(changes, list):
        return any(_names_any(value, ids) for value in changes)
    return False


def _conflicts(proposal: Proposal, structure: Structure) -> bool:
    authority = Authority(by.PROPOSAL, actor=proposal.proposer_id, circle=proposal.circle_id)
    after = structure.branch()
    for data in proposal.changes:
        try:
            change = parse_change(data)
            refusals = list(change.check(after, authority))
            if any(isinstance(r, Conflict) for r in refusals):
                return True
            if not refusals:
                change.apply(after)
        except (Refused, KeyError):
            return False
    return False
