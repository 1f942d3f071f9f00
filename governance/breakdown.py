"""Process breakdown: who declares one, whose powers it gives, and what is different while it stands (§5.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR, SECRETARY
from circles.models import Assignment
from circles.structure import AssignmentRow, RoleRow, RowChange, Structure
from governance import authority as by
from governance.authority import Authority
from governance.facilitation import Acting, acting
from governance.models import Breakdown, Decision, Review
from governance.under_way import may_have
from people.models import Person
from people.refusals import RuleBroken


def in_breakdown(circle_id: str) -> Breakdown | None:
    """Return the process breakdown that stands in a circle, if one does."""
    return (
        Breakdown.objects.filter(circle=circle_id, ended_at=None)
        .select_related(
            "organization", "circle", "declared_by", "declared_in", "lead", "proposal", "raised_from__circle"
        )
        .first()
    )


def restorer(structure: Structure, circle_id: str) -> Acting:
    """Return who restores due process in a circle: the acting facilitator of its super-circle; without a
    super-circle, its own (§5.5.2)."""
    return acting(structure, super_circle(structure, circle_id) or circle_id, FACILITATOR)


def super_circle(structure: Structure, circle_id: str) -> str | None:
    circle = structure.get(RoleRow, circle_id)
    return circle.circle if circle is not None else None


def declares_from(structure: Structure, circle_id: str, person: str) -> tuple[str, str] | None:
    """Return the circle and the seat (facilitator or secretary) from which somebody may declare a breakdown in a
    circle: of the circle itself, or of its super-circle (§5.5). None where they may not."""
    for circle in (circle_id, super_circle(structure, circle_id)):
        for kind in (FACILITATOR, SECRETARY):
            if circle is not None and person in acting(structure, circle, kind).people:
                return circle, kind
    return None


# -- what awaits people ------------------------------------------------------------------------------------------


def to_restore(person: Person) -> list[Breakdown]:
    """Return the breakdowns in which somebody is to restore due process, the oldest first (§5.5.2b)."""
    if not may_have(person.organization_id, Breakdown):
        return []
    found = list(
        Breakdown.objects.filter(organization=person.organization_id, ended_at=None)
        .select_related("circle", "declared_by")
        .order_by("declared_at", "pk")
    )
    if not found:
        return []
    structure = Structure.of(person.organization_id)
    return [b for b in found if person.pk in restorer(structure, b.circle_id).people]


def to_review(person: Person) -> list[Review]:
    """Return the requests for a review that somebody is to answer, the oldest first (§5.5)."""
    if not may_have(person.organization_id, Review):
        return []
    found = list(
        Review.objects.filter(organization=person.organization_id, answered_at=None)
        .select_related("circle", "asked_by")
        .order_by("asked_at", "pk")
    )
    if not found:
        return []
    structure = Structure.of(person.organization_id)
    return [r for r in found if person.pk in restorer(structure, r.circle_id).people]


def of_circle(circle_id: str) -> QuerySet[Breakdown]:
    """Return every breakdown a circle has been in, the last one first."""
    return Breakdown.objects.filter(circle=circle_id).select_related("declared_by", "ended_by", "lead")


# -- the circle lead who was added -------------------------------------------------------------------------------


def lead_prevails_5_5_2(row_changes: Sequence[RowChange], authority: Authority) -> Iterator[RuleBroken]:
    """§5.5.2: what the circle lead added in a breakdown has decided as such, no other circle lead undoes while it
    stands; nor do they end that lead's own assignment.

    The rows the added lead wrote stay as they are, and whom they took out of a role is not put back.
    """
    if authority.kind != by.CIRCLE_LEAD or not row_changes:
        return
    changed = {(c.table, str(c.id)) for c in row_changes}
    standing = Breakdown.objects.filter(
        Q(circle=authority.circle) | Q(lead_assignment__in=[i for t, i in changed if t == "assignment"]),
        ended_at=None,
        lead__isnull=False,
    ).select_related("lead")
    for breakdown in standing:
        if breakdown.lead_id == authority.actor:
            continue
        words = {"name": breakdown.lead.name if breakdown.lead else ""}
        if ("assignment", breakdown.lead_assignment) in changed:
            yield RuleBroken(
                "5.5.2",
                _(
                    "%(name)s was added as circle lead for the process breakdown. Who restores the process ends that."
                )
                % words,
            )
        elif (
            breakdown.circle_id == authority.circle
            # Whoever has resigned or left can be asked no more, and nobody would be left to decide otherwise
            and Assignment.objects.filter(pk=breakdown.lead_assignment).exists()
            and _undoes(breakdown, row_changes, changed)
        ):
            yield RuleBroken(
                "5.5.2",
                _(
                    "%(name)s, the circle lead added for the process breakdown, has decided this; that holds while it "
                    "stands. Ask them."
                )
                % words,
            )


def _undoes(breakdown: Breakdown, row_changes: Sequence[RowChange], changed: set[tuple[str, str]]) -> bool:
    taken_out: set[tuple[str, str]] = set()
    decided: set[tuple[str, str]] = set()
    decisions = Decision.objects.filter(
        organization=breakdown.organization_id,
        authority=by.CIRCLE_LEAD,
        actor=breakdown.lead_id,
        circle=breakdown.circle_id,
        number__gt=breakdown.lead_since or 0,
    ).order_by("number")
    for rows in decisions.values_list("rows", flat=True):
        for table, row_id, before, after in rows:
            decided.add((table, row_id))
            if table == "assignment":
                if after is None:
                    taken_out.add((before["role"], before["person"]))
                else:
                    taken_out.discard((after["role"], after["person"]))
    put_in = {
        (c.after.role, c.after.person)
        for c in row_changes
        if isinstance(c.after, AssignmentRow) and c.before is None
    }
    return bool(changed & decided or put_in & taken_out)
