"""What the API tells of roles, people, decisions and proposals."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.actions import proposals, set_up
from governance.actions.assignments import assign_role
from governance.changes import AddPolicy, AddRole, AmendRole, Assign, Edit, NewLine, RemoveRole
from governance.models import Proposal
from people.ids import derived_id, new_id
from tests import world as worlds
from tests.api.conftest import Api


def named(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


# -- roles and policies ------------------------------------------------------------------------------------------


def test_a_role_with_its_lines_and_people(world: worlds.World, maya: Api) -> None:
    role = maya.read(f"roles/{world.role_ids['copywriter']}/")
    assert role["name"] == "Copywriter & Storyteller"
    assert role["circle"] == world.role_ids["storefront"]
    assert [line["text"] for line in role["accountabilities"]] == worlds.ACCOUNTABILITIES["copywriter"]
    assert [line["text"] for line in role["domains"]] == ["Voice guide"]
    assert [f["person"]["name"] for f in role["fillers"]] == ["Maya Lindqvist"]
    assert named(role["leads"]) == ["Maya Lindqvist"]
    assert (role["is_circle"], role["members"], role["roles"]) == (False, [], [])
    assert (role["present"], role["until"]) == (True, None)
    # The last part of a page's address leads to the same role
    assert maya.read(f"roles/{role['ref']}/") == role


def test_an_unfilled_role_is_led_by_the_circle_lead(world: worlds.World, maya: Api) -> None:
    role = maya.read(f"roles/{world.role_ids['sizes']}/")
    assert (role["fillers"], named(role["leads"])) == ([], ["Ines Calloway"])


def test_a_circle_with_its_roles_and_members(world: worlds.World, maya: Api) -> None:
    circle = maya.read(f"roles/{world.role_ids['storefront']}/")
    assert circle["is_circle"] is True
    assert {"Copywriter & Storyteller", "Circle Lead", "Facilitator", "Secretary"} <= set(
        named(circle["roles"])
    )
    members = {m["person"]["name"]: m["seats"] for m in circle["members"]}
    assert set(members) == {
        "Ines Calloway",
        "Maya Lindqvist",
        "Priya Venkat",
        "Samira Osei",
        "Noor Haddad",
        "Tobias Renner",
    }
    assert {(s["by"], s["role"]["name"]) for s in members["Maya Lindqvist"]} == {
        ("role", "Copywriter & Storyteller"),
        ("role", "Circle Rep"),
    }


def test_a_constitutional_role_has_what_the_constitution_fixes(world: worlds.World, maya: Api) -> None:
    role = maya.read(f"roles/{world.role_ids['storefront.secretary']}/")
    assert (role["name"], role["kind"]) == ("Secretary", "secretary")
    assert role["accountabilities"][0]["id"] is None
    assert role["fillers"][0]["term_ends"] == "2027-09-30"
    lead = maya.read(f"roles/{derived_id(world.role_ids['storefront'], 'circle_lead')}/")
    assert lead["purpose"] == "People find the right gear the first time"
    assert named(lead["leads"]) == ["Ines Calloway"]


def test_a_removed_role_keeps_its_address(world: worlds.World, maya: Api) -> None:
    role_id = world.role_ids["sizes"]
    set_up.edit_structure([RemoveRole(role_id)], actor=world.ines, reason="Not needed")
    role = maya.read(f"roles/{role_id}/")
    assert (role["name"], role["present"], role["accountabilities"]) == ("Size & Fit Guide", False, [])
    assert role["until"] == maya.read("decisions/")["results"][0]["number"]
    assert "Size & Fit Guide" not in named(maya.read("roles/")["results"])


def test_roles_by_circle_and_kind(world: worlds.World, maya: Api) -> None:
    inside = maya.read("roles/", circle=world.role_ids["love"], kind="ordinary")
    assert named(inside["results"]) == ["Help Centre Author", "Technical Support"]
    circles = [r["name"] for r in maya.read("roles/", kind="ordinary")["results"] if r["is_circle"]]
    assert circles == ["Customer Love", "Northwind Outfitters", "Storefront"]
    assert maya.refused("roles/", 400, kind="chief")["field"] == "kind"
    assert maya.refused("roles/", 400, circle="x\0y")["field"] == "circle"
    maya.refused("roles/", 404, circle=new_id())


def test_what_is_no_identifier_leads_nowhere(maya: Api) -> None:
    for part in [
        "%00",
        "x%00y-2345678923",
        "h%C3%A4%C3%9F",
        "%ED%A0%80",
        "x" * 3000,
        "-",
        "%20",
        "role-23456789aa",
    ]:
        for what in ("roles", "policies", "people", "proposals", "tensions"):
            maya.refused(f"{what}/{part}/", 404)
        assert maya.client.get(f"/api/v1/{part}/me/").status_code == 404


def test_a_policy(world: worlds.World, maya: Api) -> None:
    policy_id = new_id()
    change = AddPolicy(
        policy_id, world.role_ids["copywriter"], "Voice first", "Read the guide.", ("constraint",)
    )
    set_up.edit_structure([change], actor=world.ines, reason="Words matter")
    policy = maya.read(f"policies/{policy_id}/")
    assert (policy["title"], policy["kinds"], policy["present"]) == ("Voice first", ["constraint"], True)
    assert policy_id in [p["id"] for p in maya.read(f"roles/{world.role_ids['copywriter']}/")["policies"]]
    maya.refused(f"policies/{new_id()}/", 404)


# -- people ------------------------------------------------------------------------------------------------------


def test_people_and_one_of_them(world: worlds.World, maya: Api) -> None:
    assert len(maya.read("people/")["results"]) == len(worlds.CAST)
    assert named(maya.read("people/", partner="false")["results"]) == ["Otto Falk"]
    found = maya.read(f"people/{world.maya.ref}/")
    assert [(r["role"]["name"], r["circle"]["name"]) for r in found["roles"]] == [
        ("Circle Rep", "Storefront"),
        ("Copywriter & Storyteller", "Storefront"),
        ("Help Centre Author", "Customer Love"),
    ]
    assert named(found["circles"]) == ["Customer Love", "Northwind Outfitters", "Storefront"]
    assert found["zone"] == "Europe/Berlin"
    assert maya.refused("people/", 400, partner="maybe")["field"] == "partner"


def test_addresses_for_mail_are_nobodys_business(world: worlds.World, maya: Api) -> None:
    for address in ("people/", f"people/{world.hana.id}/", "structure/", "me/"):
        assert "@northwind.example" not in json.dumps(maya.read(address))


# -- lists -------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other(maya: Api) -> None:
    whole = maya.read("people/")
    seen: list[str] = []
    address = maya.base + "people/?limit=4"
    for _ in range(10):
        page = maya.client.get(address).json()
        seen += named(page["results"])
        if page["next"] is None:
            break
        address = page["next"]
    assert seen == named(whole["results"])
    assert whole["count"] == len(seen)


IMPOSSIBLE = [
    {"limit": "0"}, {"limit": "501"}, {"limit": "many"}, {"limit": "-1"}, {"limit": "²"}, {"limit": "1.5"},
    {"offset": "-1"}, {"offset": "9" * 40},
]  # fmt: skip


def test_impossible_pages_are_refused(maya: Api) -> None:
    for query in IMPOSSIBLE:
        assert maya.refused("people/", 400, **query)["field"] in query


# -- decisions ---------------------------------------------------------------------------------------------------


def amend(world: worlds.World, purpose: str, key: str = "copywriter") -> None:
    role = world.role(key)
    change = AmendRole(role.id, purpose=Edit(role.purpose, purpose))
    set_up.edit_structure([change], actor=world.ines, reason="Clearer words")


def test_decisions_newest_first_and_none_missed(world: worlds.World, maya: Api) -> None:
    for n in range(5):
        amend(world, f"Words {n}")
    page = maya.read("decisions/", limit=2)
    numbers = [d["number"] for d in page["results"]]
    amend(world, "One more while reading")
    while page["next"]:
        page = maya.client.get(page["next"]).json()
        numbers += [d["number"] for d in page["results"]]
    assert numbers == [6, 5, 4, 3, 2, 1]


def test_decisions_by_what_they_touched(world: worlds.World, maya: Api) -> None:
    amend(world, "Other words")
    amend(world, "Quicker gear", key="support")
    told = maya.read("decisions/", role=world.role_ids["copywriter"])["results"]
    assert [d["number"] for d in told] == [2, 1]
    assert told[0]["authority"] == "admin"
    assert told[0]["actor"]["name"] == "Ines Calloway"
    assert "Copywriter & Storyteller" in told[0]["sentences"][0]
    assert [d["number"] for d in maya.read("decisions/", circle=world.role_ids["love"])["results"]] == [3, 1]
    assert [d["number"] for d in maya.read("decisions/", authority="ratifiers")["results"]] == [1]


def test_decisions_since(world: worlds.World, maya: Api) -> None:
    last = maya.read("decisions/")["results"][0]
    assert [d["number"] for d in maya.read("decisions/", since=last["at"])["results"]] == [1]
    assert maya.read("decisions/", since="9999-12-31")["results"] == []
    assert len(maya.read("decisions/", since="2020-01-01")["results"]) == 1
    for wrong in ("yesterday", "2026-02-30", "2026-03-12T14:00:00", "0001-01-01T00:00:00+23:00", "\0"):
        assert maya.refused("decisions/", 400, since=wrong)["field"] == "since"


def test_a_decision_whole_proves_itself(world: worlds.World, maya: Api) -> None:
    amend(world, "Wörter, die man spürt")
    first, second = maya.read("decisions/1/"), maya.read("decisions/2/")
    assert second["texts"] == {"reason": "Clearer words"}
    assert second["entry"]["changes"][0]["kind"] == "amend_role"
    assert second["entry"]["previous"] == first["hash"]
    text = json.dumps(second["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == second["hash"]
    # The entries' rows, applied one after the other, are the structure as it stands
    rows: dict[str, dict[str, Any]] = {}
    for decision in (first, second):
        for table, row_id, _before, after in decision["entry"]["rows"]:
            rows.setdefault(table, {})[row_id] = after
    structure = maya.read("structure/")
    for table, name in (
        ("role", "roles"),
        ("domain", "domains"),
        ("assignment", "assignments"),
        ("policy", "policies"),
    ):
        assert sorted(rows[table].values(), key=lambda r: r["id"]) == sorted(
            structure[name], key=lambda r: r["id"]
        )
    for wrong in ("3", "0", "9" * 30):
        maya.refused(f"decisions/{wrong}/", 404)


# -- proposals ---------------------------------------------------------------------------------------------------


def draft(world: worlds.World) -> Proposal:
    change = AddRole(
        new_id(),
        world.role_ids["storefront"],
        "Newsletter",
        "Mail worth opening",
        (NewLine(new_id(), "Writing it"),),
    )
    return proposals.start_draft(
        world.role("storefront"), actor=world.maya, role=world.role_ids["copywriter"], title="A newsletter role",
        tension="Nobody writes it", example="March had none", how_helped="Somebody would have",
        changes=[change.to_json()],
    )  # fmt: skip


def test_a_draft_is_its_proposers_until_it_is_proposed(world: worlds.World, maya: Api) -> None:
    noor = Api(world.noor)
    proposal = draft(world)
    assert [p["state"] for p in maya.read("proposals/")["results"]] == ["draft"]
    assert maya.read(f"proposals/{proposal.id}/")["title"] == "A newsletter role"
    assert noor.read("proposals/")["count"] == 0
    noor.refused(f"proposals/{proposal.id}/", 404)
    proposals.propose(proposal, actor=world.maya)
    told = noor.read(f"proposals/{proposal.id}/")
    assert (told["state"], told["tension"], told["decision"]) == ("proposed", "Nobody writes it", None)
    assert told["changes"][0]["kind"] == "add_role"
    assert "Noor Haddad" in [r["person"]["name"] for r in told["responses"] if r["answer"] == ""]
    assert noor.read("proposals/", state="proposed", circle=world.role_ids["storefront"])["count"] == 1
    assert noor.read("proposals/", circle=world.role_ids["love"])["count"] == 0
    assert noor.refused("proposals/", 400, state="lost")["field"] == "state"


# -- how much it costs -------------------------------------------------------------------------------------------


def queries_of(api: Api, addresses: list[str]) -> list[int]:
    counts = []
    for address in addresses:
        api.read(address)
        with CaptureQueriesContext(connection) as found:
            api.read(address)
        counts.append(len(found))
    return counts


def test_queries_do_not_grow_with_the_organization(world: worlds.World, maya: Api) -> None:
    circle = world.role_ids["storefront"]
    addresses = [
        "structure/", "roles/", f"roles/{circle}/", f"roles/{world.role_ids['copywriter']}/", "people/",
        f"people/{world.maya.id}/", "me/", "decisions/", "decisions/1/", "proposals/", "tensions/",
    ]  # fmt: skip
    maya.post("tensions/", {"text": "First", "role": world.role_ids["copywriter"]})
    draft(world)
    amend(world, "Words")
    before = queries_of(maya, addresses)
    people = [
        set_up.admit_person(actor=world.ines, name=f"New {n}", email="", partner=True) for n in range(6)
    ]
    for n, person in enumerate(people):
        role = AddRole(new_id(), circle, f"Further role {n}", "More", (NewLine(new_id(), "Doing more"),))
        changes = [role, Assign(new_id(), role.id, person.id)]
        set_up.edit_structure(changes, actor=world.ines, reason="Growth")
        assign_role(world.role("merchandiser"), world.maya, actor=world.ines, focus=f"Focus {n}")
        maya.post("tensions/", {"text": f"Further {n}", "role": world.role_ids["copywriter"]})
        draft(world)
    assert dict(zip(addresses, queries_of(maya, addresses), strict=True)) == dict(
        zip(addresses, before, strict=True)
    )
