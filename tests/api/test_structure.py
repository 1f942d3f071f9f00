"""The whole structure in one answer: what is in it, and when it has to be sent again."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from circles.queries import structure_document
from circles.structure import TABLES, Structure
from governance import queries as governance
from governance.actions import set_up
from governance.actions.people import describe_organization, describe_person
from governance.changes import AddRole
from people.ids import new_id
from tests import world as worlds
from tests.api.conftest import Api


def test_it_is_the_structure_row_for_row(world: worlds.World, maya: Api) -> None:
    found = maya.read("structure/")
    structure = Structure.of(world.organization.id)
    for name, plural in (
        ("role", "roles"), ("accountability", "accountabilities"), ("domain", "domains"), ("policy", "policies"),
        ("assignment", "assignments"),
    ):  # fmt: skip
        table = TABLES[name]
        stands = {row.id: table.dump(row) for row in structure.all(table.row)}
        assert {row["id"]: row for row in found[plural]} == stands
    names = {p.id: p.name for p in world.people.values()}
    assert {p["id"]: p["name"] for p in found["people"]} == names
    assert [p["name"] for p in found["people"] if not p["partner"]] == ["Otto Falk"]
    assert found["organization"]["slug"] == "northwind"
    head = governance.head(world.organization)
    assert head is not None
    assert found["record"] == {"number": 1, "hash": head.head}
    assert found["constitutional"]["secretary"]["clause"] == "1.3.5"


def test_it_is_sent_again_only_when_something_changed(world: worlds.World, maya: Api) -> None:
    def ask(tag: str) -> Any:
        answer = maya.get("structure/", headers={"If-None-Match": tag})
        if answer.status_code == 304:
            assert answer.content == b""
            assert answer["ETag"] in tag
        return answer

    def amend() -> None:
        change = AddRole(new_id(), world.role_ids["anchor"], "Returns", "Parcels find their way back")
        set_up.edit_structure([change], actor=world.ines, reason="Missing")

    tag = maya.get("structure/")["ETag"]
    assert ask(tag).status_code == 304
    assert ask(f'"another", W/{tag}').status_code == 304
    # What is on the record, and what is told with it without being there: names
    for change in (
        amend,
        lambda: describe_person(world.hana, actor=world.hana, name="Hana Mori-Lund", zone=""),
        lambda: describe_organization(
            world.organization, actor=world.ines, name="Northwind", zone="Europe/Oslo"
        ),
    ):
        change()
        answer = ask(tag)
        assert (answer.status_code, answer["ETag"] != tag) == (200, True)
        tag = answer["ETag"]
        assert ask(tag).status_code == 304
    assert ask("not a tag").status_code == 200


def test_while_it_is_being_set_up_every_change_shows(db: None) -> None:
    world = worlds.build(adopted=False)
    ines = Api(world.ines)
    first = ines.get("structure/")
    assert first.json()["record"] == {"number": 0, "hash": ""}
    assert first.json()["organization"]["adopted_at"] is None
    assert ines.get("structure/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    set_up.edit_structure(
        [AddRole(new_id(), world.role_ids["anchor"], "Returns", "Parcels come back")],
        actor=world.ines,
        reason="",
    )
    second = ines.get("structure/", headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert "Returns" in [r["name"] for r in second.json()["roles"]]
    set_up.declare_adoption(actor=world.ines)
    third = ines.get("structure/", headers={"If-None-Match": second["ETag"]})
    assert (third.status_code, third.json()["record"]["number"]) == (200, 1)


def test_what_is_decided_meanwhile_is_in_it_whole(
    world: worlds.World, maya: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 0

    def slow(organization: Any) -> Any:
        nonlocal times
        times += 1
        found = structure_document(organization)
        if times == 1:
            change = AddRole(new_id(), world.role_ids["anchor"], "Returns", "Parcels find their way back")
            set_up.edit_structure([change], actor=world.ines, reason="While others read")
        return found

    monkeypatch.setattr("pages.api.structure_document", slow)
    answer = maya.get("structure/")
    assert times == 2
    assert answer.json()["record"]["number"] == 2
    assert "Returns" in [r["name"] for r in answer.json()["roles"]]
    assert maya.get("structure/")["ETag"] == answer["ETag"]


def test_it_is_compressed_for_those_who_can_read_that(maya: Api) -> None:
    plain = maya.get("structure/")
    packed = maya.get("structure/", headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], "Content-Encoding" in plain) == ("gzip", False)
    assert json.loads(gzip.decompress(packed.content)) == plain.json()
    again = maya.get("structure/", headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert again.status_code == 304


def test_an_unchanged_structure_is_not_read(maya: Api) -> None:
    tag = maya.get("structure/")["ETag"]
    with CaptureQueriesContext(connection) as found:
        maya.get("structure/", headers={"If-None-Match": tag})
    assert not [q for q in found.captured_queries if "circles_" in q["sql"]]
