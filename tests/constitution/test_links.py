"""§1.3.4: a role links into circles that invite it, and takes with it nothing when it goes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from circles.models import Accountability, Domain, Link
from circles.relations import linked_into
from circles.structure import Structure
from governance import authority as by
from governance.actions import set_up
from governance.actions.assignments import assign_role
from governance.actions.linking import link_role, unlink_role
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, Assign, Change, RemovePolicy, RemoveRole, parse_change
from governance.enactment import enact
from governance.record import verify
from people.ids import derived_id, new_id
from people.refusals import RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def proposal_in(world: World, circle: str, *changes: Change) -> Any:
    """Enact changes as a proposal of a circle would."""
    authority = Authority(by.PROPOSAL, actor=world.maya.pk, circle=world.role_ids[circle])
    return enact(world.organization, changes, authority=authority)


def invite(world: World, circle: str = "love", role: str | None = None, **more: Any) -> str:
    """A policy of a circle that invites a role, or any; return its identifier."""
    effect = {"kind": "invite_link", "role": world.role_ids[role] if role else None}
    policy = AddPolicy(new_id(), world.role_ids[circle], "Guests", "", ("grant",), effect, **more)
    proposal_in(world, circle, policy)
    return policy.id


def linked(world: World, role: str = "photo", circle: str = "love") -> Link:
    link_role(world.role(role), world.role(circle), actor=world.samira)
    return Link.objects.get(role=world.role(role), circle=world.role(circle))


def adding(world: World, circle: str = "love", role: str = "photo", **more: Any) -> Change:
    """What a circle adds to a role that links into it."""
    line = {"op": "add", "text": "Taking pictures of repairs", "by": world.role_ids[circle], **more}
    return parse_change({"kind": "amend_role", "role": world.role_ids[role], "accountabilities": [line]})


@clause("1.3.4a", REFUSES)
def test_nothing_links_uninvited(world: World) -> None:
    with pytest.raises(RuleBroken) as refusal:
        link_role(world.role("photo"), world.role("love"), actor=world.samira)
    assert (refusal.value.clause, refusal.value.field) == ("1.3.4", "circle")
    invite(world, role="copywriter")
    with pytest.raises(RuleBroken) as refusal:
        link_role(world.role("photo"), world.role("love"), actor=world.samira)
    assert refusal.value.clause == "1.3.4"
    # Nor by anybody but its lead: not by the circle lead of the circle it lies in either
    invite(world)
    for person in (world.ines, world.hana, world.maya):
        with pytest.raises(RuleBroken) as refusal:
            link_role(world.role("photo"), world.role("love"), actor=person)
        assert refusal.value.clause == "1.3.4"
    assert not Link.objects.exists()


@clause("1.3.4a", REFUSES)
def test_a_policy_that_does_not_reach_inside_invites_into_its_own_circle_alone(world: World) -> None:
    invite(world, "anchor", inside=False)
    with pytest.raises(RuleBroken) as refusal:
        linked(world)
    assert refusal.value.clause == "1.3.4"
    linked(world, circle="anchor")


@clause("1.3.4a", ALLOWS)
def test_an_invited_role_links_by_its_lead_and_its_leads_become_members(world: World, client: Client) -> None:
    invite(world, "anchor", inside=True)
    love = world.role_ids["love"]
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    page = client.get(f"/northwind/roles/{world.role('photo').ref}/links/")
    assert "Customer Love" in page.content.decode()
    answer = client.post(f"/northwind/roles/{world.role('photo').ref}/links/", {"circle": love})
    assert answer.status_code == 302
    structure = Structure.of(world.organization.id)
    assert [r.id for r in structure.linked_into(love)] == [world.role_ids["photo"]]
    assert world.samira.pk in structure.members(love)
    assert structure.represented_by(love, world.samira.pk) == {world.role_ids["photo"]}
    assert "Photo Desk" in client.get(f"/northwind/roles/{world.role('love').ref}/").content.decode()
    assert "Customer Love" in client.get(f"/northwind/roles/{world.role('photo').ref}/").content.decode()
    assert verify(world.organization).faults == []


@clause("1.3.4a", REFUSES)
def test_a_policy_of_its_own_circle_keeps_a_role_linked(world: World) -> None:
    invite(world)
    link = linked(world)
    effect = {"kind": "link_stays", "role": world.role_ids["photo"]}
    stays = AddPolicy(new_id(), world.role_ids["storefront"], "Pictures stay", "", ("constraint",), effect)
    proposal_in(world, "storefront", stays)
    with pytest.raises(RuleBroken) as refusal:
        unlink_role(link, actor=world.samira)
    assert refusal.value.clause == "1.3.4"
    proposal_in(world, "storefront", RemovePolicy(stays.id))
    unlink_role(link, actor=world.samira)
    assert not Link.objects.exists()


@clause("1.3.4a", ALLOWS)
def test_a_role_opts_out_by_its_lead_alone(world: World, client: Client) -> None:
    invite(world)
    link = linked(world)
    with pytest.raises(RuleBroken) as refusal:
        unlink_role(link, actor=world.hana)
    assert refusal.value.clause == "1.3.4"
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    address = f"/northwind/links/{link.pk}/end/"
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    assert world.samira.pk not in Structure.of(world.organization.id).members(world.role_ids["love"])


@clause("1.3.4b", ALLOWS)
def test_the_circle_linked_into_adds_and_changes_what_it_added(world: World) -> None:
    invite(world)
    linked(world)
    proposal_in(world, "love", adding(world))
    line = Accountability.objects.get(by=world.role("love"))
    assert line.role_id == world.role_ids["photo"]
    edit = {"op": "amend", "id": line.pk, "from": line.text, "to": "Taking pictures of what was repaired"}
    change = {"kind": "amend_role", "role": line.role_id, "accountabilities": [edit]}
    proposal_in(world, "love", parse_change(change))
    line.refresh_from_db()
    assert line.text == "Taking pictures of what was repaired"
    (shown,) = linked_into(Structure.of(world.organization.id), world.role_ids["love"])
    assert [x.text for x in shown.accountabilities] == [line.text]
    edit = {"op": "remove", "id": line.pk, "from": line.text}
    proposal_in(world, "love", parse_change({**change, "accountabilities": [edit]}))
    assert not Accountability.objects.filter(pk=line.pk).exists()
    assert verify(world.organization).faults == []


@clause("1.3.4b", REFUSES)
def test_it_changes_nothing_else_of_the_role(world: World) -> None:
    invite(world, role="copywriter")
    link_role(world.role("copywriter"), world.role("love"), actor=world.maya)
    role = world.role("copywriter")
    own = role.accountabilities.first()
    assert own is not None
    for fields in (
        {"name": {"from": role.name, "to": "Writer"}},
        {"purpose": {"from": role.purpose, "to": "Words for Customer Love"}},
        {"accountabilities": [{"op": "remove", "id": own.pk, "from": own.text}]},
        {"accountabilities": [{"op": "amend", "id": own.pk, "from": own.text, "to": "Writing less"}]},
        # An addition that would stand as the source circle's
        {"accountabilities": [{"op": "add", "text": "Writing to customers"}]},
    ):
        with pytest.raises(RuleBroken) as refusal:
            proposal_in(world, "love", parse_change({"kind": "amend_role", "role": role.pk, **fields}))
        assert refusal.value.clause == "1.3.4", fields
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, "love", RemoveRole(role.pk))
    assert refusal.value.clause == "1.3.4"
    with pytest.raises(RuleBroken) as refusal:
        assign_role(role, world.callum, actor=world.hana)
    assert refusal.value.clause == "1.4.1"


@clause("1.3.4b", REFUSES)
def test_its_own_circle_does_not_change_what_another_added(world: World) -> None:
    invite(world)
    linked(world)
    proposal_in(world, "love", adding(world))
    line = Accountability.objects.get(by=world.role("love"))
    edit = {"op": "remove", "id": line.pk, "from": line.text}
    change = parse_change({"kind": "amend_role", "role": line.role_id, "accountabilities": [edit]})
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, "storefront", change)
    assert refusal.value.clause == "1.3.4"
    # Nor does a circle the role is not linked into
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, "anchor", change)
    assert refusal.value.clause == "5.2"


@clause("1.3.4c", HAPPENS)
def test_what_a_circle_added_goes_with_the_link(world: World) -> None:
    policy = invite(world)
    link = linked(world)
    domain = {"op": "add", "text": "Repair pictures", "internal": True, "by": world.role_ids["love"]}
    added = {"kind": "amend_role", "role": world.role_ids["photo"], "domains": [domain]}
    proposal_in(world, "love", adding(world), parse_change(added))
    assert Domain.objects.filter(by=world.role("love")).exists()
    unlink_role(link, actor=world.samira)
    for model in (Accountability, Domain):
        assert not model.objects.filter(by__isnull=False).exists()
    # And when the circle takes its invitation back, in the same decision
    linked(world)
    proposal_in(world, "love", adding(world))
    before = Structure.of(world.organization.id)
    removal = RemovePolicy(policy)
    back = removal.inverse(before)
    decision = proposal_in(world, "love", removal).decision
    assert {row[0] for row in decision.rows} == {"policy", "link", "accountability"}
    assert not Link.objects.exists()
    assert not Accountability.objects.filter(by__isnull=False).exists()
    assert world.samira.pk not in Structure.of(world.organization.id).members(world.role_ids["love"])
    enact(world.organization, back, authority=Authority(by.ADMIN, actor=world.ines.pk))
    assert Accountability.objects.filter(by=world.role("love")).count() == 1
    assert verify(world.organization).faults == []


@clause("1.3.4c", HAPPENS)
def test_a_further_policy_that_invites_keeps_the_link(world: World) -> None:
    policy = invite(world)
    invite(world, "anchor", inside=True)
    linked(world)
    proposal_in(world, "love", RemovePolicy(policy))
    assert Link.objects.count() == 1


@clause("5.1", HAPPENS)
def test_the_rep_of_a_linked_circle_is_a_member(world: World) -> None:
    invite(world)
    link_role(world.role("storefront"), world.role("love"), actor=world.ines)
    love = world.role_ids["love"]
    structure = Structure.of(world.organization.id)
    assert {world.ines.pk, world.maya.pk} <= structure.members(love)
    assert structure.represented_by(love, world.maya.pk) >= {world.role_ids["storefront"]}
    # An unfilled role that links is led by the leads of its own circle
    sizes = world.role("sizes")
    link_role(sizes, world.role("love"), actor=world.ines)
    assert sizes.pk in Structure.of(world.organization.id).represented_by(love, world.ines.pk)


def test_a_link_goes_with_the_role_and_with_the_circle(world: World) -> None:
    invite(world)
    linked(world)
    before = Structure.of(world.organization.id)
    removal = RemoveRole(world.role_ids["photo"])
    back = removal.inverse(before)
    proposal_in(world, "storefront", removal)
    assert not Link.objects.exists()
    set_up.edit_structure(back, actor=world.ines, reason="It was needed")
    assert Link.objects.count() == 1
    proposal_in(world, "anchor", RemoveRole(world.role_ids["love"]))
    assert not Link.objects.exists()
    assert verify(world.organization).faults == []


def test_the_api_links_and_takes_out(world: World, client: Client) -> None:
    invite(world)
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    address = f"/api/v1/northwind/roles/{world.role('photo').ref}/links/"
    sent = {"circle": world.role_ids["love"]}
    answer = client.post(address, sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert [one["circle"]["name"] for one in answer.json()["links"]] == ["Customer Love"]
    answer = client.post(address, {**sent, "linked": False}, content_type="application/json")
    assert answer.json() == {"links": [], "linked": []}
    again = client.post(address, {**sent, "linked": False}, content_type="application/json")
    assert again.status_code == 409


def test_a_role_without_words_of_its_own_does_not_live_on_anothers(world: World) -> None:
    role = AddRole(new_id(), world.role_ids["storefront"], "Helper", "Helping out")
    proposal_in(world, "storefront", role)
    enact(
        world.organization,
        [Assign(derived_id(role.id, "a"), role.id, world.samira.pk)],
        authority=Authority(by.CIRCLE_LEAD, actor=world.ines.pk, circle=world.role_ids["storefront"]),
    )
    world.role_ids["helper"] = role.id
    invite(world)
    linked(world, "helper")
    proposal_in(world, "love", adding(world, role="helper"))
    bare = {"kind": "amend_role", "role": role.id, "purpose": {"from": "Helping out", "to": ""}}
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, "storefront", parse_change(bare))
    assert refusal.value.clause == "1.1"
