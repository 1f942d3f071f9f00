"""Who is a circle member (§5.1): computed from roles, and followed by everything that asks members."""

from __future__ import annotations

import pytest

from circles.constitution import FACILITATOR
from circles.structure import Structure
from governance.actions import assignments, proposals, set_up
from governance.changes import ChangePartnerStatus
from people.ids import derived_id
from people.models import Person
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.constitution.proposing import RunJobs, broken, draft, propose
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def members(world: World, circle: str) -> set[Person]:
    by_id = {p.id: p for p in world.people.values()}
    return {by_id[i] for i in Structure.of(world.organization.id).members(world.role_ids[circle])}


def line(world: World, role: str) -> dict[str, object]:
    added = [{"op": "add", "text": "Telling the others"}]
    return {"kind": "amend_role", "role": world.role_ids[role], "accountabilities": added}


@clause("5.1", HAPPENS)
def test_who_comes_to_lead_a_role_is_a_member_until_then_and_no_longer(world: World) -> None:
    assert world.lea not in members(world, "storefront")
    for role in ("sizes", "photo"):
        assignments.assign_role(world.role(role), world.lea, actor=world.ines)
    assert world.lea in members(world, "storefront")
    for role, still in (("sizes", True), ("photo", False)):
        assignments.resign(world.role(role).assignments.get(person=world.lea), actor=world.lea)
        assert (world.lea in members(world, "storefront")) is still


@clause("5.1", HAPPENS)
def test_partners_alone_are_members(world: World) -> None:
    assignments.assign_role(world.role("sizes"), world.otto, actor=world.ines)
    assert world.otto not in members(world, "storefront")
    set_up.edit_structure(
        [ChangePartnerStatus(world.priya.pk, False)], actor=world.ines, reason="Leaves soon"
    )
    assert world.priya not in members(world, "storefront")


@clause("5.1", HAPPENS)
@clause("1.4.2", HAPPENS)
def test_a_seat_that_is_to_be_elected_is_not_filled_by_the_circle_lead(world: World) -> None:
    love, structure = world.role_ids["love"], Structure.of(world.organization.id)
    for role in structure.ordinary_inside(love):
        assert structure.role_leads(role.id)  # Hana leads what nobody fills …
    assert structure.fillers(derived_id(love, FACILITATOR)) == []  # … and yet is no facilitator by that


@clause("5.1", REFUSES)
@clause("5.3a", REFUSES)
def test_who_is_no_member_proposes_nothing_there(world: World) -> None:
    theirs = draft(world, "storefront", line(world, "merchandiser"), by=world.priya)
    assignments.resign(world.role("merchandiser").assignments.get(), actor=world.priya)
    broken("5.3", proposals.propose, theirs, actor=world.priya)


@clause("5.1", ALLOWS)
@clause("5.3a", ALLOWS)
@clause("5.1.1b", HAPPENS)
def test_members_propose_for_what_they_speak_for(world: World) -> None:
    # Maya leads no role of the anchor circle: she is there as Storefront's rep, and speaks for Storefront
    asked = propose(world, "anchor", line(world, "finance"), by=world.maya)
    assert asked.role_id == world.role_ids["storefront"]
    assert {r.person for r in asked.responses.all()} == members(world, "anchor")


@clause("5.1", HAPPENS)
@clause("5.3b", HAPPENS)
def test_everybody_who_is_a_member_meanwhile_is_asked(world: World, run_jobs: RunJobs) -> None:
    asked = propose(world, "storefront", line(world, "merchandiser"), by=world.samira)
    assert {r.person for r in asked.responses.all()} == members(world, "storefront")
    assignments.assign_role(world.role("sizes"), world.lea, actor=world.ines)
    run_jobs()
    assert asked.responses.filter(person=world.lea, answer="").exists()
