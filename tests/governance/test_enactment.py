import pytest

from circles.models import Role
from circles.structure import Structure
from governance import authority as by
from governance.actions import set_up
from governance.actions.assignments import assign_role, resign, unassign_role
from governance.authority import Authority
from governance.changes import AddRole, AmendRole, Assign, Depart, Edit, LineEdit, RemoveRole, parse_change
from governance.enactment import enact, preview
from governance.models import Decision, RowVersion
from governance.record import verify
from people.ids import new_id
from people.models import Person
from people.refusals import Conflict, Malformed, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.guard import behind_the_record
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def verifies(world: World) -> bool:
    result = verify(world.organization)
    assert result.faults == []
    return True


def proposal_in(world: World, circle: str) -> Authority:
    return Authority(by.PROPOSAL, actor=world.maya.id, circle=world.role_ids[circle])


def test_adoption_is_one_ratifying_decision_that_verifies(world: World) -> None:
    decision = Decision.objects.get(organization=world.organization)
    assert (decision.number, decision.authority) == (1, by.RATIFIERS)
    assert verifies(world)
    with pytest.raises(Refused):
        set_up.declare_adoption(actor=world.ines)


@clause("5.1", HAPPENS)
@clause("1.4.2", HAPPENS)
def test_members_follow_from_roles(world: World) -> None:
    structure = Structure.of(world.organization.id)
    names = {p.id: key for key, p in world.people.items()}
    storefront = {names[i] for i in structure.members(world.role_ids["storefront"])}
    assert storefront == {"ines", "maya", "priya", "samira", "noor", "tobias"}
    # Maya sits in the anchor circle as rep; Otto, no partner, fills Finance and is no member
    assert {names[i] for i in structure.members(world.role_ids["anchor"])} == {"ines", "hana", "maya"}
    assert structure.role_leads(world.role_ids["finance"]) == {world.otto.id, world.ines.id}
    assert structure.role_leads(world.role_ids["sizes"]) == {world.ines.id}


def test_a_role_is_amended_line_by_line(world: World) -> None:
    role = world.role("copywriter")
    first, second = role.accountabilities.all()
    change = AmendRole(
        role.id,
        None,
        Edit(role.purpose, "Words that take people outside"),
        (
            LineEdit("amend", second.id, second.text, "Keeping the voice guide short and current"),
            LineEdit("remove", first.id, first.text),
        ),
    )
    back = change.inverse(Structure.of(world.organization.id))
    enacted = enact(world.organization, [change], authority=proposal_in(world, "storefront"))
    assert enacted.decision is not None
    assert enacted.decision.number == 2
    assert [(a.id, a.text) for a in role.accountabilities.all()] == [
        (second.id, "Keeping the voice guide short and current")
    ]
    enact(world.organization, back, authority=proposal_in(world, "storefront"))
    assert [(a.id, a.text) for a in role.accountabilities.all()] == [
        (first.id, first.text),
        (second.id, second.text),
    ]
    assert verifies(world)


def test_what_was_drafted_against_something_else_conflicts(world: World) -> None:
    role = world.role("copywriter")
    mine = AmendRole(role.id, None, Edit(role.purpose, "Mine"))
    theirs = AmendRole(role.id, None, Edit(role.purpose, "Theirs"))
    enact(world.organization, [theirs], authority=proposal_in(world, "storefront"))
    with pytest.raises(Conflict) as refusal:
        enact(world.organization, [mine], authority=proposal_in(world, "storefront"))
    assert (refusal.value.drafted_from, refusal.value.drafted, refusal.value.now) == (
        role.purpose,
        "Mine",
        "Theirs",
    )
    assert verifies(world)


def test_a_refused_list_leaves_no_trace(world: World) -> None:
    good = AddRole(
        new_id(),
        world.role_ids["storefront"],
        "Reviews Listener",
        "What customers write changes what we make",
    )
    bad = AddRole(new_id(), world.role_ids["storefront"], "Nothing but a name")
    with pytest.raises(RuleBroken, match=r"§1\.1 "):
        enact(world.organization, [good, bad], authority=proposal_in(world, "storefront"))
    assert not Role.objects.filter(pk=good.id).exists()
    assert Decision.objects.filter(organization=world.organization).count() == 1
    assert verifies(world)


