"""How pages read: widely, once, and not what there is none of."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from circles.constitution import CIRCLE_REP
from circles.queries import people_named
from circles.sources import once, remembering
from circles.structure import AccountabilityRow, LinkRow, RoleRow, RouteRow, Structure
from governance.actions.representation import let_represent
from governance.authority import PROPOSAL, Authority
from governance.changes import AmendRole, Edit
from governance.enactment import try_changes
from governance.models import Permission, StandIn
from governance.under_way import may_be_in, may_have
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def cost(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


@pytest.mark.parametrize("remembered", [False, True])
def test_what_there_is_none_of_is_ruled_out_at_once(world: World, remembered: bool) -> None:
    role = world.role_ids["copywriter"]

    def asked() -> tuple[list[Any], list[Any], list[Any]]:
        structure = Structure.of(world.organization.pk)
        questions = ((LinkRow, "role", [role]), (RouteRow, "to", [role]), (AccountabilityRow, "role", [role]))
        assert cost(lambda: structure.rule_out(*questions)) == 1
        assert cost(lambda: structure.rule_out(*questions)) == 0
        with CaptureQueriesContext(connection) as captured:
            found = tuple(structure.find(*question) for question in questions)
        assert len(captured) == 1
        return found  # type: ignore[return-value]

    if remembered:
        with remembering():
            links, routes, lines = asked()
    else:
        links, routes, lines = asked()
    assert links == routes == []
    assert [line.text for line in lines] != []


def test_what_lies_inside_tells_circles_and_reps_without_asking_again(world: World) -> None:
    inside = [world.role_ids[key] for key in ("storefront", "love", "finance")]
    asking, reading = (Structure.of(world.organization.pk) for _ in range(2))
    reading.find(RoleRow, "circle", inside)
    reps = asking.of_kind(CIRCLE_REP, inside)
    assert len(reps) == 2  # Finance is no circle
    assert cost(lambda: reading.circles_among(inside)) == 0
    assert cost(lambda: reading.of_kind(CIRCLE_REP, inside)) == 0
    assert reading.circles_among(inside) == asking.circles_among(inside) == set(inside[:2])
    assert reading.of_kind(CIRCLE_REP, inside) == reps


def test_a_request_that_reads_asks_once(world: World) -> None:
    asked: list[int] = []

    def read() -> int:
        asked.append(1)
        return len(asked)

    assert [once("this", read), once("this", read)] == [1, 2]
    with remembering():
        assert [once("this", read), once("this", read)] == [3, 3]
        people = [world.maya.pk, world.noor.pk]
        assert cost(lambda: people_named(world.organization, people)) == 1
        assert cost(lambda: people_named(world.organization, [*people, "nobody-there"])) == 1
        assert people_named(world.organization, [*people, "nobody-there"]).keys() == set(people)
    assert once("this", read) == 4


def test_a_page_asks_at_once_for_all_that_there_mostly_is_none_of(world: World) -> None:
    organization = world.organization
    with remembering():
        assert cost(lambda: may_have(organization.pk, Permission)) == 1
        assert cost(lambda: may_have(organization.pk, StandIn)) == 0
        assert not may_have(organization.pk, Permission)
        assert not may_be_in(Structure.of(organization.pk), Permission)
    let_represent(world.role("checkout"), world.priya, actor=world.noor)
    with remembering():
        assert may_have(organization.pk, Permission)
        assert may_be_in(Structure.of(organization.pk), Permission)
        assert not may_have(organization.pk, StandIn)
        assert world.outsider is not None
        assert not may_have(world.outsider.organization_id, Permission)
    # Where something is being done there is no asking ahead
    assert cost(lambda: may_have(organization.pk, StandIn)) == 0
    assert may_have(organization.pk, StandIn)


def test_many_changes_are_tried_with_as_many_queries_as_some(world: World) -> None:
    def tried(*keys: str) -> int:
        roles = [world.role(key) for key in keys]
        changes = [AmendRole(r.pk, None, Edit(r.purpose, f"{r.purpose}, and more")) for r in roles]
        authority = Authority(PROPOSAL, actor=world.maya.pk, circle=world.role_ids["storefront"])
        with CaptureQueriesContext(connection) as captured:
            assert try_changes(Structure.of(world.organization.pk), changes, authority).ok
        return len(captured)

    few = tried("copywriter", "merchandiser", "photo")
    assert tried("copywriter", "merchandiser", "photo", "checkout", "catalogue", "sizes") == few <= 8
