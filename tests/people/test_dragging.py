"""Dragging people into roles and roles into circles, in a browser."""

from collections.abc import Callable
from typing import Any

import pytest

from governance.models import Decision
from people.models import Organization
from tests import world as worlds
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


def sign_in(page: Any, world: World, key: str) -> None:
    page.goto("/accounts/login/")
    page.fill("#id_login", f"{key}@northwind.example")
    page.fill("#id_password", PASSWORD)
    page.click("main form button.primary >> nth=0")
    page.wait_for_url("**/")


def test_a_person_is_dragged_into_a_role_and_a_role_into_a_circle(new_page: Callable[..., Any]) -> None:
    world = worlds.build()
    # Tall enough for both ends: scrolling while the button is down would take hold of somebody else
    page = new_page(viewport={"width": 1440, "height": 1200})
    sign_in(page, world, "ines")
    page.goto("/northwind/set-up/structure/")
    page.drag_and_drop("[data-person] >> text=Lea Brandt", ".node:has-text('Size & Fit Guide')")
    dialog = page.locator("#act-dialog")
    dialog.locator("[data-diff=add]", has_text="Lea Brandt").wait_for()
    assert not world.role("sizes").assignments.exists()
    page.keyboard.type("Nobody else wants it")
    dialog.get_by_role("button", name="Assign", exact=True).click()
    page.locator(".node", has_text="Size & Fit Guide").get_by_text("Lea Brandt").wait_for()
    assert world.role("sizes").assignments.get().person == world.lea

    page.drag_and_drop(".node:has-text('Photo Desk') a >> nth=0", ".node:has-text('Customer Love') >> nth=0")
    dialog.locator("ins", has_text="Customer Love").wait_for()
    dialog.get_by_role("link", name="Cancel").click()
    assert world.role("photo").circle_id == world.role_ids["storefront"]
    page.drag_and_drop(".node:has-text('Photo Desk') a >> nth=0", ".node:has-text('Customer Love') >> nth=0")
    dialog.locator("ins", has_text="Customer Love").wait_for()
    page.keyboard.type("It serves support")
    dialog.get_by_role("button", name="Move it").click()
    page.locator(".toast", has_text="has been moved").wait_for()
    assert world.role("photo").circle_id == world.role_ids["love"]
    assert Decision.objects.filter(organization=world.organization).count() == 3


def test_everything_goes_without_javascript(new_page: Callable[..., Any]) -> None:
    world = worlds.build()
    page = new_page(java_script_enabled=False)
    sign_in(page, world, "ines")
    page.goto("/northwind/set-up/structure/")
    page.get_by_role("link", name="Assign Size & Fit Guide").click()
    page.select_option("#id_person", label="Lea Brandt")
    page.get_by_role("button", name="Show what it does").click()
    page.locator("[data-diff=add]", has_text="Lea Brandt").wait_for()
    page.fill("#id_reason", "Nobody else wants it")
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_text("has been assigned").wait_for()
    assert world.role("sizes").assignments.get().person == world.lea


def test_the_address_follows_the_name(page: Any) -> None:
    page.goto("/")
    page.fill("#id_name", "Fjord & Fell, Åsgård")
    assert page.input_value("#id_slug") == "fjord-fell-asgard"
    page.fill("#id_slug", "fjord")
    page.fill("#id_name", "Fjord")
    page.fill("#id_founder_name", "Signe Vik")
    page.fill("#id_email", "signe@fjord.example")
    assert page.input_value("#id_ratifiers") == "Signe Vik"
    page.fill("#id_password", "granite and rain")
    page.get_by_role("button", name="Found it").click()
    page.get_by_role("heading", name="What is left").wait_for()
    assert Organization.objects.get().slug == "fjord"
