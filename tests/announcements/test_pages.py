"""The pages, the API, the e-mails and the jobs of announcements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from announcements import actions, queries
from announcements.models import Announcement, Recipient, Reply
from announcements.tasks import mail_reached
from circles.models import Domain
from governance.actions import set_up
from governance.changes import AddRole, Assign, NewLine
from people.ids import new_id
from people.models import ApiToken, Person
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def guide(world: World) -> Domain:
    return Domain.objects.get(role=world.role_ids["copywriter"])


def browser(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def to(name: str, *parts: str) -> str:
    return reverse(f"announcements:{name}", args=["northwind", *parts])


def intent(world: World, guide: Domain, **more: Any) -> Announcement:
    values: dict[str, Any] = {"what": "Add a chapter on sizes", "domains": [guide.pk]} | more
    return actions.announce_intent(world.role("merchandiser"), actor=world.priya, **values)


# -- announcing in the browser ------------------------------------------------------------------------------------


def test_an_intent_from_the_form_to_its_end(world: World, guide: Domain) -> None:
    """Priya announces it from the page of the role that holds the domain; Maya objects, thinks again, permits."""
    priya, maya = browser(world.priya), browser(world.maya)
    page = priya.get(reverse("circles:role", args=["northwind", world.role("copywriter").ref]))
    link = f"{to('intent')}?domain={guide.pk}"
    assert link in page.content.decode()
    assert link not in maya.get(page.request["PATH_INFO"]).content.decode()  # it is her own
    form = priya.get(link)
    assert form.context["form"]["domains"].value() == [guide.pk]
    sent = {"role": world.role_ids["merchandiser"], "what": "", "domains": [guide.pk], "why": "So they fit"}
    refused = priya.post(to("intent"), sent)
    assert refused.status_code == 422
    assert b"So they fit" in refused.content
    made = priya.post(to("intent"), {**sent, "what": HOSTILE, "form_key": "k"}, follow=True)
    address = made.redirect_chain[-1][0]
    again = priya.post(to("intent"), {**sent, "what": HOSTILE, "form_key": "k"}, follow=True)
    assert again.redirect_chain[-1][0] == address
    assert HOSTILE not in made.content.decode()
    assert b"Not permitted yet" in made.content
    home = maya.get(reverse("pages:home", args=["northwind"])).content.decode()
    assert address in home
    maya.post(address, {"do": "object", "words": "They have a guide"})
    found = Announcement.objects.get()
    assert found.state == "objected"
    assert b"They have a guide" in priya.get(address).content
    assert priya.post(address, {"do": "done"}).status_code == 422
    reply = found.replies.get()
    maya.post(address, {"do": "take_back", "reply": reply.pk})
    maya.post(address, {"do": "permit"})
    page = priya.get(address)
    assert b"Permitted." in page.content
    priya.post(address, {"do": "done", "note": "Chapter 4"})
    assert b"Chapter 4" in maya.get(address).content
    assert address not in maya.get(reverse("pages:home", args=["northwind"])).content.decode()


def test_looking_for_a_domain_keeps_everything_typed_and_chosen(world: World, guide: Domain) -> None:
    lines = tuple(NewLine(new_id(), f"Shelf {n}", internal=True) for n in range(40))
    keeper = AddRole(new_id(), world.role_ids["storefront"], "Shelf Keeper", "Shelves", (), lines)
    set_up.edit_structure([keeper], actor=world.ines, reason="x")
    priya = browser(world.priya)
    sent = {"do": "find", "what": "Fill it", "role": world.role_ids["merchandiser"]}
    page = priya.post(to("intent"), {**sent, "find": "shelf 3", "domains": [guide.pk]})
    assert page.status_code == 200
    labels = [words for _id, words in page.context["form"].fields["domains"].choices]
    assert labels[0].startswith("Voice guide")
    assert len(labels) == 12  # it, and Shelf 3 and 30 to 39
    assert b"Fill it" in page.content
    assert not Announcement.objects.exists()


def test_spending_and_initiative_from_their_forms(world: World) -> None:
    samira = browser(world.samira)
    sent = {
        "role": world.role_ids["photo"], "asked_of": world.role_ids["storefront"], "what": "A lamp",
        "why": "Winter", "amount": "a lot", "currency": "EUR",
    }  # fmt: skip
    refused = samira.post(to("spending"), sent)
    assert (refused.status_code, b"such as 1250" in refused.content) == (422, True)
    refused = samira.post(to("spending"), {**sent, "amount": "12", "asked_of": world.role_ids["photo"]})
    assert refused.status_code == 422
    made = samira.post(to("spending"), {**sent, "amount": "1250"}, follow=True)
    assert b"1,250.00" in made.content
    address = made.redirect_chain[-1][0]
    ines = browser(world.ines)
    assert b"Say no to it" in ines.get(address).content
    assert b"Say no to it" not in browser(world.maya).get(address).content
    browser(world.maya).post(address, {"do": "escalate", "words": "We have one"})
    assert samira.post(address, {"do": "done"}).status_code == 422
    ines.post(address, {"do": "take_back", "reply": Reply.objects.get().pk})
    assert Announcement.objects.get().state == "waiting"
    ines.post(address, {"do": "revoke", "words": "Not this winter"})
    assert b"Not this winter" in samira.get(address).content

    made = browser(world.callum).post(
        to("initiative"),
        {"what": "Took the tent off", "why": "Unsafe", "roles": [world.role_ids["merchandiser"]]},
        follow=True,
    )
    address = made.redirect_chain[-1][0]
    priya = browser(world.priya)
    priya.post(address, {"do": "ask", "kind": "restore", "words": "Put it back"})
    waiting = browser(world.callum).get(f"{to('list')}?whose=waiting")
    assert address in waiting.content.decode()
    reply = Reply.objects.get(kind="restore")
    browser(world.callum).post(address, {"do": "answer", "reply": reply.pk, "answer": "It is back"})
    assert b"It is back" in priya.get(address).content


def test_the_list_shows_kinds_ones_own_and_what_waits(world: World, guide: Domain) -> None:
    one = intent(world, guide)
    two = actions.record_initiative(
        actor=world.maya, what="Closed the shop", why="Fire", roles=[world.role("photo")]
    )
    shown = {
        query: {row.announcement.pk for row in browser(who).get(to("list") + query).context["rows"]}
        for who, query in (
            (world.lea, ""),
            (world.lea, "?kind=intent"),
            (world.maya, "?whose=mine"),
            (world.maya, "?whose=waiting"),
            (world.lea, f"?role={world.role_ids['photo']}"),
        )
    }
    assert list(shown.values()) == [{one.pk, two.pk}, {one.pk}, {two.pk}, {one.pk}, {two.pk}]


def test_lists_and_pages_ask_the_same_number_of_questions_however_much_there_is(
    world: World, guide: Domain
) -> None:
    def asked(address: str) -> int:
        client = browser(world.maya)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def desks(many: int) -> None:
        changes: list[Any] = []
        for n in range(many):
            lines = (NewLine(new_id(), f"Thing {n}", internal=True),)
            role = AddRole(new_id(), world.role_ids["storefront"], f"Desk {many} {n}", "x", (), lines)
            changes += [role, Assign(new_id(), role.id, world.tobias.pk)]
        set_up.edit_structure(changes, actor=world.ines, reason="x")

    found = intent(world, guide)
    desks(1)
    places = [
        to("list"),
        to("announcement", found.pk),
        to("intent"),
        reverse("pages:home", args=["northwind"]),
    ]
    before = [asked(place) for place in places]
    desks(12)
    for n in range(12):
        intent(world, guide, what=f"Chapter {n}")
    assert [asked(place) for place in places] == before
    # However many domains one of them names
    many = intent(
        world, guide, domains=[d.pk for d in Domain.objects.filter(organization=world.organization)]
    )
    assert asked(to("announcement", many.pk)) <= before[1] + 4


# -- the API ------------------------------------------------------------------------------------------------------


def test_programs_announce_object_and_escalate(world: World, guide: Domain) -> None:
    def api(person: Person) -> Callable[..., Any]:
        _token, secret = ApiToken.issue(person, label="A program")
        client = Client(headers={"Authorization": f"Bearer {secret}"})

        def ask(address: str, data: Any = None) -> Any:
            where = f"/api/v1/northwind/announcements/{address}"
            return client.post(where, data, content_type="application/json") if data else client.get(where)

        return ask

    priya, maya, samira = api(world.priya), api(world.maya), api(world.samira)
    role = world.role_ids["merchandiser"]
    sent = {"kind": "intent", "what": "Add a chapter", "role": role, "domains": [guide.pk], "key": "k"}
    made = priya("", sent)
    assert made.status_code == 201
    assert priya("", sent).json()["id"] == made.json()["id"]
    found = made.json()
    assert found["state"] == "waiting"
    assert [t["text"] for t in found["touched"]] == ["Voice guide"]
    assert [r["person"]["name"] for r in found["recipients"]] == ["Maya Lindqvist"]
    refused = samira(f"{found['id']}/objections/", {"words": "No"})
    assert (refused.status_code, refused.json()["clause"]) == (422, "4.1.2")
    objected = maya(f"{found['id']}/objections/", {"words": "They have a guide"})
    assert (objected.status_code, objected.json()["domain"]) == (201, "Voice guide")
    assert priya(f"{found['id']}/").json()["state"] == "objected"

    money = {
        "kind": "spending", "what": "A lamp", "why": "Winter", "role": world.role_ids["photo"],
        "asked_of": world.role_ids["storefront"], "amount": "12.50", "currency": "EUR",
    }  # fmt: skip
    refused = samira("", {**money, "why": ""})
    assert (refused.status_code, refused.json()["clause"]) == (422, "4.1.3")
    assert samira("", {**money, "asked_of": "x"}).status_code == 400
    spent = samira("", money).json()
    assert spent["amount"] == "12.50"
    assert maya(f"{spent['id']}/escalations/", {"words": "We have one"}).status_code == 201
    assert [a["id"] for a in maya("?kind=intent").json()["results"]] == [found["id"]]
    assert [a["id"] for a in samira("?whose=mine").json()["results"]] == [spent["id"]]


# -- e-mail -------------------------------------------------------------------------------------------------------


def test_each_is_written_to_once_and_nobody_about_what_is_over(
    world: World, guide: Domain, run_jobs: RunJobs
) -> None:
    found = intent(world, guide, why="So they fit")
    run_jobs()
    reached = Recipient.objects.get()
    mail_reached(reached.pk)
    assert [m.to for m in mail.outbox] == [["maya@northwind.example"]]
    assert "So they fit" in mail.outbox[0].body
    assert to("announcement", found.pk) in mail.outbox[0].body
    mail.outbox.clear()
    withdrawn = intent(world, guide, what="Remove a chapter")
    actions.withdraw(withdrawn, actor=world.priya)
    run_jobs()
    assert not mail.outbox
    assert found.due_at is not None
    with mock.patch.object(timezone, "now", return_value=found.due_at + dt.timedelta(hours=5)):
        run_jobs()
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["priya@northwind.example"], "Granted: Add a chapter on sizes")
    ]


def test_what_was_let_pass_or_answered_waits_no_longer(world: World, guide: Domain) -> None:
    found = intent(world, guide)
    assert list(queries.awaiting(world.maya)) == [found]
    assert not queries.awaiting(world.priya)
    actions.take_note(found, actor=world.maya)
    assert not queries.awaiting(world.maya)
    other = intent(world, guide, what="Remove a chapter")
    assert other.due_at is not None
    with mock.patch.object(timezone, "now", return_value=other.due_at):
        assert not queries.awaiting(world.maya)
