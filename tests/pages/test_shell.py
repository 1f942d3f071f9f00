"""The sidebar: one's circles and roles, and how much it costs to show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import Structure
from governance.actions import proposals, rulings, set_up
from governance.actions.linking import link_role
from governance.changes import AddPolicy, Assign
from governance.facilitation import acting
from pages.context import shell as shell_context
from pages.shell import Branch, Shell
from people.ids import new_id
from people.models import Person
from tests import world as worlds
from tests.constitution.clause import HAPPENS, clause

pytestmark = pytest.mark.django_db

Queries = Callable[[int], Any]


@pytest.fixture
def world() -> worlds.World:
    return worlds.build()


def shell_of(person: Person) -> Shell:
    return Shell(RequestFactory().get("/"), person.organization, person)


def tree(branches: list[Branch]) -> dict[str, Any]:
    return {branch.circle.shown_name: tree(branch.inside) for branch in branches}


def test_circles_stand_under_the_one_that_holds_them(world: worlds.World) -> None:
    # Maya fills roles in both circles, and as Storefront's rep she belongs to the anchor circle (§5.1.1).
    expected: dict[str, Any] = {"Northwind Outfitters": {"Customer Love": {}, "Storefront": {}}}
    assert tree(shell_of(world.maya).circles) == expected
    # Callum fills a role in one circle; Hana fills that circle, leads it, and so belongs to both (§1.4).
    assert tree(shell_of(world.callum).circles) == {"Customer Love": {}}
    assert tree(shell_of(world.hana).circles) == {"Northwind Outfitters": {"Customer Love": {}}}
    assert tree(shell_of(world.lea).circles) == {}


def test_a_role_that_links_into_a_circle_brings_it_along(world: worlds.World) -> None:
    love, photo = world.role_ids["love"], world.role_ids["photo"]
    invite = AddPolicy(
        new_id(), love, "Pictures", "Come in", ("grant",), {"kind": "invite_link", "role": photo}
    )
    set_up.edit_structure([invite], actor=world.ines, reason="Closer")
    link_role(world.role("photo"), world.role("love"), actor=world.samira)
    assert tree(shell_of(world.samira).circles) == {"Customer Love": {}, "Storefront": {}}


@clause("1.4.1c", HAPPENS)
def test_roles_are_listed_by_focus_and_elected_ones_with_their_circle(world: worlds.World) -> None:
    copywriter = world.role_ids["copywriter"]
    set_up.edit_structure(
        [Assign(new_id(), copywriter, world.maya.id, "Campaigns")], actor=world.ines, reason="More hands"
    )
    shell = shell_of(world.maya)
    assert [(seat.words, seat.focus) for seat in shell.roles] == [
        ("Circle Rep, Storefront", ""),
        ("Copywriter & Storyteller", ""),
        ("Copywriter & Storyteller", "Campaigns"),
        ("Help Centre Author", ""),
    ]
    assert [seat.words for seat in shell.capture_roles].count("Copywriter & Storyteller") == 1


def test_only_admins_see_set_up(world: worlds.World) -> None:
    def keys(person: Person) -> set[str]:
        shell = shell_of(person)
        shell.address = lambda view: f"/{view}/"  # type: ignore[method-assign]
        return {place["key"] for place in shell.places}

    assert "setup" in keys(world.ines)
    assert "setup" not in keys(world.maya)
    assert keys(world.ines) - {"setup"} == keys(world.maya)


def test_a_test_to_make_and_a_ruling_to_give_are_counted(world: worlds.World) -> None:
    change = {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
    }
    circle = world.role("storefront")
    why: dict[str, Any] = {
        "tension": "Late briefs",
        "example": "The tent",
        "how_helped": "I would have known",
    }
    draft = proposals.start_draft(circle, actor=world.samira, title="Briefs", **why, changes=[change])
    proposal = proposals.propose(draft, actor=world.samira)
    objection = proposals.object_to(
        proposal,
        actor=world.priya,
        text_version=proposal.text_version,
        role=world.role_ids["merchandiser"],
        concern="No samples",
        criteria=dict.fromkeys("abcd", "an argument"),
        rule="",
    )
    structure = Structure.of(world.organization.id)
    (facilitator,) = acting(structure, circle.id, FACILITATOR).people
    (secretary,) = acting(structure, circle.id, SECRETARY).people
    tests, rules = Person.objects.get(pk=facilitator), Person.objects.get(pk=secretary)
    before = shell_of(tests).awaiting
    proposals.ask_for_test(objection, actor=world.maya)
    assert shell_of(tests).awaiting == before + 1
    before = shell_of(rules).awaiting
    rulings.ask(circle, actor=world.maya, question="Who speaks for whom?")
    assert shell_of(rules).awaiting == before + 1


def test_nothing_is_read_before_it_is_shown(world: worlds.World, django_assert_num_queries: Queries) -> None:
    request = RequestFactory().get("/")
    request.organization, request.person = world.organization, world.maya  # type: ignore[attr-defined]
    with django_assert_num_queries(0):
        assert "shell" in shell_context(request)
    assert shell_context(RequestFactory().get("/")) == {}


def test_sidebar_takes_as_many_queries_with_many_roles_as_with_few(world: worlds.World) -> None:
    def render() -> tuple[str, int]:
        request = RequestFactory().get("/")
        request.organization, request.person = world.organization, world.maya  # type: ignore[attr-defined]
        with CaptureQueriesContext(connection) as queries:
            html = render_to_string("components/side.html", shell_context(request), request=request)
        return html, len(queries)

    few, queries_for_few = render()
    changes = [Assign(new_id(), world.role_ids["sizes"], world.maya.id, f"Focus {n}") for n in range(12)]
    set_up.edit_structure(changes, actor=world.ines, reason="A lot of sizes")
    many, queries_for_many = render()
    assert "Focus 11" not in few
    assert "Focus 11" in many
    assert "5 more" in many
    assert queries_for_few == queries_for_many <= 5
