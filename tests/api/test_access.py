"""Who may ask: keys, sessions, outsiders, those who have left; and how refusals look."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from rest_framework.throttling import UserRateThrottle

from governance.actions import breakdowns, rulings, set_up
from governance.actions.people import revoke_token
from people.authentication import WrongKeys
from tests import world as worlds
from tests.api.conftest import Api, form_of

ADDRESSES = (
    "me",
    "structure",
    "roles",
    "people",
    "decisions",
    "proposals",
    "elections",
    "announcements",
    "tensions",
)


@pytest.fixture
def every_address(world: worlds.World, maya: Api) -> list[str]:
    """One address for each of the API's below an organization."""
    policy = maya.read("structure/")["policies"][0]["id"]
    tension = maya.post("tensions/", {"text": "The voice guide is out of date"}).json()["id"]
    closed = {
        "kind": "initiative",
        "what": "Closed the shop",
        "why": "Fire",
        "roles": [world.role_ids["photo"]],
    }
    announcement = maya.post("announcements/", closed).json()["id"]
    call = {"circle": world.role_ids["storefront"], "seat": "secretary"}
    election = maya.post("elections/", call).json()["id"]
    return [
        *(f"{name}/" for name in ADDRESSES),
        f"roles/{world.role_ids['copywriter']}/",
        f"roles/{world.role_ids['storefront']}/calendar/",
        *(f"roles/{world.role_ids['storefront']}/{part}/" for part in ("links", "first", "routes")),
        f"policies/{policy}/",
        f"people/{world.hana.id}/",
        "decisions/1/",
        f"elections/{election}/",
        f"elections/{election}/ballot/",
        f"announcements/{announcement}/",
        f"tensions/{tension}/",
        f"roles/{world.role_ids['copywriter']}/representatives/",
        "breakdowns/",
        f"breakdowns/{breakdowns.declare(world.role('love'), actor=world.hana, reasons='Rush').pk}/",
        "rulings/",
        f"rulings/{rulings.ask(world.role('love'), actor=world.maya, question='May I rhyme?').pk}/",
    ]


def test_a_key_opens_its_organization(maya: Api, every_address: list[str]) -> None:
    for address in every_address:
        assert maya.get(address).status_code == 200, address
    assert maya.read("me/")["person"]["name"] == "Maya Lindqvist"
    maya.token.refresh_from_db()
    assert maya.token.last_used_at is not None


def test_no_address_is_left_out(world: worlds.World, every_address: list[str]) -> None:
    patterns = get_resolver("pages.api_urls").url_patterns
    only_sent_to = {"announcement_objections", "announcement_escalations", "answer", "undo"}
    names = {p.name for p in patterns if isinstance(p, URLPattern)} - {"schema", "proposal"} - only_sent_to
    assert len(names) == len(every_address)


def test_a_session_opens_it_as_well(world: worlds.World, client: Client) -> None:
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    answer = client.get("/api/v1/northwind/me/")
    assert answer.json()["person"]["id"] == world.maya.id


def test_without_a_key_nothing_opens(client: Client, every_address: list[str]) -> None:
    for address in every_address:
        answer = client.get(f"/api/v1/northwind/{address}")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), address
        form_of(answer)


@pytest.mark.parametrize(
    "header", ["Bearer tns_wrong", "Bearer", "Bearer \xe4", "Bearer " + "x" * 5000, "Basic bTpt"]
)
def test_a_wrong_key_opens_nothing(world: worlds.World, client: Client, header: str) -> None:
    answer = client.get("/api/v1/northwind/me/", headers={"Authorization": header})
    assert answer.status_code == 401
    form_of(answer)


