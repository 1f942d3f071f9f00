"""From draft to decision without a meeting: rounds, answers, objections, time limits (§5.3)."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone

from circles.models import Role
from governance.actions import assignments, proposals, set_up
from governance.calendar import after_working_days
from governance.models import Decision, Objection, Proposal
from governance.record import verify
from people.models import Person
from people.refusals import Conflict, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]
CRITERIA = {
    "a": "Launches slip",
    "b": "Dates cannot be kept",
    "c": "Today they can",
    "d": "It would happen at once",
}


@pytest.fixture
def world() -> World:
    return worlds.build()


def draft(world: World, **text: Any) -> Proposal:
    values: dict[str, Any] = {
        "title": "Photo briefs",
        "tension": "I get briefs too late",
        "example": "On Monday the tent arrived unannounced",
        "how_helped": "I would have known ten days before",
        "changes": [
            {
                "kind": "amend_role",
                "role": world.role_ids["merchandiser"],
                "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
            }
        ],
    } | text
    return proposals.start_draft(world.role("storefront"), actor=world.samira, **values)


def proposed(world: World) -> Proposal:
    return proposals.propose(draft(world), actor=world.samira)


def members(world: World) -> list[Person]:
    return [world.ines, world.maya, world.priya, world.noor, world.tobias]


@clause("5.3a", ALLOWS)
@clause("5.3c", HAPPENS)
@clause("5.3.1", ALLOWS)
def test_it_is_adopted_by_itself_when_the_last_member_has_no_objection(
    world: World, run_jobs: RunJobs
) -> None:
    proposal = proposed(world)
    assert proposal.due_at is not None
    for person in members(world):
        proposal.refresh_from_db()
        assert proposal.state == Proposal.State.PROPOSED
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED
    assert proposal.decision is not None
    assert [a.text for a in world.role("merchandiser").accountabilities.all()] == [
        "Sending Photo Desk a brief"
    ]
    assert {t.kind for t in proposal.decision.texts.all()} == {"tension", "example", "how_helped"}
    assert verify(world.organization).faults == []
    # Running what follows again does nothing twice
    assert proposals.settle(proposal.pk) is False
    assert Decision.objects.filter(organization=world.organization).count() == 2


@pytest.mark.parametrize("missing", ["tension", "example", "how_helped"])
@clause("5.3.1", REFUSES)
def test_a_proposal_carries_what_5_3_1_asks_for(world: World, missing: str) -> None:
    proposal = draft(world, **{missing: " "})
    with pytest.raises(RuleBroken) as refusal:
        proposals.propose(proposal, actor=world.samira)
    assert (refusal.value.clause, refusal.value.field) == ("5.3.1", missing)


@clause("5.3a", REFUSES)
def test_only_members_propose_and_for_their_own_roles(world: World) -> None:
    stranger = proposals.start_draft(
        world.role("storefront"), actor=world.lea, title="x", tension="t", example="e", how_helped="h"
    )
    with pytest.raises(RuleBroken, match=r"§5\.3 "):
        proposals.propose(stranger, actor=world.lea)
    wrong_role = draft(world, role=world.role_ids["merchandiser"])
    with pytest.raises(RuleBroken, match=r"§5\.3 "):
        proposals.propose(wrong_role, actor=world.samira)
    with pytest.raises(NotAllowed):
        proposals.propose(draft(world), actor=world.maya)


def test_a_proposal_twice_is_refused(world: World) -> None:
    proposal = proposed(world)
    with pytest.raises(Refused):
        proposals.propose(proposal, actor=world.samira)


@clause("5.3e", HAPPENS)
def test_silence_is_no_objection_once_the_limit_passes(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    assert proposal.due_at is not None
    assert proposals.settle(proposal.pk) is False
    with mock.patch("django.utils.timezone.now", return_value=proposal.due_at + dt.timedelta(seconds=1)):
        with pytest.raises(RuleBroken, match=r"§5\.3 "):
            proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED


@clause("5.3e", HAPPENS)
def test_without_a_time_limit_silence_blocks(run_jobs: RunJobs) -> None:
    world = worlds.build(time_limit=None)
    proposal = proposed(world)
    assert proposal.due_at is None
    run_jobs()
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + dt.timedelta(days=900)):
        assert proposals.settle(proposal.pk) is False


@clause("5.3.2", REFUSES)
@clause("5.3.2", ALLOWS)
def test_an_objection_needs_four_arguments_or_a_rule(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)

    def object_to(criteria: dict[str, str], rule: str = "") -> Objection:
        return proposals.object_to(
            proposal,
            actor=world.priya,
            text_version=proposal.text_version,
            role=world.role_ids["merchandiser"],
            concern="Ten days ahead I have no samples",
            criteria=criteria,
            rule=rule,
        )

    with pytest.raises(RuleBroken, match=r"§5\.3\.2"):
        object_to({**CRITERIA, "c": ""})
    objection = object_to(CRITERIA)
    for person in (world.ines, world.maya, world.noor, world.tobias):
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.OBJECTED
    # Not even the time limit gets past an objection
    assert proposal.due_at is not None
    with mock.patch("django.utils.timezone.now", return_value=proposal.due_at + dt.timedelta(days=9)):
        assert proposals.settle(proposal.pk) is False
    with pytest.raises(NotAllowed):
        proposals.withdraw_objection(objection, actor=world.maya)
    proposals.withdraw_objection(objection, actor=world.priya)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED


@clause("5.3.3a", HAPPENS)
def test_the_facilitator_tests_whether_arguments_were_given(world: World) -> None:
    proposal = proposed(world)
    objection = proposals.object_to(
        proposal,
        actor=world.priya,
        text_version=proposal.text_version,
        role=world.role_ids["merchandiser"],
        concern="No samples",
        criteria=CRITERIA,
    )
    with pytest.raises(NotAllowed):
        proposals.test_criterion(objection, "a", actor=world.maya, given=True)
    objection = proposals.test_criterion(objection, "a", actor=world.noor, given=True)
    assert objection.state == Objection.State.RAISED
    objection = proposals.test_criterion(objection, "b", actor=world.noor, given=False)
    assert objection.state == Objection.State.NOT_VALID


@clause("5.3d", HAPPENS)
def test_an_amended_text_asks_everybody_again(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    read = proposal.text_version
    proposals.answer(proposal, actor=world.maya, text_version=read)
    proposal = proposals.amend(
        proposal, {"title": "Photo briefs, sooner"}, actor=world.samira, text_version=read
    )
    assert (proposal.round, proposal.responses.filter(round=2, answer="").count()) == (2, 5)
    with pytest.raises(Conflict):
        proposals.answer(proposal, actor=world.maya, text_version=read)
    with pytest.raises(Conflict):
        proposals.amend(proposal, {"title": "Another tab"}, actor=world.samira, text_version=read)
    for person in members(world):
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED


@clause("5.3f", REFUSES)
@clause("5.3f", ALLOWS)
def test_a_meeting_can_be_asked_for_instead(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    with pytest.raises(RuleBroken, match=r"§5\.3 "):
        proposals.ask_for_meeting(proposal, actor=world.lea)
    proposals.ask_for_meeting(proposal, actor=world.tobias)
    with pytest.raises(Refused):
        proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ESCALATED


def test_the_roll_follows_membership(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    assignments.assign_role(world.role("sizes"), world.lea, actor=world.ines)
    run_jobs()
    assert proposal.responses.filter(round=1, person=world.lea).exists()
    for person in members(world):
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.PROPOSED
    # Lea leaves: nobody is left to answer, and it is adopted by itself
    set_up.let_leave(world.lea, actor=world.ines, reason="Moves on")
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED


def test_in_a_circle_of_one_proposing_adopts(world: World, run_jobs: RunJobs) -> None:
    circle = world.role("copywriter")
    proposal = proposals.start_draft(
        circle,
        actor=world.maya,
        title="A translator",
        tension="t",
        example="e",
        how_helped="h",
        changes=[
            {
                "kind": "add_role",
                "circle": circle.pk,
                "name": "Translator",
                "purpose": "Every story everywhere",
            }
        ],
    )
    proposals.propose(proposal, actor=world.maya)
    run_jobs()
    assert Role.objects.present().filter(circle=circle, name="Translator").exists()


def test_what_conflicts_goes_back_to_its_proposer(world: World, run_jobs: RunJobs) -> None:
    role = world.role("photo")
    change = [{"kind": "amend_role", "role": role.pk, "purpose": {"from": role.purpose, "to": "Pictures"}}]
    first, second = (
        proposals.propose(draft(world, changes=change), actor=world.samira),
        draft(
            world,
            changes=[
                {"kind": "amend_role", "role": role.pk, "purpose": {"from": role.purpose, "to": "Films"}}
            ],
        ),
    )
    second = proposals.propose(second, actor=world.samira)
    for proposal in (first, second):
        for person in members(world):
            proposals.answer(proposal, actor=person, text_version=proposal.text_version)
    run_jobs()
    second.refresh_from_db()
    assert second.state == Proposal.State.CONFLICT
    assert "changed" in second.settled_reason
    role.refresh_from_db()
    assert role.purpose == "Pictures"
    assert verify(world.organization).faults == []


@clause("5.3b", HAPPENS)
def test_each_member_gets_one_e_mail(world: World, run_jobs: RunJobs) -> None:
    proposed(world)
    run_jobs()
    run_jobs()
    assert sorted(m.to[0] for m in mail.outbox) == sorted(p.email for p in members(world))
    assert "/northwind/proposals/" in mail.outbox[0].body


def test_working_days_skip_weekends_and_keep_the_clock_through_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    friday = dt.datetime(2026, 3, 27, 15, 30, tzinfo=berlin)
    assert after_working_days(friday, 1, berlin) == dt.datetime(2026, 3, 30, 15, 30, tzinfo=berlin)
    saturday = dt.datetime(2026, 3, 28, 15, 30, tzinfo=berlin)
    assert after_working_days(saturday, 3, berlin) == dt.datetime(2026, 4, 2, 0, 0, tzinfo=berlin)