@pytest.mark.parametrize("name", ["Photo Desk", "photo desk", "Facilitator"])
def test_two_roles_of_a_circle_are_told_apart_by_their_names(world: World, name: str) -> None:
    again = AddRole(new_id(), world.role_ids["storefront"], name, "Once more")
    with pytest.raises(Refused, match="Choose another name"):
        enact(world.organization, [again], authority=proposal_in(world, "storefront"))
    renamed = AmendRole(world.role_ids["sizes"], Edit("Size & Fit Guide", name))
    with pytest.raises(Refused, match="Choose another name"):
        enact(world.organization, [renamed], authority=proposal_in(world, "storefront"))
    if name != "Facilitator":
        elsewhere = AddRole(new_id(), world.role_ids["love"], name, "For another circle")
        enact(world.organization, [elsewhere], authority=proposal_in(world, "love"))


@clause("5.2s", REFUSES)
def test_another_circle_is_out_of_reach(world: World) -> None:
    change = AmendRole(world.role_ids["support"], None, Edit("Gear works again the same day", "x"))
    with pytest.raises(RuleBroken, match=r"§5\.2 "):
        enact(world.organization, [change], authority=proposal_in(world, "storefront"))


def test_a_preview_shows_what_adoption_does(world: World) -> None:
    change = AddRole(new_id(), world.role_ids["copywriter"], "Translator", "Every story in every language")
    shown = preview(world.organization, [change], authority=proposal_in(world, "copywriter"))
    assert shown.ok
    assert not Role.objects.filter(pk=change.id).exists()
    done = enact(world.organization, [change], authority=proposal_in(world, "copywriter"))
    assert list(done.row_changes) == shown.row_changes
    assert Structure.of(world.organization.id).is_circle(world.role_ids["copywriter"])
    assert verifies(world)


@clause("1.3.1a", HAPPENS)
def test_the_last_role_inside_takes_the_circle_with_it_and_identity_survives(world: World) -> None:
    inner = AddRole(new_id(), world.role_ids["copywriter"], "Translator", "Every story in every language")
    authority = proposal_in(world, "copywriter")
    enact(world.organization, [inner], authority=authority)
    before = Structure.of(world.organization.id)
    remove = RemoveRole(inner.id)
    back = remove.inverse(before)
    enact(world.organization, [remove], authority=authority)
    assert not Structure.of(world.organization.id).is_circle(world.role_ids["copywriter"])
    assert Role.objects.filter(pk=inner.id).exists()
    assert not Role.objects.present().filter(pk=inner.id).exists()
    enact(world.organization, list(back), authority=authority)
    assert Role.objects.present().filter(pk=inner.id).exists()
    assert Structure.of(world.organization.id).is_circle(world.role_ids["copywriter"])
    assert verifies(world)


def test_removing_a_circle_and_its_inverse_are_nothing(world: World) -> None:
    before = Structure.of(world.organization.id)
    rows = {t: sorted(map(repr, before.all(t))) for t in _row_types()}
    remove = RemoveRole(world.role_ids["storefront"])
    back = remove.inverse(before)
    admin = Authority(by.ADMIN, actor=world.ines.id, texts={"reason": "trying"})
    enact(world.organization, [remove], authority=admin)
    assert not Structure.of(world.organization.id).members(world.role_ids["storefront"])
    enact(world.organization, list(back), authority=admin)
    after = Structure.of(world.organization.id)
    assert {t: sorted(map(repr, after.all(t))) for t in _row_types()} == rows
    assert verifies(world)


def _row_types() -> list:  # type: ignore[type-arg]
    from circles.structure import TABLES

    return [t.row for t in TABLES.values()]


@clause("1.4.1a", REFUSES)
@clause("1.4.1a", ALLOWS)
@clause("1.4.1b", HAPPENS)
def test_only_the_circle_lead_assigns(world: World) -> None:
    with pytest.raises(RuleBroken, match=r"§1\.4\.1"):
        assign_role(world.role("sizes"), world.lea, actor=world.maya)
    assign_role(world.role("sizes"), world.lea, actor=world.ines, focus="Trousers")
    assignment = world.role("sizes").assignments.get()
    with pytest.raises(RuleBroken, match=r"§1\.4\.1"):
        resign(assignment, actor=world.maya)
    resign(assignment, actor=world.lea)
    with pytest.raises(Conflict):
        unassign_role(assignment, actor=world.ines)
    assert verifies(world)


