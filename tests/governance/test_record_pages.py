"""The record as people read it, and the command that verifies it."""

from __future__ import annotations

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from circles.constitution import CONSTITUTIONAL_KINDS, ORDINARY
from circles.structure import RoleRow, Row
from governance import authority as by
from governance import bulk, queries
from governance.actions import set_up
from governance.actions.assignments import assign_role
from governance.authority import Authority
from governance.changes import AddRole, AmendRole, ChangePartnerStatus, Edit, NewLine, RemoveRole
from governance.enactment import enact
from governance.models import Decision
from governance.record import verify
from people.ids import derived_id, new_id
from people.models import Account, Organization, Person
from tests import world as worlds
from tests.guard import behind_the_record
from tests.world import World

pytestmark = pytest.mark.django_db

TEXTS = {
    "tension": "Reviews pile up <b>unread</b>.",
    "example": "Eleven reviews named the zip.",
    "how_helped": "Somebody would have known.",
}


@pytest.fixture
def world() -> World:
    """Northwind after five decisions: adopted, a role added, amended, assigned, and an admin's edit."""
    world = worlds.build()
    storefront = world.role_ids["storefront"]
    proposal = Authority(by.PROPOSAL, actor=world.maya.id, circle=storefront, texts=TEXTS)
    reviews = AddRole(
        new_id(),
        storefront,
        "Reviews Listener",
        "What customers write counts",
        (NewLine(new_id(), "Reading reviews"),),
    )
    world.role_ids["reviews"] = reviews.id
    enact(world.organization, [reviews], authority=proposal)
    amended = AmendRole(
        world.role_ids["photo"],
        purpose=Edit("Pictures that show how gear is used", "Pictures that show how gear is worn"),
    )
    enact(
        world.organization,
        [amended],
        authority=Authority(by.PROPOSAL, actor=world.noor.id, circle=storefront, meeting="m23456789b"),
    )
    assign_role(world.role("reviews"), world.lea, actor=world.ines)
    set_up.edit_structure([ChangePartnerStatus(world.otto.id, True)], actor=world.ines, reason="Otto joined")
    return world


@pytest.fixture
def maya(client: Client, world: World) -> Client:
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    return client


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return " ".join(response.content.decode().split('id="main"')[1].split())


def test_the_record_lists_decisions_newest_first_with_how_and_why(maya: Client) -> None:
    html = text_of(maya, "/northwind/record/")
    order = [
        html.index(words)
        for words in (
            "Otto Falk becomes a partner",
            "Assign Lea Brandt to Reviews Listener",
            "Amend role Photo Desk",
            "Add role Reviews Listener to Storefront",
            "The ratifiers adopted the Constitution",
        )
    ]
    assert order == sorted(order)
    assert "direct edit by an admin" in html
    assert "“Otto joined”" in html
    assert "in a meeting" in html
    assert "asynchronously" in html
    assert "<del>used</del> <ins>worn</ins>" in html


def test_the_record_is_filtered_by_circle_role_person_and_number(maya: Client, world: World) -> None:
    def listed(query: str) -> list[int]:
        return [entry.decision.number for entry in maya.get(f"/northwind/record/?{query}").context["entries"]]

    assert listed("") == [5, 4, 3, 2, 1]
    assert listed(f"circle={world.role_ids['storefront']}") == [4, 3, 2, 1]
    assert listed(f"circle={world.role_ids['love']}") == [1]
    assert listed(f"role={world.role_ids['photo']}") == [3, 1]
    assert listed(f"person={world.lea.id}") == [4, 1]
    assert listed(f"person={world.lea.id}&circle={world.role_ids['love']}") == [1]
    assert maya.get("/northwind/record/?number=3")["Location"] == "/northwind/record/3/"
    assert maya.get("/northwind/record/?number=99").status_code == 200
    assert world.outsider is not None
    assert maya.get(f"/northwind/record/?person={world.outsider.pk}").status_code == 404
    assert maya.get("/northwind/record/?role=nothing234").status_code == 404
    assert maya.get("/northwind/record/?page=900").status_code == 200


def test_a_decision_says_what_changed_why_and_where_it_stands(maya: Client, world: World) -> None:
    html = text_of(maya, "/northwind/record/2/")
    for words in (
        "Add role Reviews Listener to Storefront",
        "Reading reviews",
        "Maya Lindqvist",
        "Reviews pile up &lt;b&gt;unread&lt;/b&gt;.",
        "Eleven reviews named the zip.",
        "Somebody would have known.",
        "It fits",
    ):
        assert words in html, words
    decision = Decision.objects.get(organization=world.organization, number=2)
    assert decision.hash in html
    assert decision.previous in html
    assert maya.get("/northwind/record/99/").status_code == 404


def test_the_entry_can_be_checked_by_hand(maya: Client, world: World) -> None:
    response = maya.get("/northwind/record/2.json")
    decision = Decision.objects.get(organization=world.organization, number=2)
    assert hashlib.sha256(response.content).hexdigest() == decision.hash
    entry = json.loads(response.content)
    assert entry["previous"] == Decision.objects.get(organization=world.organization, number=1).hash
    assert "unread" not in response.content.decode(), "texts enter as digests alone"


def test_an_altered_decision_does_not_fit(maya: Client, world: World) -> None:
    with behind_the_record():
        Decision.objects.filter(organization=world.organization, number=3).update(actor=world.maya)
    html = text_of(maya, "/northwind/record/3/")
    assert "This entry does not fit." in html
    assert "It fits" in text_of(maya, "/northwind/record/2/")


