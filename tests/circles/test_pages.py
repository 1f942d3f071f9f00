"""The pages of roles, circles and policies, as people of the organization see them, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from circles.models import Assignment, Policy, Role
from circles.structure import Structure
from governance import authority as by
from governance.actions import set_up
from governance.actions.proposals import propose, start_draft
from governance.authority import Authority
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendRole,
    Assign,
    Change,
    Edit,
    LineEdit,
    NewLine,
    RemoveRole,
    Unassign,
)
from governance.enactment import enact
from people.ids import derived_id, new_id
from people.models import Person
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, clause
from tests.world import World

pytestmark = pytest.mark.django_db

TABS = ("role", "roles", "policies", "members", "meetings", "history")
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def maya(client: Client, world: World) -> Client:
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    return client


def decide(world: World, *changes: Change, circle: str = "storefront", by_whom: Person | None = None) -> None:
    authority = Authority(by.PROPOSAL, actor=(by_whom or world.maya).id, circle=world.role_ids[circle])
    enact(world.organization, changes, authority=authority)


def repair(world: World, *changes: Change) -> None:
    set_up.edit_structure(changes, actor=world.ines, reason="Repair")


def address(view: str, thing: Role | Policy) -> str:
    return reverse(f"circles:{view}", args=["northwind", thing.ref])


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return " ".join(response.content.decode().split())


# -- a role ------------------------------------------------------------------------------------------------------


def test_a_role_shows_its_definition_who_fills_it_and_its_history(maya: Client, world: World) -> None:
    html = text_of(maya, address("role", world.role("copywriter")))
    for words in (
        "Copywriter &amp; Storyteller",
        "Words that make people want to go outside",
        "Keeping the voice guide current",
        "Voice guide",
        "Maya Lindqvist",
        "You lead this role",
        "Break it down",
        "Added with the first structure",
        "Time limit for answers",
    ):
        assert words in html, words
    assert "The anchor circle has a circle lead" not in html, "this policy stays in the anchor circle"
    new = reverse("governance:new_proposal", args=["northwind"])
    assert f'href="{new}?circle={world.role_ids["copywriter"]}"' in html, (
        "the first role inside, by its own circle"
    )
    assert (
        f'href="{new}?circle={world.role_ids["storefront"]}&amp;amends={world.role_ids["copywriter"]}"'
        in html
    )
    others = text_of(maya, address("role", world.role("merchandiser")))
    assert "Whoever leads this role decides for it" in others
    assert "Break it down" not in others


@clause("1.4.2", HAPPENS)
def test_an_unfilled_role_is_led_by_the_circle_leads(maya: Client, world: World) -> None:
    html = text_of(maya, address("role", world.role("sizes")))
    assert "the circle leads lead this role" in html
    assert "Ines Calloway" in html


@clause("1.4.2", HAPPENS)
def test_a_role_filled_by_somebody_who_is_no_partner_is_led_by_the_circle_leads_as_well(
    maya: Client, world: World
) -> None:
    html = text_of(maya, address("role", world.role("finance")))
    assert "not a partner" in html
    assert "No partner fills this role" in html


@clause("1.3.5a", HAPPENS)
def test_a_core_role_shows_what_the_constitution_fixes_and_what_was_added(maya: Client, world: World) -> None:
    decide(
        world,
        AmendRole(
            world.role_ids["storefront.facilitator"],
            accountabilities=(LineEdit("add", new_id(), new=NewLine(new_id(), "Welcoming new members")),),
        ),
    )
    html = text_of(maya, address("role", world.role("storefront.facilitator")))
    assert "Facilitating the Circle&#x27;s Governance Process" in html
    assert "CC BY-SA 4.0" in html
    assert html.index("Added here:") < html.index("Welcoming new members")
    assert "elected until" in html


def test_additions_to_a_circle_lead_role_show_in_the_circles_below(maya: Client, world: World) -> None:
    anchor = world.role_ids["anchor"]
    line = NewLine(new_id(), "Answering for the year’s budget")
    decide(
        world,
        AmendRole(derived_id(anchor, "circle_lead"), accountabilities=(LineEdit("add", line.id, new=line),)),
        circle="anchor",
    )
    below = Role.objects.get(pk=derived_id(world.role_ids["storefront"], "circle_lead"))
    html = text_of(maya, address("role", below))
    assert "Answering for the year’s budget" in html
    assert "People find the right gear the first time" in html, (
        "the circle’s purpose is the circle lead’s (§1.4)"
    )
    other = Role.objects.get(pk=derived_id(world.role_ids["storefront"], "secretary"))
    assert "budget" not in text_of(maya, address("role", other))


def test_an_empty_core_role_names_the_surrogate(maya: Client, world: World) -> None:
    storefront = world.role_ids["storefront"]
    kept = Structure.of(world.organization.id).fillers(derived_id(storefront, "facilitator"))[0]
    html = text_of(maya, address("role", world.role("storefront")))
    assert "surrogate" not in html
    repair(world, Unassign.of(kept))
    html = text_of(maya, address("role", world.role("storefront")))
    assert "The holder of the other role acts as surrogate" in html
    # Customer Love has elected nobody: its circle lead acts
    assert "The first circle lead to say so acts as surrogate" in text_of(
        maya, address("role", world.role("love"))
    )


def test_an_open_proposal_is_shown_where_it_would_change_something(maya: Client, world: World) -> None:
    photo = world.role("photo")
    edit = AmendRole(
        photo.pk, purpose=Edit("Pictures that show how gear is used", "Pictures that tell the truth")
    )
    draft = start_draft(
        world.role("storefront"), actor=world.priya, title="Honest pictures", role=world.role_ids["merchandiser"],
        tension="t", example="e", how_helped="h", changes=[edit.to_json()],
    )  # fmt: skip
    assert "Honest pictures" not in text_of(maya, address("role", photo)), "a draft is its proposer's alone"
    propose(draft, actor=world.priya)
    assert "Honest pictures" in text_of(maya, address("role", photo))
    assert "Honest pictures" not in text_of(maya, address("role", world.role("copywriter")))
    circle = text_of(maya, address("role", world.role("storefront")))
    assert "Honest pictures" in circle
    assert "Change proposed" in circle


def test_a_removed_role_keeps_its_page_clearly_marked(maya: Client, world: World) -> None:
    decide(world, RemoveRole(world.role_ids["copywriter"]))
    html = text_of(maya, address("role", world.role("copywriter")))
    assert "This role has been removed." in html
    assert "Decision 2 took it away" in html
    assert "Keeping the voice guide current" in html, "it is shown as it last stood"
    assert "Maya Lindqvist" in html
    assert "Propose a change" not in html
    assert "Remove role Copywriter" in text_of(maya, address("history", world.role("copywriter")))
    assert "Copywriter" not in text_of(maya, address("roles", world.role("storefront"))).split("</nav>")[-1]


def test_what_was_removed_with_a_circle_is_named(maya: Client, world: World) -> None:
    decide(world, RemoveRole(world.role_ids["love"]), circle="anchor")
    html = text_of(maya, address("role", world.role("love")))
    assert "Removed with it:" in html
    assert "Technical Support" in html
    assert "Removed with its circle" in text_of(maya, address("role", world.role("support")))


def test_an_old_name_leads_to_the_role_as_it_is_called_now(maya: Client, world: World) -> None:
    role = world.role("photo")
    old = address("role", role)
    decide(world, AmendRole(role.pk, name=Edit("Photo Desk", "Picture Desk")))
    response = maya.get(old + "?x=1")
    assert response.status_code == 301
    assert response["Location"] == f"/northwind/roles/picture-desk-{role.pk}/?x=1"
    assert response["Cache-Control"] == "no-cache", "the old name may come back"
    assert maya.get(f"/northwind/roles/{role.pk}/").status_code == 301


@clause("1.3.1a", HAPPENS)
def test_a_role_becomes_a_circle_at_the_same_address(maya: Client, world: World) -> None:
    role = world.role("copywriter")
    assert "Circle members" not in text_of(maya, address("role", role))
    assert maya.get(address("members", role)).status_code == 302, "there are no tabs before it is a circle"
    decide(world, AddRole(new_id(), role.pk, "Product Stories", "Stories worth telling"), circle="copywriter")
    html = text_of(maya, address("role", role))
    assert "Product Stories" in html
    assert "Circle members" in html
    assert maya.get(address("members", role)).status_code == 200


# -- a circle ----------------------------------------------------------------------------------------------------


def test_a_circle_shows_its_roles_core_roles_and_members(maya: Client, world: World) -> None:
    html = text_of(maya, address("role", world.role("storefront")))
    for words in (
        "Catalogue Steward",
        "unfilled, led by the circle leads",
        "Noor Haddad",
        "Circle members",
        "§5.1",
    ):
        assert words in html, words
    roles = text_of(maya, address("roles", world.role("storefront")))
    assert "Writing product and campaign copy" in roles
    assert "Domain: Voice guide" in roles


@clause("5.1", HAPPENS)
def test_every_member_is_shown_with_the_reason(maya: Client, world: World) -> None:
    html = text_of(maya, address("members", world.role("anchor")))
    maya_row = html[html.index(">Maya Lindqvist</a> <p") :]
    assert "rep of" in maya_row
    assert "Storefront" in maya_row
    assert "Otto Falk" not in html.split('id="main"')[1], "no partner, no member (§5.1)"
    storefront = text_of(maya, address("members", world.role("storefront")))
    assert "(nobody fills it)" in storefront, "Ines is a member by the unfilled role too (§1.4.2)"


def test_policies_of_circles_above_are_told_apart(maya: Client, world: World) -> None:
    decide(
        world,
        AddPolicy(
            new_id(), world.role_ids["storefront"], "No claims without a source", "Name it.", ("constraint",)
        ),
    )
    html = text_of(maya, address("policies", world.role("storefront")))
    own, above = html.split("From circles around it")
    assert "No claims without a source" in own
    assert "Time limit for answers" in above
    assert "The anchor circle has a circle lead" not in html


# -- a policy ----------------------------------------------------------------------------------------------------


def test_a_policy_shows_text_kind_effect_and_reach(maya: Client, world: World) -> None:
    policy = Policy.objects.get(organization=world.organization, title="Time limit for answers")
    html = text_of(maya, address("policy", policy))
    assert "Answers close after 3 working days" in html
    assert "Change of a default rule" in html
    assert "In its sub-circles, at any depth" in html
    assert "Storefront" in html


def test_a_policy_text_is_formatted_and_harmless(maya: Client, world: World) -> None:
    links = "[good](https://example.org) [bad](javascript:alert(1))"
    body = f"**Name** the source.\n\n- one\n- two\n\n{HOSTILE}\n\n{links}"
    policy_id = new_id()
    decide(world, AddPolicy(policy_id, world.role_ids["storefront"], HOSTILE, body, ("constraint",)))
    html = text_of(maya, address("policy", Policy.objects.get(pk=policy_id)))
    assert "<strong>Name</strong>" in html
    assert "<li>one</li>" in html
    assert "<script>alert" not in html
    assert 'href="https://example.org"' in html
    assert 'href="javascript' not in html


def test_a_removed_policy_keeps_its_page(maya: Client, world: World) -> None:
    from governance.changes import RemovePolicy

    policy_id = new_id()
    decide(
        world, AddPolicy(policy_id, world.role_ids["storefront"], "Ask first", "Ask before.", ("constraint",))
    )
    decide(world, RemovePolicy(policy_id))
    html = text_of(maya, address("policy", Policy.objects.get(pk=policy_id)))
    assert "has been removed and binds nobody" in html
    assert "Decision 3" in html


# -- filling roles -----------------------------------------------------------------------------------------------


@clause("1.4.1a", ALLOWS)
@clause("1.4.1c", HAPPENS)
def test_a_circle_lead_assigns_with_a_focus_and_others_are_refused(client: Client, world: World) -> None:
    url = address("assign", world.role("sizes"))
    sent = {"person": world.lea.pk, "focus": "Boots"}
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    refused = client.post(url, sent)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "Only a circle lead of Storefront assigns its roles" in html
    assert "1.4.1" in html
    assert 'value="Boots"' in html, "what was typed stays"
    assert not Assignment.objects.filter(person=world.lea).exists()
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    assert client.post(url, sent).status_code == 302
    assert Assignment.objects.get(person=world.lea).focus == "Boots"
    again = client.post(url, sent)
    assert again.status_code == 422
    assert "fills the role already" in again.content.decode()


def test_who_makes_the_rep_a_circle_lead_is_told_that_the_rep_seat_ends(client: Client, world: World) -> None:
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    url = address("assign", world.role("storefront"))
    told = [
        client.post(url, {"person": person.pk}, follow=True).content.decode()
        for person in (world.samira, world.maya)
    ]
    assert "Samira Osei fills Storefront now." in told[0]
    assert "Maya Lindqvist fills Storefront now, and is its circle rep no longer" in told[1]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose who is to fill the role."),
        ({"person": "nobody2345"}, "Choose one from the list."),
        ({"person": "outsider"}, "Choose one from the list."),
        ({"person": "lea", "focus": "x" * 201}, "at most 200"),
    ],
)
def test_a_bad_assignment_says_what_is_wrong(
    client: Client, world: World, sent: dict[str, str], said: str
) -> None:
    assert world.outsider is not None
    people = {"outsider": world.outsider.pk, "lea": world.lea.pk}
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    response = client.post(
        address("assign", world.role("sizes")),
        sent | {"person": people.get(sent.get("person", ""), sent.get("person", ""))},
    )
    assert response.status_code == 422
    assert said in response.content.decode()


@clause("1.4.1b", HAPPENS)
def test_a_circle_lead_ends_an_assignment_and_everybody_resigns_for_themselves(
    client: Client, world: World
) -> None:
    maya_in = Assignment.objects.get(person=world.maya, role=world.role_ids["copywriter"])
    priya_in = Assignment.objects.get(person=world.priya, role=world.role_ids["merchandiser"])
    end, resign = (reverse(f"circles:{v}", args=["northwind", priya_in.pk]) for v in ("unassign", "resign"))
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    assert client.get(end).status_code == 200, "it asks first"
    assert client.post(end).status_code == 422
    assert client.post(resign).status_code == 422
    assert Assignment.objects.filter(pk=priya_in.pk).exists()
    own = reverse("circles:resign", args=["northwind", maya_in.pk])
    assert client.get(own).status_code == 200
    assert client.post(own).status_code == 302
    assert not Assignment.objects.filter(pk=maya_in.pk).exists()
    assert client.post(own).status_code == 404, "it has ended already"
    client.force_login(world.ines.account)  # type: ignore[arg-type]
    assert client.post(end).status_code == 302
    assert not Assignment.objects.filter(pk=priya_in.pk).exists()


# -- who may, and what is escaped --------------------------------------------------------------------------------


def every_address(world: World) -> list[str]:
    policy = Policy.objects.filter(organization=world.organization).first()
    assert policy is not None
    assignment = Assignment.objects.filter(organization=world.organization).first()
    assert assignment is not None
    return [
        *(address(tab, world.role("storefront")) for tab in TABS),
        address("role", world.role("copywriter")),
        address("assign", world.role("copywriter")),
        address("policy", policy),
        reverse("circles:unassign", args=["northwind", assignment.pk]),
        reverse("circles:resign", args=["northwind", assignment.pk]),
    ]


def test_outsiders_learn_nothing_and_strangers_are_asked_to_sign_in(client: Client, world: World) -> None:
    urls = every_address(world)
    for url in urls:
        response = client.get(url)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/"), url
    assert world.outsider is not None
    client.force_login(world.outsider.account)  # type: ignore[arg-type]
    for url in urls:
        assert client.get(url).status_code == 404, url
        assert client.get(url.replace("/northwind/", "/meltwater/")).status_code == 404, url
        assert client.post(url.replace("/northwind/", "/meltwater/")).status_code in (404, 405), url


def test_hostile_names_are_shown_as_what_they_are(maya: Client, world: World) -> None:
    role_id = new_id()
    decide(
        world,
        AddRole(
            role_id,
            world.role_ids["storefront"],
            HOSTILE,
            HOSTILE,
            (NewLine(new_id(), HOSTILE),),
            (NewLine(new_id(), HOSTILE, internal=True),),
        ),
    )
    repair(world, Assign(new_id(), role_id, world.priya.id, HOSTILE))
    role = Role.objects.get(pk=role_id)
    assert role.ref == f"scriptalertxscript-{role_id}"
    for url in (
        address("role", role),
        address("history", role),
        *(address(tab, world.role("storefront")) for tab in TABS),
    ):
        assert "<script>alert" not in maya.get(url).content.decode(), url
    assert "&lt;script&gt;" in text_of(maya, address("role", role))