@clause("5.1.2a", REFUSES)
def test_elected_seats_are_not_assigned(world: World) -> None:
    facilitator = world.role("storefront.facilitator")
    with pytest.raises(RuleBroken, match=r"§5\.1\.2"):
        assign_role(facilitator, world.lea, actor=world.ines)
    with pytest.raises(RuleBroken, match=r"§5\.1\.2"):
        unassign_role(facilitator.assignments.get(), actor=world.ines)
    with pytest.raises(RuleBroken, match=r"§5\.1\.1"):
        assign_role(world.role("storefront.circle_rep"), world.lea, actor=world.ines)


@clause("5.1.1a", HAPPENS)
def test_becoming_circle_lead_ends_the_rep_seat(world: World) -> None:
    assign_role(world.role("storefront"), world.maya, actor=world.ines)
    assert not world.role("storefront.circle_rep").assignments.exists()
    assert verifies(world)


def test_who_leaves_leaves_everything(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_up.let_leave(world.priya, actor=world.maya, reason="no")
    with pytest.raises(Refused):
        set_up.let_leave(world.ines, actor=world.ines, reason="last admin")
    set_up.let_leave(world.maya, actor=world.ines, reason="Moves to another town")
    assert not Person.objects.present().filter(pk=world.maya.pk).exists()
    assert not world.role("copywriter").assignments.exists()
    assert verifies(world)
    version = RowVersion.objects.get(table="person", row=world.maya.id)
    assert version.until == 2


def test_an_admins_edit_says_why(world: World) -> None:
    change = Depart(world.lea.id)
    with pytest.raises(Malformed):
        set_up.edit_structure([change], actor=world.ines, reason=" ")
    with pytest.raises(NotAllowed):
        set_up.edit_structure([change], actor=world.maya, reason="why not")


def test_the_anchor_defines_itself_by_policy(world: World) -> None:
    anchor = world.role("anchor")
    with pytest.raises(RuleBroken, match=r"§1\.3\.3"):
        enact(
            world.organization,
            [AmendRole(anchor.id, None, Edit(anchor.purpose, "x"))],
            authority=proposal_in(world, "anchor"),
        )
    with pytest.raises(RuleBroken, match=r"§1\.3\.3"):
        enact(world.organization, [RemoveRole(anchor.id)], authority=proposal_in(world, "anchor"))
    policy = parse_change(
        {
            "kind": "add_policy",
            "circle": anchor.id,
            "title": "Our purpose",
            "kinds": ["default"],
            "effect": {"kind": "anchor_definition", "purpose": "Gear that lasts"},
        }
    )
    enact(world.organization, [policy], authority=proposal_in(world, "anchor"))
    anchor.refresh_from_db()
    assert anchor.purpose == "Gear that lasts"
    assert verifies(world)


def test_nothing_of_another_organization_can_be_named(world: World) -> None:
    assert world.outsider is not None
    change = Assign(new_id(), world.role_ids["sizes"], world.outsider.id)
    with pytest.raises(Conflict):
        enact(world.organization, [change], authority=Authority(by.ADMIN, actor=world.ines.id))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"kind": "nonsense"},
        {"kind": "add_role", "name": 3},
        {"kind": "add_role", "name": "x" * 500},
        {"kind": "amend_role", "role": "short"},
        {"kind": "add_role", "name": "a\x00b"},
        {"kind": "add_role", "name": "ok", "accountabilities": "no list"},
        {"kind": "assign"},
        {"kind": "add_policy", "circle": "bcdfghjkmn", "title": "x" * 500},
    ],
)
def test_malformed_changes_are_refused_with_a_reason(data: object) -> None:
    with pytest.raises(Refused) as refusal:
        parse_change(data)
    assert refusal.value.message


def test_altering_the_record_shows(world: World) -> None:
    enact(
        world.organization,
        [AddRole(new_id(), world.role_ids["storefront"], "Reviews", "Listen")],
        authority=proposal_in(world, "storefront"),
    )
    with behind_the_record():
        Role.objects.filter(pk=world.role_ids["photo"]).update(purpose="Altered behind the record")
    assert verify(world.organization).faults
    with behind_the_record():
        Role.objects.filter(pk=world.role_ids["photo"]).update(purpose="Pictures that show how gear is used")
    assert verifies(world)
    with behind_the_record():
        Decision.objects.filter(organization=world.organization, number=2).update(authority="admin")
    assert verify(world.organization).faults
