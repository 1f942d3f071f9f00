"""A contested election in three browsers at once: in private, shown at once, tied, settled, objected to, elected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from governance.models import Election
from meetings.models import Turn
from tests import world as worlds
from tests.e2e.test_meeting import WITHIN, NewPage, next_step, sign_in, until
from tests.meetings.room import Held
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return worlds.build()


def at_state(state: str) -> Callable[[], bool]:
    return lambda: Election.objects.filter(state=state).exists()


def test_a_contested_election(world: World, worker: None, site: str, new_page: NewPage) -> None:
    held = Held(world, "maya", "samira").begin()
    pages: dict[str, Any] = {}
    for name in ("noor", "maya", "samira"):
        pages[name] = sign_in(new_page(), world.people[name], site)
        pages[name].goto(f"/northwind/meetings/{held.meeting.pk}/")
        pages[name].locator(".live[data-state=live]").wait_for()
    noor, maya, samira = pages.values()

    def each_in_turn(does: Callable[[Any], None]) -> None:
        while (
            turn := Turn.objects.filter(state=Turn.State.SPEAKING).select_related("person").first()
        ) is not None:
            page = next(pages[name] for name in pages if world.people[name] == turn.person)
            page.locator("#room-stage", has_text="It is your turn").wait_for(timeout=WITHIN)
            does(page)
            until(Turn.objects.filter(pk=turn.pk).exclude(state=Turn.State.SPEAKING).exists)

    # Samira calls for it, and it goes before what stood first
    maya.locator("#label").fill("Photo briefs")
    maya.locator(".add-label button").click()
    samira.locator("#call-election summary").click()
    samira.locator("#election-seat").select_option("secretary")
    samira.locator("#election-first").check()
    samira.locator("#call-election button").click()
    next_step(noor, "Election: Secretary")
    noor.get_by_role("button", name="Open the nominations").click()

    # Three ballots; what one has begun to write survives another's
    samira.locator(".ballot").get_by_label("Samira Osei").check()
    samira.locator(".ballot textarea").fill("I keep good notes")
    for page, candidate in ((noor, "Maya Lindqvist"), (maya, "Maya Lindqvist")):
        page.locator(".ballot").get_by_label(candidate).check()
        page.get_by_role("button", name="Put it in").click()
        page.get_by_role("button", name="Change my ballot").wait_for()
    samira.locator(".people", has_text="2 of 3").wait_for()
    assert samira.locator(".ballot textarea").input_value() == "I keep good notes"
    assert "I keep good notes" not in maya.content()
    samira.get_by_role("button", name="Put it in").click()
    next_step(noor, "Show all nominations")
    samira.locator(".noms").wait_for()
    each_in_turn(lambda page: page.locator(".noms [aria-current] button").click())
    assert "I keep good notes" in maya.content()
    next_step(noor, "change round")
    until(at_state("changing"))
    each_in_turn(lambda page: page.locator(".noms [aria-current]").get_by_role("button", name="keep").click())
    next_step(noor, "count")

    # Maya is proposed; Samira objects, and the facilitator discards the proposal: the next is proposed
    maya.locator(".candidate", has_text="Maya Lindqvist as Secretary").wait_for()
    next_step(noor, "objection round")
    until(lambda: Turn.objects.filter(step="objections").exists())

    def object_once(page: Any) -> None:
        if page is samira:
            page.locator("textarea[name=concern]").fill("Minutes would come late")
            page.get_by_role("button", name="Raise this concern").click()
            noor.get_by_role("button", name="Capture without testing").click()
        else:
            page.locator("#room-stage").get_by_role("button", name="No objection").click()

    each_in_turn(object_once)
    noor.locator("[data-next]", has_text="integration").wait_for()
    noor.locator("#discard-candidate summary").click()
    noor.locator("#discard-reason").fill("No way was found")
    noor.locator("#discard-candidate button").click()
    samira.locator(".candidate", has_text="Samira Osei as Secretary").wait_for()
    next_step(noor, "objection round")
    until(lambda: Turn.objects.filter(step="objections", state=Turn.State.SPEAKING).exists())
    each_in_turn(lambda page: page.locator("#room-stage").get_by_role("button", name="No objection").click())

    # The worker adopts it, and everybody sees who was elected
    maya.locator(".agenda", has_text="Samira Osei elected").wait_for(timeout=WITHIN)
    assert Election.objects.get().candidate == world.samira
