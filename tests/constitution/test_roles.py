"""Roles and circles: what makes a role, what lies inside which, and what the Constitution fixes (§1.1–§1.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, CONSTITUTIONAL_ROLES, FACILITATOR, SECRETARY
from circles.models import Policy, Role
from circles.structure import Structure
from governance import authority as by
from governance.actions import assignments, set_up
from governance.changes import parse_changes
from governance.models import Decision
from people.ids import derived_id
from people.models import Person
from people.refusals import Refused
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.constitution.proposing import RunJobs, adopt, broken, propose
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def new_role(world: World, circle: str, name: str = "Reviews Listener", **more: Any) -> dict[str, Any]:
    purpose = {"purpose": "What customers write changes what we make"}
    return {"kind": "add_role", "circle": world.role_ids[circle], "name": name, **purpose, **more}


def edit(world: World, *changes: dict[str, Any]) -> None:
    """An admin's edit: judged like anybody's, and of any circle."""
    set_up.edit_structure(parse_changes(list(changes)), actor=world.ines, reason="Trying")


def page_of(role: Role, reader: Person) -> str:
    client = Client()
    assert reader.account is not None
    client.force_login(reader.account)
    return client.get(reverse("circles:role", args=["northwind", role.ref])).content.decode()


def core(world: World, circle: str, kind: str) -> Role:
    return Role.objects.get(pk=derived_id(world.role_ids[circle], kind))


# -- what a role is (§1.1) ----------------------------------------------------------------------------------------


@clause("1.1", REFUSES)
def test_a_name_alone_is_no_role(world: World) -> None:
    broken("1.1", propose, world, "storefront", new_role(world, "storefront", purpose=""), by=world.maya)
    broken("1.1", propose, world, "storefront", new_role(world, "storefront", name=""), by=world.maya)
    # Nor may a role be left with nothing but its name
    photo = world.role("photo")
    bare = {"kind": "amend_role", "role": photo.pk, "purpose": {"from": photo.purpose, "to": ""}}
    broken("1.1", propose, world, "storefront", bare, by=world.maya)


@clause("1.1", ALLOWS)
@pytest.mark.parametrize(
    "has",
    [
        {"purpose": "Somebody listens"},
        {"purpose": "", "accountabilities": ["Reading reviews"]},
        {"purpose": "", "domains": [{"text": "Review replies", "internal": True}]},
    ],
)
def test_a_name_and_one_thing_more_are_a_role(world: World, run_jobs: RunJobs, has: dict[str, Any]) -> None:
    adopt(world, "storefront", new_role(world, "storefront", **has), run_jobs, by=world.maya)
    assert (
        Role.objects.present().filter(circle=world.role_ids["storefront"], name="Reviews Listener").exists()
    )


@clause("1.1p", HAPPENS)
def test_a_role_holds_policies_of_its_own(world: World, run_jobs: RunJobs) -> None:
    copywriter = world.role("copywriter")
    policy = {
        "kind": "add_policy",
        "circle": copywriter.pk,
        "title": "Two pairs of eyes",
        "kinds": ["constraint"],
    }
    adopt(world, "copywriter", policy, run_jobs, by=world.maya)
    assert Policy.objects.get(title="Two pairs of eyes").role == copywriter
    assert "Two pairs of eyes" in page_of(copywriter, world.callum)


# -- what lies in what (§1.3, §1.3.1, §1.3.3) -----------------------------------------------------------------------


def move(world: World, role: str, to: str) -> dict[str, Any]:
    circle = Role.objects.get(pk=world.role_ids[role]).circle_id
    return {
        "kind": "move_role", "role": world.role_ids[role], "from": circle or world.role_ids["anchor"],
        "circle": world.role_ids[to],
    }  # fmt: skip


@clause("1.3", REFUSES)
def test_no_role_lies_in_itself(world: World) -> None:
    for inside in ("storefront", "copywriter"):
        broken("1.3", edit, world, move(world, "storefront", inside))


@clause("1.3", ALLOWS)
def test_a_role_that_is_moved_is_in_its_new_circle_alone(world: World) -> None:
    edit(world, move(world, "photo", "love"))
    structure = Structure.of(world.organization.id)
    inside = {
        key: [r.id for r in structure.ordinary_inside(world.role_ids[key])]
        for key in ("storefront", "love", "anchor")
    }
    holding = [key for key, roles in inside.items() if world.role_ids["photo"] in roles]
    assert holding == ["love"]


@clause("1.3.1b", REFUSES)
@pytest.mark.parametrize("kind", [CIRCLE_LEAD, CIRCLE_REP, FACILITATOR, SECRETARY])
def test_what_the_constitution_defines_is_not_broken_down(world: World, kind: str) -> None:
    inside = {**new_role(world, "storefront"), "circle": core(world, "storefront", kind).pk}
    broken("1.3.1", edit, world, inside)


@clause("1.3.1b", ALLOWS)
@clause("1.3.1a", HAPPENS)
def test_an_ordinary_role_is_broken_down_and_stays_what_it_was(world: World, run_jobs: RunJobs) -> None:
    before = world.role("copywriter")
    lines = list(before.accountabilities.values_list("pk", "text"))
    adopt(world, "copywriter", new_role(world, "copywriter", "Translator"), run_jobs, by=world.maya)
    after = world.role("copywriter")
    assert Structure.of(world.organization.id).is_circle(after.pk)
    assert (after.name, after.purpose, after.ref) == (before.name, before.purpose, before.ref)
    assert list(after.accountabilities.values_list("pk", "text")) == lines
    assert [a.person for a in after.assignments.all()] == [world.maya]


@clause("1.3.3a", REFUSES)
def test_the_anchor_circle_is_one_and_stays(world: World) -> None:
    remove = {"kind": "remove_role", "role": world.role_ids["anchor"]}
    broken("1.3.3", propose, world, "anchor", remove, by=world.hana)
    broken("1.3.3", edit, world, remove)
    broken("1.3.3", edit, world, move(world, "anchor", "storefront"))
    broken("1.3.3", edit, world, {**new_role(world, "anchor", "A second whole"), "circle": None})
    assert [r.name for r in Role.objects.present().filter(organization=world.organization, circle=None)] == [
        world.role("anchor").name
    ]


@clause("1.3.3a", ALLOWS)
def test_any_other_circle_can_be_removed(world: World, run_jobs: RunJobs) -> None:
    remove = {"kind": "remove_role", "role": world.role_ids["love"]}
    adopt(world, "anchor", remove, run_jobs, by=world.hana)
    assert not Role.objects.present().filter(pk=world.role_ids["love"]).exists()
    assert not Role.objects.present().filter(pk=world.role_ids["support"]).exists()


@clause("1.3.3b", HAPPENS)
def test_ratifiers_define_the_first_structure_once_in_their_names() -> None:
    world = worlds.build(adopted=False)
    assert not Decision.objects.filter(organization=world.organization).exists()
    edit(world, new_role(world, "storefront"))
    set_up.declare_adoption(actor=world.ines)
    decision = Decision.objects.get(organization=world.organization)
    assert (decision.number, decision.authority) == (1, by.RATIFIERS)
    client = Client()
    assert world.maya.account is not None
    client.force_login(world.maya.account)
    shown = client.get(reverse("governance:decision", args=["northwind", 1])).content.decode()
    assert "Ines Calloway" in shown
    assert "Hana Mori" in shown
    assert "Reviews Listener" in shown
    with pytest.raises(Refused):
        set_up.declare_adoption(actor=world.ines)


# -- what the Constitution defines (§1.3.5, §1.4.5, §5.1.1) ---------------------------------------------------------


@clause("1.3.5a", HAPPENS)
def test_every_circle_has_a_facilitator_and_a_secretary(world: World, run_jobs: RunJobs) -> None:
    adopt(world, "copywriter", new_role(world, "copywriter", "Translator"), run_jobs, by=world.maya)
    for kind in (FACILITATOR, SECRETARY):
        role = core(world, "copywriter", kind)
        assert escape(CONSTITUTIONAL_ROLES[kind].purpose) in page_of(role, world.maya)


FIXED = [(FACILITATOR, "1.3.5"), (SECRETARY, "1.3.5"), (CIRCLE_LEAD, "1.4.5"), (CIRCLE_REP, "5.1.1")]


@clause("1.3.5b", REFUSES)
@clause("1.4.5a", REFUSES)
@clause("5.1.1c", REFUSES)
@pytest.mark.parametrize(("kind", "number"), FIXED)
def test_what_the_constitution_fixes_stays(world: World, kind: str, number: str) -> None:
    role = core(world, "storefront", kind)
    other = {"kind": "amend_role", "role": role.pk, "purpose": {"from": role.purpose, "to": "Another"}}
    broken(number, propose, world, "storefront", other, by=world.maya)
    broken(number, propose, world, "storefront", {"kind": "remove_role", "role": role.pk}, by=world.maya)
    broken(number, edit, world, other)


@clause("1.3.5b", ALLOWS)
@clause("1.4.5a", ALLOWS)
@clause("5.1.1c", ALLOWS)
@pytest.mark.parametrize("kind", [FACILITATOR, SECRETARY, CIRCLE_LEAD, CIRCLE_REP])
def test_a_circle_adds_to_them_and_changes_what_it_added(world: World, run_jobs: RunJobs, kind: str) -> None:
    role = core(world, "storefront", kind)

    def amend(line: dict[str, Any]) -> None:
        change = {"kind": "amend_role", "role": role.pk, "accountabilities": [line]}
        adopt(world, "storefront", change, run_jobs, by=world.maya)

    amend({"op": "add", "text": "Bringing cake"})
    added = role.accountabilities.get()
    amend({"op": "amend", "id": added.pk, "from": "Bringing cake", "to": "Bringing fruit"})
    assert [a.text for a in role.accountabilities.all()] == ["Bringing fruit"]
    amend({"op": "remove", "id": added.pk, "from": "Bringing fruit"})
    assert not role.accountabilities.exists()


# -- circle leads (§1.4) ----------------------------------------------------------------------------------------------


@clause("1.4a", REFUSES)
def test_nobody_is_made_circle_lead_but_by_filling_the_role(world: World) -> None:
    lead = core(world, "storefront", CIRCLE_LEAD)
    broken("1.4", assignments.assign_role, lead, world.maya, actor=world.ines)


@clause("1.4a", ALLOWS)
@clause("1.4a", HAPPENS)
def test_whoever_fills_a_role_is_circle_lead_inside_it(world: World) -> None:
    storefront = world.role_ids["storefront"]
    assignments.assign_role(world.role("storefront"), world.maya, actor=world.ines)
    assert Structure.of(world.organization.id).circle_leads(storefront) == {world.ines.id, world.maya.id}
    shown = page_of(core(world, "storefront", CIRCLE_LEAD), world.callum)
    assert "Maya Lindqvist" in shown
    assert world.role("storefront").purpose in shown  # the circle's purpose is the lead's


@clause("1.4b", REFUSES)
def test_without_a_policy_the_anchor_circle_has_no_lead(world: World, run_jobs: RunJobs) -> None:
    anchor = world.role_ids["anchor"]
    policy = Policy.objects.get(role=anchor, effect__kind="anchor_circle_lead")
    adopt(world, "anchor", {"kind": "remove_policy", "policy": policy.pk}, run_jobs, by=world.hana)
    assert Structure.of(world.organization.id).circle_leads(anchor) == set()
    broken("1.4", edit, world, {"kind": "assign", "role": anchor, "person": world.lea.pk})
    again = {
        "kind": "add_policy", "circle": anchor, "title": "We have a lead", "kinds": ["default"],
        "effect": {"kind": "anchor_circle_lead"},
    }  # fmt: skip
    adopt(world, "anchor", again, run_jobs, by=world.hana)
    edit(world, {"kind": "assign", "role": anchor, "person": world.lea.pk})
    assert world.lea.id in Structure.of(world.organization.id).circle_leads(anchor)


@clause("1.4b", ALLOWS)
def test_by_its_own_policy_the_anchor_circle_has_one(world: World) -> None:
    assignments.assign_role(world.role("anchor"), world.lea, actor=world.ines)
    leads = Structure.of(world.organization.id).circle_leads(world.role_ids["anchor"])
    assert leads == {world.ines.id, world.lea.id}
