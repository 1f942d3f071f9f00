"""People as admins look after them, and as they look after themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from circles.constitution import CIRCLE_REP
from governance import authority as by
from governance.actions import people as acts
from governance.actions import set_up
from governance.actions.assignments import assign_role
from governance.changes import AddRole, Assign
from governance.departure import what_ends
from governance.models import Decision
from governance.record import verify
from journal.events import sentence_for
from journal.models import Event
from people.ids import derived_id, new_id
from people.models import ApiToken, Invitation, Person
from people.refusals import Malformed, NotAllowed, Refused
from people.views.members import Newcomer, read_people
from tensions.models import Tension
from tests.world import World

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
PEOPLE = "/northwind/set-up/people/"


def fresh(person: Person) -> Person:
    return Person.objects.select_related("organization", "account").get(pk=person.pk)


# -- taking in --


def test_people_are_pasted_as_they_come() -> None:
    text = """Name;E-mail
    Ada Lund <Ada@example.org>

    bo.ek@example.org
    Cleo Vik;cleo@example.org
    dan@example.org, Dan Holm
    Eva Moe
    Mary-Ann O'Neil\tmary@example.org"""
    assert [(n.name, n.email) for n in read_people(text)] == [
        ("Ada Lund", "ada@example.org"), ("Bo Ek", "bo.ek@example.org"), ("Cleo Vik", "cleo@example.org"),
        ("Dan Holm", "dan@example.org"), ("Eva Moe", ""), ("Mary-Ann O'Neil", "mary@example.org"),
    ]  # fmt: skip
    assert isinstance(read_people("Ada")[0], Newcomer)


def test_pasted_people_come_in_and_are_invited(world: World, as_: As) -> None:
    client = as_(world.ines)
    form = {
        "people": "Ada Lund <ada@northwind.example>\nBo Ek",
        "partner": "on",
        "send": "on",
        "reason": "Grown",
    }
    page = client.post(PEOPLE, form, follow=True).content.decode()
    assert "2 people have been taken in" in page
    assert page.count("/invitations/") == 2
    assert "pass the link on yourself" in page
    assert [m.to for m in mail.outbox] == [["ada@northwind.example"]]
    ada = Person.objects.get(name="Ada Lund")
    assert ada.present
    assert ada.partner
    assert Decision.objects.filter(organization=world.organization, authority=by.ADMIN).count() == 2
    assert verify(world.organization).faults == []


def test_a_list_sent_twice_takes_nobody_in_twice(world: World, as_: As) -> None:
    client = as_(world.ines)
    form = {"people": "Ada Lund <ada@northwind.example>\nBo Ek", "partner": "on"}
    assert client.post(PEOPLE, form).status_code == 302
    again = client.post(PEOPLE, form)
    assert again.status_code == 422
    assert "give an address to tell them apart" in again.content.decode()
    assert Person.objects.filter(name__in=("Ada Lund", "Bo Ek")).count() == 2


