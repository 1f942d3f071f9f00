"""Capturing a tension, and what becomes of it (§1.2.1, §1.2.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from circles.structure import Structure
from governance.actions import proposals
from people.ids import derived_id
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
from tensions import actions, queries
from tensions.models import Tension
from tests import world as worlds
from tests.constitution.clause import HAPPENS, clause
from tests.world import World

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert("x")</script> & <b>'


@pytest.fixture
def world() -> World:
    return worlds.build()


def browser(person: Person, **options: Any) -> Client:
    client = Client(**options)
    assert person.account is not None
    client.force_login(person.account)
    return client


def sensed(world: World, text: str = "I get briefs too late") -> Tension:
    return actions.capture(actor=world.samira, text=text, role_id=world.role_ids["photo"])


# -- actions ------------------------------------------------------------------------------------------------------


@clause("1.2.1", HAPPENS)
def test_a_tension_is_sensed_from_a_role_one_leads(world: World) -> None:
    assert sensed(world).role_id == world.role_ids["photo"]
    # Nobody fills the size guide: its circle's lead leads it (§1.4.2), and leads the circle lead role (§1.4)
    for role in (world.role_ids["sizes"], derived_id(world.role_ids["storefront"], "circle_lead")):
        assert actions.capture(actor=world.ines, text="x", role_id=role).role_id == role
    for role in (world.role_ids["merchandiser"], world.role_ids["sizes"], "2222222222", "nothing"):
        with pytest.raises(RuleBroken, match=r"§1\.2\.1"):
            actions.capture(actor=world.samira, text="x", role_id=role)
    assert world.outsider is not None
    with pytest.raises(RuleBroken, match=r"§1\.2\.1"):
        actions.capture(actor=world.outsider, text="x", role_id=world.role_ids["photo"])
    # Somebody without a role senses all the same
    assert actions.capture(actor=world.lea, text="Nobody shows me round").role_id is None


def test_the_roles_one_can_sense_from_are_those_one_leads(world: World) -> None:
    structure = Structure.of(world.organization.pk)
    for person in world.people.values():
        listed = {r.id for r in queries.roles_led(structure, person.pk)}
        everything = {
            r.id
            for r in [
                structure.role(world.role_ids["anchor"]),
                *structure.descendants(world.role_ids["anchor"]),
            ]
        }
        assert listed == {r for r in everything if person.pk in structure.role_leads(r)}, person


def test_a_form_sent_twice_captures_once(world: World) -> None:
    first = actions.capture(actor=world.maya, text="Prices change", form_key="k1")
    assert actions.capture(actor=world.maya, text="Prices change \r\n", form_key="k1").pk == first.pk
    # Other words with the same key are another tension: nothing typed is swallowed
    assert actions.capture(actor=world.maya, text="Prices fall", form_key="k1").pk != first.pk
    assert actions.capture(actor=world.priya, text="Prices change", form_key="k1").pk != first.pk
    assert Tension.objects.count() == 3


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5001, "bell \x07", None, 7])
def test_text_that_cannot_be_kept_is_refused(world: World, text: Any) -> None:
    with pytest.raises(Malformed):
        actions.capture(actor=world.maya, text=text)
    assert not Tension.objects.exists()


def test_a_tension_is_settled_let_go_and_taken_up_again(world: World) -> None:
    tension = sensed(world)
    with pytest.raises(NotAllowed):
        actions.settle(tension, actor=world.maya, outcome="mine now")
    with pytest.raises(Malformed):
        actions.settle(tension, actor=world.samira, outcome=" ")
    settled = actions.settle(tension, actor=world.samira, outcome="Priya sends me the list")
    assert (settled.state, settled.outcome) == (Tension.State.PROCESSED, "Priya sends me the list")
    assert actions.settle(tension, actor=world.samira, outcome="Priya sends me the list").pk == tension.pk
    with pytest.raises(Refused):
        actions.let_go(tension, actor=world.samira)
    with pytest.raises(Refused):
        actions.amend(tension, actor=world.samira, text="later", role_id=None)
    assert actions.reopen(tension, actor=world.samira).state == Tension.State.OPEN
    assert actions.amend(tension, actor=world.samira, text="Sooner", role_id=None).text == "Sooner"
    assert actions.let_go(tension, actor=world.samira).state == Tension.State.DROPPED
    assert list(queries.open_tensions(world.samira)) == []
    assert [t.pk for t in queries.past_tensions(world.samira)] == [tension.pk]


def test_a_role_one_has_left_stays_with_the_tension(world: World) -> None:
    from governance.actions import assignments

    tension = sensed(world)
    assignments.resign(world.samira.assignments.get(role=world.role_ids["photo"]), actor=world.samira)
    kept = actions.amend(tension, actor=world.samira, text="Still", role_id=tension.role_id)
    assert kept.role_id == world.role_ids["photo"]


# -- pages --------------------------------------------------------------------------------------------------------


@clause("1.2.1", HAPPENS)
def test_capturing_from_any_page_goes_on_with_a_message(world: World) -> None:
    maya = browser(world.maya)
    sent = {"text": "Prices change", "role": world.role_ids["copywriter"], "form_key": "abc"}
    answer = maya.post("/northwind/tensions/new/", sent, follow=True)
    assert answer.redirect_chain == [("/northwind/tensions/", 302)]
    assert b"Captured." in answer.content
    assert b"Prices change" in answer.content
    maya.post("/northwind/tensions/new/", sent)
    assert Tension.objects.count() == 1
    answer = maya.post("/northwind/tensions/new/", {**sent, "text": "Other", "next": "/northwind/"})
    assert answer["Location"] == "/northwind/"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = maya.post("/northwind/tensions/new/", {**sent, "text": elsewhere, "next": elsewhere})
        assert answer["Location"] == "/northwind/tensions/"


def test_what_cannot_be_captured_stays_in_the_form_with_the_reason(world: World) -> None:
    maya = browser(world.maya)
    long = "Prices change " * 400
    answer = maya.post("/northwind/tensions/new/", {"text": long, "form_key": "abc"})
    assert answer.status_code == 422
    assert long in answer.content.decode()
    assert "at most 5000 fit" in answer.content.decode()
    answer = maya.post(
        "/northwind/tensions/new/",
        {"text": "Kept <words>", "role": world.role_ids["photo"], "form_key": "abc"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "§1.2.1" in page
    assert "Kept &lt;words&gt;" in page
    assert 'value="abc"' in page
    assert not Tension.objects.exists()


def test_nobody_sees_a_tension_but_its_owner(world: World) -> None:
    tension = sensed(world)
    address = f"/northwind/tensions/{tension.pk}/"
    assert browser(world.samira).get(address).status_code == 200
    assert world.outsider is not None
    for person in (world.maya, world.ines, world.outsider):
        client = browser(person)
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "let_go"}).status_code == 404
    assert b"briefs" not in browser(world.maya).get("/northwind/tensions/").content
    for path in ("", "new/", f"{tension.pk}/"):
        assert browser(world.outsider).get(f"/northwind/tensions/{path}").status_code == 404
        assert Client().get(f"/northwind/tensions/{path}").status_code == 302
    tension.refresh_from_db()
    assert tension.state == Tension.State.OPEN


def test_the_page_of_a_tension_offers_its_ways_and_escapes_its_words(world: World) -> None:
    tension = sensed(world, HOSTILE)
    page = browser(world.samira).get(f"/northwind/tensions/{tension.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "Draft a proposal in Storefront" in page
    assert "inside Photo Desk" in page
    inbox = browser(world.samira).get("/northwind/tensions/").content.decode()
    assert "<script>alert" not in inbox
    assert "You hold one tension" in inbox


def test_settling_on_the_page(world: World) -> None:
    tension = sensed(world)
    samira = browser(world.samira)
    address = f"/northwind/tensions/{tension.pk}/"
    answer = samira.post(address, {"do": "settle", "outcome": "x" * 401})
    assert answer.status_code == 422
    assert "x" * 401 in answer.content.decode()
    assert samira.post(address, {"do": "elsewhere"}).status_code == 422
    samira.post(address, {"do": "settle", "outcome": "Priya sends me the list"})
    assert b"Priya sends me the list" in samira.get("/northwind/tensions/?state=past").content
    assert b"take it up again" in samira.get(address).content
    samira.post(address, {"do": "reopen"})
    samira.post(address, {"do": "amend", "text": "I get no briefs", "role": world.role_ids["photo"]})
    assert b"I get no briefs" in samira.get("/northwind/tensions/").content


def test_a_proposal_begins_with_the_tension(world: World) -> None:
    tension = sensed(world)
    samira = browser(world.samira)
    page = samira.get(f"/northwind/proposals/new/?tension={tension.pk}").content.decode()
    assert page.index("Storefront") < page.index("Photo Desk")
    assert "where your role lies" in page
    circle = world.role("storefront").ref
    answer = samira.post("/northwind/proposals/new/", {"tension": tension.pk, "circle": circle}, follow=True)
    assert b"I get briefs too late" in answer.content
    # Twice is once, until the draft has been touched
    again = samira.post("/northwind/proposals/new/", {"tension": tension.pk, "circle": circle})
    assert again["Location"] == answer.redirect_chain[0][0]
    (proposal,) = tension.proposals.all()
    assert (proposal.role_id, proposal.tension) == (world.role_ids["photo"], "I get briefs too late")
    assert proposal.title in ("", None)
    assert b"Untitled proposal" in samira.get(f"/northwind/tensions/{tension.pk}/").content
    assert (
        browser(world.maya)
        .post("/northwind/proposals/new/", {"tension": tension.pk, "circle": circle})
        .status_code
        == 404
    )
    proposals.discard_draft(proposal, actor=world.samira)
    assert tension.proposals.count() == 0


def test_nothing_is_captured_across_sites(world: World) -> None:
    client = browser(world.maya, enforce_csrf_checks=True)
    assert client.post("/northwind/tensions/new/", {"text": "x"}).status_code == 403
    assert not Tension.objects.exists()


def test_the_inbox_costs_the_same_however_much_it_holds(world: World) -> None:
    samira = browser(world.samira)

    def queries_of() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert samira.get("/northwind/tensions/").status_code == 200
        return len(captured)

    sensed(world)
    few = queries_of()
    for number in range(20):
        sensed(world, f"Tension {number}")
    assert queries_of() == few
