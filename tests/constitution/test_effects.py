"""What policies do by themselves: each where the Constitution lets a policy say something (§5.2.1d)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from circles.constitution import CIRCLE_REP, POLICY_KINDS
from circles.effect_form import effect_data, input_name, shown_effects, typed_of
from circles.effects import CHOICE, EFFECTS, NUMBER, ROLE, TEXT, describe_effect, parse_effect
from circles.models import Policy
from circles.structure import RoleRow, Structure
from governance.actions import assignments, proposals, set_up
from governance.changes import Assign, parse_changes
from governance.models import Proposal
from governance.rules.structure import policy_kinds_5_2_1
from people.ids import derived_id, new_id
from people.models import Person
from people.refusals import Malformed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]

WHY: dict[str, Any] = {
    "title": "A policy",
    "tension": "Too many of us answer every proposal",
    "example": "Last week nine people read one comma",
    "how_helped": "Two would have read it",
}


@pytest.fixture
def world() -> World:
    return worlds.build()


def policy(circle: str, effect: dict[str, Any], **fields: Any) -> dict[str, Any]:
    kinds = list(EFFECTS[effect["kind"]].kinds[:1])
    return {
        "kind": "add_policy",
        "circle": circle,
        "title": "Ours",
        "kinds": kinds,
        "effect": effect,
        **fields,
    }


def adopt(world: World, key: str, change: dict[str, Any], run_jobs: RunJobs, *, by: Person) -> Proposal:
    """Propose a policy in a circle and let everybody confirm that they have no objection."""
    circle = world.role(key)
    role = min(Structure.of(world.organization.id).represented_by(circle.pk, by.pk))
    draft = proposals.start_draft(circle, actor=by, **WHY, role=role, changes=[change])
    proposal = proposals.propose(draft, actor=by)
    for response in proposal.responses.filter(answer="").select_related("person"):
        response.person.organization = world.organization
        proposals.answer(proposal, actor=response.person, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED, proposal.settled_reason
    return proposal


def fill(world: World, key: str, *people: Person) -> None:
    for person in people:
        assignments.assign_role(world.role(key), person, actor=world.ines)


@clause("5.1m", HAPPENS)
def test_a_policy_limits_how_many_leads_of_one_role_are_circle_members(
    world: World, run_jobs: RunJobs
) -> None:
    storefront, photo = world.role_ids["storefront"], world.role_ids["photo"]
    fill(world, "photo", world.lea, world.callum)
    assert {world.samira.id, world.lea.id, world.callum.id} <= members(world, storefront)
    adopt(
        world,
        "storefront",
        policy(storefront, {"kind": "role_lead_limit", "role": photo, "most": 2}),
        run_jobs,
        by=world.samira,
    )
    # Those assigned first count
    assert {world.samira.id, world.lea.id} <= members(world, storefront)
    assert world.callum.id not in members(world, storefront)
    client = Client()
    assert world.maya.account is not None
    client.force_login(world.maya.account)
    page = client.get(f"/northwind/roles/{world.role('storefront').ref}/members/").content.decode()
    apart = page.partition("Without a seat, by policy")[2]
    assert "Callum Birch" in apart
    assert "Ours" in apart
    assert "Lea Brandt" not in apart


@clause("5.1m", REFUSES)
def test_who_does_not_count_cannot_propose(world: World, run_jobs: RunJobs) -> None:
    storefront = world.role_ids["storefront"]
    fill(world, "photo", world.lea)
    effect = {"kind": "role_lead_limit", "role": None, "most": 1}
    adopt(world, "storefront", policy(storefront, effect), run_jobs, by=world.samira)
    text: dict[str, Any] = {**WHY, "role": world.role_ids["photo"]}
    change = {"kind": "add_policy", "circle": storefront, "title": "Late", "kinds": ["constraint"]}
    draft = proposals.start_draft(world.role("storefront"), actor=world.lea, **text, changes=[change])
    with pytest.raises(RuleBroken) as refused:
        proposals.propose(draft, actor=world.lea)
    assert refused.value.clause == "5.3"
    draft = proposals.start_draft(world.role("storefront"), actor=world.samira, **text, changes=[change])
    assert proposals.propose(draft, actor=world.samira).state == Proposal.State.PROPOSED


@clause("5.1m", ALLOWS)
def test_a_limit_is_about_a_role_of_the_circle(world: World) -> None:
    effect = {"kind": "role_lead_limit", "role": world.role_ids["support"], "most": 1}
    changes = [policy(world.role_ids["storefront"], effect)]
    with pytest.raises(RuleBroken) as refused:
        set_up.edit_structure(parsed(changes), actor=world.ines, reason="Trying")
    assert refused.value.clause == "5.1"
    effect["role"] = world.role_ids["photo"]
    set_up.edit_structure(
        parsed([policy(world.role_ids["storefront"], effect)]), actor=world.ines, reason="Trying"
    )


@clause("5.1.1b", HAPPENS)
@clause("5.1.1b", ALLOWS)
def test_reps_are_members_of_the_circle_around_theirs_unless_its_policy_limits_it(
    world: World, run_jobs: RunJobs
) -> None:
    anchor = world.role_ids["anchor"]
    assert world.maya.id in members(world, anchor)
    effect = {"kind": "reps_not_members", "role": world.role_ids["storefront"]}
    adopt(world, "anchor", policy(anchor, effect), run_jobs, by=world.hana)
    assert world.maya.id not in members(world, anchor)


@clause("5.1.1a", ALLOWS)
def test_a_policy_of_the_circle_around_it_allows_a_second_rep(world: World, run_jobs: RunJobs) -> None:
    anchor, rep = world.role_ids["anchor"], derived_id(world.role_ids["storefront"], CIRCLE_REP)
    second = [Assign(new_id(), rep, world.priya.id)]
    with pytest.raises(RuleBroken) as refused:
        set_up.edit_structure(second, actor=world.ines, reason="Two voices")
    assert refused.value.clause == "5.1.1"
    effect = {"kind": "rep_count", "role": world.role_ids["storefront"], "most": 2}
    adopt(world, "anchor", policy(anchor, effect), run_jobs, by=world.hana)
    set_up.edit_structure(second, actor=world.ines, reason="Two voices")
    assert {world.maya.id, world.priya.id} <= members(world, anchor)


@clause("5.2.1b", HAPPENS)
def test_a_changed_default_holds_inside_only_where_it_says_so_and_a_constraint_unless_it_says_not(
    world: World, run_jobs: RunJobs
) -> None:
    anchor, love = world.role_ids["anchor"], world.role_ids["love"]
    for kinds, inside in ((["default"], False), (["constraint"], True), (["grant"], True)):
        change = {"kind": "add_policy", "circle": anchor, "title": f"A {kinds[0]}", "kinds": kinds}
        adopt(world, "anchor", change, run_jobs, by=world.hana)
        assert Policy.objects.get(title=f"A {kinds[0]}").inside is inside
    structure = Structure.of(world.organization.id)
    assert structure.effect(love, "quorum") is None
    effect = {"kind": "quorum", "members": 3}
    adopt(world, "anchor", policy(anchor, effect), run_jobs, by=world.hana)
    assert Structure.of(world.organization.id).effect(love, "quorum") is None
    adopt(world, "anchor", policy(anchor, effect, inside=True), run_jobs, by=world.hana)
    found = Structure.of(world.organization.id).effect(love, "quorum")
    assert found is not None
    assert found[1]["members"] == 3


@clause("5.2.1b", HAPPENS)
def test_a_circle_overrides_an_inherited_default_unless_that_is_forbidden(
    world: World, run_jobs: RunJobs
) -> None:
    anchor, love = world.role_ids["anchor"], world.role_ids["love"]

    def hours() -> int:
        found = Structure.of(world.organization.id).effect(love, "notice")
        assert found is not None
        return int(found[1]["hours"])

    adopt(
        world, "anchor", policy(anchor, {"kind": "notice", "hours": 24}, inside=True), run_jobs, by=world.hana
    )
    assert hours() == 24
    adopt(world, "love", policy(love, {"kind": "notice", "hours": 2}), run_jobs, by=world.hana)
    assert hours() == 2
    stern = policy(anchor, {"kind": "notice", "hours": 48}, inside=True, overridable=False, title="All of us")
    adopt(world, "anchor", stern, run_jobs, by=world.hana)
    assert hours() == 48


@clause("5.2.1a", REFUSES)
def test_no_policy_changes_what_may_not_be_changed(world: World) -> None:
    for effect in ({"kind": "no_reps"}, {"kind": "silence_blocks"}):
        with pytest.raises(RuleBroken) as refused:
            parse_effect(effect)
        assert refused.value.clause == "5.2.1"
    storefront = world.role_ids["storefront"]
    limit = policy(storefront, {"kind": "time_limit", "working_days": 2}, kinds=["constraint"])
    with pytest.raises(RuleBroken) as refused:
        set_up.edit_structure(parsed([limit]), actor=world.ines, reason="Trying")
    assert refused.value.clause == "5.2.1"
    (untold,) = policy_kinds_5_2_1((), {"kind": "time_limit", "working_days": 2})
    assert "tick that" in untold.message  # said once, and with the answer
    set_up.edit_structure(parsed([{**limit, "kinds": ["default"]}]), actor=world.ines, reason="Trying")


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_is_asked_for_read_back_and_put_into_words(world: World, kind: str) -> None:
    """The form, the parser and the sentence of each effect agree on its fields."""
    role = world.role_ids["photo"]
    samples = {NUMBER: 2, ROLE: role, TEXT: "Gear that lasts"}
    effect: dict[str, Any] = {"kind": kind}
    for field in EFFECTS[kind].fields:
        effect[field.name] = (
            field.choices[-1][0] if field.kind == CHOICE else samples.get(field.kind, ["One"])
        )
        if field.only_if:
            effect[field.only_if[0]] = field.only_if[1]
    parsed_effect = parse_effect(effect)
    assert parsed_effect is not None
    assert parse_effect(parsed_effect) == parsed_effect
    typed = typed_of(parsed_effect, lambda role_id: role_id)
    assert parse_effect(effect_data(typed)) == parsed_effect
    words = describe_effect(parsed_effect, lambda role_id: "Photo Desk")
    assert words
    assert "%(" not in words
    rows = [RoleRow(role, world.role_ids["storefront"], "ordinary", "Photo Desk", "")]
    shown = next(s for s in shown_effects(typed, rows, anchor=True) if s.effect.kind == kind)
    assert shown.chosen
    assert all(f.value for f in shown.fields)
    for field in EFFECTS[kind].fields:
        if field.kind == NUMBER:
            with pytest.raises(Malformed) as refused:
                parse_effect({**effect, field.name: field.most + 1})
            assert refused.value.field == input_name(kind, field.name)
    if EFFECTS[kind].fields:
        styles = (Path(settings.BASE_DIR) / "static/css/components.css").read_text()
        assert f'[data-effect="{kind}"]' in styles, "its fields would never be seen"
    assert set(EFFECTS[kind].kinds) <= set(POLICY_KINDS)


def test_a_role_that_is_gone_can_have_no_policy_about_it(world: World) -> None:
    effect = {"kind": "invite_link", "role": new_id()}
    with pytest.raises(Refused):
        set_up.edit_structure(
            parsed([policy(world.role_ids["love"], effect)]), actor=world.ines, reason="Trying"
        )


def members(world: World, circle: str) -> set[str]:
    return Structure.of(world.organization.id).members(circle)


def parsed(changes: list[dict[str, Any]]) -> list[Any]:

    return list(parse_changes(changes))
