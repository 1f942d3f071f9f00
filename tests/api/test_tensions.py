"""Capturing and listing tensions by API: the same act as in the browser, with the same refusals."""

from __future__ import annotations

from typing import Any

from django.test import Client

from people.ids import new_id
from tensions.models import TENSION_LENGTH, Tension
from tests import world as worlds
from tests.api.conftest import Api, form_of


def test_a_tension_is_captured_and_listed(world: worlds.World, maya: Api) -> None:
    role = world.role("copywriter")
    answer = maya.post("tensions/", {"text": "  The voice guide is out of date ", "role": role.ref})
    assert answer.status_code == 201
    told = answer.json()
    assert told["text"] == "The voice guide is out of date"
    assert told["role"] == {"id": role.id, "name": "Copywriter & Storyteller"}
    assert (told["state"], told["settled_at"]) == ("open", None)
    assert maya.client.get(answer["Location"]).json() == told
    assert maya.read("tensions/")["results"] == [told]
    assert Tension.objects.get(pk=told["id"]).person == world.maya


def test_without_a_role_it_can_be_captured_too(maya: Api) -> None:
    for role in ({}, {"role": None}):
        answer = maya.post("tensions/", {"text": "Something pulls", **role})
        assert (answer.status_code, answer.json()["role"]) == (201, None)


def test_tensions_are_their_owners_alone(world: worlds.World, maya: Api) -> None:
    own = maya.post("tensions/", {"text": "Mine"}).json()["id"]
    hana = Api(world.hana)
    hana.refused(f"tensions/{own}/", 404)
    assert hana.read("tensions/")["count"] == 0
    assert maya.read("tensions/", state="open")["count"] == 1
    assert maya.read("tensions/", state="processed")["count"] == 0
    assert maya.refused("tensions/", 400, state="felt")["field"] == "state"


def test_sent_again_with_its_key_it_is_captured_once(maya: Api) -> None:
    sent = {"text": "The line dropped", "key": "till-4711"}
    first, second = (maya.post("tensions/", sent).json()["id"] for _ in range(2))
    assert first == second
    maya.post("tensions/", {**sent, "key": "till-4712"})
    assert maya.read("tensions/")["count"] == 2


def test_one_senses_from_a_role_one_leads(world: worlds.World, maya: Api) -> None:
    answer = maya.post("tensions/", {"text": "Not mine to sense", "role": world.role_ids["support"]})
    assert answer.status_code == 422
    assert form_of(answer) | {"message": ""} == {"message": "", "field": "role", "clause": "1.2.1"}
    assert maya.post("tensions/", {"text": "Mine", "role": world.role_ids["copywriter"]}).status_code == 201
    assert maya.read("tensions/")["count"] == 1


MALFORMED: list[tuple[Any, str]] = [
    ({}, "text"), ({"text": ""}, "text"), ({"text": " \n "}, "text"), ({"text": None}, "text"), ({"text": 7}, "text"),
    ({"text": ["a"]}, "text"), ({"text": True}, "text"), ({"text": "x" * (TENSION_LENGTH + 1)}, "text"),
    ({"text": "nul\0"}, "text"), ({"text": "bell\a"}, "text"), ({"text": "a", "role": 1}, "role"),
    ({"text": "a", "role": "nobody"}, "role"), ({"text": "a", "role": "\0"}, "role"),
    ({"text": "a", "role": "x" * 5000}, "role"),
    ({"text": "a", "key": "k" * 201}, "key"), ({"text": "a", "key": {}}, "key"),
    ({"text": "a", "person": "hana"}, "person"),
]  # fmt: skip


def test_what_has_not_its_form_is_refused_at_its_field(maya: Api) -> None:
    for sent, field in MALFORMED:
        answer = maya.post("tensions/", sent)
        assert (answer.status_code, form_of(answer)["field"]) == (400, field), sent
    assert maya.read("tensions/")["count"] == 0


def test_an_unknown_role_is_none_of_ones_own(maya: Api) -> None:
    answer = maya.post("tensions/", {"text": "a", "role": new_id()})
    assert (answer.status_code, form_of(answer)["clause"]) == (422, "1.2.1")


NO_OBJECTS = [
    b"{", b'{"text": NaN}', b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"[1]", b'"text"', b"1", b"null",
    b"[" * 100_000, b'{"text":' * 20_000, b'{"text": "' + b"x" * 200_000 + b'"}', "{\"text\": \"a\"}".encode("utf-16"),
]  # fmt: skip


def test_what_is_no_json_object_is_refused(maya: Api) -> None:
    for body in NO_OBJECTS:
        answer = maya.client.generic(
            "POST", maya.base + "tensions/", body, content_type="application/json; charset=nonsense"
        )
        assert answer.status_code == 400, body[:40]
        form_of(answer)
    assert maya.read("tensions/")["count"] == 0


def test_nothing_but_json_is_read(world: worlds.World, maya: Api) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "nonsense", "multipart/form-data"):
        answer = maya.client.generic("POST", maya.base + "tensions/", b"text=a", content_type=kind)
        assert answer.status_code == 415, kind
        form_of(answer)
    # Signed in, Django looks into forms for the CSRF token first
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    answer = client.post(
        "/api/v1/northwind/tensions/", b"--x", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code in (400, 403)
    assert maya.read("tensions/")["count"] == 0