def test_who_could_not_be_taken_in_stays_in_the_form(world: World, as_: As) -> None:
    client = as_(world.ines)
    response = client.post(PEOPLE, {"people": "Ada Lund <ada@northwind.example>\nM <maya@northwind.example>"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Maya Lindqvist is here already" in page
    assert ">\nM &lt;maya@northwind.example&gt;</textarea>" in page
    assert Person.objects.filter(name="Ada Lund").count() == 1
    assert not Person.objects.get(name="Ada Lund").partner


@pytest.mark.parametrize("text", ["", "  \n ", "Ada <nonsense>", "a@b@c", "x" * 60_000, "Ada\n" * 101])
def test_what_is_no_list_of_people_takes_nobody_in(world: World, as_: As, text: str) -> None:
    before = Person.objects.count()
    assert as_(world.ines).post(PEOPLE, {"people": text}).status_code == 422
    assert Person.objects.count() == before


def test_who_comes_back_is_the_same_person(world: World, as_: As) -> None:
    client = as_(world.maya)
    set_up.let_leave(world.maya, actor=world.ines, reason="Travels")
    assert client.get("/northwind/profile/").status_code == 404
    back = set_up.admit_person(
        actor=world.ines, name="Maya L.", email="MAYA@northwind.example", reason="Is back"
    )
    assert back.pk == world.maya.pk
    assert back.present
    # She agrees anew before she comes in
    assert back.account is None
    assert client.get("/northwind/profile/").status_code == 404
    _invitation, secret = set_up.invite(back, actor=world.ines)
    assert client.post(f"/invitations/{secret}/", {"agree": "on"}).status_code == 302
    assert client.get("/northwind/profile/").status_code == 200
    assert verify(world.organization).faults == []


# -- the list --


def test_the_list_shows_who_is_where(world: World, as_: As) -> None:
    client = as_(world.ines)
    dag = set_up.admit_person(actor=world.ines, name="Dag Holm", reason="Joins")
    set_up.let_leave(world.callum, actor=world.ines, reason="Sails")
    page = client.get(PEOPLE).content.decode()
    assert "1 role, Facilitator of Storefront" in page
    assert "Callum Birch" not in page
    assert "Callum Birch" in client.get(f"{PEOPLE}?show=left").content.decode()
    waiting = client.get(f"{PEOPLE}?show=invited").content.decode()
    assert dag.name in waiting
    assert "Lea Brandt" not in waiting
    found = client.get(f"{PEOPLE}?q=lea%40north").content.decode()
    assert "Lea Brandt" in found
    assert dag.name not in found
    assert client.get(f"{PEOPLE}?show=nonsense&page=nonsense").status_code == 200
    assert "Greta" not in client.get(f"{PEOPLE}?q=greta").content.decode().split("<table")[-1]


def test_the_list_takes_as_many_queries_for_many_people(world: World, as_: As) -> None:
    client = as_(world.ines)
    client.get(PEOPLE)
    with CaptureQueriesContext(connection) as few:
        client.get(PEOPLE)
    for number in range(30):
        set_up.admit_person(actor=world.ines, name=f"Person {number}", reason="Growing")
    with CaptureQueriesContext(connection) as many:
        client.get(PEOPLE)
    assert len(many) == len(few)


# -- admins --


def test_admins_are_named_and_released_and_never_gone(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = f"{PEOPLE}{world.ines.ref}/admin/"
    assert "is the only admin" in client.post(url, {"admin": "no"}, follow=True).content.decode()
    assert fresh(world.ines).admin
    client.post(f"{PEOPLE}{world.maya.ref}/admin/", {"admin": "yes"})
    assert fresh(world.maya).admin
    event = Event.objects.get(kind="people.admin_named")
    assert sentence_for(event) == "Ines Calloway made Maya Lindqvist an admin."
    again = client.post(f"{PEOPLE}{world.maya.ref}/admin/", {"admin": "yes"}, follow=True).content.decode()
    assert "is an admin already" in again
    assert client.post(url, {"admin": "no"}).headers["location"] == "/northwind/profile/"
    assert client.get("/northwind/set-up/").status_code == 404
    with pytest.raises(NotAllowed):
        acts.name_admin(world.lea, actor=fresh(world.ines))
    with pytest.raises(Refused, match="only admin"):
        set_up.let_leave(fresh(world.maya), actor=fresh(world.maya), reason="Leaving")


def test_an_admin_who_cannot_sign_in_does_not_count(world: World) -> None:
    dag = set_up.admit_person(actor=world.ines, name="Dag Holm", admin=True, reason="Joins")
    assert dag.admin
    with pytest.raises(Refused, match="only admin"):
        acts.release_admin(world.ines, actor=world.ines)


@pytest.mark.parametrize("act", ["admin/", "partner/", "leave/", ""])
def test_nobody_else_touches_people(world: World, as_: As, act: str) -> None:
    assert world.outsider is not None
    form = {"admin": "yes", "name": "X", "reason": "Because"}
    for person in (world.maya, world.outsider):
        assert as_(person).post(f"{PEOPLE}{world.lea.ref}/{act}", form).status_code == 404
    assert (fresh(world.lea).admin, fresh(world.lea).name) == (False, "Lea Brandt")
    assert fresh(world.lea).present


def test_partner_status_is_a_decision(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = f"{PEOPLE}{world.noor.ref}/partner/"
    page = client.get(url).content.decode()
    assert "Noor Haddad" in page
    assert 'data-diff="remove"' in page
    assert client.post(url, {"reason": ""}).status_code == 422
    assert fresh(world.noor).partner
    assert client.post(url, {"reason": "On leave"}).status_code == 302
    assert not fresh(world.noor).partner
    assert not world.role("storefront.facilitator").assignments.exists()
    assert world.role("checkout").assignments.exists()
    assert verify(world.organization).faults == []


# -- names and addresses --


def test_admins_correct_names_and_addresses_of_those_not_here_yet(world: World, as_: As) -> None:
    client = as_(world.ines)
    dag = set_up.admit_person(
        actor=world.ines, name="Dag Holm", email="dag@northwind.example", reason="Joins"
    )
    url = f"{PEOPLE}{dag.ref}/"
    for bad, says in (
        ({"email": "maya@northwind.example"}, "has this address already"), ({"email": "nonsense"}, "valid email"),
        ({"name": " "}, "required"), ({"zone": "Mars/Olympus"}, "valid choice"),
    ):  # fmt: skip
        form = {"name": "Dag Holm-Berg", "email": "dag@example.org", "zone": "Asia/Tokyo", **bad}
        response = client.post(url, form)
        assert response.status_code == 422
        assert says in response.content.decode()
    assert fresh(dag).name == "Dag Holm"
    client.post(url, {"name": "Dag Holm-Berg", "email": "Dag@Example.org", "zone": "Asia/Tokyo"})
    dag = fresh(dag)
    assert (dag.name, dag.email, dag.zone) == ("Dag Holm-Berg", "dag@example.org", "Asia/Tokyo")
    with pytest.raises(Malformed):
        acts.describe_person(world.maya, actor=world.ines, name="Maya", zone="", email="other@example.org")
    with pytest.raises(NotAllowed):
        acts.describe_person(world.maya, actor=world.noor, name="Maya", zone="")


# -- leaving --


def test_what_ends_is_shown_before_somebody_leaves(world: World, as_: As) -> None:
    Tension.objects.create(organization=world.organization, person=world.maya, text="Copy comes late")
    ends = what_ends(world.maya)
    assert [a.role.name for a in ends.assignments] == ["Copywriter & Storyteller", "Help Centre Author"]
    assert [a.role.shown_name for a in ends.seats] == ["Circle Rep"]
    assert len(ends.tensions) == 1
    client = as_(world.ines)
    url = f"{PEOPLE}{world.maya.ref}/leave/"
    page = client.get(url).content.decode()
    for words in (
        "Copywriter &amp; Storyteller",
        "Help Centre Author",
        "of Storefront, an elected seat",
        "1 tension",
    ):
        assert words in page
    assert client.post(url, {"reason": " "}).status_code == 422
    assert fresh(world.maya).present
    assert client.post(url, {"reason": "Moves away"}).status_code == 302
    assert not fresh(world.maya).present
    assert client.post(url, {"reason": "Moves away"}).status_code == 404
    decision = Decision.objects.get(organization=world.organization, number=2)
    assert decision.texts.get(kind="reason").text == "Moves away"
    assert verify(world.organization).faults == []


def test_a_rep_seat_that_falls_with_a_leaver_is_named(world: World) -> None:
    # Samira is alone in Photo Desk; without her, its circle leads lead it, and Ines may not be its rep
    inner = new_id()
    photo = world.role_ids["photo"]
    set_up.edit_structure(
        [
            AddRole(inner, photo, "Retouching", "Colours as they are"), Assign(new_id(), inner, world.ines.id),
            Assign(new_id(), derived_id(photo, CIRCLE_REP), world.ines.id),
        ],
        actor=world.ines, reason="Bigger desk",
    )  # fmt: skip
    ends = what_ends(world.samira)
    assert [(a.person.name, a.role.shown_name) for a in ends.others] == [("Ines Calloway", "Circle Rep")]


def test_everybody_may_leave_by_themselves(world: World, as_: As) -> None:
    client = as_(world.lea)
    _token, secret = acts.issue_token(actor=world.lea, label="Reports")
    assert "Nothing ends with it" in client.get("/northwind/profile/leave/").content.decode()
    assert client.post("/northwind/profile/leave/", {"reason": ""}).status_code == 422
    response = client.post("/northwind/profile/leave/", {"reason": "A new life"})
    assert response.headers["location"] == "/organizations/"
    assert not fresh(world.lea).present
    assert Decision.objects.get(organization=world.organization, number=2).authority == by.PERSON
    assert client.get("/northwind/profile/").status_code == 404
    assert ApiToken.find(secret) is None
    page = as_(world.ines).post("/northwind/profile/leave/", {"reason": "Me too"}).content.decode()
    assert "is the only admin" in page


# -- one's own --


def test_everybody_names_themselves(world: World, as_: As) -> None:
    client = as_(world.maya)
    form = {"act": "describe", "name": "Maya Lindqvist-Holm", "zone": "Asia/Tokyo"}
    assert client.post("/northwind/profile/", form).status_code == 302
    assert (fresh(world.maya).name, fresh(world.maya).zone) == ("Maya Lindqvist-Holm", "Asia/Tokyo")
    assert "JST" in client.get("/northwind/profile/").content.decode()
    assert Event.objects.filter(kind="people.described").count() == 1
    client.post("/northwind/profile/", form)
    assert Event.objects.filter(kind="people.described").count() == 1
    for bad in ({"name": ""}, {"name": "y" * 200}, {"zone": "Mars/Olympus"}):
        response = client.post("/northwind/profile/", {**form, **bad})
        assert response.status_code == 422
    assert fresh(world.maya).name == "Maya Lindqvist-Holm"
    # The address is not theirs to set here
    client.post("/northwind/profile/", {**form, "email": "x@example.org"})
    assert fresh(world.maya).email == "maya@northwind.example"


def test_a_profile_is_ones_own_and_of_ones_organization(world: World, as_: As) -> None:
    assert world.outsider is not None
    assert as_(world.outsider).get("/northwind/profile/").status_code == 404
    assert Client().get("/northwind/profile/").status_code == 302
    page = as_(world.maya).get("/northwind/profile/").content.decode()
    assert "/accounts/password/change/" in page
    assert "/organizations/" in page


def test_keys_are_shown_once_and_revoked(world: World, as_: As) -> None:
    client = as_(world.maya)
    response = client.post("/northwind/profile/", {"act": "token", "label": "Weekly figures"}, follow=True)
    token = ApiToken.objects.get(person=world.maya)
    page = response.content.decode()
    assert "tns_" in page
    assert "tns_" not in client.get("/northwind/profile/").content.decode()
    assert client.post("/northwind/profile/", {"act": "token", "label": ""}).status_code == 422
    assert client.post("/northwind/profile/", {"act": "token", "label": "y" * 200}).status_code == 422
    url = f"/northwind/profile/keys/{token.id}/revoke/"
    assert as_(world.noor).post(url).status_code == 404
    with pytest.raises(NotAllowed):
        acts.revoke_token(token, actor=world.noor)
    assert client.get(url).status_code == 405
    for _twice in range(2):
        assert client.post(url).status_code == 302
    assert "opens nothing any more" in client.get("/northwind/profile/").content.decode()
    assert "Weekly figures" not in client.get("/northwind/profile/").content.decode()
    assert Event.objects.filter(kind="people.token_revoked").count() == 1


def test_nobody_hoards_keys(world: World) -> None:
    for number in range(acts.TOKENS):
        acts.issue_token(actor=world.maya, label=str(number))
    with pytest.raises(Refused):
        acts.issue_token(actor=world.maya, label="One more")


def test_keys_are_made_at_a_measured_pace(world: World, as_: As) -> None:
    client = as_(world.maya)
    answers: list[Any] = []
    for number in range(21):
        answers.append(client.post("/northwind/profile/", {"act": "token", "label": str(number)}))
        ApiToken.objects.filter(person=world.maya).delete()
    assert [a.status_code for a in answers[:20]] == [302] * 20
    assert answers[20].status_code == 422
    assert "tried too often" in answers[20].content.decode()


def test_an_invitation_of_a_departed_person_is_gone(world: World) -> None:
    dag = set_up.admit_person(actor=world.ines, name="Dag Holm", reason="Joins")
    _invitation, secret = set_up.invite(dag, actor=world.ines)
    set_up.let_leave(dag, actor=world.ines, reason="Did not come")
    assert Invitation.find(secret) is None
    with pytest.raises(Refused):
        set_up.invite(fresh(dag), actor=world.ines)
    with pytest.raises(Refused):
        assign_role(world.role("sizes"), fresh(dag), actor=world.ines)
