"""The element <live-topic> in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from journal import live, topics
from journal.actions import announce
from people.models import Person

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WATCH = """async () => {
  window.heard = [];
  for (const fragment of ["agenda", "step"]) {
    document.body.addEventListener(`live:${fragment}`, (e) => heard.push([fragment, e.detail.number]));
  }
  await import("/static/js/live.js");
  document.body.innerHTML = '<span class="live" data-live-text="Live" data-lost-text="Reconnecting"></span>'
    + '<live-topic url="/live/northwind/test-room/" after="1"></live-topic>';
}"""


def change(person: Person, fragment: str) -> None:
    with transaction.atomic():
        announce(organization=person.organization, topic="test-room", fragment=fragment)


def test_an_open_page_hears_each_change_once(
    ada: Person, page: Any, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "_topics", {})
    topics.register_topic("test", lambda person, id_: person == ada)
    client = Client()
    assert ada.account is not None
    client.force_login(ada.account)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    page.goto("/nowhere/")
    for fragment in ("agenda", "step", "agenda"):
        change(ada, fragment)

    page.evaluate(WATCH)
    page.wait_for_function("() => window.heard.length === 2")
    assert sorted(page.evaluate("heard")) == [["agenda", 3], ["step", 2]]
    assert page.locator(".live").text_content() == "Live"
    assert page.locator(".live").get_attribute("data-state") == "live"

    live.end_streams()
    page.wait_for_selector(".live[data-state=lost]")
    assert page.locator(".live").text_content() == "Reconnecting"
    change(ada, "step")
    page.wait_for_function("() => window.heard.length === 3")
    assert page.evaluate("heard")[-1] == ["step", 4]
    assert page.locator(".live").get_attribute("data-state") == "live"
    page.evaluate("document.querySelector('live-topic').remove()")
