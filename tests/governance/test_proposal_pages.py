"""Drafting a proposal, answering it and following it through the pages, with success and refusal side by side."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import takewhile
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from circles.models import Accountability, Policy, Role
from circles.structure import Structure
from governance.actions import proposals, set_up
from governance.changes import AddRole, Assign, RemoveRole
from governance.forms.draft import DraftForm
from governance.models import Objection, Proposal, Response
from governance.rules.places import move_targets
from governance.views.drafts import _by_circle
from people.ids import new_id
from people.models import Person
from people.refusals import Malformed
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]
HOSTILE = '<script>alert("x")</script>'
WHY: dict[str, Any] = {
    "title": "Photo briefs",
    "tension": "I get briefs too late",
    "example": "On Monday the tent arrived unannounced",
    "how_helped": "I would have known ten days before",
}
CRITERIA = {f"criterion_{c}": f"argument {c}" for c in "abcd"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> World:
    return worlds.build()


def browser(person: Person, **options: Any) -> Client:
    client = Client(**options)
    assert person.account is not None
    client.force_login(person.account)
    return client


def change(world: World, text: str = "Sending Photo Desk a brief") -> dict[str, Any]:
    return {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "accountabilities": [{"op": "add", "text": text}],
    }


def draft(world: World, changes: list[dict[str, Any]] | None = None, **text: Any) -> Proposal:
    circle = world.role("storefront")
    wanted = [change(world)] if changes is None else changes
    return proposals.start_draft(circle, actor=world.samira, **{**WHY, **text}, changes=wanted)


def proposed(world: World, **text: Any) -> Proposal:
    return proposals.propose(draft(world, **text), actor=world.samira)


def address(proposal: Proposal, tail: str = "") -> str:
    return f"/northwind/proposals/{proposal.pk}/{tail}"


def fields_of(page: str) -> dict[str, Any]:
    """Every field of the desk as a browser would send it, without a button."""
    sent: dict[str, list[str]] = {}

    class Form(HTMLParser):
        inside = False
        area: str | None = None
        select: str | None = None
        first = True
        words = ""

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            a = dict(attributes)
            if tag == "form":
                self.inside = a.get("id") == "desk"
            if tag == "template":
                self.inside = False
            if not self.inside:
                return
            name = a.get("name") or ""
            kind = a.get("type")
            if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in a):
                sent.setdefault(name, []).append(a.get("value") or "")
            elif tag == "textarea":
                self.area, self.words = name, ""
            elif tag == "select":
                self.select, self.first = name, True
            elif tag == "option" and self.select and (self.first or "selected" in a):
                # A browser sends the first option where none is selected
                values = sent.setdefault(self.select, [])
                if not self.first:
                    values.pop()
                values.append(a.get("value") or "")
                self.first = False

        def handle_data(self, data: str) -> None:
            if self.area is not None:
                self.words += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea" and self.area is not None:
                sent.setdefault(self.area, []).append(self.words)
                self.area = None
            elif tag == "select":
                self.select = None
            elif tag == "form":
                self.inside = False
            elif tag == "text-lines":
                self.inside = True

    Form().feed(page)
    return sent


def desk(client: Client, proposal: Proposal) -> dict[str, Any]:
    answer = client.get(address(proposal, "edit/"))
    assert answer.status_code == 200
    return fields_of(answer.content.decode())


# -- where it belongs ---------------------------------------------------------------------------------------------


def test_a_member_drafts_where_they_speak_for_a_role(world: World) -> None:
    samira = browser(world.samira)
    page = samira.get(f"/northwind/proposals/new/?circle={world.role_ids['storefront']}").content.decode()
    assert "Draft it in Storefront" in page
    assert "You are not a circle member" not in page
    other = samira.get(f"/northwind/proposals/new/?circle={world.role_ids['love']}").content.decode()
    assert "You are not a circle member of Customer Love" in other
    assert "Hana Mori" in other
    assert "§5.3" in other
    assert samira.post("/northwind/proposals/new/", {}).status_code == 422
    assert world.outsider is not None
    outsider = browser(world.outsider)
    assert outsider.get("/northwind/proposals/new/").status_code == 404
    foreign = Role.objects.get(organization=world.outsider.organization, circle=None)
    assert samira.post("/northwind/proposals/new/", {"circle": foreign.pk}).status_code == 404


def test_amending_a_role_or_policy_begins_with_it(world: World, run_jobs: RunJobs) -> None:
    samira = browser(world.samira)
    sent = {"circle": world.role_ids["storefront"], "amends": world.role_ids["copywriter"]}
    page = samira.post("/northwind/proposals/new/", sent, follow=True).content.decode()
    assert "Writing product and campaign copy" in page
    assert "Voice guide" in page
    policy = Policy.objects.get(role=world.role_ids["anchor"], effect__kind="time_limit")
    hana = browser(world.hana)
    sent = {"circle": world.role_ids["anchor"], "amends": policy.pk}
    page = hana.post("/northwind/proposals/new/", sent, follow=True).content.decode()
    assert 'value="time_limit" selected' in page


def test_a_role_is_broken_down_by_its_own_inner_circle(world: World, run_jobs: RunJobs) -> None:
    maya = browser(world.maya)
    page = maya.get(f"/northwind/proposals/new/?circle={world.role_ids['copywriter']}").content.decode()
    assert "§1.3.1" in page
    answer = maya.post("/northwind/proposals/new/", {"circle": world.role_ids["copywriter"]})
    proposal = Proposal.objects.get()
    assert answer["Location"] == address(proposal, "edit/")
    sent = desk(maya, proposal) | WHY | {"do": "add", "add": "add_role"}
    sent = fields_of(maya.post(address(proposal, "edit/"), sent).content.decode())
    sent |= {"c1-name": "Translator", "c1-purpose": "Every story everywhere"}
    answer = maya.post(address(proposal, "edit/"), sent | {"do": "propose"})
    assert answer["Location"] == address(proposal)
    run_jobs()
    assert Role.objects.present().filter(circle=world.role_ids["copywriter"], name="Translator").exists()


# -- the desk -----------------------------------------------------------------------------------------------------


def test_a_draft_is_read_still_when_its_circle_has_gone(world: World) -> None:
    mine = draft(world, [change(world)])
    gone = [RemoveRole(world.role_ids["storefront"])]
    set_up.edit_structure(gone, actor=world.ines, reason="Merged into Customer Love")
    response = browser(world.samira).get(address(mine, "edit/"))
    assert response.status_code == 200
    assert mine.title in response.content.decode()


def test_without_a_script_every_button_is_a_form(world: World) -> None:
    samira = browser(world.samira)
    proposal = draft(world, [])
    sent = desk(samira, proposal)

    def press(do: str, **more: Any) -> dict[str, Any]:
        answer = samira.post(address(proposal, "edit/"), sent | more | {"do": do})
        assert answer.status_code == 200
        return fields_of(answer.content.decode())

    sent = press("add", add="add_role")
    sent |= {"c1-name": "Stylist", "c1-purpose": "Sets that look lived in"}
    sent = press("add", add=f"amend_role:{world.role_ids['copywriter']}")
    texts = sent["c2-accountabilities-text"]
    assert texts[0] == "Writing product and campaign copy"
    texts[0], texts[1], texts[2] = "Writing product stories", "", "Telling Photo Desk what is told"
    sent["c2-name"] = "Storyteller"
    sent = press("up:c2")
    assert sent["change"] == ["c2", "c1"]
    sent = press("preview")
    proposal.refresh_from_db()
    amend, add = proposal.changes
    assert amend["name"] == {"from": "Copywriter & Storyteller", "to": "Storyteller"}
    assert "purpose" not in amend
    assert "domains" not in amend
    edits = {e["op"]: e for e in amend["accountabilities"]}
    assert edits["amend"]["from"] == "Writing product and campaign copy"
    assert edits["amend"]["to"] == "Writing product stories"
    assert edits["remove"]["from"] == "Keeping the voice guide current"
    assert edits["add"]["text"] == "Telling Photo Desk what is told"
    assert (add["name"], add["circle"]) == ("Stylist", world.role_ids["storefront"])
    # What is sent again is the same again: identities hold
    version = proposal.text_version
    samira.post(address(proposal, "edit/"), sent | {"do": "save"})
    proposal.refresh_from_db()
    assert (proposal.text_version, proposal.changes) == (version, [amend, add])
    sent = press("remove:c1")
    proposal.refresh_from_db()
    assert [c["kind"] for c in proposal.changes] == ["amend_role"]


def test_a_change_that_is_half_typed_keeps_nothing_else_from_being_saved(world: World) -> None:
    edit = {"kind": "add_policy", "id": new_id(), "circle": world.role_ids["storefront"], "title": "Come in"}
    invited = {"kind": "invite_link", "role": world.role_ids["anchor"]}
    policy = edit | {"body": "They may", "kinds": ["default"], "effect": invited}
    proposal = draft(world, [change(world), policy])
    samira = browser(world.samira)
    sent = fields_of(samira.get(address(proposal, "edit/")).content.decode())
    sent |= {"do": "keep", "tension": "Newly told", "c2-effect-invite_link-role": "Payr"}
    sent["c1-accountabilities-text"][-1] = "Sending Photo Desk a picture"
    saved = samira.post(address(proposal, "edit/"), sent, headers=HTMX).content.decode()
    assert "Saved, but for a change that is not finished" in saved
    proposal.refresh_from_db()
    assert proposal.tension == "Newly told"
    assert "Sending Photo Desk a picture" in json.dumps(proposal.changes[0])
    assert proposal.changes[1]["effect"] == invited
    # Where changes came or went meanwhile, they stay as they were
    sent |= {"tension": "Told again", "do": "remove:c1", "text_version": proposal.text_version}
    samira.post(address(proposal, "edit/"), sent)
    proposal.refresh_from_db()
    assert (proposal.tension, len(proposal.changes)) == ("Told again", 2)


def test_a_form_of_a_saved_draft_reads_back_to_the_same_changes(world: World) -> None:
    policy = Policy.objects.get(role=world.role_ids["anchor"], effect__kind="time_limit")
    accountability = Accountability.objects.get(text="Keeping the voice guide current")
    changes = [
        {
            "kind": "add_role",
            "circle": world.role_ids["anchor"],
            "name": "Scout",
            "domains": [{"text": "Maps", "internal": True}],
        },
        {
            "kind": "amend_role",
            "role": world.role_ids["storefront"],
            "purpose": {"from": "People find the right gear the first time", "to": "Gear"},
        },
        {
            "kind": "amend_role",
            "role": world.role_ids["copywriter"],
            "accountabilities": [{"op": "remove", "id": accountability.pk, "from": accountability.text}],
        },
        {"kind": "remove_role", "role": world.role_ids["finance"]},
        {
            "kind": "add_policy",
            "circle": world.role_ids["anchor"],
            "title": "Quiet",
            "kinds": ["constraint"],
            "inside": False,
        },
        {
            "kind": "amend_policy",
            "policy": policy.pk,
            "effect": {"from": policy.effect, "to": {"kind": "time_limit", "working_days": 5}},
        },
        {"kind": "remove_policy", "policy": policy.pk},
        {
            "kind": "move_role",
            "role": world.role_ids["photo"],
            "circle": world.role_ids["love"],
            "from": world.role_ids["storefront"],
        },
    ]
    proposal = proposals.start_draft(world.role("anchor"), actor=world.hana, **WHY, changes=changes)
    before = proposal.changes
    page = browser(world.hana).get(address(proposal, "edit/")).content.decode()
    query = QueryDict(mutable=True)
    for name, values in fields_of(page).items():
        query.setlist(name, values)
    form = DraftForm.read(query, proposal)
    assert form.data()["changes"] == before


def test_what_was_drafted_against_stays_though_the_structure_moves_on(
    world: World, run_jobs: RunJobs
) -> None:
    role = world.role("photo")
    edit: dict[str, Any] = {
        "kind": "amend_role",
        "role": role.pk,
        "purpose": {"from": role.purpose, "to": "Films"},
    }
    proposal = draft(world, [edit])
    samira = browser(world.samira)
    open_since = desk(samira, proposal)
    other = proposals.propose(
        draft(world, [{**edit, "purpose": {"from": role.purpose, "to": "Pictures"}}], title="First"),
        actor=world.samira,
    )
    for person in (world.ines, world.maya, world.priya, world.noor, world.tobias):
        proposals.answer(other, actor=person, text_version=other.text_version)
    run_jobs()
    role.refresh_from_db()
    assert role.purpose == "Pictures"
    answer = samira.post(address(proposal, "edit/"), open_since | {"do": "propose"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has changed since this was drafted" in page
    assert "What stands now" in page
    assert "Pictures" in page
    proposal.refresh_from_db()
    assert (proposal.state, proposal.changes[0]["purpose"]["from"]) == ("draft", edit["purpose"]["from"])


def test_a_refused_text_stays_as_it_was_typed(world: World) -> None:
    proposal = draft(world)
    samira = browser(world.samira)
    sent = desk(samira, proposal)
    sent["c1-accountabilities-text"][0] = "Sending " * 200
    sent["example"] = HOSTILE
    answer = samira.post(address(proposal, "edit/"), sent | {"do": "propose"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Sending " * 200 in page
    assert "at most 1000 fit" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    proposal.refresh_from_db()
    # The words are saved all the same; the change that cannot be read is as it was
    assert proposal.example == HOSTILE
    assert "Sending Sending" not in json.dumps(proposal.changes)


def test_proposing_says_what_is_missing_and_where(world: World) -> None:
    proposal = draft(world, example="")
    samira = browser(world.samira)
    answer = samira.post(address(proposal, "edit/"), desk(samira, proposal) | {"do": "propose"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#example"' in page
    assert "§5.3.1" in page
    answer = samira.post(
        address(proposal, "edit/"), desk(samira, proposal) | {"do": "propose", "example": "A tent"}
    )
    assert answer["Location"] == address(proposal)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.example) == ("proposed", "A tent")


def test_a_change_of_another_circle_is_refused_with_its_clause(world: World) -> None:
    proposal = draft(world, [{"kind": "remove_role", "role": world.role_ids["help"]}])
    page = browser(world.samira).get(address(proposal, "edit/")).content.decode()
    assert "§5.2" in page
    assert 'href="#c1"' in page
    assert f"remove_role:{world.role_ids['photo']}" in page
    assert f"remove_role:{world.role_ids['help']}" not in page


def test_a_policy_can_wait_for_its_title_in_a_draft_alone(world: World) -> None:
    proposal = draft(world, [])
    samira = browser(world.samira)
    sent = fields_of(
        samira.post(
            address(proposal, "edit/"), desk(samira, proposal) | {"do": "add", "add": "add_policy"}
        ).content.decode()
    )
    proposal.refresh_from_db()
    assert [c["kind"] for c in proposal.changes] == ["add_policy"]
    answer = samira.post(address(proposal, "edit/"), sent | {"c1-kinds": "grant", "do": "propose"})
    assert answer.status_code == 422
    assert "A policy needs a title" in answer.content.decode()
    sent = fields_of(answer.content.decode()) | {"c1-title": "Open studio", "do": "propose"}
    assert samira.post(address(proposal, "edit/"), sent)["Location"] == address(proposal)


def test_typing_saves_and_previews(world: World) -> None:
    proposal = draft(world, [])
    samira = browser(world.samira)
    sent = desk(samira, proposal) | {"title": "Renamed", "do": "keep"}
    answer = samira.post(address(proposal, "edit/"), sent, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert 'id="preview"' in page
    proposal.refresh_from_db()
    assert proposal.title == "Renamed"
    assert re.search(rf'id="text_version"\s+value="{proposal.text_version}"', page)
    # It says when answers would close, and by which policy
    whole = samira.get(address(proposal, "edit/")).content.decode()
    assert "Answers would close" in whole
    assert "Propose to 5 members" in whole


def test_what_another_tab_saved_meanwhile_is_shown_beside_ones_own(world: World) -> None:
    proposal = draft(world)
    samira = browser(world.samira)
    stale = desk(samira, proposal)
    samira.post(
        address(proposal, "edit/"), desk(samira, proposal) | {"tension": "From the phone", "do": "save"}
    )
    stale |= {"tension": "From the desk"}
    for do, headers, status in (("save", None, 422), ("keep", HTMX, 200), ("propose", None, 422)):
        answer = samira.post(address(proposal, "edit/"), stale | {"do": do}, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == status
        assert "From the phone" in page
        assert "From the desk" in page
        assert "Save mine" in page
    proposal.refresh_from_db()
    assert (proposal.tension, proposal.state) == ("From the phone", "draft")
    seen = re.search(r'name="seen_version"\s+value="(\d+)"', page)
    assert seen is not None
    samira.post(address(proposal, "edit/"), stale | {"do": "mine", "seen_version": seen[1]})
    proposal.refresh_from_db()
    assert proposal.tension == "From the desk"


def test_a_draft_is_its_proposers_alone(world: World) -> None:
    proposal = draft(world)
    assert world.outsider is not None
    for person in (world.maya, world.ines, world.outsider):
        for tail in ("", "edit/"):
            assert browser(person).get(address(proposal, tail)).status_code == 404
            assert browser(person).post(address(proposal, tail), {"do": "discard"}).status_code == 404
    assert Client().get(address(proposal)).status_code == 302
    samira = browser(world.samira)
    assert samira.get(address(proposal))["Location"] == address(proposal, "edit/")
    samira.post(address(proposal, "edit/"), {"do": "discard"})
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"change": ["c1"], "c1-kind": "amend_role", "c1-base": "{no json"},
        {"change": ["c1"], "c1-kind": "amend_role", "c1-base": "[1]"},
        {"change": ["c1", "c1"]},
        {"change": ["c1"], "c1-kind": "add_role", "c1-domains-id": ["x", "y"], "c1-domains-text": ["x"]},
    ],
)
def test_a_damaged_form_is_refused_and_changes_nothing(world: World, broken: dict[str, Any]) -> None:
    proposal = draft(world)
    before = proposal.changes
    answer = browser(world.samira).post(address(proposal, "edit/"), broken | {"do": "save"})
    assert answer.status_code == 422
    proposal.refresh_from_db()
    assert proposal.changes == before


@pytest.mark.parametrize("kind", ["nonsense", "enact", "assign", ""])
def test_a_kind_of_change_that_no_proposal_carries_is_refused(world: World, kind: str) -> None:
    proposal = draft(world)
    samira = browser(world.samira)
    base = {"kind": kind, "role": world.role_ids["photo"], "person": world.lea.pk}
    sent = {"change": ["c1"], "c1-kind": kind, "c1-base": json.dumps(base), "do": "propose"}
    assert samira.post(address(proposal, "edit/"), sent).status_code == 422
    proposal.refresh_from_db()
    assert proposal.state == "draft"
    form = DraftForm.of(proposal, Structure.of(world.organization.pk))
    for what in ("assign", "remove_role", "add_role:2222222222", "amend_role:nothing"):
        with pytest.raises(Malformed):
            form.add(what, Structure.of(world.organization.pk), proposal)


# -- answering ----------------------------------------------------------------------------------------------------


def test_answers_through_the_page_adopt_it(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    for person in (world.ines, world.maya, world.priya, world.noor, world.tobias):
        client = browser(person)
        page = client.get(address(proposal)).content.decode()
        assert "No objection" in page
        sent = {"do": "no_objection", "text_version": proposal.text_version}
        # Whoever answers goes on at their answer; the last answer adopts it, which is read from its beginning
        place = "" if person == world.tobias else "#answer"
        answer = client.post(address(proposal), sent)
        assert answer["Location"] == address(proposal) + place
        said = [str(message) for message in get_messages(answer.wsgi_request)]
        assert ("being adopted now" in said[-1]) == (person == world.tobias)
        assert client.post(address(proposal), sent).status_code == 302  # twice is once
    run_jobs()
    page = browser(world.samira).get(address(proposal)).content.decode()
    assert "Adopted as decision 2" in page
    assert "Sending Photo Desk a brief" in page
    assert Response.objects.filter(proposal=proposal, answer="no_objection").count() == 6


def test_seeing_it_is_noted_for_those_who_are_asked(world: World) -> None:
    proposal = proposed(world)
    browser(world.maya).get(address(proposal))
    browser(world.lea).get(address(proposal))
    seen = proposal.responses.exclude(seen_at=None).values_list("person__name", flat=True)
    assert set(seen) == {"Maya Lindqvist", "Samira Osei"}


def test_only_members_are_asked(world: World) -> None:
    proposal = proposed(world)
    lea = browser(world.lea)
    assert "You are not asked" in lea.get(address(proposal)).content.decode()
    answer = lea.post(address(proposal), {"do": "no_objection", "text_version": proposal.text_version})
    assert answer.status_code == 422
    assert "§5.3" in answer.content.decode()
    assert world.outsider is not None
    assert browser(world.outsider).get(address(proposal)).status_code == 404
    assert browser(world.outsider).post(address(proposal), {"do": "meeting"}).status_code == 404


def test_an_objection_needs_its_arguments_and_keeps_what_was_written(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    priya = browser(world.priya)
    sent = {
        "do": "object",
        "text_version": proposal.text_version,
        "role": world.role_ids["merchandiser"],
        "concern": f"No samples {HOSTILE}",
        **CRITERIA,
    }
    answer = priya.post(address(proposal), sent | {"criterion_c": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "argument d" in page
    assert "No samples &lt;script&gt;" in page
    assert 'id="criterion_c-refused"' in page
    assert not Objection.objects.exists()
    for _twice in range(2):
        assert priya.post(address(proposal), sent).status_code == 302
    assert Objection.objects.count() == 1
    page = browser(world.maya).get(address(proposal)).content.decode()
    assert "argument a" in page
    assert HOSTILE not in page
    # A rule it would break stands for the four
    tobias = browser(world.tobias)
    rule = {"do": "object", "text_version": proposal.text_version, "concern": "Against §5.2", "rule": "§5.2"}
    assert tobias.post(address(proposal), rule | {"role": world.role_ids["photo"]}).status_code == 422
    assert tobias.post(address(proposal), rule | {"role": world.role_ids["catalogue"]}).status_code == 302


def test_the_facilitator_tests_and_drops_and_nobody_else(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)

    def object_by(person: Person, role: str) -> Objection:
        sent = {
            "do": "object",
            "text_version": proposal.text_version,
            "role": world.role_ids[role],
            "concern": role,
        }
        browser(person).post(address(proposal), sent | CRITERIA)
        return Objection.objects.get(objector=person)

    first, second, third = (
        object_by(world.priya, "merchandiser"),
        object_by(world.maya, "copywriter"),
        object_by(world.tobias, "catalogue"),
    )
    noor, ines = browser(world.noor), browser(world.ines)
    assert "a-yes" in noor.get(address(proposal)).content.decode()
    assert "a-yes" not in ines.get(address(proposal)).content.decode()
    refused = ines.post(address(proposal), {"do": "test", "objection": first.pk, "verdict": "a-no"})
    assert refused.status_code == 422
    assert ines.post(address(proposal), {"do": "ask_for_test", "objection": first.pk}).status_code == 302
    for letter in "abcd":
        sent = {"do": "test", "objection": first.pk, "verdict": f"{letter}-yes"}
        assert noor.post(address(proposal), sent)["Location"] == f"{address(proposal)}#objection-{first.pk}"
    noor.post(address(proposal), {"do": "test", "objection": second.pk, "verdict": "c-no"})
    empty = noor.post(address(proposal), {"do": "drop_objection", "objection": third.pk, "reason": ""})
    assert empty.status_code == 422
    noor.post(
        address(proposal), {"do": "drop_objection", "objection": third.pk, "reason": "Tobias left the talk"}
    )
    for objection, state in ((first, "valid"), (second, "not_valid"), (third, "dropped")):
        objection.refresh_from_db()
        assert objection.state == state
    page = ines.get(address(proposal)).content.decode()
    assert "Ines Calloway asked for it to be tested" in page
    assert "Tobias left the talk" in page
    priya = browser(world.priya)
    assert (
        browser(world.maya)
        .post(address(proposal), {"do": "withdraw_objection", "objection": first.pk})
        .status_code
        == 422
    )
    assert (
        priya.post(address(proposal), {"do": "withdraw_objection", "objection": first.pk}).status_code == 302
    )
    other = proposed(world, title="Other")
    assert priya.post(address(other), {"do": "withdraw_objection", "objection": first.pk}).status_code == 422


def test_an_amendment_asks_again_and_stale_answers_say_so(world: World) -> None:
    proposal = proposed(world)
    read = proposal.text_version
    samira = browser(world.samira)
    sent = desk(samira, proposal)
    unchanged = samira.post(address(proposal, "edit/"), sent | {"do": "amend"})
    assert unchanged.status_code == 422
    # Typing amends nothing before it is said so
    samira.post(address(proposal, "edit/"), sent | {"title": "Sooner", "do": "keep"}, headers=HTMX)
    proposal.refresh_from_db()
    assert (proposal.title, proposal.round) == ("Photo briefs", 1)
    samira.post(address(proposal, "edit/"), sent | {"title": "Sooner", "do": "amend"})
    proposal.refresh_from_db()
    assert (proposal.title, proposal.round) == ("Sooner", 2)
    maya = browser(world.maya)
    stale = {
        "do": "object",
        "text_version": read,
        "role": world.role_ids["copywriter"],
        "concern": "Words I typed",
        **CRITERIA,
    }
    answer = maya.post(address(proposal), stale)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "amended since you read it" in page
    assert "Words I typed" in page
    assert re.search(rf'name="text_version"\s+value="{proposal.text_version}"', page)
    # Nobody else comes to the desk
    assert maya.get(address(proposal, "edit/"))["Location"] == address(proposal)
    assert maya.post(address(proposal, "edit/"), sent | {"title": "Mine", "do": "amend"})[
        "Location"
    ] == address(proposal)


def test_a_late_answer_is_refused_and_its_words_are_shown(world: World) -> None:
    proposal = proposed(world)
    assert proposal.due_at is not None
    maya = browser(world.maya)
    sent = {
        "do": "object",
        "text_version": proposal.text_version,
        "role": world.role_ids["copywriter"],
        "concern": "Words too late",
        **CRITERIA,
    }
    with mock.patch("django.utils.timezone.now", return_value=proposal.due_at + dt.timedelta(seconds=1)):
        answer = maya.post(address(proposal), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "time limit has passed" in page
    assert "Words too late" in page
    assert not Objection.objects.exists()


def test_a_very_long_concern_is_folded_after_its_beginning(world: World) -> None:
    proposal = proposed(world)
    sent = {"do": "object", "text_version": proposal.text_version, "role": world.role_ids["merchandiser"]}
    browser(world.priya).post(address(proposal), sent | CRITERIA | {"concern": "Samples are short"})
    read = browser(world.samira)
    assert 'class="folded"' not in read.get(address(proposal)).content.decode()
    words = {"concern": "No samples. " * 500}
    browser(world.maya).post(
        address(proposal), sent | CRITERIA | words | {"role": world.role_ids["copywriter"]}
    )
    for tail in ("", "edit/"):
        page = read.get(address(proposal, tail)).content.decode()
        assert page.count('<details class="folded">') == 1
    assert "Integration" in read.get(address(proposal)).content.decode().partition('id="h-course"')[2]


def test_what_a_new_policy_still_lacks_is_said_once_somebody_tries(world: World) -> None:
    proposal, client = draft(world), browser(world.samira)
    sent = desk(client, proposal) | {"do": "add", "add": "add_policy"}
    page = client.post(address(proposal, "edit/"), sent, headers=HTMX).content.decode()
    assert "Say which kind of policy it is" not in page.partition("</article>")[2].partition("</article>")[0]
    assert '<option value="Photo Desk"></option>' in page
    tried = client.post(address(proposal, "edit/"), fields_of(page) | {"do": "propose"}, headers=HTMX)
    assert "Say which kind of policy it is" in tried.content.decode().partition('id="preview"')[0]


def test_where_something_may_move_is_listed_circle_by_circle(world: World) -> None:
    ids = world.role_ids
    structure = Structure.of(world.organization.id)
    shown = [
        (role.shown_name, len(indent))
        for role, indent in _by_circle(move_targets(structure, ids["anchor"], structure.role(ids["love"])))
    ]
    depths = dict(shown)
    assert (depths["Storefront"], depths["Photo Desk"]) == (0, 1)
    after = shown[[name for name, _depth in shown].index("Storefront") + 1 :]
    inside = {name for name, _depth in takewhile(lambda one: one[1] > 0, after)}
    assert inside == {r.shown_name for r in structure.ordinary_inside(ids["storefront"])}


def test_a_meeting_withdrawing_and_taking_up_again(world: World) -> None:
    proposal = proposed(world)
    tobias, samira = browser(world.tobias), browser(world.samira)
    tobias.get(address(proposal))
    assert browser(world.lea).post(address(proposal), {"do": "meeting"}).status_code == 422
    assert tobias.post(address(proposal), {"do": "meeting"}).status_code == 302
    assert tobias.post(address(proposal), {"do": "meeting"}).status_code == 422
    page = samira.get(address(proposal)).content.decode()
    assert f"{world.tobias.name} asked for a meeting" in page
    assert re.search(r'class="btn primary"[^>]*>Go to the meetings', page)
    assert re.search(r'class="btn plain"[^>]*>Take it up again', page)
    assert "put it on the agenda" in page
    at_home = samira.get("/northwind/").content.decode()
    assert "Waiting for a meeting" in at_home
    assert address(proposal) in at_home
    assert "Waiting for a meeting" not in tobias.get("/northwind/").content.decode()
    course = page[page.index('id="h-course"') :]
    assert course.index("Round 1") < course.index(f"{world.tobias.name} asked for a meeting")
    assert "silent" not in page
    assert page.count("not asked any more") == 4  # all but the proposer, and who had read it
    assert (
        samira.post(address(proposal, "edit/"), desk(samira, proposal) | {"do": "propose"}).status_code == 302
    )
    assert tobias.post(address(proposal), {"do": "withdraw"}).status_code == 422
    assert samira.post(address(proposal), {"do": "withdraw"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.round) == ("withdrawn", 2)


def test_the_facilitator_discards_with_a_reason(world: World) -> None:
    proposal = proposed(world)
    noor, maya = browser(world.noor), browser(world.maya)
    sent = {"do": "discard", "ground": "5.3.1b", "reason": "No example given"}
    assert maya.post(address(proposal), sent).status_code == 422
    assert noor.post(address(proposal), sent | {"reason": " "}).status_code == 422
    assert noor.post(address(proposal), sent).status_code == 302
    assert "No example given" in maya.get(address(proposal)).content.decode()


def test_a_conflict_shows_both_texts_and_leads_back_to_the_desk(world: World, run_jobs: RunJobs) -> None:
    role = world.role("photo")
    edits = [
        {"kind": "amend_role", "role": role.pk, "purpose": {"from": role.purpose, "to": to}}
        for to in ("Pictures", "Films")
    ]
    both = [proposals.propose(draft(world, [edit]), actor=world.samira) for edit in edits]
    for proposal in both:
        for person in (world.ines, world.maya, world.priya, world.noor, world.tobias):
            proposals.answer(proposal, actor=person, text_version=proposal.text_version)
    run_jobs()
    page = browser(world.samira).get(address(both[1])).content.decode()
    assert "In conflict" in page
    assert "What stands now" in page
    assert "Pictures" in page
    assert "Films" in page
    samira = browser(world.samira)
    sent = desk(samira, both[1]) | {"do": "remove:c1"}
    sent = fields_of(samira.post(address(both[1], "edit/"), sent).content.decode())
    sent = fields_of(
        samira.post(
            address(both[1], "edit/"), sent | {"do": "add", "add": f"amend_role:{role.pk}"}
        ).content.decode()
    )
    sent |= {"c1-purpose": "Films and pictures"}
    assert samira.post(address(both[1], "edit/"), sent | {"do": "propose"}).status_code == 302


def test_parts_are_read_alone(world: World) -> None:
    proposal = proposed(world)
    maya = browser(world.maya)
    for part, words in (
        ("head", "Photo briefs"),
        ("changes", "Sending Photo Desk a brief"),
        ("answer", "No objection"),
        ("said", "kept-words"),
        ("rail", "Ines Calloway"),
    ):
        page = maya.get(address(proposal), {"part": part}, headers=HTMX).content.decode()
        assert words in page
        assert "<html" not in page
    assert "<html" in maya.get(address(proposal), {"part": "nonsense"}).content.decode()


def test_nothing_is_done_across_sites(world: World) -> None:
    proposal = proposed(world)
    client = browser(world.maya, enforce_csrf_checks=True)
    assert client.post(address(proposal), {"do": "meeting"}).status_code == 403
    assert (
        browser(world.samira, enforce_csrf_checks=True)
        .post(address(proposal, "edit/"), {"do": "amend"})
        .status_code
        == 403
    )


# -- lists --------------------------------------------------------------------------------------------------------


def test_what_awaits_and_what_is_open(world: World) -> None:
    proposal = proposed(world)
    maya = browser(world.maya)
    page = maya.get("/northwind/awaiting/").content.decode()
    assert "One proposal awaits your answer" in page
    assert "Photo briefs" in page
    maya.post(address(proposal), {"do": "no_objection", "text_version": proposal.text_version})
    assert "Nothing awaits your answer" in maya.get("/northwind/awaiting/").content.decode()
    own = browser(world.samira).get("/northwind/awaiting/").content.decode()
    assert "2 of 6 answered" in own
    for circle, found in (("storefront", True), ("love", False)):
        listed = maya.get("/northwind/proposals/", {"circle": world.role_ids[circle]}).content.decode()
        assert ("Photo briefs" in listed) is found
    proposals.withdraw(proposal, actor=world.samira)
    assert "Photo briefs" not in maya.get("/northwind/proposals/").content.decode()
    assert "Photo briefs" in maya.get("/northwind/proposals/?state=settled").content.decode()
    draft(world, title="Secret draft")
    for query in ("", "?state=settled"):
        assert "Secret draft" not in maya.get(f"/northwind/proposals/{query}").content.decode()
    assert world.outsider is not None
    for path in ("awaiting/", "proposals/"):
        assert browser(world.outsider).get(f"/northwind/{path}").status_code == 404


def test_pages_cost_the_same_in_a_larger_organization(world: World) -> None:
    proposal, saved = proposed(world), draft(world, title="Saved")
    proposed(world, title="Another about the same role")
    samira, maya = browser(world.samira), browser(world.maya)
    maya.get(address(proposal))
    pages = [
        (maya, address(proposal)),
        (samira, address(saved, "edit/")),
        (maya, "/northwind/awaiting/"),
        (maya, "/northwind/proposals/"),
    ]

    def cost() -> list[int]:
        counts = []
        for client, path in pages:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
        return counts

    before = cost()
    more = [AddRole(new_id(), world.role_ids["storefront"], f"Role {n}", "Something") for n in range(30)]
    fillers = [Assign(new_id(), role.id, world.lea.pk) for role in more[:15]]
    set_up.edit_structure([*more, *fillers], actor=world.ines, reason="Growth")
    for n in range(5):
        proposed(world, title=f"Further {n}")
    assert cost() == before
    assert max(before) < 60, before


def test_now_is_shown_in_the_readers_zone(world: World) -> None:
    proposal = proposed(world)
    Person.objects.filter(pk=world.maya.pk).update(zone="Asia/Kolkata")
    page = browser(world.maya).get(address(proposal)).content.decode()
    assert proposal.due_at is not None
    there = timezone.localtime(proposal.due_at, ZoneInfo("Asia/Kolkata"))
    assert f"{there:%H:%M} IST" in page
