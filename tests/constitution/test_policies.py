"""What a circle may decide, and what a policy is (§5.2, §5.2.1)."""

from __future__ import annotations

from typing import Any

import pytest

from circles.models import Policy, Role
from tests import world as worlds
from tests.constitution.clause import ALLOWS, REFUSES, clause
from tests.constitution.proposing import RunJobs, adopt, broken, propose
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def policy(world: World, **more: Any) -> dict[str, Any]:
    values = {"title": "Two days before", "kinds": ["constraint"]}
    return {"kind": "add_policy", "circle": world.role_ids["storefront"], **values, **more}


@clause("5.2", REFUSES)
@pytest.mark.parametrize("kind", ["assign", "unassign", "admit", "depart", "elect"])
def test_a_proposal_carries_nothing_but_governance(world: World, kind: str) -> None:
    assignment = world.role("photo").assignments.get()
    other = {
        "kind": kind, "role": world.role_ids["sizes"], "person": world.lea.pk, "assignment": assignment.pk,
        "partner": False, "id": assignment.pk, "focus": "", "term_ends": None,
    }  # fmt: skip
    broken("5.2", lambda: propose(world, "storefront", other, by=world.samira))
    assert not world.role("sizes").assignments.exists()


@clause("5.2", ALLOWS)
def test_roles_and_policies_are_defined_amended_and_removed(world: World, run_jobs: RunJobs) -> None:
    here = world.role_ids["storefront"]
    role = {"kind": "add_role", "circle": here, "name": "Reviews Listener", "purpose": "Somebody listens"}
    adopt(world, "storefront", [role, policy(world)], run_jobs, by=world.samira)
    listener, rule = Role.objects.get(name="Reviews Listener"), Policy.objects.get(title="Two days before")
    amended = [
        {"kind": "amend_role", "role": listener.pk, "name": {"from": listener.name, "to": "Listener"}},
        {"kind": "amend_policy", "policy": rule.pk, "title": {"from": rule.title, "to": "Three days"}},
    ]  # fmt: skip
    adopt(world, "storefront", amended, run_jobs, by=world.samira)
    listener.refresh_from_db()
    rule.refresh_from_db()
    assert (listener.name, rule.title) == ("Listener", "Three days")
    removed = [{"kind": "remove_role", "role": listener.pk}, {"kind": "remove_policy", "policy": rule.pk}]
    adopt(world, "storefront", removed, run_jobs, by=world.samira)
    assert not Role.objects.present().filter(pk=listener.pk).exists()
    assert not Policy.objects.present().filter(pk=rule.pk).exists()


@clause("5.2s", REFUSES)
def test_another_circles_governance_is_out_of_reach(world: World) -> None:
    there = world.role("support")
    for change in (
        {"kind": "amend_role", "role": there.pk, "purpose": {"from": there.purpose, "to": "Ours"}},
        {"kind": "remove_role", "role": there.pk},
        policy(world, circle=world.role_ids["love"]),
    ):
        broken("5.2", propose, world, "storefront", change, by=world.samira)


@clause("5.2s", ALLOWS)
def test_within_the_own_circle_the_same_is_adopted(world: World, run_jobs: RunJobs) -> None:
    there = world.role("support")
    change = {"kind": "amend_role", "role": there.pk, "purpose": {"from": there.purpose, "to": "Ours"}}
    adopt(world, "love", change, run_jobs, by=world.callum)
    there.refresh_from_db()
    assert there.purpose == "Ours"


@clause("5.2.1a", REFUSES)
def test_a_policy_names_its_kind(world: World) -> None:
    for kinds in ([], ["wish"], ["constraint", "wish"]):
        broken("5.2.1", propose, world, "storefront", policy(world, kinds=kinds), by=world.samira)


@clause("5.2.1a", ALLOWS)
@pytest.mark.parametrize("kinds", [["constraint"], ["grant"], ["constraint", "grant"]])
def test_a_policy_may_be_of_one_kind_or_more(world: World, run_jobs: RunJobs, kinds: list[str]) -> None:
    adopt(world, "storefront", policy(world, kinds=kinds), run_jobs, by=world.samira)
    assert Policy.objects.get(title="Two days before").kinds == kinds
