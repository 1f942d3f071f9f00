"""Every page in a real browser: nothing sticks out, nothing is refused, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from people.models import Person
from tests import everything as scenes
from tests.everything import Everything
from tests.test_access import PEOPLE, TABLE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"], "iframes": False, "preload": False}
# What may differ by colours and width; the rest has been looked at by then
RULES_OF_WCAG = {**EVERY_RULE, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
LOOKS = (
    ("light", {"width": 1440, "height": 900}, EVERY_RULE),
    ("dark", {"width": 360, "height": 740}, RULES_OF_WCAG),
)
# What answers a reader with something else than a page: data, a stream, the parts of a room
NO_PAGES = ("api:", "journal:", "healthz", "governance:decision_json", "meetings:parts")
# Other faces of some pages: what a circle member sees, a role that is no circle, one that nobody fills, a refusal
FACES = (
    ("meetings:room", "maya"),
    ("governance:proposal", "maya"),
    ("circles:role@copywriter", "maya"),
    ("circles:role@sizes", "ines"),
    ("people:structure_role@copywriter", "ines"),
    ("meetings:room", "lea"),
    ("people:setup", "lea"),
)
STICKS_OUT = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const out = [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth)
    return ["it scrolls sideways", ...out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120))];
}"""
# What has passed is not fetched from the browser: it is most of what axe has to say
VIOLATIONS = "async (options) => (await axe.run(document, options)).violations"


def pages() -> Iterator[tuple[str, str]]:
    """Every page, and who opens it: Ines where she may, else Maya, else somebody who has not signed in."""
    for rule in TABLE:
        met = dict(zip(PEOPLE, rule.get.split(), strict=True))
        for who in ("ines", "maya", "nobody"):
            if met[who] == "200":
                yield from ((name, who) for name in rule.addresses.split() if not name.startswith(NO_PAGES))
                break
    yield from FACES


def sign_in(page: Any, person: Person, site: str) -> None:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])


@pytest.fixture
def everything(transactional_db: None) -> Everything:
    return scenes.everything()


@pytest.fixture
def open_as(everything: Everything, new_page: Callable[..., Any], site: str) -> Callable[..., Any]:
    """A function that opens the browser as somebody of the cast, or as nobody."""

    def open_page(who: str, **options: Any) -> Any:
        page = new_page(reduced_motion="reduce", **options)
        if who != "nobody":
            sign_in(page, everything.world.people[who], site)
        return page

    return open_page


def test_every_page_fits_and_can_be_used_by_everybody(
    everything: Everything, open_as: Callable[..., Any]
) -> None:
    open_pages: dict[str, Any] = {}
    wrong: list[str] = []
    looks = LOOKS
    for name, who in pages():
        if who not in open_pages:
            open_pages[who] = open_as(who)
            open_pages[who].add_init_script(Axe().axe_script)
        page = open_pages[who]
        answer = page.goto(everything.address(name))
        assert answer.status in (200, 403, 404), (name, who, answer.status)
        assert (answer.status == 200) is (who != "lea"), (name, who, answer.status)
        looks = looks[::-1]  # begins with the one that the page before ended with
        for scheme, size, options in looks:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            wrong += [f"{name}, {size['width']} wide: {one}" for one in page.evaluate(STICKS_OUT)]
            found = page.evaluate(VIOLATIONS, options)
            wrong += [
                f"{name}, {scheme}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "who"), [("pages:home", "maya"), ("governance:draft", "maya")])
def test_the_first_key_leads_to_the_content(
    everything: Everything, open_as: Callable[..., Any], name: str, who: str
) -> None:
    page = open_as(who)
    page.goto(everything.address(name))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.locator(":focus").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert page.evaluate("document.activeElement.id") != "main"
