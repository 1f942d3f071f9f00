"""Moving a role to another circle: identity stays, constitutional roles follow, and it can be undone."""

import pytest

from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, FACILITATOR
from circles.models import Role
from circles.structure import TABLES, Structure
from governance import authority as by
from governance.actions import set_up
from governance.authority import Authority
from governance.changes import AddRole, AmendRole, Assign, LineEdit, MoveRole, NewLine, parse_change
from governance.diffs import describe
from governance.enactment import Enacted, enact
from governance.names import NameBook
from governance.record import verify
from people.ids import derived_id, new_id
from people.refusals import Conflict, Refused, RuleBroken
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def move(world: World, role: str, circle: str, was: str) -> MoveRole:
    ids = world.role_ids
    return MoveRole(ids.get(role, role), ids.get(circle, circle), ids.get(was, was))


def carry(world: World, *changes: MoveRole | AddRole | Assign | AmendRole) -> Enacted:
    return set_up.edit_structure(changes, actor=world.ines, reason="It belongs there")


def snapshot(world: World) -> dict[str, list[str]]:
    structure = Structure.of(world.organization.id)
    return {name: sorted(map(repr, structure.all(t.row))) for name, t in TABLES.items()}


def test_a_role_moves_with_its_definition_and_fillers(world: World) -> None:
    change = move(world, "photo", "love", "storefront")
    enacted = carry(world, change)
    photo = world.role("photo")
    assert photo.circle_id == world.role_ids["love"]
    assert [a.person_id for a in photo.assignments.all()] == [world.samira.id]
    structure = Structure.of(world.organization.id)
    assert world.samira.id in structure.members(world.role_ids["love"])
    assert world.samira.id not in structure.members(world.role_ids["storefront"])
    assert enacted.decision is not None
    assert enacted.decision.authority == by.ADMIN
    names = NameBook(world.organization)
    (diff,) = describe(enacted.decision.rows, names)
    fields = [(f["label"], f["before"], f["after"]) for f in diff.fields]
    assert fields == [("Circle", "Storefront", "Customer Love")]
    assert change.sentence(names) == "Move role Photo Desk from Storefront to Customer Love"
    assert parse_change(change.to_json()) == change
    assert verify(world.organization).faults == []


def test_moving_into_a_role_makes_it_a_circle_and_moving_out_unmakes_it(world: World) -> None:
    carry(world, move(world, "photo", "copywriter", "storefront"))
    copywriter = world.role_ids["copywriter"]
    assert Structure.of(world.organization.id).is_circle(copywriter)
    assert Role.objects.get(pk=derived_id(copywriter, CIRCLE_LEAD)).present
    # The circle gets a facilitator and something of its own on top: both come back with the inverse
    facilitator = derived_id(copywriter, FACILITATOR)
    line = NewLine(new_id(), "Keeping the kettle on")
    carry(
        world, Assign(new_id(), facilitator, world.samira.id),
        Assign(new_id(), derived_id(copywriter, CIRCLE_REP), world.samira.id),
        AmendRole(facilitator, None, None, (LineEdit("add", line.id, new=line),)),
    )  # fmt: skip
    before, rows = Structure.of(world.organization.id), snapshot(world)
    back = move(world, "photo", "storefront", "copywriter")
    undo = back.inverse(before)
    carry(world, back)
    assert not Structure.of(world.organization.id).is_circle(copywriter)
    assert not Role.objects.get(pk=facilitator).present
    carry(world, *undo)  # type: ignore[arg-type]
    assert snapshot(world) == rows
    assert verify(world.organization).faults == []


def test_an_unfilled_role_is_led_by_its_new_circle_and_its_rep_may_not_be(world: World) -> None:
    # Sizes is unfilled; Priya works inside it and is its rep. Moved into the role she fills, she leads it.
    ids = world.role_ids
    carry(
        world, AddRole(ids.setdefault("table", new_id()), ids["sizes"], "Size Table", "Every size measured"),
        Assign(new_id(), ids["table"], world.priya.id),
        Assign(new_id(), derived_id(ids["sizes"], CIRCLE_REP), world.priya.id),
    )  # fmt: skip
    before, rows = Structure.of(world.organization.id), snapshot(world)
    change = move(world, "sizes", "merchandiser", "storefront")
    undo = change.inverse(before)
    carry(world, change)
    structure = Structure.of(world.organization.id)
    assert structure.circle_leads(ids["sizes"]) == {world.priya.id}
    assert not structure.fillers(derived_id(ids["sizes"], CIRCLE_REP))
    carry(world, *undo)  # type: ignore[arg-type]
    assert snapshot(world) == rows
    assert verify(world.organization).faults == []


@pytest.mark.parametrize(
    ("role", "circle", "was", "clause"),
    [
        ("anchor", "storefront", "storefront", "1.3.3"),
        ("storefront", "storefront", "anchor", "1.3"),
        ("storefront", "copywriter", "anchor", "1.3"),
        ("storefront.facilitator", "love", "storefront", "1.3.5"),
        ("storefront.circle_rep", "love", "storefront", "5.1.1"),
        ("photo", "storefront.secretary", "storefront", "1.3.1"),
    ],
)
def test_what_cannot_be_moved(world: World, role: str, circle: str, was: str, clause: str) -> None:
    rows = snapshot(world)
    with pytest.raises(RuleBroken) as refusal:
        carry(world, move(world, role, circle, was))
    assert refusal.value.clause == clause
    assert snapshot(world) == rows


def test_a_role_moved_meanwhile_or_gone_conflicts(world: World) -> None:
    carry(world, move(world, "photo", "love", "storefront"))
    with pytest.raises(Conflict) as refusal:
        carry(world, move(world, "photo", "finance", "storefront"))
    assert (refusal.value.drafted_from, refusal.value.drafted, refusal.value.now) == (
        "Storefront", "Finance", "Customer Love",
    )  # fmt: skip
    with pytest.raises(Conflict):
        carry(world, move(world, "photo", "love", "storefront"))
    with pytest.raises(Conflict):
        carry(world, move(world, new_id(), "love", "storefront"))
    assert world.outsider is not None
    foreign = Role.objects.get(organization=world.outsider.organization, circle=None)
    with pytest.raises(Conflict):
        carry(world, move(world, "photo", foreign.id, "love"))


def test_a_proposal_does_not_carry_a_move(world: World) -> None:
    with pytest.raises(Refused):
        enact(
            world.organization, [move(world, "photo", "love", "storefront")],
            authority=Authority(by.PROPOSAL, actor=world.maya.id, circle=world.role_ids["storefront"]),
        )  # fmt: skip
