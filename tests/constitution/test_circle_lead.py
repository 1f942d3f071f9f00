"""§1.4: what circle leads do, what goes to others in their place, and what flows down to those inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from circles.models import Assignment
from circles.relations import priorities, strategies
from circles.structure import PriorityRow, RouteRow, Structure
from governance import authority as by
from governance.actions.assignments import assign_role, unassign_role
from governance.actions.leading import reroute, set_priorities, set_strategies
from governance.authority import Authority
from governance.changes import AddPolicy, Change, RemovePolicy, RemoveRole, parse_change
from governance.enactment import enact
from governance.record import verify
from people.ids import derived_id, new_id
from people.refusals import Conflict, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db

FIRST = "Fewer products, even over more choice"


@pytest.fixture
def world() -> World:
    return worlds.build()


def proposal_in(world: World, circle: str, *changes: Change) -> Any:
    authority = Authority(by.PROPOSAL, actor=world.maya.pk, circle=world.role_ids[circle])
    return enact(world.organization, changes, authority=authority)


def delegate(world: World, function: str, to: str | None = "merchandiser", circle: str = "storefront") -> str:
    """A policy that gives a function of the circle lead to a role of the circle, or to its members."""
    effect = {
        "kind": "lead_function",
        "function": function,
        "by": "role" if to else "members",
        "role": world.role_ids[to] if to else None,
    }
    kinds = ("default",)
    policy = AddPolicy(new_id(), world.role_ids[circle], "Given away", "", kinds, effect, inside=False)
    proposal_in(world, circle, policy)
    return policy.id


def page(client: Client, world: World, role: str, tail: str = "") -> str:
    answer = client.get(f"/northwind/roles/{world.role(role).ref}/{tail}")
    assert answer.status_code == 200
    return answer.content.decode()


# -- assignments (§1.4.1) ----------------------------------------------------------------------------------------


@clause("1.4.1a", REFUSES)
def test_nobody_but_a_circle_lead_assigns_or_unassigns(world: World, client: Client) -> None:
    photo = world.role("photo")
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    answer = client.post(f"/northwind/roles/{photo.ref}/assign/", {"person": world.lea.pk})
    assert answer.status_code == 422
    held = Assignment.objects.get(role=photo)
    acts: tuple[Callable[[], object], ...] = (
        lambda: assign_role(photo, world.lea, actor=world.maya),
        lambda: unassign_role(held, actor=world.hana),
    )
    for act in acts:
        with pytest.raises(RuleBroken) as refusal:
            act()
        assert refusal.value.clause == "1.4.1"


@clause("1.4.1a", ALLOWS)
def test_a_circle_lead_assigns_several_people_and_unassigns(world: World) -> None:
    photo = world.role("photo")
    assign_role(photo, world.lea, actor=world.ines)
    assign_role(photo, world.callum, actor=world.ines, focus="Repairs")
    order = list(Assignment.objects.filter(role=photo).order_by("position").values_list("person", flat=True))
    assert order == [world.samira.pk, world.lea.pk, world.callum.pk]
    unassign_role(Assignment.objects.get(role=photo, person=world.samira), actor=world.ines)
    assert world.samira.pk not in Structure.of(world.organization.id).role_leads(photo.pk)
    assert verify(world.organization).faults == []


@clause("1.4.1a", ALLOWS)
@clause("1.4.5c", ALLOWS)
def test_a_role_assigns_where_a_policy_lets_it(world: World, client: Client) -> None:
    delegate(world, "assignments")
    photo = world.role("photo")
    client.force_login(world.priya.account)  # type: ignore[arg-type]
    assert "Given away" in page(client, world, "photo", "assign/")
    answer = client.post(f"/northwind/roles/{photo.ref}/assign/", {"person": world.lea.pk})
    assert answer.status_code == 302
    assert world.lea.pk in Structure.of(world.organization.id).role_leads(photo.pk)


@clause("1.4.5c", REFUSES)
def test_what_is_placed_elsewhere_the_circle_lead_has_no_longer(world: World, client: Client) -> None:
    policy = delegate(world, "assignments")
    delegate(world, "strategies")
    delegate(world, "priorities", None)
    storefront = world.role("storefront")
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    assert "Given away" in page(client, world, "photo", "assign/")
    acts: tuple[Callable[[], object], ...] = (
        lambda: assign_role(world.role("photo"), world.lea, actor=world.ines),
        lambda: set_strategies(storefront, [FIRST], actor=world.ines),
    )
    for act in acts:
        with pytest.raises(RuleBroken) as refusal:
            act()
        assert refusal.value.clause == "1.4.5"
    # For as long as that holds, and in that circle alone
    assign_role(world.role("finance"), world.lea, actor=world.ines)
    set_priorities(storefront, [world.role_ids["photo"]], actor=world.samira)
    proposal_in(world, "storefront", RemovePolicy(policy))
    assign_role(world.role("photo"), world.lea, actor=world.ines)


@clause("1.4.5c", HAPPENS)
def test_the_function_comes_back_with_the_role_that_goes(world: World) -> None:
    delegate(world, "assignments")
    proposal_in(world, "storefront", RemoveRole(world.role_ids["merchandiser"]))
    assign_role(world.role("photo"), world.lea, actor=world.ines)


# -- strategies and priorities (§1.4.3) --------------------------------------------------------------------------


@clause("1.4.3", HAPPENS)
def test_a_circle_lead_sets_strategies_in_place(world: World, client: Client) -> None:
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    address = f"/northwind/roles/{world.role('storefront').ref}/strategies/"
    sent = {"strategies": f"{FIRST}\n\nWords, even over pictures\n", "was": ""}
    assert client.post(address, sent).status_code == 302
    storefront = world.role_ids["storefront"]
    first, second = strategies(Structure.of(world.organization.id), storefront)
    assert (first.text, second.text) == (FIRST, "Words, even over pictures")
    shown = page(client, world, "storefront")
    assert FIRST in shown
    # A second one who had not seen them overwrites nothing
    answer = client.post(address, {"strategies": "Everything at once", "was": ""})
    assert answer.status_code == 422
    assert "Everything at once" in answer.content.decode()
    # Their order may change: what stood before is the same strategy still
    set_strategies(world.role("storefront"), [second.text, first.text], actor=world.ines)
    assert [x.id for x in strategies(Structure.of(world.organization.id), storefront)] == [
        second.id,
        first.id,
    ]
    assert verify(world.organization).faults == []


@clause("1.4.3", REFUSES)
def test_others_set_neither_strategies_nor_priorities(world: World, client: Client) -> None:
    storefront = world.role("storefront")
    acts: tuple[Callable[[], object], ...] = (
        lambda: set_strategies(storefront, [FIRST], actor=world.maya),
        lambda: set_priorities(storefront, [world.role_ids["photo"]], actor=world.hana),
    )
    for act in acts:
        with pytest.raises(RuleBroken) as refusal:
            act()
        assert refusal.value.clause == "1.4.3"
    with pytest.raises(RuleBroken) as refusal:
        set_priorities(storefront, [world.role_ids["support"]], actor=world.ines)
    assert refusal.value.clause == "1.4.3"
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    assert "Set the strategies" not in page(client, world, "storefront")
    assert "Save" not in page(client, world, "storefront", "priorities/")


@clause("1.4.3", HAPPENS)
def test_a_circle_lead_puts_roles_into_an_order(world: World, client: Client) -> None:
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    photo, sizes, copy = (world.role_ids[r] for r in ("photo", "sizes", "copywriter"))
    address = f"/northwind/roles/{world.role('storefront').ref}/priorities/"
    places = {f"place-{sizes}": "1", f"place-{photo}": "2", f"place-{copy}": "7", "was": ""}
    assert client.post(address, places).status_code == 302
    structure = Structure.of(world.organization.id)
    assert [r.id for r in priorities(structure, world.role_ids["storefront"])] == [sizes, photo, copy]
    # A role that goes leaves the order, and comes back to its place
    removal = RemoveRole(photo)
    back = removal.inverse(structure)
    proposal_in(world, "storefront", removal)
    rows = Structure.of(world.organization.id).find(PriorityRow, "circle", [world.role_ids["storefront"]])
    assert {row.role: row.position for row in rows} == {sizes: 0, copy: 1}
    enact(world.organization, back, authority=Authority(by.ADMIN, actor=world.ines.pk))
    structure = Structure.of(world.organization.id)
    assert [r.id for r in priorities(structure, world.role_ids["storefront"])] == [sizes, photo, copy]
    with pytest.raises(Conflict):
        set_priorities(world.role("storefront"), [copy], actor=world.ines, was=[photo])
    assert verify(world.organization).faults == []


def test_the_api_sets_and_reads_what_comes_first(world: World, client: Client) -> None:
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    base = f"/api/v1/northwind/roles/{world.role('storefront').ref}"
    sent = {"strategies": [FIRST], "priorities": [world.role_ids["sizes"]]}
    answer = client.post(f"{base}/first/", sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    first = client.get(f"{base}/first/").json()
    assert [x["text"] for x in first["strategies"]] == [FIRST]
    assert [x["name"] for x in first["priorities"]] == ["Size & Fit Guide"]
    routed = {"role": world.role_ids["storefront"], "to": world.role_ids["sizes"]}
    answer = client.post(f"{base}/routes/", routed, content_type="application/json")
    assert answer.json()["routes"][0]["to"]["name"] == "Size & Fit Guide"
    document = client.get("/api/v1/northwind/structure/").json()
    assert len(document["strategies"]) == len(document["priorities"]) == len(document["routes"]) == 1


# -- references from outside (§1.4.4) ----------------------------------------------------------------------------


@clause("1.4.4", HAPPENS)
def test_what_refers_to_a_circle_from_outside_goes_to_another_role_in_it(
    world: World, client: Client
) -> None:
    # A policy of the anchor circle lets Storefront assign; Storefront's lead says who that is inside
    delegate(world, "assignments", "storefront", "anchor")
    assert not verify(world.organization).faults
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    address = f"/northwind/roles/{world.role('storefront').ref}/routes/"
    sent = {"role": world.role_ids["storefront"], "to": world.role_ids["merchandiser"]}
    assert client.post(address, sent).status_code == 302
    assign_role(world.role("finance"), world.lea, actor=world.priya)
    with pytest.raises(RuleBroken):
        assign_role(world.role("finance"), world.callum, actor=world.ines)
    shown = page(client, world, "merchandiser")
    assert "It stands for what outside governance says of" in shown
    assert "Merchandiser" in page(client, world, "storefront")
    # Governance inside the circle means what it says: no change of governance, and of no policy's words
    structure = Structure.of(world.organization.id)
    assert structure.routed(world.role_ids["storefront"], world.role_ids["storefront"]) == sent["role"]
    assert structure.routed(world.role_ids["storefront"], world.role_ids["love"]) == sent["to"]
    assert client.post(address, {"role": sent["role"], "to": ""}).status_code == 302
    assert Structure.of(world.organization.id).all(RouteRow) == []
    assign_role(world.role("finance"), world.callum, actor=world.ines)
    assert verify(world.organization).faults == []


@clause("1.4.4", REFUSES)
def test_only_a_circle_lead_routes_and_only_within_the_circle(world: World) -> None:
    storefront, photo = world.role("storefront"), world.role("photo")
    for actor, circle, role, to in (
        (world.maya, storefront, storefront, photo),
        (world.ines, storefront, storefront, world.role("support")),
        (world.ines, storefront, world.role("support"), photo),
        (world.ines, storefront, photo, photo),
    ):
        with pytest.raises(RuleBroken) as refusal:
            reroute(circle, role, to, actor=actor)
        assert refusal.value.clause == "1.4.4"
    reroute(storefront, photo, world.role("sizes"), actor=world.ines)
    with pytest.raises(Refused, match="in a circle"):
        reroute(storefront, world.role("sizes"), photo, actor=world.ines)


def test_a_route_goes_with_the_role_it_leads_to(world: World) -> None:
    reroute(world.role("storefront"), world.role("photo"), world.role("sizes"), actor=world.ines)
    proposal_in(world, "storefront", RemoveRole(world.role_ids["sizes"]))
    assert Structure.of(world.organization.id).all(RouteRow) == []


# -- the circle lead role (§1.4.5) -------------------------------------------------------------------------------


@clause("1.4.5a", REFUSES)
def test_the_circle_lead_role_keeps_its_purpose_and_stays(world: World) -> None:
    lead = derived_id(world.role_ids["storefront"], "circle_lead")
    purpose = {"kind": "amend_role", "role": lead, "purpose": {"from": "", "to": "Everything runs"}}
    for change in (parse_change(purpose), RemoveRole(lead)):
        with pytest.raises(RuleBroken) as refusal:
            proposal_in(world, "storefront", change)
        assert refusal.value.clause == "1.4.5"


@clause("1.4.5a", ALLOWS)
@clause("1.4.5b", HAPPENS)
def test_additions_flow_down_to_every_circle_inside_and_go_when_removed(world: World, client: Client) -> None:
    anchor, storefront = world.role_ids["anchor"], world.role_ids["storefront"]
    lead = derived_id(anchor, "circle_lead")
    line = {"op": "add", "id": new_id(), "text": "Welcoming new members"}
    domain = {"op": "add", "id": new_id(), "text": "The circle’s budget"}
    added = {"kind": "amend_role", "role": lead, "accountabilities": [line], "domains": [domain]}
    proposal_in(world, "anchor", parse_change(added))
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    inner = f"/northwind/roles/circle-lead-{derived_id(storefront, 'circle_lead')}/"
    shown = client.get(inner, follow=True).content.decode()
    assert "Welcoming new members" in shown
    assert "The circle’s budget" in shown
    assert "Northwind Outfitters" in shown
    structure = Structure.of(world.organization.id)
    assert [(row.text, origin.id) for row, origin in structure.lead_additions(storefront)] == [
        ("Welcoming new members", anchor),
        ("The circle’s budget", anchor),
    ]
    edits = [{"op": "remove", "id": line["id"], "from": line["text"]}]
    proposal_in(world, "anchor", parse_change({**added, "accountabilities": edits, "domains": []}))
    assert "Welcoming new members" not in client.get(inner, follow=True).content.decode()


@clause("1.4.5b", REFUSES)
def test_a_circle_inside_does_not_remove_what_flows_down(world: World) -> None:
    lead = derived_id(world.role_ids["anchor"], "circle_lead")
    line = {"op": "add", "id": new_id(), "text": "Welcoming new members"}
    added = {"kind": "amend_role", "role": lead, "accountabilities": [line]}
    proposal_in(world, "anchor", parse_change(added))
    edits = [{"op": "remove", "id": line["id"], "from": line["text"]}]
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, "storefront", parse_change({**added, "accountabilities": edits}))
    assert refusal.value.clause == "5.2"
