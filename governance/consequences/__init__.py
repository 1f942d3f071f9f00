"""What follows from a list of changes besides what it says, computed from its preview alone (design, §3).

One small function for each kind, with its clause; ``consequences`` asks them all. Nothing is written, and the number
of queries does not grow with the number of changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from circles.structure import RoleRow
from governance.consequences.definitions import (
    domains_fall_back_1_3_2,
    domains_overlap_1_3_2,
    effects_hold_5_2_1,
    lead_lines_flow_down_1_4_5,
    links_fall_1_3_4,
    policies_without_subject_1_3_2,
)
from governance.consequences.others import proposals_conflict_5_3
from governance.consequences.outcome import Consequence, Outcome, outcome_of
from governance.consequences.seats import (
    assignments_end_1_4_1,
    circles_come_and_go_1_3_1,
    elections_end_5_3_5,
    members_gained_and_lost_5_1,
    seats_vacated_5_1,
    unfilled_roles_1_4_2,
)
from governance.enactment import Preview
from people.models import Organization

KINDS: tuple[Callable[[Outcome], Iterator[Consequence]], ...] = (
    circles_come_and_go_1_3_1,
    unfilled_roles_1_4_2,
    assignments_end_1_4_1,
    seats_vacated_5_1,
    elections_end_5_3_5,
    members_gained_and_lost_5_1,
    domains_fall_back_1_3_2,
    domains_overlap_1_3_2,
    policies_without_subject_1_3_2,
    links_fall_1_3_4,
    effects_hold_5_2_1,
    lead_lines_flow_down_1_4_5,
    proposals_conflict_5_3,
)


def consequences(
    organization: Organization, preview: Preview, *, circle_id: str, proposal_id: str = ""
) -> list[Consequence]:
    """Return what follows from a preview of a circle's governance. ``proposal_id`` is the proposal it is of, if it
    is one of many that are open."""
    if not preview.row_changes or preview.before.get(RoleRow, circle_id) is None:
        return []
    outcome = outcome_of(organization, preview, circle_id, proposal_id)
    return [one for ask in KINDS for one in ask(outcome)]


__all__ = ["KINDS", "Consequence", "consequences"]
