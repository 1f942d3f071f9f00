"""What tests of clauses do over and over: propose something in a circle, have it adopted, or see it refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from circles.structure import Structure
from governance.actions import proposals
from governance.models import Proposal
from people.models import Person
from people.refusals import RuleBroken
from tests.world import World

RunJobs = Callable[[], object]
WHY: dict[str, Any] = {
    "title": "Better",
    "tension": "It hurts",
    "example": "On Monday it hurt",
    "how_helped": "It would not have",
}
Changes = dict[str, Any] | list[dict[str, Any]]


def draft(world: World, circle: str, changes: Changes, *, by: Person) -> Proposal:
    """A draft in a circle, for a role its proposer speaks for there."""
    here = world.role(circle)
    role = min(Structure.of(world.organization.id).represented_by(here.pk, by.pk))
    wanted = changes if isinstance(changes, list) else [changes]
    return proposals.start_draft(here, actor=by, **WHY, role=role, changes=wanted)


def propose(world: World, circle: str, changes: Changes, *, by: Person) -> Proposal:
    return proposals.propose(draft(world, circle, changes, by=by), actor=by)


def adopt(world: World, circle: str, changes: Changes, run_jobs: RunJobs, *, by: Person) -> Proposal:
    """Propose, and let everybody confirm that they have no objection."""
    proposal = propose(world, circle, changes, by=by)
    for response in proposal.responses.filter(answer="").select_related("person"):
        response.person.organization = world.organization
        proposals.answer(proposal, actor=response.person, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED, proposal.settled_reason
    return proposal


def broken(number: str, act: Callable[..., object], *args: Any, **more: Any) -> None:
    """Do what a clause forbids, and be refused with its number."""
    with pytest.raises(RuleBroken) as refusal:
        act(*args, **more)
    assert refusal.value.clause == number
