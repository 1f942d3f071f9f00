"""Admins edit structure by form: shown first, then on the record as what it is."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from circles.constitution import CIRCLE_LEAD, FACILITATOR
from circles.models import Assignment, Domain, Policy, Role
from governance import authority as by
from governance.actions import set_up
from governance.changes import AddRole, AmendRole, Assign, Edit, NewLine
from governance.models import Decision
from governance.record import verify
from journal.models import Event
from people.ids import derived_id, new_id
from people.models import Person
from tests.world import World

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
BASE = "/northwind/set-up/structure/"


def role_url(world: World, key: str, act: str = "") -> str:
    return f"{BASE}{world.role(key).ref}/{act}"


def drafted(client: Client, url: str) -> str:
    """What a form carries along of how things stood when it was opened."""
    found = re.search(r'name="drafted" value="([^"]*)"', client.get(url).content.decode())
    assert found is not None
    return unescape(found[1])


def role_form(client: Client, world: World, key: str, **change: Any) -> dict[str, Any]:
    """The form of a role as a browser would send it, with some fields changed; lines by their text."""
    role = world.role(key)
    lines = change.pop("lines", {})
    form: dict[str, Any] = {
        "drafted": drafted(client, role_url(world, key)), "name": role.name, "purpose": role.purpose,
        "reason": "The words were wrong",
    }  # fmt: skip
    for name, rows in (("accountabilities", role.accountabilities.all()), ("domains", role.domains.all())):
        new = lines.get("new", []) if name == "accountabilities" else []
        form[f"{name}-id"] = [row.id for row in rows] + [""] * len(new)
        form[f"{name}-text"] = [lines.get(row.text, row.text) for row in rows] + new
    return {**form, **change}


ADMIN_PAGES = (
    "/northwind/set-up/", "/northwind/set-up/people/", BASE, f"{BASE}{{role}}/", f"{BASE}{{role}}/add/",
    f"{BASE}{{role}}/move/", f"{BASE}{{role}}/remove/", f"{BASE}{{role}}/assign/", f"{BASE}{{role}}/policies/add/",
    f"{BASE}policies/{{policy}}/", f"{BASE}policies/{{policy}}/remove/", f"{BASE}assignments/{{assignment}}/end/",
    "/northwind/set-up/people/{person}/", "/northwind/set-up/people/{person}/partner/",
    "/northwind/set-up/people/{person}/leave/",
)  # fmt: skip


def test_the_admins_pages_are_the_admins(world: World, as_: As) -> None:
    policy = Policy.objects.filter(organization=world.organization).first()
    assignment = world.role("photo").assignments.get()
    assert policy is not None
    assert world.outsider is not None
    ines, maya, greta = as_(world.ines), as_(world.maya), as_(world.outsider)
    for page in ADMIN_PAGES:
        url = page.format(
            role=world.role("photo").ref, policy=policy.id, assignment=assignment.id, person=world.lea.ref
        )
        assert ines.get(url).status_code == 200, url
        for method in ("get", "post"):
            assert getattr(maya, method)(url).status_code == 404, url
            assert getattr(greta, method)(url).status_code == 404, url
            answer = getattr(Client(), method)(url)
            assert answer.status_code == 302, url
            assert answer.headers["location"].startswith("/accounts/login/"), url
    assert Decision.objects.filter(organization=world.organization).count() == 1


def test_nothing_of_another_organization_is_found(world: World, as_: As) -> None:
    assert world.outsider is not None
    greta = world.outsider
    foreign = Role.objects.get(organization=greta.organization, circle=None)
    policy = Policy.objects.filter(organization=greta.organization).first()
    assignment = Assignment.objects.filter(organization=greta.organization).get()
    assert policy is not None
    client = as_(world.ines)
    for url in (
        f"{BASE}{foreign.ref}/", f"{BASE}{foreign.ref}/add/", f"{BASE}{foreign.ref}/assign/", f"{BASE}nonsense/",
        f"{BASE}policies/{policy.id}/", f"{BASE}assignments/{assignment.id}/end/", f"{BASE}?circle={foreign.id}",
        f"/northwind/set-up/people/{greta.ref}/",
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    form = {"person": greta.id, "reason": "Theft"}
    assert client.post(role_url(world, "sizes", "assign/"), form).status_code == 422
    move = {"to": foreign.id, "was": world.role_ids["storefront"], "reason": "Theft"}
    assert client.post(role_url(world, "photo", "move/"), move).status_code == 422


def test_a_role_is_amended_line_by_line_on_the_record(world: World, as_: As) -> None:
    client = as_(world.ines)
    role = world.role("copywriter")
    first, second = role.accountabilities.all()
    form = role_form(
        client, world, "copywriter", purpose="Words that take people outside",
        lines={first.text: "", second.text: "Keeping the voice guide short", "new": ["Testing words with customers"]},
    )  # fmt: skip
    assert client.post(role_url(world, "copywriter"), form).status_code == 302
    decision = Decision.objects.get(organization=world.organization, number=2)
    assert (decision.authority, decision.actor_id) == (by.ADMIN, world.ines.id)
    assert decision.texts.get(kind="reason").text == "The words were wrong"
    role.refresh_from_db()
    assert role.purpose == "Words that take people outside"
    texts = {a.id: a.text for a in role.accountabilities.all()}
    assert texts.pop(second.id) == "Keeping the voice guide short"
    assert list(texts.values()) == ["Testing words with customers"]
    assert role.domains.get().text == "Voice guide"
    assert verify(world.organization).faults == []


def test_what_it_does_is_shown_before_it_is_done(world: World, as_: As) -> None:
    client = as_(world.ines)
    form = role_form(client, world, "copywriter", purpose="Words for wet days", reason="", preview="1")
    page = client.post(role_url(world, "copywriter"), form)
    assert page.status_code == 200
    assert "<ins>" in page.content.decode()
    fragment = client.post(
        role_url(world, "copywriter"), form, headers={"HX-Request": "true"}
    ).content.decode()
    assert "<ins>" in fragment
    assert "<html" not in fragment
    broken = client.post(
        role_url(world, "photo"), role_form(client, world, "photo", purpose="", preview="1"),
        headers={"HX-Request": "true"},
    ).content.decode()  # fmt: skip
    assert "§1.1" in broken
    assert Decision.objects.filter(organization=world.organization).count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": " "}, "Say why"), ({"purpose": "", "name": "Photo Desk"}, "§1.1"), ({"name": ""}, "needs a name"),
        ({"name": "y" * 200}, "at most 120"), ({"drafted": "not json"}, "damaged"), ({"drafted": "[]"}, "damaged"),
        ({"accountabilities-id": ["", ""], "accountabilities-text": ["x"]}, "damaged"),
        ({"accountabilities-id": ["bcdfghjkmn"], "accountabilities-text": ["x"]}, "damaged"),
        ({"accountabilities-id": [""], "accountabilities-text": ["z" * 2_000]}, "at most 1000"),
        ({"purpose": "Pictures that show how gear is used"}, "changes nothing"),
    ],
)  # fmt: skip
def test_a_bad_edit_says_why_and_keeps_what_was_typed(
    world: World, as_: As, change: dict[str, Any], says: str
) -> None:
    client = as_(world.ines)
    form = role_form(client, world, "photo", **{"purpose": "Pictures taken in the rain", **change})
    response = client.post(role_url(world, "photo"), form)
    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    if form["purpose"]:
        assert form["purpose"] in page
    assert Decision.objects.filter(organization=world.organization).count() == 1


def test_what_changed_meanwhile_is_shown_and_not_overwritten(world: World, as_: As) -> None:
    client = as_(world.ines)
    mine = role_form(client, world, "photo", purpose="Pictures that are mine")
    was = world.role("photo").purpose
    theirs = AmendRole(world.role_ids["photo"], None, Edit(was, "Pictures that are theirs"))
    set_up.edit_structure([theirs], actor=world.ines, reason="Earlier")
    response = client.post(role_url(world, "photo"), mine)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Pictures that are theirs" in page
    assert "Pictures that are mine" in page
    assert world.role("photo").purpose == "Pictures that are theirs"
    # Whoever has seen it may mean it: the form that came back can be sent
    found = re.search(r'name="drafted" value="([^"]*)"', page)
    assert found is not None
    assert client.post(role_url(world, "photo"), {**mine, "drafted": unescape(found[1])}).status_code == 302
    assert world.role("photo").purpose == "Pictures that are mine"


def test_a_role_is_added_once_however_often_it_is_sent(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = role_url(world, "copywriter", "add/")
    form = {
        "drafted": drafted(client, url), "name": "Translator", "purpose": "", "reason": "New markets",
        "accountabilities-id": ["", ""], "accountabilities-text": ["Translating stories", ""],
    }  # fmt: skip
    assert client.post(url, form).status_code == 302
    again = client.post(url, form)
    assert again.status_code == 422
    assert "added already" in again.content.decode()
    role = Role.objects.get(name="Translator")
    assert role.circle_id == world.role_ids["copywriter"]
    assert role.accountabilities.get().text == "Translating stories"
    assert Role.objects.filter(pk=derived_id(world.role_ids["copywriter"], CIRCLE_LEAD)).exists()
    assert verify(world.organization).faults == []
    nameonly = {**form, "drafted": drafted(client, url), "name": "Idler", "accountabilities-text": ["", ""]}
    assert "§1.1" in client.post(url, nameonly).content.decode()


def test_nothing_can_be_added_inside_an_elected_role(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = role_url(world, "storefront.facilitator", "add/")
    form = {"drafted": drafted(client, url), "name": "Helper", "purpose": "Help", "reason": "Trying"}
    assert "§1.3.1" in client.post(url, form).content.decode()


def test_people_are_assigned_elected_seats_included(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = role_url(world, "sizes", "assign/")
    shown = client.get(f"{url}?person={world.lea.id}").content.decode()
    assert "Lea Brandt" in shown
    assert 'data-diff="add"' in shown
    form = {"person": world.lea.id, "focus": "Trousers", "reason": "Nobody else"}
    assert client.post(url, form).status_code == 302
    assert client.post(url, form).status_code == 422
    assignment = world.role("sizes").assignments.get()
    assert (assignment.person, assignment.focus) == (world.lea, "Trousers")
    love = derived_id(world.role_ids["love"], FACILITATOR)
    url = f"{BASE}{Role.objects.get(pk=love).ref}/assign/"
    assert "§5.1" in client.post(url, {"person": world.otto.id, "reason": "Trying"}).content.decode()
    form = {"person": world.callum.id, "term_ends": "2027-03-31", "reason": "The election was before"}
    assert client.post(url, form).status_code == 302
    seat = Assignment.objects.get(role=love)
    assert (seat.person, str(seat.term_ends)) == (world.callum, "2027-03-31")
    assert client.post(f"{BASE}assignments/{seat.id}/end/", {"reason": "Enough"}).status_code == 302
    assert client.post(f"{BASE}assignments/{seat.id}/end/", {"reason": "Enough"}).status_code == 404
    assert verify(world.organization).faults == []


def test_circle_leads_are_not_assigned_to_the_circle_lead_role(world: World, as_: As) -> None:
    lead = Role.objects.get(pk=derived_id(world.role_ids["storefront"], CIRCLE_LEAD))
    client = as_(world.ines)
    assert client.get(f"{BASE}{lead.ref}/").status_code == 200
    assert client.get(f"{BASE}{lead.ref}/assign/").status_code == 404


def test_a_moving_role_says_where_its_domain_comes_from(world: World, as_: As) -> None:
    client = as_(world.ines)
    love, anchor = world.role_ids["love"], world.role_ids["anchor"]
    held = AddRole(new_id(), anchor, "Depot", "Everything in reach", (), (NewLine(new_id(), "Shelves"),))
    inside = NewLine(new_id(), "Top shelf", within=held.domains[0].id)
    kept = AddRole(new_id(), held.id, "Ladder", "Reaching up", (), (inside,))
    set_up.edit_structure([held, kept], actor=world.ines, reason="Growth")
    role = Role.objects.get(pk=kept.id)
    url = f"{BASE}{role.ref}/move/"
    sent = {"to": love, "was": held.id, "reason": "It serves there"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "§1.3.2" in refused.content.decode()
    assert client.post(url, {**sent, f"domain_{inside.id}": "internal"}).status_code == 302
    domain = Domain.objects.get(pk=inside.id)
    assert (domain.role.circle_id, domain.within_id, domain.internal) == (love, None, True)


def test_a_role_moves_and_can_be_removed(world: World, as_: As) -> None:
    client = as_(world.ines)
    love, storefront = world.role_ids["love"], world.role_ids["storefront"]
    url = role_url(world, "photo", "move/")
    page = client.get(f"{url}?to={love}").content.decode()
    assert "<ins>Customer Love</ins>" in page
    assert world.role("photo").circle_id == storefront
    assert client.post(url, {"to": love, "was": storefront, "reason": ""}).status_code == 422
    assert client.post(url, {"to": love, "was": storefront, "reason": "It serves support"}).status_code == 302
    assert world.role("photo").circle_id == love
    assert client.post(url, {"to": love, "was": storefront, "reason": "It serves support"}).status_code == 422
    inside_itself = {"to": world.role_ids["copywriter"], "was": world.role_ids["anchor"], "reason": "Trying"}
    assert client.post(role_url(world, "storefront", "move/"), inside_itself).status_code == 422
    assert world.role("storefront").circle_id == world.role_ids["anchor"]
    for key in ("anchor", "storefront.facilitator"):
        assert client.get(role_url(world, key, "move/")).status_code == 404
        assert client.post(role_url(world, key, "remove/"), {"reason": "Trying"}).status_code == 404
    assert client.post(role_url(world, "photo", "remove/"), {"reason": "No more pictures"}).status_code == 302
    assert not world.role("photo").present
    assert client.post(role_url(world, "photo", "remove/"), {"reason": "No more pictures"}).status_code == 404
    assert verify(world.organization).faults == []


def test_policies_come_change_and_go(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = role_url(world, "storefront", "policies/add/")
    form: dict[str, Any] = {
        "drafted": drafted(client, url), "title": "Quick answers", "body": "Silence is consent.", "kinds": ["default"],
        "effect": "time_limit", "effect-time_limit-working_days": "2", "inside": "on",
        "overridable": "on", "reason": "We are quick",
    }  # fmt: skip
    for bad, says in (
        ({"kinds": []}, "§5.2.1"), ({"effect-time_limit-working_days": "99"}, "60"),
        ({"effect": "anchor_circle_lead"}, "Only the anchor circle"),
        ({"title": ""}, "required"), ({"reason": ""}, "Say why"),
    ):  # fmt: skip
        response = client.post(url, {**form, **bad})
        assert response.status_code == 422
        assert says in response.content.decode()
    assert client.post(url, form).status_code == 302
    assert client.post(url, form).status_code == 422
    policy = Policy.objects.get(title="Quick answers")
    assert policy.effect == {"kind": "time_limit", "working_days": 2}
    url = f"{BASE}policies/{policy.id}/"
    change = {
        **form,
        "drafted": drafted(client, url),
        "effect": "",
        "effect-time_limit-working_days": "none",
        "body": "Answer soon.",
    }
    assert client.post(url, change).status_code == 302
    policy.refresh_from_db()
    assert (policy.body, policy.effect) == ("Answer soon.", None)
    stale = client.post(url, {**change, "body": "Answer today."})
    assert stale.status_code == 422
    assert "Answer today." in stale.content.decode()
    assert client.post(f"{url}remove/", {"reason": "No longer"}).status_code == 302
    assert client.get(url).status_code == 404
    assert verify(world.organization).faults == []


def test_the_anchors_purpose_may_be_defined_by_policy(world: World, as_: As) -> None:
    client = as_(world.ines)
    url = role_url(world, "anchor", "policies/add/")
    form = {
        "drafted": drafted(client, url), "title": "What we are for", "kinds": ["default"],
        "effect": "anchor_definition", "effect-anchor_definition-purpose": "Gear that lasts", "reason": "Asked for",
    }  # fmt: skip
    assert client.post(url, form).status_code == 302
    assert world.role("anchor").purpose == "Gear that lasts"


def test_during_set_up_no_reason_is_asked_and_nothing_is_decided(setting_up: World, as_: As) -> None:
    client = as_(setting_up.ines)
    page = client.get(role_url(setting_up, "sizes", "assign/")).content.decode()
    assert 'name="reason"' not in page
    assert (
        client.post(role_url(setting_up, "sizes", "assign/"), {"person": setting_up.lea.id}).status_code
        == 302
    )
    assert setting_up.role("sizes").assignments.get().person == setting_up.lea
    assert not Decision.objects.filter(organization=setting_up.organization).exists()
    assert Event.objects.filter(
        organization=setting_up.organization, kind="governance.set_up_edited"
    ).exists()


def test_the_tree_takes_as_many_queries_for_many_roles(world: World, as_: As) -> None:
    client = as_(world.ines)
    client.get(BASE)
    with CaptureQueriesContext(connection) as few:
        client.get(BASE)
    changes: list[AddRole | Assign] = []
    for circle in range(8):
        top = new_id()
        changes.append(AddRole(top, world.role_ids["anchor"], f"Branch {circle}", "Grow"))
        changes += [AddRole(new_id(), top, f"Leaf {circle}.{number}", "Grow") for number in range(40)]
        changes.append(Assign(new_id(), top, world.lea.id))
    set_up.edit_structure(changes, actor=world.ines, reason="Growing")
    with CaptureQueriesContext(connection) as many:
        page = client.get(BASE).content.decode()
    assert len(many) <= len(few) + 1
    # Too many to draw: what is left out is a link away
    assert "40 roles inside" in page
    branch = Role.objects.get(name="Branch 7")
    assert "Leaf 7.39" in client.get(f"{BASE}?circle={branch.id}").content.decode()


def test_the_tree_finds_people(world: World, as_: As) -> None:
    page = as_(world.ines).get(f"{BASE}?q=lea").content.decode()
    assert f'data-person="{world.lea.id}"' in page
    assert f'data-person="{world.maya.id}"' not in page


def test_drafted_is_what_stands(world: World, as_: As) -> None:
    role = world.role("copywriter")
    data = json.loads(drafted(as_(world.ines), role_url(world, "copywriter")))
    assert data["name"] == role.name
    assert data["accountabilities"] == {a.id: a.text for a in role.accountabilities.all()}