def test_wrong_keys_run_out_and_right_ones_do_not(maya: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WrongKeys, "rate", "2/min", raising=False)
    wrong = {"Authorization": "Bearer tns_wrong"}
    answers = [maya.get("me/", headers=wrong) for _ in range(3)]
    assert [a.status_code for a in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert maya.get("me/").status_code == 200


def test_an_outsider_learns_nothing(world: worlds.World, every_address: list[str]) -> None:
    assert world.outsider is not None
    greta = Api(world.outsider)
    nowhere = Api(world.outsider, slug="nowhere").refused("me/", 404)
    for address in every_address:
        assert greta.refused(address, 404) == nowhere, address
    assert Api(world.outsider, slug="meltwater").read("me/")["person"]["name"] == "Greta Dahl"


def test_what_belongs_to_another_organization_is_not_there(world: worlds.World, maya: Api) -> None:
    assert world.outsider is not None
    theirs = Api(world.outsider, slug="meltwater").read("structure/")
    maya.refused(f"roles/{theirs['roles'][0]['id']}/", 404)
    maya.refused(f"policies/{theirs['policies'][0]['id']}/", 404)
    maya.refused(f"people/{world.outsider.id}/", 404)
    maya.refused("decisions/", 404, role=theirs["roles"][0]["id"])
    refused = maya.post("tensions/", {"text": "Theirs", "role": theirs["roles"][0]["id"]})
    assert (refused.status_code, refused.json()["clause"]) == (422, "1.2.1")


def test_a_key_of_somebody_in_two_organizations_opens_one(world: worlds.World) -> None:
    account = world.maya.account
    set_up.found_organization(
        name="Sideline", slug="sideline", zone="Europe/Oslo", ratifiers=["Maya Lindqvist"], purpose="",
        founder_name="Maya Lindqvist", account=account,
    )  # fmt: skip
    assert [o["slug"] for o in Api(world.maya).read("me/")["organizations"]] == ["northwind"]
    Api(world.maya, slug="sideline").refused("me/", 404)
    client = Client()
    client.force_login(account)  # type: ignore[arg-type]
    here = client.get("/api/v1/sideline/me/").json()
    assert here["organization"]["slug"] == "sideline"
    assert [o["slug"] for o in here["organizations"]] == ["northwind", "sideline"]


def test_a_revoked_key_opens_nothing(world: worlds.World, maya: Api) -> None:
    assert maya.get("me/").status_code == 200
    revoke_token(maya.token, actor=world.maya)
    maya.refused("me/", 401)


def test_the_key_of_somebody_who_left_opens_nothing(world: worlds.World) -> None:
    callum = Api(world.callum)
    assert callum.get("me/").status_code == 200
    set_up.let_leave(world.callum, actor=world.ines, reason="Moved on")
    callum.refused("me/", 401)
    assert Api(world.maya).read(f"people/{world.callum.id}/")["present"] is False


def test_the_key_of_a_closed_account_opens_nothing(world: worlds.World, maya: Api) -> None:
    account = world.maya.account
    assert account is not None
    account.is_active = False
    account.save()
    maya.refused("me/", 401)


def test_only_what_is_there_can_be_done(maya: Api) -> None:
    for act in (maya.client.put, maya.client.patch, maya.client.delete, maya.client.post):
        answer = act(maya.base + "structure/", {}, content_type="application/json")
        assert answer.status_code == 405
        form_of(answer)
    answer = maya.get("structure/", headers={"Accept": "text/html"})
    assert answer.status_code == 406
    form_of(answer)


def test_a_session_needs_its_csrf_token_to_write(world: worlds.World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    address = "/api/v1/northwind/tensions/"
    refused = client.post(address, {"text": "Forged"}, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in form_of(refused)["message"]
    assert client.get(address).json()["count"] == 0
    # A key is not sent by a browser of its own accord, so nothing can be forged with it
    strict = Api(world.maya, enforce_csrf_checks=True)
    assert strict.post("tensions/", {"text": "Meant"}).status_code == 201


def test_too_many_requests_are_told_to_wait(maya: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    assert [maya.get("me/").status_code for _ in range(2)] == [200, 200]
    answer = maya.get("me/")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    form_of(answer)


def test_the_description_and_its_page_are_for_those_who_are_signed_in(
    world: worlds.World, client: Client
) -> None:
    schema, page = reverse("api:schema"), reverse("api_documentation")
    assert client.get(schema).status_code == 401
    assert client.get(page).status_code == 302
    assert Api(world.maya).client.get(schema).status_code == 200
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    content: Any = client.get(page).content.decode()
    assert "Getting a key" in content
    assert "<table>" in content
