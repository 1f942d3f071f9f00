"""Undo as a proposal: what stood before, the inverse against today's structure, the draft and the page of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from circles.structure import TABLES, AccountabilityRow, PolicyRow, RoleRow
from governance import authority as by
from governance import record as records
from governance.actions import proposals, set_up
from governance.actions.assignments import assign_role
from governance.actions.undo import start_undo
from governance.authority import Authority
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendRole,
    Assign,
    Change,
    Edit,
    LineEdit,
    MoveRole,
    NewLine,
    RemoveRole,
    parse_changes,
)
from governance.enactment import enact, preview
from governance.models import Decision, Proposal
from governance.undo import built_on, inverse_of, structure_before, undoing
from people.ids import derived_id, new_id
from people.refusals import Refused, RuleBroken
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def decide(world: World, *changes: Change, circle: str = "storefront", actor: str = "maya") -> Decision:
    """Let a proposal of a circle be adopted."""
    authority = Authority(by.PROPOSAL, actor=world.people[actor].id, circle=world.role_ids[circle])
    decision = enact(world.organization, list(changes), authority=authority).decision
    assert decision is not None
    return decision


def reviews(world: World) -> AddRole:
    world.role_ids["reviews"] = new_id()
    line = NewLine(new_id(), "Reading reviews")
    return AddRole(world.role_ids["reviews"], world.role_ids["storefront"], "Reviews", "They count", (line,))


def test_before_a_decision_the_structure_stood_as_replay_has_it(world: World) -> None:
    decisions = [
        decide(world, reviews(world)),
        decide(
            world,
            AmendRole(world.role_ids["photo"], purpose=Edit("Pictures that show how gear is used", "x")),
        ),
        decide(world, RemoveRole(world.role_ids["love"]), circle="anchor"),
    ]
    set_up.edit_structure(
        [MoveRole(world.role_ids["photo"], world.role_ids["anchor"], world.role_ids["storefront"])],
        actor=world.ines,
        reason="It serves everybody",
    )
    for decision in decisions:
        before = structure_before(decision)
        stood = records.replay(world.organization, until=decision.number - 1)
        for name, table in TABLES.items():
            assert {r.id: table.dump(r) for r in before.all(table.row)} == stood[name], name
        # Asked piece by piece, through every column that rules ask by, it answers the same
        whole = records.structure_of(stood)
        for circle in (world.role_ids[c] for c in ("anchor", "storefront", "love")):
            assert structure_before(decision).members(circle) == whole.members(circle)
            assert {r.id for r in structure_before(decision).descendants(circle)} == {
                r.id for r in whole.descendants(circle)
            }
            assert structure_before(decision).path(circle) == whole.path(circle)
        assert structure_before(decision).anchor() == whole.anchor()


def test_the_inverse_takes_back_what_was_decided(world: World) -> None:
    before = world.role("merchandiser").purpose
    decision = decide(
        world,
        AmendRole(
            world.role_ids["merchandiser"],
            purpose=Edit(before, "All the range"),
            accountabilities=(LineEdit("add", line := new_id(), new=NewLine(line, "Planning the season")),),
        ),
        AddPolicy(new_id(), world.role_ids["storefront"], "No sales", "None.", ("constraint",)),
    )
    done = preview(
        world.organization,
        inverse_of(decision),
        authority=Authority(by.PROPOSAL, circle=world.role_ids["storefront"]),
    )
    assert done.refusals == []
    assert done.after.role(world.role_ids["merchandiser"]).purpose == before
    assert done.after.lines(AccountabilityRow, world.role_ids["merchandiser"]) == []
    assert [p.title for p in done.after.lines(PolicyRow, world.role_ids["storefront"])] == []


def test_undoing_a_removal_revives_the_same_role(world: World) -> None:
    decision = decide(world, RemoveRole(world.role_ids["copywriter"]))
    draft = start_undo(decision, actor=world.noor)
    assert (draft.state, draft.proposer, draft.circle_id) == (
        Proposal.State.DRAFT,
        world.noor,
        world.role_ids["storefront"],
    )
    assert draft.title.startswith(f"Undo decision {decision.number}")
    assert [c["kind"] for c in draft.changes] == ["add_role"]
    enact(
        world.organization,
        parse_changes(draft.changes),
        authority=Authority(by.PROPOSAL, actor=world.noor.id, circle=world.role_ids["storefront"]),
    )
    role = world.role("copywriter")
    assert role.present
    assert [a.text for a in role.accountabilities.all()] == worlds.ACCOUNTABILITIES["copywriter"]
    assert [d.text for d in role.domains.all()] == ["Voice guide"]


def test_what_a_proposal_cannot_carry_is_left_to_who_can(world: World) -> None:
    decision = decide(world, RemoveRole(world.role_ids["copywriter"]))
    left = undoing(decision).left
    assert [(one.change.kind, one.clause) for one in left] == [("assign", "1.4.1")]
    assert left[0].people == {world.ines.id}
    assign_role(world.role("sizes"), world.lea, actor=world.ines)
    assigned = Decision.objects.latest("number")
    assert undoing(assigned).parts == []
    with pytest.raises(Refused):
        start_undo(assigned, actor=world.ines)


def test_a_circle_comes_back_in_the_circles_that_govern_it(world: World) -> None:
    decision = decide(world, RemoveRole(world.role_ids["love"]), circle="anchor", actor="ines")
    plan = undoing(decision)
    assert [(p.circle.id, p.stands) for p in plan.parts] == [
        (world.role_ids["anchor"], True),
        (world.role_ids["love"], False),
    ]
    assert {type(c) for c in plan.parts[1].changes} == {AddRole}
    draft = start_undo(decision, actor=world.ines)
    assert [c["id"] for c in draft.changes] == [world.role_ids["love"]]


def test_only_circle_members_undo_there(world: World) -> None:
    decision = decide(world, reviews(world))
    with pytest.raises(RuleBroken) as refused:
        start_undo(decision, actor=world.lea)
    assert refused.value.clause == "5.3"
    assert not Proposal.objects.filter(proposer=world.lea).exists()


def test_begun_twice_it_is_one_draft(world: World) -> None:
    decision = decide(world, reviews(world))
    first = start_undo(decision, actor=world.maya)
    assert start_undo(decision, actor=world.maya).pk == first.pk
    proposals.save_draft(first, {"tension": "It is nobody’s"}, actor=world.maya, text_version=1)
    assert start_undo(decision, actor=world.maya).pk != first.pk


def test_what_was_built_on_it_is_told_and_conflicts(world: World) -> None:
    first = decide(world, reviews(world))
    role = world.role_ids["reviews"]
    again = decide(world, AmendRole(role, purpose=Edit("They count", "Every word counts")))
    other = decide(
        world, AmendRole(world.role_ids["photo"], purpose=Edit("Pictures that show how gear is used", "x"))
    )
    assign_role(world.role("reviews"), world.lea, actor=world.ines)
    assigned = Decision.objects.latest("number")
    assert [d.number for d in built_on(first)] == [assigned.number, again.number]
    assert built_on(other) == []
    # The later words stand: taking back the amendment before them is a conflict, told like any other
    decide(world, AmendRole(role, purpose=Edit("Every word counts", "All words count")))
    done = preview(
        world.organization,
        inverse_of(again),
        authority=Authority(by.PROPOSAL, circle=world.role_ids["storefront"]),
    )
    assert [r.message for _n, r in done.refusals] == [
        "The purpose of “Reviews” has changed since this was drafted."
    ]


def test_the_first_structure_is_not_undone_as_one(world: World) -> None:
    with pytest.raises(Refused):
        inverse_of(Decision.objects.get(organization=world.organization, number=1))


def test_the_page_shows_what_goes_back_and_makes_the_draft(world: World, client: Client) -> None:
    decision = decide(world, RemoveRole(world.role_ids["copywriter"]))
    address = f"/northwind/record/{decision.number}/undo/"
    client.force_login(world.lea.account)  # type: ignore[arg-type]
    told = client.get(address).content.decode()
    assert "You are not a circle member of Storefront." in told
    assert "Noor Haddad" in told
    assert client.post(address, {"circle": world.role_ids["storefront"]}).status_code == 422
    client.force_login(world.noor.account)  # type: ignore[arg-type]
    assert address in client.get(f"/northwind/record/{decision.number}/").content.decode()
    assert address in client.get("/northwind/record/").content.decode()
    page = client.get(address).content.decode()
    assert "Writing product and campaign copy" in page
    assert "A circle lead assigns and unassigns." in page
    answer = client.post(address, {"circle": world.role_ids["storefront"]})
    draft = Proposal.objects.get(proposer=world.noor)
    assert answer["Location"] == f"/northwind/proposals/{draft.pk}/edit/"
    assert "Writing product and campaign copy" in client.get(answer["Location"]).content.decode()


def test_it_asks_no_more_of_a_larger_structure(world: World) -> None:
    def asked() -> int:
        decision = decide(
            world, AmendRole(world.role_ids["photo"], purpose=Edit(world.role("photo").purpose, new_id()))
        )
        with CaptureQueriesContext(connection) as queries:
            undoing(decision)
            built_on(decision)
        return len(queries)

    first = asked()
    many = [
        AddRole(derived_id("many", str(n)), world.role_ids["finance"], f"Ledger {n}", "Kept")
        for n in range(60)
    ]
    set_up.edit_structure(
        [*many, *(Assign(new_id(), r.id, world.lea.id) for r in many[:30])], actor=world.ines, reason="Growth"
    )
    for n in range(5):
        decide(
            world, AmendRole(many[n].id, purpose=Edit("Kept", "Kept well")), circle="finance", actor="ines"
        )
    assert asked() <= first
    assert structure_before(Decision.objects.get(number=2)).get(RoleRow, many[0].id) is None
