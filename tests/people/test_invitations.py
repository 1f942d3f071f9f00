"""Coming in by a link: once, with agreement, by whoever holds it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from governance.actions import set_up
from journal.models import Event
from people.models import Account, Invitation, Person
from people.refusals import NotAllowed, Refused
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
NEW = {"email": "ada@northwind.example", "password": "granite and rain", "agree": "on"}


@pytest.fixture
def ada(world: World) -> Person:
    return set_up.admit_person(
        actor=world.ines, name="Ada Lund", email="ada@northwind.example", reason="Joins"
    )


def link(person: Person, world: World) -> str:
    _invitation, secret = set_up.invite(person, actor=world.ines)
    return f"/invitations/{secret}/"


def test_a_newcomer_makes_an_account_and_agrees(world: World, ada: Person, client: Client) -> None:
    url = link(ada, world)
    page = client.get(url).content.decode()
    assert "Join Northwind Outfitters" in page
    assert "Ines Calloway invites you, Ada Lund" in page
    assert client.post(url, NEW).headers["location"] == "/northwind/"
    ada.refresh_from_db()
    assert ada.account is not None
    assert ada.account.email == "ada@northwind.example"
    assert ada.agreed_at is not None
    assert Event.objects.filter(kind="people.agreed", actor=ada).count() == 1
    assert client.get("/northwind/profile/").status_code == 200
    # Sent twice, or opened by somebody else later: it is used
    assert client.post(url, NEW).status_code == 410
    assert "opens nothing any more" in Client().get(url).content.decode()


def test_the_address_invited_is_the_account(world: World, ada: Person, client: Client) -> None:
    client.post(link(ada, world), {**NEW, "email": "somebody.else@example.org"})
    assert not Account.objects.filter(email="somebody.else@example.org").exists()
    ada.refresh_from_db()
    assert ada.account is not None
    assert ada.account.email == "ada@northwind.example"


def test_without_an_address_one_chooses_it(world: World, client: Client) -> None:
    person = set_up.admit_person(actor=world.ines, name="Bo Ek", reason="Joins")
    client.post(link(person, world), {**NEW, "email": "bo@example.org"})
    person.refresh_from_db()
    assert person.account is not None
    assert person.account.email == "bo@example.org"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"agree": ""}, "Nobody joins without agreeing"), ({"password": "short"}, "too short"),
        ({"password": ""}, "required"), ({"password": "y" * 9_000}, "at most 200"),
    ],
)  # fmt: skip
def test_nobody_joins_badly(
    world: World, ada: Person, client: Client, change: dict[str, str], says: str
) -> None:
    url = link(ada, world)
    response = client.post(url, {**NEW, **change})
    assert response.status_code == 422
    assert says in response.content.decode()
    ada.refresh_from_db()
    assert ada.account is None
    assert not Account.objects.filter(email="ada@northwind.example").exists()
    assert client.post(url, NEW).status_code == 302


def test_an_account_that_is_there_joins_with_it(world: World, ada: Person, client: Client) -> None:
    account = Account.objects.create_user("ada@northwind.example", PASSWORD)
    url = link(ada, world)
    page = client.get(url).content.decode()
    assert "There is an account for ada@northwind.example already" in page
    # A stranger with the link does not take that account over by choosing a password
    assert client.post(url, NEW).status_code == 422
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    client.force_login(account)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"agree": "on"}).headers["location"] == "/northwind/"
    ada.refresh_from_db()
    assert ada.account == account


def test_who_is_here_already_does_not_join_as_somebody_else(world: World, ada: Person, as_: As) -> None:
    response = as_(world.maya).post(link(ada, world), {"agree": "on"})
    assert response.status_code == 422
    assert "You belong to this organization already" in response.content.decode()
    ada.refresh_from_db()
    assert ada.account is None


def expired(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def replaced(invitation: Invitation) -> None:
    assert invitation.invited_by is not None
    set_up.invite(invitation.person, actor=invitation.invited_by)


def left(invitation: Invitation) -> None:
    assert invitation.invited_by is not None
    set_up.let_leave(invitation.person, actor=invitation.invited_by, reason="Changed her mind")


@pytest.mark.parametrize("happened", [expired, replaced, left])
def test_a_link_that_no_longer_holds_says_how_to_go_on(
    world: World, ada: Person, client: Client, happened: Callable[[Invitation], Any]
) -> None:
    invitation, secret = set_up.invite(ada, actor=world.ines)
    happened(invitation)
    for response in (client.get(f"/invitations/{secret}/"), client.post(f"/invitations/{secret}/", NEW)):
        assert response.status_code == 410
        assert "ask whoever invited you for a new one" in response.content.decode()
    assert not Account.objects.filter(email="ada@northwind.example").exists()


def test_a_link_nobody_made_opens_nothing(world: World, client: Client) -> None:
    assert client.get("/invitations/nonsense/").status_code == 410


def test_an_admin_invites_by_link_and_mail(world: World, ada: Person, as_: As) -> None:
    client = as_(world.ines)
    url = f"/northwind/set-up/people/{ada.ref}/invite/"
    page = client.post(url, follow=True).content.decode()
    (message,) = mail.outbox
    assert message.to == ["ada@northwind.example"]
    assert "Ines Calloway" in message.subject
    secret = next(word for word in str(message.body).split() if "/invitations/" in word)
    assert secret in page
    # Shown once
    assert secret not in client.get("/northwind/set-up/people/").content.decode()
    assert Client().get(secret[secret.index("/invitations/") :]).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("maya", 404), ("outsider", 404), (None, 302)])
def test_nobody_else_invites(world: World, ada: Person, as_: As, who: str | None, status: int) -> None:
    person = None if who is None else world.outsider if who == "outsider" else world.people[who]
    client = as_(person) if person is not None else Client()
    assert client.post(f"/northwind/set-up/people/{ada.ref}/invite/").status_code == status
    assert not Invitation.objects.filter(person=ada).exists()
    assert not mail.outbox


def test_who_can_sign_in_is_not_invited(world: World, as_: As) -> None:
    page = as_(world.ines).post(f"/northwind/set-up/people/{world.maya.ref}/invite/", follow=True)
    assert "can sign in already" in page.content.decode()
    with pytest.raises(Refused):
        set_up.invite(world.maya, actor=world.ines)
    with pytest.raises(NotAllowed):
        set_up.invite(world.maya, actor=world.noor)


def test_a_mail_that_fails_loses_nothing(
    world: World, ada: Person, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    page = as_(world.ines).post(f"/northwind/set-up/people/{ada.ref}/invite/", follow=True).content.decode()
    assert "could not be sent" in page
    assert "/invitations/" in page
