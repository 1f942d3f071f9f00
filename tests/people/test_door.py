"""Signing in, choosing an organization, founding one, stepping into somebody's place."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from circles.effects import ANCHOR_CIRCLE_LEAD, TIME_LIMIT
from circles.models import Role
from circles.structure import Structure
from governance.actions import set_up
from people.models import Account, Organization, Person
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]

DETAILS: dict[str, Any] = {
    "name": "Fjord & Fell", "slug": "", "zone": "Europe/Oslo", "purpose": "Mountains for everybody",
    "ratifiers": "Signe Vik\n\n Ola Berg \nSigne Vik", "founder_name": "Signe Vik", "anchor_lead": "on", "limit": "on",
    "working_days": "4",
}  # fmt: skip


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def test_signing_in_leads_home_and_out_again(world: World, client: Client) -> None:
    assert client.get("/").headers["location"] == "/accounts/login/"
    response = sign_in(client, "Maya@northwind.example")
    assert response.headers["location"] == "/"
    assert client.get("/").headers["location"] == "/northwind/"
    client.post("/accounts/logout/")
    assert client.get("/").headers["location"] == "/accounts/login/"


def test_a_wrong_password_is_refused_and_the_address_kept(world: World, client: Client) -> None:
    response = sign_in(client, "maya@northwind.example", "not it at all")
    assert response.status_code == 200
    assert 'value="maya@northwind.example"' in response.content.decode()
    assert client.get("/organizations/").status_code == 302


def test_signing_in_is_limited(world: World, client: Client) -> None:
    for _attempt in range(5):
        sign_in(client, "maya@northwind.example", "not it at all")
    assert "Too many failed" in sign_in(client, "maya@northwind.example").content.decode()


def test_a_forgotten_password_is_set_anew(world: World, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": "maya@northwind.example"})
    (message,) = mail.outbox
    assert message.to == ["maya@northwind.example"]
    assert message.subject == "Choose a new password for Tensegrity"
    link = next(word for word in str(message.body).split() if "/password/reset/key/" in word)
    path = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(path, {"password1": "granite and rain again", "password2": "granite and rain again"})
    assert sign_in(client, "maya@northwind.example", "granite and rain again").headers["location"] == "/"


def test_nobody_is_written_to_about_an_address_without_an_account(world: World, client: Client) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "stranger@example.org"})
    assert answer.headers["location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []


def test_nobody_signs_up_by_themselves(world: World, client: Client) -> None:
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": "granite and rain"})
    assert not Account.objects.filter(email="new@example.org").exists()


def test_who_is_in_several_organizations_chooses(world: World, as_: As) -> None:
    assert world.outsider is not None
    client = as_(world.maya)
    invited = set_up.admit_person(
        actor=world.outsider, name="Maya", email="maya@northwind.example", reason="Joins"
    )
    invitation, _secret = set_up.invite(invited, actor=world.outsider)
    assert world.maya.account is not None
    set_up.accept_invitation(invitation, account=world.maya.account)
    assert client.get("/").headers["location"] == "/organizations/"
    page = client.get("/organizations/").content.decode()
    assert 'href="/northwind/"' in page
    assert 'href="/meltwater/"' in page


def test_who_is_nobody_anywhere_is_told_how_to_go_on(
    world: World, client: Client, settings: Settings
) -> None:
    settings.FOUNDING = "first"
    account = Account.objects.create_user("nobody@example.org", PASSWORD)
    client.force_login(account)
    page = client.get("/", follow=True).content.decode()
    assert "You are in no organization yet" in page
    assert "nobody@example.org" in page
    assert "/new/" not in page
    assert client.get("/new/").status_code == 302
    settings.FOUNDING = "open"
    assert "/new/" in client.get("/organizations/").content.decode()


# -- founding --


def test_the_first_account_founds_the_first_organization(client: Client, settings: Settings) -> None:
    settings.FOUNDING = "first"
    assert client.get("/").headers["location"] == "/new/"
    form = {**DETAILS, "email": "Signe@Fjord.example", "password": "granite and rain"}
    response = client.post("/new/", form)
    assert response.headers["location"] == "/fjord-fell/set-up/"
    organization = Organization.objects.get()
    assert (organization.slug, organization.zone) == ("fjord-fell", "Europe/Oslo")
    assert organization.ratifiers == ["Signe Vik", "Ola Berg"]
    founder = organization.people.get()
    assert (founder.name, founder.admin, founder.partner) == ("Signe Vik", True, True)
    assert founder.account is not None
    assert founder.account.email == "signe@fjord.example"
    structure = Structure.of(organization.id)
    anchor = structure.anchor()
    assert anchor is not None
    assert anchor.purpose == "Mountains for everybody"
    limit = structure.effect(anchor.id, TIME_LIMIT)
    assert limit is not None
    assert limit[1]["working_days"] == 4
    assert structure.circle_leads(anchor.id) == {founder.id}
    assert client.get("/fjord-fell/set-up/").status_code == 200
    # Sent twice, it neither founds nor signs up again; afterwards nobody founds by themselves
    client.post("/new/", form)
    assert Organization.objects.count() == Account.objects.count() == 1
    assert Client().get("/new/").headers["location"].startswith("/accounts/login/")


def test_the_ways_out_can_be_left_out(world: World, as_: As) -> None:
    client = as_(world.maya)
    details = {k: v for k, v in DETAILS.items() if k not in ("anchor_lead", "limit")}
    assert client.post("/new/", details).status_code == 302
    organization = Organization.objects.get(slug="fjord-fell")
    structure = Structure.of(organization.id)
    anchor = structure.anchor()
    assert anchor is not None
    assert structure.effect(anchor.id, TIME_LIMIT) is None
    assert structure.effect(anchor.id, ANCHOR_CIRCLE_LEAD) is None
    assert not structure.fillers(anchor.id)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "required"), ({"name": "x" * 500}, "at most 120"), ({"slug": "Fjord Fell!"}, "small letters"),
        ({"slug": "static"}, "an address the program needs"), ({"slug": "northwind"}, "address is taken"),
        ({"zone": "Mars/Olympus"}, "not one of the available choices"), ({"ratifiers": "  \n "}, "required"),
        ({"ratifiers": "\n".join(f"Person {n}" for n in range(60))}, "At most 50"), ({"working_days": "0"}, "greater"),
        ({"working_days": ""}, "how many working days"), ({"founder_name": "a\x01b"}, "cannot be shown"),
        ({"name": "???"}, "Choose one"),
    ],
)  # fmt: skip
def test_founding_badly_says_why_and_keeps_what_was_typed(
    world: World, as_: As, change: dict[str, str], says: str
) -> None:
    before = Organization.objects.count()
    response = as_(world.maya).post("/new/", {**DETAILS, **change})
    page = response.content.decode()
    assert response.status_code == 422
    assert says.casefold() in page.casefold()
    assert "Mountains for everybody" in page
    assert Organization.objects.count() == before
    assert not Role.objects.filter(name="Fjord & Fell").exists()


def test_a_weak_first_password_founds_nothing(client: Client) -> None:
    for password in ("short", "password1234", "x" * 5_000):
        form = {**DETAILS, "email": "signe@fjord.example", "password": password}
        assert client.post("/new/", form).status_code == 422
    assert not Account.objects.exists()
    assert not Organization.objects.exists()


# -- demo mode --


def test_demo_mode_lets_anybody_step_in_and_nothing_else_does(
    world: World, client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    page = client.get("/accounts/login/").content.decode()
    assert "Maya Lindqvist, with 2 roles" in page
    assert "Noor Haddad, facilitator" in page
    assert "Tobias Renner, secretary" in page
    assert page.count('name="person"') == len(world.people)
    response = client.post("/demo/sign-in/", {"person": world.noor.id, "next": "/northwind/profile/"})
    assert response.headers["location"] == "/northwind/profile/"
    assert "Noor Haddad" in client.get("/northwind/profile/").content.decode()
    response = client.post("/demo/sign-in/", {"person": world.noor.id, "next": "https://evil.example/"})
    assert response.headers["location"] == "/"
    # Only people of the sample, and only in demo mode
    assert world.outsider is not None
    assert Client().post("/demo/sign-in/", {"person": world.outsider.id}).status_code == 404
    assert Client().post("/demo/sign-in/").status_code == 404
    assert Client().get("/demo/sign-in/").status_code == 405
    settings.DEMO = False
    assert Client().post("/demo/sign-in/", {"person": world.noor.id}).status_code == 404
    assert "Noor Haddad" not in Client().get("/accounts/login/").content.decode()