def test_a_role_history_tells_of_that_role_alone(maya: Client, world: World) -> None:
    role = world.role("photo")
    entries = queries.entries_of_role(
        role, queries.decisions(world.organization).filter(queries.touching_role(role))
    )
    assert [(e.decision.number, e.headline) for e in entries] == [
        (3, "Amend role Photo Desk"),
        (1, "Added with the first structure"),
    ]
    assert {subject.id for entry in entries for subject in entry.subjects} == {role.pk}


def test_undoing_and_renaming_keep_each_time_its_name(maya: Client, world: World) -> None:
    rename = AmendRole(world.role_ids["photo"], name=Edit("Photo Desk", "Picture Desk"))
    enact(
        world.organization,
        [rename],
        authority=Authority(by.PROPOSAL, actor=world.maya.id, circle=world.role_ids["storefront"]),
    )
    found = queries.entries(world.organization, queries.decisions(world.organization))
    names = {
        e.decision.number: {s.name for s in e.subjects if s.id == world.role_ids["photo"]} for e in found
    }
    assert names[6] == {"Picture Desk"}
    assert names[3] == {"Photo Desk"}


def load_bulk(slug: str, roles: int) -> Organization:
    """An organization with so many roles, and its first person able to sign in."""
    organization = Organization.objects.create(slug=slug, name=slug.title(), ratifiers=["Ada"])
    bulk.load(
        organization, bulk.generate(organization, roles=roles, people=20), authority=Authority(by.RATIFIERS)
    )
    person = Person.objects.filter(organization=organization).order_by("name")[0]
    person.account = Account.objects.create_user(f"{slug}@bulk.example", worlds.PASSWORD)
    person.save(update_fields=["account"])
    return organization


def test_a_large_decision_is_summarised_and_paged(client: Client, db: None) -> None:
    organization = load_bulk("bulk", 120)
    client.force_login(Account.objects.get(email="bulk@bulk.example"))
    listed = text_of(client, "/bulk/record/")
    assert "with a first structure of 121 roles and" in listed
    assert "What changed" not in listed
    response = client.get("/bulk/record/1/")
    html = response.content.decode()
    assert response.context["page"].paginator.count == 121
    assert len(response.context["subjects"]) == 51, "a page of fifty roles, and the policy of one of them"
    assert "Check this entry now" in html
    assert "It fits" in client.get("/bulk/record/1/?check").content.decode()
    assert "Role 00120" in client.get("/bulk/record/1/?page=3").content.decode()
    role = organization.roles.get(name="Role 00042")
    entry = queries.entries_of_role(role, queries.decisions(organization))[0]
    assert entry.headline == "Added with the first structure"
    assert [s.name for s in entry.subjects] == ["Role 00042"]


def test_a_large_removal_shows_what_it_took(client: Client, db: None) -> None:
    organization = load_bulk("bulk", 120)
    client.force_login(Account.objects.get(email="bulk@bulk.example"))
    circle = organization.roles.get(name="Role 00001")
    enact(
        organization, [RemoveRole(circle.pk)],
        authority=Authority(by.PROPOSAL, actor=organization.people.order_by("name")[0].pk, circle=circle.circle_id),
    )  # fmt: skip
    response = client.get("/bulk/record/2/")
    assert {s.verb for s in response.context["subjects"]} == {"remove"}
    assert "Role 00011" in {s.name for s in response.context["subjects"]}
    assert verify(organization).ok


def test_decisions_count_their_rows(world: World) -> None:
    first = Decision.objects.get(organization=world.organization, number=1)
    assert first.counts["role"] == len(worlds.ROLES) + 1
    assert first.counts["person"] == len(worlds.CAST)
    with behind_the_record():
        Decision.objects.filter(pk=first.pk).update(counts={"role": 1})
    assert "Decision 1 counts its rows wrongly." in verify(world.organization).faults


def test_outsiders_learn_nothing_of_the_record(client: Client, world: World) -> None:
    urls = ("/northwind/record/", "/northwind/record/2/", "/northwind/record/2.json")
    for url in urls:
        assert client.get(url)["Location"].startswith("/accounts/login/"), url
    assert world.outsider is not None
    client.force_login(world.outsider.account)  # type: ignore[arg-type]
    for url in urls:
        assert client.get(url).status_code == 404, url
    assert client.get("/meltwater/record/2/").status_code == 404, "numbers are each organization’s own"
    assert "Reviews Listener" not in client.get("/meltwater/record/").content.decode()


def test_the_command_verifies_and_fails_on_faults(world: World) -> None:
    out = StringIO()
    call_command("verify_record", "northwind", stdout=out)
    head = Decision.objects.get(organization=world.organization, number=5).hash
    assert f"northwind: decision 5, head {head}," in out.getvalue()
    assert "0 faults" in out.getvalue()
    everything = StringIO()
    call_command("verify_record", stdout=everything)
    assert "meltwater: decision 0" in everything.getvalue()
    with behind_the_record():
        Decision.objects.filter(organization=world.organization, number=3).update(actor=world.maya)
    broken = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_record", "northwind", stdout=broken)
    assert ended.value.code == 1
    assert "Decision 3 has been altered" in broken.getvalue()
    with pytest.raises(CommandError):
        call_command("verify_record", "nowhere")


def test_rows_of_core_roles_are_counted_apart() -> None:
    from circles.structure import RowChange
    from governance.record import count_rows, dump_rows

    rows: list[Row] = [RoleRow("a", None, ORDINARY, "A", "x"), RoleRow("b", "a", ORDINARY, "B", "y")]
    rows += [RoleRow(derived_id("a", kind), "a", kind, "", "") for kind in CONSTITUTIONAL_KINDS]
    assert count_rows(dump_rows(RowChange("role", row.id, None, row) for row in rows)) == {
        "role": 2,
        "core": 4,
    }
