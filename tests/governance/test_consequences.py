"""What follows from a proposal, kind by kind, told before anyone answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from circles.constitution import CIRCLE_LEAD, SECRETARY
from circles.effects import INVITE_LINK, TIME_LIMIT
from governance import authority as by
from governance.actions import proposals, set_up
from governance.authority import Authority
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendRole,
    Assign,
    Change,
    Edit,
    LineEdit,
    NewLine,
    RemoveRole,
)
from governance.consequences import Consequence, consequences
from governance.enactment import preview
from governance.models import Decision, Election, Proposal
from people.ids import derived_id, new_id
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def told(world: World, *changes: Change, circle: str = "storefront", proposal: str = "") -> list[Consequence]:
    here = world.role_ids[circle]
    done = preview(world.organization, changes, authority=Authority(by.PROPOSAL, circle=here))
    assert done.refusals == []
    return consequences(world.organization, done, circle_id=here, proposal_id=proposal)


def texts(found: list[Consequence], clause: str) -> list[str]:
    return [one.text for one in found if one.clause == clause]


def edit(world: World, *changes: Change) -> None:
    set_up.edit_structure(list(changes), actor=world.ines, reason="For the test")


def test_a_removed_circle_takes_seats_members_and_assignments_along(world: World) -> None:
    found = told(world, RemoveRole(world.role_ids["storefront"]), circle="anchor")
    assert "Maya Lindqvist is no longer Circle Rep of Storefront." in texts(found, "5.1.1")
    assert sorted(texts(found, "1.3.5")) == [
        "Noor Haddad is no longer Facilitator of Storefront.",
        "Tobias Renner is no longer Secretary of Storefront.",
    ]
    assert texts(found, "5.1") == ["Losing their seat in this circle: Maya Lindqvist."]
    assert "Storefront goes, and with it the assignments of Ines Calloway." in texts(found, "1.4.1")
    assert texts(found, "1.3")[0].startswith("With it go the roles inside: Catalogue Steward, ")


def test_members_of_circles_inside_are_told_as_well(world: World) -> None:
    """A role removed in the anchor circle changes who leads its unfilled circle inside, so who is a member there."""
    world.role_ids["shelf"], world.role_ids["item"] = new_id(), new_id()
    edit(
        world,
        AddRole(world.role_ids["shelf"], world.role_ids["finance"], "Shelf", "Kept"),
        AddRole(world.role_ids["item"], world.role_ids["shelf"], "Item", "Kept"),
        Assign(new_id(), world.role_ids["item"], world.lea.id),
    )
    found = told(world, RemoveRole(world.role_ids["item"]), circle="shelf")
    assert "Losing their seat in this circle: Lea Brandt." in texts(found, "5.1")
    assert "Shelf is a plain role from then on: the last role inside it goes." in texts(found, "1.3.1")


def test_nobody_gains_or_loses_where_nobody_does(world: World) -> None:
    found = told(
        world, AmendRole(world.role_ids["photo"], purpose=Edit(world.role("photo").purpose, "Pictures"))
    )
    assert [(one.text, one.warn) for one in found] == [("Nobody gains or loses a seat in a circle.", False)]


def test_the_first_role_inside_makes_a_circle_that_the_leads_of_the_role_are_members_of(world: World) -> None:
    found = told(
        world, AddRole(new_id(), world.role_ids["photo"], "Retouching", "Pictures are clean"), circle="photo"
    )
    assert texts(found, "1.3.1") == ["Photo Desk is shown as a circle from then on."]
    assert texts(found, "1.4.2") == [
        "Retouching starts unfilled. Until somebody is assigned, it is led by Samira Osei."
    ]


def test_domains_fall_back_and_overlap(world: World) -> None:
    guide = world.role("copywriter").domains.get()
    given_up = LineEdit("remove", guide.pk, guide.text)
    assert texts(told(world, AmendRole(world.role_ids["copywriter"], domains=(given_up,))), "1.3.2") == [
        "The domain “Voice guide” falls back to Storefront."
    ]
    added = LineEdit(
        "add", line := new_id(), new=NewLine(line, "The voice guide and its translations", internal=True)
    )
    found = told(world, AmendRole(world.role_ids["photo"], domains=(added,)))
    assert texts(found, "1.3.2") == [
        "The domain “The voice guide and its translations” may overlap with “Voice guide” of Copywriter & Storyteller."
    ]
    other = LineEdit("add", line, new=NewLine(line, "Lenses", internal=True))
    assert texts(told(world, AmendRole(world.role_ids["photo"], domains=(other,))), "1.3.2") == []


def test_policies_lose_their_domain_or_the_role_they_name(world: World) -> None:
    guide = world.role("copywriter").domains.get()
    storefront = world.role_ids["storefront"]
    edit(
        world,
        AddPolicy(new_id(), storefront, "Who may quote", "All.", ("domain",), None, guide.pk),
        AddPolicy(
            new_id(),
            storefront,
            "Fit tester links in",
            "",
            ("default",),
            {"kind": INVITE_LINK, "role": world.role_ids["copywriter"]},
        ),
    )
    found = told(world, RemoveRole(world.role_ids["copywriter"]))
    assert "The policy “Who may quote” loses its domain “Voice guide”." in texts(found, "1.3.2")
    assert texts(found, "5.2.1") == [
        "The policy “Fit tester links in” names Copywriter & Storyteller, which goes: it has nobody to act on."
    ]


def test_an_effect_holds_from_then_on(world: World) -> None:
    policy = AddPolicy(
        new_id(),
        world.role_ids["storefront"],
        "Faster",
        "",
        ("default",),
        {"kind": TIME_LIMIT, "working_days": 1},
    )
    found = told(world, policy)
    assert any(one.text.startswith("Holds by itself from then on: ") for one in found)


def test_additions_to_the_circle_lead_role_flow_down(world: World) -> None:
    line = new_id()
    lead = derived_id(world.role_ids["anchor"], CIRCLE_LEAD)
    added = AmendRole(
        lead, accountabilities=(LineEdit("add", line, new=NewLine(line, "Writing a weekly note")),)
    )
    assert texts(told(world, added, circle="anchor"), "1.4.5") == [
        "It holds for the circle lead roles inside as well: Customer Love, Storefront."
    ]


def test_elections_end_with_their_seat(world: World) -> None:
    Election.objects.create(
        organization=world.organization, circle=world.role("love"), seat=SECRETARY, called_by=world.hana
    )
    found = told(world, RemoveRole(world.role_ids["love"]), circle="anchor")
    assert [one.warn for one in found if one.clause == "5.3.5"] == [True]
    kept = told(world, RemoveRole(world.role_ids["support"]), circle="love")
    assert texts(kept, "5.3.5") == []


def test_open_proposals_that_would_conflict_are_named(world: World, client: Client) -> None:
    change = {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "purpose": {"from": world.role("merchandiser").purpose, "to": "All the range"},
    }
    text: dict[str, Any] = {"title": "More range", "tension": "t", "example": "e", "how_helped": "h"}
    other = proposals.start_draft(
        world.role("storefront"), actor=world.samira, role=world.role_ids["photo"], changes=[change], **text
    )
    proposals.propose(other, actor=world.samira)
    removal = RemoveRole(world.role_ids["merchandiser"])
    found = [one for one in told(world, removal) if one.proposal]
    assert [(one.proposal, one.clause) for one in found] == [(other.pk, "5.3")]
    assert found[0].text == "“More range” in Storefront would conflict and go back to its proposer."
    assert not [one for one in told(world, removal, proposal=other.pk) if one.proposal]
    assert not [one for one in told(world, RemoveRole(world.role_ids["sizes"])) if one.proposal]
    # Told on the page of the proposal before anyone answers, with the way there
    mine = proposals.start_draft(
        world.role("storefront"),
        actor=world.noor,
        role=world.role_ids["checkout"],
        changes=[removal.to_json()],
        **(text | {"title": "No merchandiser"}),
    )
    proposals.propose(mine, actor=world.noor)
    client.force_login(world.priya.account)  # type: ignore[arg-type]
    page = client.get(f"/northwind/proposals/{mine.pk}/").content.decode()
    assert f'href="/northwind/proposals/{other.pk}/"' in page
    assert "Losing their seat in this circle: Priya Venkat." in page


def test_it_asks_no_more_of_more_changes_and_writes_nothing(world: World) -> None:
    roles = [
        AddRole(derived_id("many", str(n)), world.role_ids["storefront"], f"Shelf {n}", "Kept", (), (
            NewLine(derived_id("domain", str(n)), f"Shelf number {n} of the shop", internal=True),
        ))
        for n in range(24)
    ]  # fmt: skip
    edit(world, *roles, *(Assign(new_id(), r.id, world.lea.id) for r in roles))

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            found = told(world, *(RemoveRole(r.id) for r in roles[:count]))
        assert found
        assert not [q for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
        return len(queries)

    # What the preview itself asks for grows with its changes; what follows from it does not
    def own(count: int) -> int:
        here = world.role_ids["storefront"]
        with CaptureQueriesContext(connection) as queries:
            preview(
                world.organization,
                [RemoveRole(r.id) for r in roles[:count]],
                authority=Authority(by.PROPOSAL, circle=here),
            )
        return len(queries)

    few, many = asked(3) - own(3), asked(20) - own(20)
    assert many <= few + 2
    assert Decision.objects.latest("number").authority == by.ADMIN
    assert not Proposal.objects.exists()
