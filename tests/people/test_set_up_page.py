"""The set-up page: what is left, the ratifiers' adoption, and the organization's name."""

from collections.abc import Callable

import pytest
from django.test import Client

from governance import authority as by
from governance.models import Decision
from governance.record import verify
from journal.models import Event
from people.models import Organization, Person
from tests.world import World

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
URL = "/northwind/set-up/"
DESCRIBE = {
    "act": "describe",
    "name": "Northwind Outfitters",
    "zone": "Europe/Berlin",
    "ratifiers": "Ines Calloway",
}


def test_what_is_left_is_listed(setting_up: World, as_: As) -> None:
    page = as_(setting_up.ines).get(URL).content.decode()
    assert "People and places stay well together" in page
    assert "Ines Calloway, Hana Mori" in page
    assert "11 roles, 2 of them circles" in page
    assert "1 role is unfilled" in page
    assert page.count('data-state="open"') == 1
    assert page.count('data-state="done"') == 4


def test_adoption_is_confirmed_declared_once_and_recorded(setting_up: World, as_: As) -> None:
    client = as_(setting_up.ines)
    response = client.post(URL, {"act": "adopt"})
    assert response.status_code == 422
    assert "confirm that they have made it" in response.content.decode()
    assert Organization.objects.get(slug="northwind").adopted_at is None
    assert client.post(URL, {"act": "adopt", "decided": "on"}).headers["location"] == "/northwind/"
    assert Organization.objects.get(slug="northwind").adopted_at is not None
    decision = Decision.objects.get(organization=setting_up.organization)
    assert (decision.number, decision.authority, decision.actor_id) == (1, by.RATIFIERS, setting_up.ines.id)
    assert decision.texts.get(kind="ratifiers").text == "Ines Calloway\nHana Mori"
    again = client.post(URL, {"act": "adopt", "decided": "on"})
    assert again.status_code == 422
    assert Decision.objects.filter(organization=setting_up.organization).count() == 1
    assert "Declare adoption" not in client.get(URL).content.decode()
    assert verify(setting_up.organization).faults == []


def test_ratifiers_are_named_until_adoption_and_stand_afterwards(setting_up: World, as_: As) -> None:
    client = as_(setting_up.ines)
    assert client.post(URL, {**DESCRIBE, "ratifiers": " \n "}).status_code == 422
    client.post(URL, {**DESCRIBE, "ratifiers": "Ines Calloway\nLea Brandt"})
    setting_up.organization.refresh_from_db()
    assert setting_up.organization.ratifiers == ["Ines Calloway", "Lea Brandt"]
    client.post(URL, {"act": "adopt", "decided": "on"})
    client.post(URL, {**DESCRIBE, "name": "Northwind", "ratifiers": "Somebody Else"})
    setting_up.organization.refresh_from_db()
    assert setting_up.organization.name == "Northwind"
    assert setting_up.organization.ratifiers == ["Ines Calloway", "Lea Brandt"]


@pytest.mark.parametrize("change", [{"name": ""}, {"name": "y" * 200}, {"zone": "Mars/Olympus"}])
def test_a_bad_description_changes_nothing(world: World, as_: As, change: dict[str, str]) -> None:
    assert as_(world.ines).post(URL, {**DESCRIBE, **change}).status_code == 422
    world.organization.refresh_from_db()
    assert (world.organization.name, world.organization.zone) == ("Northwind Outfitters", "Europe/Berlin")
    assert not Event.objects.filter(kind="people.organization_described").exists()


def test_the_latest_direct_edits_stand_on_the_page(world: World, as_: As) -> None:
    from governance.actions import set_up

    set_up.admit_person(actor=world.ines, name="Dag Holm", reason="Sews tents")
    assert "Sews tents" in as_(world.ines).get(URL).content.decode()
