"""§1.3.2, §1.3.3, §5.2: domains within domains, the anchor circle's own definition, and what a proposal may move."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from circles.models import Domain, Policy, Role
from circles.structure import Structure
from governance import authority as by
from governance.actions import set_up
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, Change, RemovePolicy, parse_change
from governance.enactment import enact
from governance.record import verify
from governance.rules.places import move_targets
from people.ids import new_id
from people.refusals import Conflict, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def proposal_in(world: World, circle: str, *changes: Change) -> Any:
    authority = Authority(by.PROPOSAL, actor=world.maya.pk, circle=world.role_ids[circle])
    return enact(world.organization, changes, authority=authority)


def refused(world: World, circle: str, *changes: Change) -> tuple[str, str | None]:
    """The clause and the field by which a proposal of a circle is refused."""
    with pytest.raises(RuleBroken) as refusal:
        proposal_in(world, circle, *changes)
    return refusal.value.clause, refusal.value.field


def domain(world: World, role: str, text: str, **more: Any) -> Change:
    line = {"op": "add", "id": more.pop("id", new_id()), "text": text, **more}
    return parse_change({"kind": "amend_role", "role": world.role_ids[role], "domains": [line]})


def grant(world: World, role: str, text: str, circle: str, **more: Any) -> str:
    """Let a circle grant a domain to a role; return its identifier."""
    change_id = new_id()
    proposal_in(world, circle, domain(world, role, text, id=change_id, **more))
    return change_id


def move(world: World, role: str, to: str, was: str, **more: Any) -> Change:
    ids = world.role_ids
    data = {"role": ids[role], "circle": ids[to], "from": ids[was], "reason": "It serves there", **more}
    return parse_change({"kind": "move_role", **data})


def move_policy(world: World, policy: str, to: str, was: str, **more: Any) -> Change:
    data = {"policy": policy, "circle": world.role_ids[to], "from": world.role_ids[was]}
    return parse_change({"kind": "move_policy", **data, "reason": "It is about what happens there", **more})


# -- domains within domains (§1.3.2) -----------------------------------------------------------------------------


@clause("1.3.2a", REFUSES)
def test_a_circle_grants_only_what_it_holds(world: World) -> None:
    assert refused(world, "storefront", domain(world, "photo", "Pictures")) == ("1.3.2", "domains")
    elsewhere = grant(world, "love", "Conversations", "anchor")
    own = Domain.objects.get(role=world.role("copywriter"))
    for within in (elsewhere, own.pk, new_id()):
        change = domain(world, "photo", "Pictures", within=within)
        assert refused(world, "storefront", change) == ("1.3.2", "domains")
    role = {"id": new_id(), "circle": world.role_ids["storefront"], "name": "Shelf", "domains": ["Shelves"]}
    assert refused(world, "storefront", parse_change({"kind": "add_role", **role})) == ("1.3.2", "domains")
    # The ratifiers and admins are judged like anybody, and so is how a domain is stated anew
    with pytest.raises(RuleBroken) as refusal:
        set_up.edit_structure([domain(world, "photo", "Pictures")], actor=world.ines, reason="So it is")
    assert refusal.value.clause == "1.3.2"
    loose = {"op": "amend", "id": own.pk, "from": own.text, "to": own.text}
    stated = {"kind": "amend_role", "role": own.role_id}
    restated = {**loose, "internal": {"from": True, "to": False}}
    assert refused(world, "storefront", parse_change({**stated, "domains": [restated]}))[0] == "1.3.2"


@clause("1.3.2a", ALLOWS)
def test_it_names_the_wider_domain_or_marks_it_internal(world: World, client: Client) -> None:
    # The anchor circle holds every domain: there is nothing to name
    site = grant(world, "storefront", "Shop site", "anchor")
    pictures = grant(world, "photo", "Pictures", "storefront", within=site)
    grant(world, "sizes", "Measuring tapes", "storefront", internal=True)
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    shown = client.get(f"/northwind/roles/{world.role('photo').ref}/").content.decode()
    assert "within “Shop site”" in shown
    # Inside the role, the same again one step further in
    inner = AddRole(new_id(), world.role_ids["photo"], "Retoucher", "Colours are true")
    world.role_ids["retoucher"] = inner.id
    proposal_in(world, "photo", inner)
    grant(world, "retoucher", "Colour profiles", "photo", within=pictures)
    own = Domain.objects.get(role=world.role("copywriter"))
    edit: dict[str, Any] = {"op": "amend", "id": own.pk, "from": own.text, "to": own.text}
    edit |= {"within": {"from": None, "to": site}, "internal": {"from": True, "to": False}}
    change = parse_change({"kind": "amend_role", "role": own.role_id, "domains": [edit]})
    back = change.inverse(Structure.of(world.organization.id))
    proposal_in(world, "storefront", change)
    own.refresh_from_db()
    assert (own.within_id, own.internal) == (site, False)
    proposal_in(world, "storefront", *back)
    own.refresh_from_db()
    assert (own.within_id, own.internal) == (None, True)
    assert verify(world.organization).faults == []


@clause("1.3.2b", HAPPENS)
def test_role_and_circle_have_policies_on_a_domain_and_the_circles_goes_before(
    world: World, client: Client
) -> None:
    site = grant(world, "storefront", "Shop site", "anchor")
    pictures = grant(world, "photo", "Pictures", "storefront", within=site)
    kinds = ("domain",)
    by_role = AddPolicy(new_id(), world.role_ids["photo"], "Ask before use", "Ask us.", kinds, None, pictures)
    by_circle = AddPolicy(
        new_id(), world.role_ids["storefront"], "Free for press", "Take them.", kinds, None, pictures
    )
    proposal_in(world, "photo", by_role)
    proposal_in(world, "storefront", by_circle)
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    for address, words, other in (
        (f"roles/{world.role('photo').ref}/", "In a conflict this goes before it", "Free for press"),
        (f"roles/{world.role('storefront').ref}/policies/", "it goes before this one", "Ask before use"),
        (f"policies/{Policy.objects.get(pk=by_role.id).ref}/", "goes before it", "Free for press"),
    ):
        shown = client.get(f"/northwind/{address}").content.decode()
        assert words in shown
        assert other in shown
    # On a domain that is neither the circle's nor granted by it, it has no say
    alien = AddPolicy(new_id(), world.role_ids["love"], "Ours too", "", kinds, None, pictures)
    assert refused(world, "love", alien) == ("1.3.2", "domain")


# -- the anchor circle (§1.3.3) ----------------------------------------------------------------------------------


def definition(purpose: str, *accountabilities: str) -> dict[str, Any]:
    return {"kind": "anchor_definition", "purpose": purpose, "accountabilities": list(accountabilities)}


@clause("1.3.3c", ALLOWS)
def test_the_anchor_circle_defines_itself_by_a_policy(world: World, client: Client) -> None:
    anchor = world.role("anchor")
    was = anchor.purpose
    effect = definition("Everybody gets outside", "Answering for the books", "Keeping people safe")
    policy = AddPolicy(new_id(), anchor.pk, "What we are for", "", ("default",), effect)
    proposal_in(world, "anchor", policy)
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    shown = client.get(f"/northwind/roles/{anchor.ref}/").content.decode()
    for words in ("Everybody gets outside", "Answering for the books", "Keeping people safe"):
        assert words in shown
    amended = {"from": dict(effect), "to": definition("Everybody comes home")}
    amendment = parse_change({"kind": "amend_policy", "policy": policy.id, "effect": amended})
    proposal_in(world, "anchor", amendment)
    anchor.refresh_from_db()
    assert anchor.purpose == "Everybody comes home"
    assert "Keeping people safe" not in client.get(f"/northwind/roles/{anchor.ref}/").content.decode()
    # With the policy goes what it said, and comes back with it
    removal = RemovePolicy(policy.id)
    back = removal.inverse(Structure.of(world.organization.id))
    proposal_in(world, "anchor", removal)
    anchor.refresh_from_db()
    assert anchor.purpose == was
    proposal_in(world, "anchor", *back)
    anchor.refresh_from_db()
    assert anchor.purpose == "Everybody comes home"
    assert verify(world.organization).faults == []


@clause("1.3.3c", REFUSES)
def test_nobody_else_defines_the_anchor_circle(world: World) -> None:
    anchor, storefront = world.role("anchor"), world.role_ids["storefront"]
    words = {"purpose": {"from": anchor.purpose, "to": "Profit"}}
    amend = parse_change({"kind": "amend_role", "role": anchor.pk, **words})
    assert refused(world, "anchor", amend)[0] == "1.3.3"
    policy = AddPolicy(new_id(), storefront, "Ours", "", ("default",), definition("Shoes"))
    assert refused(world, "storefront", policy) == ("1.3.3", "effect")
    policy = AddPolicy(new_id(), anchor.pk, "Theirs", "", ("default",), definition("Shoes"))
    assert refused(world, "storefront", policy)[0] == "5.2"


# -- moves, and whose governance a proposal changes (§5.2) -------------------------------------------------------


@clause("5.2c", ALLOWS)
def test_roles_move_down_at_any_depth_and_up_again(world: World) -> None:
    down = move(world, "finance", "photo", "anchor")
    back = down.inverse(Structure.of(world.organization.id))
    proposal_in(world, "anchor", down)
    assert world.role("finance").circle_id == world.role_ids["photo"]
    assert Structure.of(world.organization.id).is_circle(world.role_ids["photo"])
    structure = Structure.of(world.organization.id)
    finance = structure.role(world.role_ids["finance"])
    assert [r.id for r in move_targets(structure, world.role_ids["storefront"], finance)] == [
        world.role_ids["storefront"]
    ]
    proposal_in(world, "anchor", move(world, "finance", "anchor", "photo"))
    assert not Structure.of(world.organization.id).is_circle(world.role_ids["photo"])
    proposal_in(world, "anchor", down)
    set_up.edit_structure(back, actor=world.ines, reason="Not there")
    assert world.role("finance").circle_id == world.role_ids["anchor"]
    targets = move_targets(structure, world.role_ids["anchor"], structure.role(world.role_ids["love"]))
    assert world.role_ids["copywriter"] in {r.id for r in targets}
    assert world.role_ids["support"] not in {r.id for r in targets}
    assert verify(world.organization).faults == []


@clause("5.2c", REFUSES)
def test_nothing_moves_aside_or_without_a_reason(world: World) -> None:
    for circle, change in (
        ("storefront", move(world, "photo", "love", "storefront")),
        ("anchor", move(world, "photo", "love", "storefront")),
        ("storefront", move(world, "photo", "anchor", "storefront")),
        ("storefront", move(world, "support", "storefront", "love")),
        ("love", move(world, "photo", "support", "storefront")),
    ):
        assert refused(world, circle, change) == ("5.2", "circle"), change
    assert refused(world, "anchor", move(world, "finance", "love", "anchor", reason="")) == ("5.2", "reason")


@clause("5.2c", REFUSES)
@clause("1.3.2a", REFUSES)
def test_a_moved_roles_domains_are_settled(world: World) -> None:
    books = grant(world, "finance", "Books", "anchor")
    desk = grant(world, "love", "Help desk", "anchor")
    assert refused(world, "anchor", move(world, "finance", "love", "anchor")) == ("1.3.2", "domains")
    restated = {books: {"within": desk, "internal": False}}
    change = move(world, "finance", "love", "anchor", domains=restated)
    assert parse_change(change.to_json()) == change
    proposal_in(world, "anchor", change)
    assert Domain.objects.get(pk=books).within_id == desk
    # Up again: within the anchor circle there is nothing to name
    kinds = ("domain",)
    on_it = AddPolicy(new_id(), world.role_ids["love"], "Books are open", "", kinds, None, books)
    proposal_in(world, "love", on_it)
    up = move(world, "finance", "anchor", "love")
    back = up.inverse(Structure.of(world.organization.id))
    proposal_in(world, "anchor", up)
    assert Domain.objects.get(pk=books).within_id is None
    # What the circle said of the domain, it says of its own from then on
    assert Policy.objects.get(pk=on_it.id).domain_id == desk
    set_up.edit_structure(back, actor=world.ines, reason="Back")
    assert Policy.objects.get(pk=on_it.id).domain_id == books
    assert Domain.objects.get(pk=books).within_id == desk
    assert verify(world.organization).faults == []


@clause("5.2c", ALLOWS)
def test_policies_move_down_and_up_with_what_they_are_about(world: World) -> None:
    desk = grant(world, "love", "Help desk", "anchor")
    kinds = ("domain",)
    policy = AddPolicy(new_id(), world.role_ids["anchor"], "Who answers", "", kinds, None, desk)
    plain = AddPolicy(new_id(), world.role_ids["anchor"], "Be kind", "", ("constraint",))
    proposal_in(world, "anchor", policy, plain)
    change = move_policy(world, policy.id, "love", "anchor")
    back = change.inverse(Structure.of(world.organization.id))
    proposal_in(world, "anchor", change)
    assert Policy.objects.get(pk=policy.id).role_id == world.role_ids["love"]
    set_up.edit_structure(back, actor=world.ines, reason="Back")
    assert Policy.objects.get(pk=policy.id).position == Policy.objects.get(pk=plain.id).position - 1
    # Where the new circle has no say about the domain, the proposer says what it is about instead
    aside = move_policy(world, policy.id, "storefront", "anchor")
    assert refused(world, "anchor", aside) == ("1.3.2", "domain")
    proposal_in(world, "anchor", move_policy(world, policy.id, "storefront", "anchor", domain=None))
    assert Policy.objects.get(pk=policy.id).domain_id is None
    proposal_in(world, "anchor", move_policy(world, policy.id, "anchor", "storefront"))
    with pytest.raises(Conflict):
        proposal_in(world, "anchor", move_policy(world, policy.id, "anchor", "storefront"))
    assert verify(world.organization).faults == []


@clause("5.2c", REFUSES)
def test_policies_do_not_move_aside(world: World) -> None:
    policy = AddPolicy(new_id(), world.role_ids["storefront"], "No sales", "", ("constraint",))
    proposal_in(world, "storefront", policy)
    for circle in ("storefront", "anchor"):
        change = move_policy(world, policy.id, "love", "storefront")
        assert refused(world, circle, change) == ("5.2", "circle")
    bare = move_policy(world, policy.id, "photo", "storefront", reason="")
    assert refused(world, "storefront", bare) == ("5.2", "reason")


@clause("5.2s", REFUSES)
def test_a_proposal_changes_its_own_circle_only(world: World) -> None:
    policy = AddPolicy(new_id(), world.role_ids["love"], "Quiet hours", "", ("constraint",))
    support = world.role("support")
    proposal_in(world, "love", policy)
    words = {"purpose": {"from": support.purpose, "to": "Gear works"}}
    for change in (
        AddPolicy(new_id(), world.role_ids["love"], "Loud hours", "", ("constraint",)),
        RemovePolicy(policy.id),
        AddRole(new_id(), world.role_ids["love"], "Listener", "Everybody is heard"),
        parse_change({"kind": "remove_role", "role": support.pk}),
        parse_change({"kind": "amend_role", "role": support.pk, **words}),
    ):
        for circle in ("storefront", "anchor"):
            assert refused(world, circle, change)[0] == "5.2", change


@clause("5.2s", ALLOWS)
def test_the_same_is_changed_in_its_own_circle(world: World) -> None:
    support = world.role("support")
    words = {"purpose": {"from": support.purpose, "to": "Gear works again by night"}}
    proposal_in(world, "love", parse_change({"kind": "amend_role", "role": support.pk, **words}))
    assert Role.objects.get(pk=support.pk).purpose == "Gear works again by night"
