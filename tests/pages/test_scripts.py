"""What the scripts of every page do, in a real browser, under the policy that the site sends."""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template

pytestmark = pytest.mark.e2e

POLICY = "; ".join(
    f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
ITEMS = [
    {"id": "b2", "text": "Keeping one table", "before": "Keeping a table"},
    {"id": "c3", "text": "Answering questions", "before": "Answering questions"},
    {"id": "d4", "text": "", "before": "Collecting feedback"},
]


LINES = """{% extends "base_plain.html" %}{% load tensegrity %}{% block content %}<form method="post">
{% lines "acc" items "Accountabilities" "Accountability" %}</form>{% endblock %}"""
THEME = """{% extends "base_plain.html" %}{% block content %}{% include "components/theme.html" %}{% endblock %}"""
ANYWHERE = """{% extends "base.html" %}{% block content %}<p>Anywhere</p><input>{% for reason in reasons %}
<div class="refusal">{{ reason }}</div>{% endfor %}{% endblock %}"""
SHELL = SimpleNamespace(capture_url="/capture/", form_key="first", roles=[], places=[], circles=[])


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


@dataclass
class Site:
    """A site of one page, with our scripts and styles, that takes what is captured as a test says."""

    pages: dict[str, str] = field(default_factory=dict)
    capture: Callable[[str], tuple[int, str]] = lambda posted: (500, "")

    def answer(self, method: str, path: str, posted: str) -> tuple[int, dict[str, str], bytes]:
        kind = mimetypes.guess_type(path)[0] or "text/html; charset=utf-8"
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            return (200, {"Content-Type": kind}, Path(str(found)).read_bytes()) if found else (404, {}, b"")
        headers = {"Content-Type": kind, "Content-Security-Policy": POLICY}
        if method == "POST":
            status, said = self.capture(posted)
            return (status, headers | ({"Location": said} if status == 302 else {}), said.encode())
        return (200, headers, self.pages[path].encode()) if path in self.pages else (404, {}, b"")


@pytest.fixture
def served() -> Iterator[tuple[Site, str]]:
    """A site of one page, and where it is."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            posted = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, headers, body = site.answer(self.command, urlsplit(self.path).path, posted)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def visit(browser: Any, served: tuple[Site, str]) -> Iterator[Callable[..., Any]]:
    """A function that opens a page with this HTML. What scripts or the policy complain of fails the test."""
    site, address = served
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(html: str, javascript: bool = True) -> Any:
        site.pages["/"] = html
        contexts.append(browser.new_context(java_script_enabled=javascript))
        contexts[-1].set_default_timeout(5_000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, wrong


def sent(page: Any) -> list[tuple[str, str]]:
    """The lines that the form would send: (id, text)."""
    values = page.evaluate(
        "[...new FormData(document.querySelector('form'))].map(([name, value]) => [name, value])"
    )
    ids = [value for name, value in values if name == "acc-id"]
    texts = [value for name, value in values if name == "acc-text"]
    assert len(ids) == len(texts)
    return list(zip(ids, texts, strict=True))


def test_lines_are_edited_one_by_one(visit: Callable[..., Any]) -> None:
    page = visit(render(LINES, items=ITEMS))
    as_drafted = [("b2", "Keeping one table"), ("c3", "Answering questions"), ("d4", "")]
    assert sent(page) == as_drafted  # the blank ones are gone
    rows = page.locator("text-lines li")
    assert rows.nth(2).locator("textarea").input_value() == "Collecting feedback"
    assert rows.nth(2).get_attribute("data-diff") == "remove"

    rows.nth(1).locator("[data-remove]").click()
    assert sent(page)[1] == ("c3", "")
    assert rows.nth(1).get_attribute("data-diff") == "remove"
    rows.nth(1).locator("[data-undo]").click()
    assert sent(page) == as_drafted
    assert rows.nth(1).get_attribute("data-diff") is None

    rows.nth(2).locator("[data-undo]").click()
    assert sent(page)[2] == ("d4", "Collecting feedback")

    page.locator("[data-add]").click()
    page.keyboard.type("Writing guides")
    page.keyboard.press("Enter")
    page.keyboard.type("Reading reviews")
    assert sent(page)[3:] == [("", "Writing guides"), ("", "Reading reviews")]
    assert rows.nth(3).get_attribute("data-diff") == "add"
    rows.nth(4).locator("[data-remove]").click()
    assert sent(page)[3:] == [("", "Writing guides")]


def test_lines_tell_the_form_that_they_changed(visit: Callable[..., Any]) -> None:
    page = visit(render(LINES, items=ITEMS))
    page.evaluate(
        "window.told = 0; document.querySelector('form').addEventListener('change', () => window.told++)"
    )
    page.locator("[data-remove]:visible").first.click()
    page.locator("[data-undo]:visible").first.click()
    assert page.evaluate("told") == 2


def test_lines_work_without_javascript(visit: Callable[..., Any]) -> None:
    page = visit(render(LINES, items=ITEMS), javascript=False)
    assert page.locator("text-lines ul textarea").count() == 6
    assert page.locator("text-lines ul textarea:visible").count() == 6
    assert page.locator("[data-add]:visible").count() == 0
    assert page.get_by_text("Collecting feedback").is_visible()


def test_the_chosen_colours_stay(visit: Callable[..., Any]) -> None:
    page = visit(render(THEME))
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == dark
    assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="System").click()
    assert page.evaluate(ground) == light


def test_t_captures_a_tension_and_shows_what_the_site_says(
    visit: Callable[..., Any], served: tuple[Site, str]
) -> None:
    posted: list[str] = []

    def capture(form: str) -> tuple[int, str]:
        posted.append(form)
        return 302, "/captured"

    site, _address = served
    site.capture = capture
    site.pages["/captured"] = render(ANYWHERE, shell=SHELL, messages=[SimpleNamespace(tags="success")])
    page = visit(render(ANYWHERE, shell=SHELL))
    dialog = page.locator("#capture")
    page.locator("main input").press("t")
    assert not dialog.is_visible()  # typing is typing
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("t")
    page.keyboard.type("Prices change and I hear of it from customers")
    page.keyboard.press("Control+Enter")
    page.locator("#toasts .toast").wait_for()
    assert not dialog.is_visible()
    assert "Prices change and I hear" in posted[0]
    assert "first" in posted[0]
    page.keyboard.press("t")
    assert page.locator("#capture-text").input_value() == ""
    page.keyboard.type("Another")
    page.keyboard.press("Control+Enter")
    page.locator("#toasts .toast").nth(1).wait_for()
    assert "first" not in posted[1]  # a new capture is not taken for the one before, sent twice


def test_a_capture_that_is_refused_keeps_the_words_and_says_why(
    visit: Callable[..., Any], served: tuple[Site, str]
) -> None:
    reason = "Too long by 3 characters."
    served[0].capture = lambda form: (200, render(ANYWHERE, shell=SHELL, reasons=[reason]))
    page = visit(render(ANYWHERE, shell=SHELL))
    page.keyboard.press("t")
    page.keyboard.type("Something")
    page.keyboard.press("Control+Enter")
    page.locator("#capture .refusal").wait_for()
    assert page.locator("#capture .refusal").inner_text() == reason
    assert page.locator("#capture-text").input_value() == "Something"


def test_a_capture_that_gets_lost_keeps_the_words_and_its_key(
    visit: Callable[..., Any], served: tuple[Site, str]
) -> None:
    posted: list[str] = []

    def fail(form: str) -> tuple[int, str]:
        posted.append(form)
        return 500, "broken"

    served[0].capture = fail
    page = visit(render(ANYWHERE, shell=SHELL))
    page.keyboard.press("t")
    page.keyboard.type("Something")
    for _attempt in range(2):
        page.keyboard.press("Control+Enter")
        page.locator("#capture .refusal").wait_for()
        page.locator("#capture [aria-disabled]").wait_for(state="detached")
    assert "still here" in page.locator("#capture .refusal").inner_text()
    assert page.locator("#capture-text").input_value() == "Something"
    assert len(posted) == 2
    assert "first" in posted[1]  # so that the one that did arrive is not captured twice


def test_keys_are_shown_and_links_work_without_javascript(visit: Callable[..., Any]) -> None:
    page = visit(render(ANYWHERE, shell=SHELL))
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    plain = visit(render(ANYWHERE, shell=SHELL), javascript=False)
    assert plain.locator(".topbar [data-capture]").get_attribute("href") == "/capture/"
    assert not plain.locator("kbd:visible").count()


def test_what_was_refused_is_in_sight(visit: Callable[..., Any], served: tuple[Site, str]) -> None:
    """A long page that comes back with a refusal further down opens there; one that states a limit, at its top."""
    long = "<br>" * 120
    form = '<form method="post"><textarea name="why"{}></textarea><button>Send</button></form>'
    limit = '<div class="refusal" role="alert">Only members propose here</div>'
    source = '{% extends "base.html" %}{% block content %}' + long + "{{ rest|safe }}{% endblock %}"
    page = visit(render(source, rest=form.format("") + limit))
    assert page.evaluate("scrollY") == 0
    refused = form.format(' aria-invalid="true"') + '<div class="refusal" role="alert">Say why</div>'
    served[0].capture = lambda posted: (422, render(source, rest=refused))
    page.click("text=Send")
    page.locator('[name="why"]:focus').wait_for()
    assert page.evaluate("scrollY") > 500
