"""Answering a proposal by API, and what it tells of objections; the calendar of a circle."""

from __future__ import annotations

import pytest

from governance.actions import proposals
from governance.actions.calendars import keep_calendar
from governance.models import Proposal
from tests.api.conftest import Api
from tests.constitution.consent import ARGUMENTS, changes, object_to, proposed
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_member_answers_objects_and_asks_to_meet(world: World, maya: Api) -> None:
    proposal = proposed(world)
    address = f"proposals/{proposal.pk}/answer/"
    yes = {"answer": "no_objection", "text_version": proposal.text_version}
    assert maya.post(address, yes).json() == {"state": "proposed", "objection": None}
    assert maya.post(address, yes | {"text_version": proposal.text_version + 1}).status_code == 409
    no = {
        "answer": "objection",
        "text_version": proposal.text_version,
        "role": world.role_ids["copywriter"],
        "concern": "Copy comes too early",
        "criteria": ARGUMENTS | {"d": ""},
    }
    refused = maya.post(address, no)
    assert (refused.status_code, refused.json()["clause"]) == (422, "5.3.2")
    objected = maya.post(address, no | {"criteria": ARGUMENTS}).json()
    assert objected["state"] == "objected"
    told = maya.read(f"proposals/{proposal.pk}/")
    assert told["objections"][0]["criteria"]["a"] == {"argument": "Launches slip", "given": None}
    line = next(r for r in told["responses"] if r["person"]["name"] == "Maya Lindqvist")
    assert line["answer"] == "objection"
    assert line["seen_at"] is not None
    assert maya.post(address, {"answer": "meeting", "text_version": 1}).json()["state"] == "escalated"
    assert maya.post(address, yes).status_code in (400, 409, 422, 403)


def test_amended_proposals_and_rulings_are_told(world: World, maya: Api) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal, rule="§1.1")
    proposals.ask_for_ruling(objection, actor=world.noor)
    proposals.rule_on(objection, actor=world.tobias, violates=True, reason="It would")
    beside = proposals.draft_amendment(objection, actor=world.priya)
    data = {"how_helped": "It would do", "changes": changes(world, "Telling Photo Desk")}
    proposals.save_draft(beside, data, actor=world.priya, text_version=None)
    proposals.offer_amendment(beside, actor=world.priya)
    told = maya.read(f"proposals/{proposal.pk}/")["objections"][0]
    assert (told["ruling"], told["ruling_reason"]) == ("violates", "It would")
    assert told["amendments"][0]["reason"] == "It would do"
    assert not Proposal.objects.filter(beside__isnull=False).exists()


def test_the_calendar_is_that_of_the_nearest_circle(world: World, maya: Api) -> None:
    address = f"roles/{world.role_ids['storefront']}/calendar/"
    assert maya.read(address)["kept_by"] is None
    anchor = world.role("anchor")
    keep_calendar(
        anchor, actor=world.ines, zone="Asia/Tokyo", weekdays=[0, 1], opens=None, closes=None, days_off=[]
    )
    told = maya.read(address)
    assert told["kept_by"]["id"] == anchor.pk
    assert (told["zone"], told["weekdays"], told["opens"]) == ("Asia/Tokyo", [0, 1], None)
