"""The desk and the page of a proposal in Chromium: saving while one types, and hearing what others do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from governance.actions import proposals
from governance.models import Objection, Proposal
from people.models import Person
from tensions.models import Tension
from tests import world as worlds
from tests.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WHY: dict[str, Any] = {
    "title": "Photo briefs",
    "tension": "I get briefs too late",
    "example": "On Monday the tent arrived unannounced",
    "how_helped": "I would have known ten days before",
}


@pytest.fixture
def world(transactional_db: None) -> World:
    return worlds.build()


@pytest.fixture
def sign_in(new_page: Callable[..., Any], site: str) -> Callable[..., Any]:
    """A function that opens a page of somebody's own session."""

    def open_as(person: Person, **options: Any) -> Any:
        client = Client()
        assert person.account is not None
        client.force_login(person.account)
        page = new_page(**options)
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
        )
        return page

    return open_as


def proposed(world: World) -> Proposal:
    change = {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
    }
    draft = proposals.start_draft(world.role("storefront"), actor=world.samira, **WHY, changes=[change])
    return proposals.propose(draft, actor=world.samira)


def test_from_a_tension_to_a_proposal_without_leaving_the_keyboard_alone(
    world: World, sign_in: Callable[..., Any]
) -> None:
    page = sign_in(world.samira)
    page.goto("/northwind/people/")
    page.keyboard.press("t")
    page.fill("#capture-text", "I get briefs too late")
    page.keyboard.press("Control+Enter")
    page.click(".toast a")
    page.wait_for_url("**/tensions/*/")
    page.click("text=Draft a proposal in Storefront")
    page.wait_for_url("**/edit/")
    page.fill("#title", "Photo briefs")
    page.select_option("#add", label="Merchandiser")
    page.click("button[value=add]")
    page.wait_for_selector("#c1")
    page.locator("#c1 text-lines").nth(1).locator("[data-add]").click()
    page.keyboard.type("Sending Photo Desk a brief ten days ahead")
    # The preview follows while one types, and what is written is kept
    page.wait_for_selector("#preview [data-diff=add]:has-text('ten days ahead')")
    proposal = Proposal.objects.get()
    assert proposal.changes[0]["accountabilities"][0]["text"] == "Sending Photo Desk a brief ten days ahead"
    page.click("button[value=propose]")
    page.wait_for_selector("#example-refused .refusal")
    page.fill("#example", WHY["example"])
    # No pause between the last word and the button: nothing gets in its own way
    page.locator("#how_helped").press_sequentially(WHY["how_helped"], delay=40)
    page.click("button[value=propose]")
    page.wait_for_selector(".pill:has-text('Proposed')")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.how_helped) == ("proposed", WHY["how_helped"])
    assert proposal.tension == Tension.objects.get().text == "I get briefs too late"


def test_an_open_page_hears_answers_and_keeps_what_somebody_is_writing(
    world: World, sign_in: Callable[..., Any]
) -> None:
    proposal = proposed(world)
    address = f"/northwind/proposals/{proposal.pk}/"
    samira, priya = sign_in(world.samira), sign_in(world.priya)
    samira.goto(address)
    samira.wait_for_selector(".live[data-state=live]")
    priya.goto(address)
    priya.wait_for_selector(".live[data-state=live]")
    # Seen, then answered, without anybody reloading
    samira.wait_for_selector("#rail li:has-text('Priya Venkat'):has-text('seen')")
    proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
    for page in (samira, priya):
        page.wait_for_selector("#rail li:has-text('Maya Lindqvist'):has-text('no objection')")
    # While Priya writes, the text is amended: her words stay, and she is told
    priya.check("input[value=object]")
    priya.fill("#concern", "No samples that early")
    proposals.amend(proposal, {"title": "Sooner"}, actor=world.samira, text_version=proposal.text_version)
    priya.wait_for_selector("h1:has-text('Sooner')")
    priya.wait_for_selector("#answer .kept-words:not([hidden])")
    # Nor does she leave them behind unasked
    with priya.expect_event("dialog") as asked:
        priya.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    assert priya.input_value("#concern") == "No samples that early"
    for letter in "abcd":
        priya.fill(f"#criterion_{letter}", f"argument {letter}")
    priya.click("#answer button.primary")
    # Sent for the former text, it is not taken for the new one; nothing is lost
    priya.wait_for_selector("text=amended since you read it")
    assert priya.input_value("#criterion_d") == "argument d"
    assert not Objection.objects.exists()
    priya.click("#answer button.primary")
    priya.wait_for_selector("#said article")
    samira.wait_for_selector("#said article:has-text('No samples that early')")
    samira.wait_for_selector("#head .pill:has-text('In integration')")


def test_two_tabs_lose_nothing(world: World, sign_in: Callable[..., Any]) -> None:
    draft = proposals.start_draft(world.role("storefront"), actor=world.samira, **WHY)
    first, second = sign_in(world.samira), sign_in(world.samira)
    for page in (first, second):
        page.goto(f"/northwind/proposals/{draft.pk}/edit/")
    first.fill("#tension", "From the first tab")
    first.wait_for_selector("#saved:has-text('Saved at')")
    second.fill("#tension", "From the second tab")
    second.wait_for_selector("#stale:has-text('From the first tab')")
    assert second.input_value("#tension") == "From the second tab"
    second.click("text=Save mine")
    second.wait_for_selector("#saved:has-text('Saved at')")
    draft.refresh_from_db()
    assert draft.tension == "From the second tab"


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_screen(world: World, sign_in: Callable[..., Any], width: int) -> None:
    proposal = proposed(world)
    draft = proposals.start_draft(
        world.role("storefront"), actor=world.samira, **WHY, changes=proposal.changes
    )
    page = sign_in(world.samira, viewport={"width": width, "height": 900})
    paths = ("tensions/", "tensions/new/", "awaiting/", "proposals/", "proposals/new/")
    for path in (*paths, f"proposals/{proposal.pk}/", f"proposals/{draft.pk}/edit/"):
        page.goto(f"/northwind/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_an_amendment_is_not_left_behind_unasked_and_goes_on_once_sent(
    world: World, sign_in: Callable[..., Any]
) -> None:
    proposal = proposed(world)
    page = sign_in(world.samira)
    page.goto(f"/northwind/proposals/{proposal.pk}/edit/")
    page.fill("#title", "Photo briefs, sooner")
    # What a button brings back holds the words, and they are still kept nowhere
    page.select_option("#add", "add_policy")
    page.click("button[value=add]")
    page.wait_for_selector("#c2")
    assert not page.locator("#c2 .refusal").count()
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    assert page.input_value("#title") == "Photo briefs, sooner"
    page.click("button[value='remove:c2']")
    page.wait_for_selector("#c2", state="detached")
    dialogs: list[Any] = []

    def note(dialog: Any) -> None:
        dialogs.append(dialog)
        dialog.accept()

    page.on("dialog", note)
    page.click("button[value=amend]")
    page.wait_for_selector("h1:has-text('Photo briefs, sooner')")
    page.wait_for_url(f"**/proposals/{proposal.pk}/")
    assert not dialogs
