"""Objections and how they are resolved without a meeting: §5.3.1 to §5.3.4."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from circles.models import Accountability
from governance.actions import breakdowns, proposals
from governance.models import Amendment, Objection, Proposal
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.constitution.consent import (
    ARGUMENTS,
    at,
    browser,
    changes,
    confirm,
    draft,
    object_to,
    page,
    proposed,
)
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]
State = Proposal.State
RULE = "§1.1: it would leave a role with a name alone"


@pytest.fixture
def world() -> World:
    return worlds.build()


def refused(what: Callable[[], object], clause_number: str) -> RuleBroken:
    with pytest.raises(RuleBroken) as refusal:
        what()
    assert refusal.value.clause == clause_number
    return refusal.value


def reread(objection: Objection) -> Objection:
    return Objection.objects.select_related("proposal__organization").get(pk=objection.pk)


# -- what a proposal and an objection carry -----------------------------------------------------------------------


@clause("5.3.1", REFUSES)
@clause("5.3.1", ALLOWS)
@pytest.mark.parametrize("missing", ["tension", "example", "how_helped"])
def test_a_proposal_carries_tension_example_and_how_it_helps(world: World, missing: str) -> None:
    incomplete = draft(world, **{missing: " "})
    refusal = refused(lambda: proposals.propose(incomplete, actor=world.samira), "5.3.1")
    assert refusal.field == missing
    proposals.save_draft(incomplete, {missing: "It is here"}, actor=world.samira, text_version=None)
    assert proposals.propose(incomplete, actor=world.samira).state == State.PROPOSED


@clause("5.3.1", HAPPENS)
def test_the_facilitator_discards_what_lacks_it_with_a_reason(world: World) -> None:
    proposal = proposed(world)
    sent = {"do": "discard", "ground": "5.3.1b", "reason": "There is no example: it never happened"}
    assert browser(world.maya).post(page(proposal), sent).status_code == 422
    for wrong in ({"ground": ""}, {"reason": " "}, {"ground": "9.9"}):
        assert browser(world.noor).post(page(proposal), sent | wrong).status_code == 422
    assert browser(world.noor).post(page(proposal), sent).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.settled_ground) == (State.DISCARDED, "5.3.1b")
    text = browser(world.samira).get(page(proposal)).content.decode()
    assert "it never happened" in text
    assert "No example" in text


@clause("5.3.2", REFUSES)
@clause("5.3.2", ALLOWS)
def test_an_objection_answers_all_four_criteria_or_names_a_rule(world: World) -> None:
    proposal = proposed(world)
    for missing in ARGUMENTS:
        refusal = refused(
            lambda m=missing: object_to(world, proposal, criteria=ARGUMENTS | {m: " "}),  # type: ignore[misc]
            "5.3.2",
        )
        assert refusal.field == f"criterion_{missing}"
    refused(lambda: object_to(world, proposal, role=world.role_ids["photo"]), "5.3")
    sent = {
        "do": "object",
        "text_version": proposal.text_version,
        "role": world.role_ids["merchandiser"],
        "concern": "No samples",
        **{f"criterion_{c}": text for c, text in ARGUMENTS.items()},
    }
    answer = browser(world.priya).post(page(proposal), sent | {"criterion_d": ""})
    assert answer.status_code == 422
    assert ARGUMENTS["c"] in answer.content.decode()  # what was typed stays
    assert browser(world.priya).post(page(proposal), sent).status_code == 302
    assert proposal.objections.get().is_standing
    named = proposals.object_to(
        proposal,
        actor=world.maya,
        text_version=proposal.text_version,
        role=world.role_ids["copywriter"],
        concern="It cannot be",
        criteria={},
        rule=RULE,
    )
    assert named.is_standing


# -- the test -------------------------------------------------------------------------------------------------------


@clause("5.3.3a", HAPPENS)
@clause("5.3.3a", REFUSES)
def test_the_facilitator_tests_whether_an_argument_was_given(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    with pytest.raises(NotAllowed):
        proposals.test_criterion(objection, "a", actor=world.maya, given=True)
    refused(
        lambda: proposals.test_criterion(objection, "a", actor=world.noor, given=True, holds=False), "5.3.3"
    )
    noor = browser(world.noor)
    for verdict in ("a-yes", "b-yes", "c-yes"):
        sent = {"do": "test", "objection": objection.pk, "verdict": verdict}
        assert noor.post(page(proposal), sent).status_code == 302
    assert reread(objection).state == Objection.State.RAISED
    noor.post(page(proposal), {"do": "test", "objection": objection.pk, "verdict": "d-no"})
    objection = reread(objection)
    assert (objection.state, objection.criteria["d"]["given"]) == (Objection.State.NOT_VALID, False)
    # It counts as its objector's answer: with the others' it is adopted
    assert "counts as this answer" in browser(world.priya).get(page(proposal)).content.decode()
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED


def test_in_a_process_breakdown_arguments_are_judged(world: World) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    breakdowns.declare(world.role("storefront"), actor=world.noor, reasons="Rules are skipped")
    shown = browser(world.noor).get(page(proposal)).content.decode()
    assert "Does not hold" in shown
    assert shown.count("End the objection") == 8  # each of the two answers that end it is asked for once more
    proposals.test_criterion(objection, "a", actor=world.noor, given=True, holds=False)
    assert reread(objection).state == Objection.State.NOT_VALID


@clause("5.3.3b", HAPPENS)
@clause("5.3.3b", REFUSES)
def test_a_claimed_violation_is_dismissed_by_the_secretary_alone(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal, rule=RULE)
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    refused(lambda: proposals.test_criterion(objection, "rule", actor=world.noor, given=False), "5.3.3")
    for criterion in ARGUMENTS:
        proposals.test_criterion(objection, criterion, actor=world.noor, given=False)
    assert reread(objection).is_standing  # no criteria are needed
    noor, tobias = browser(world.noor), browser(world.tobias)
    ruling = {
        "do": "rule_on",
        "objection": objection.pk,
        "ruling": "no_violation",
        "reason": "It keeps its purpose",
    }
    refused(
        lambda: proposals.rule_on(objection, actor=world.tobias, violates=False, reason="Nobody asked"),
        "5.3.3",
    )
    assert tobias.post(page(proposal), {"do": "ask_for_ruling", "objection": objection.pk}).status_code == 422
    proposals.ask_for_test(objection, actor=world.priya)
    waits = "does not go on before the facilitator"
    assert waits in noor.get(page(proposal)).content.decode()
    assert noor.post(page(proposal), {"do": "ask_for_ruling", "objection": objection.pk}).status_code == 302
    asked = tobias.get(page(proposal)).content.decode()
    assert "Would adopting this violate the rule?" in asked
    assert waits not in asked  # it is now the secretary's turn
    assert noor.post(page(proposal), ruling).status_code == 422
    assert tobias.post(page(proposal), ruling).status_code == 302
    objection = reread(objection)
    assert (objection.state, objection.ruled_by) == (Objection.State.NOT_VALID, world.tobias)
    assert "It keeps its purpose" in browser(world.priya).get(page(proposal)).content.decode()
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED


@clause("5.3.3b", ALLOWS)
def test_ruled_a_violation_it_stands_regardless_of_the_criteria(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal, rule=RULE)
    proposals.ask_for_ruling(objection, actor=world.noor)
    proposals.rule_on(objection, actor=world.tobias, violates=True, reason="It would")
    with pytest.raises(Refused):
        proposals.ask_for_test(objection, actor=world.samira)
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    with at(proposal.due_at, days=9):
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.OBJECTED
    with pytest.raises(Refused):
        proposals.ask_for_ruling(object_to_second(world, proposal), actor=world.noor)


def object_to_second(world: World, proposal: Proposal) -> Objection:
    """Maya's objection with four arguments: there is nothing to rule on."""
    return proposals.object_to(
        proposal,
        actor=world.maya,
        text_version=proposal.text_version,
        role=world.role_ids["copywriter"],
        concern="Copy comes too early",
        criteria=ARGUMENTS,
    )


@clause("5.3.4a", REFUSES)
@clause("5.3.4a", ALLOWS)
def test_a_test_that_was_asked_for_comes_before_the_proposal_goes_on(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    refused(lambda: proposals.ask_for_test(objection, actor=world.lea), "5.3.4")
    maya = browser(world.maya)
    assert maya.post(page(proposal), {"do": "ask_for_test", "objection": objection.pk}).status_code == 302
    text = browser(world.samira).get(page(proposal)).content.decode()
    assert "Maya Lindqvist asked for a test" in text
    assert "Amend to resolve it" not in text

    def amend() -> Proposal:
        return proposals.amend(proposal, {"title": "Sooner"}, actor=world.samira, text_version=None)

    refused(amend, "5.3.4")
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    with at(proposal.due_at, days=9):
        assert not proposals.settle(proposal.pk)
    for criterion in ARGUMENTS:
        proposals.test_criterion(objection, criterion, actor=world.noor, given=True)
    assert reread(objection).state == Objection.State.VALID
    assert amend().round == 2


@clause("5.3.4a", HAPPENS)
def test_an_objection_that_fails_its_test_is_discarded(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    proposals.ask_for_test(objection, actor=world.samira)
    proposals.test_criterion(objection, "b", actor=world.noor, given=False)
    run_jobs()
    proposal.refresh_from_db()
    assert (reread(objection).state, proposal.state) == (Objection.State.NOT_VALID, State.ADOPTED)


# -- integration ----------------------------------------------------------------------------------------------------


@clause("5.3.4b", HAPPENS)
@clause("5.3.4b", REFUSES)
def test_the_facilitator_drops_for_the_reasons_the_clause_gives(world: World) -> None:
    proposal = proposed(world)
    sent = {"do": "drop", "ground": "5.3.4c", "reason": "Three questions, no answer"}
    noor = browser(world.noor)
    refused(
        lambda: proposals.drop(proposal, actor=world.noor, reason="I do not like it", ground="5.3.4c"),
        "5.3.4",
    )  # nothing is being resolved
    objection = object_to(world, proposal)
    refused(lambda: proposals.drop(proposal, actor=world.noor, reason="I do not like it"), "5.3.4")
    refused(lambda: proposals.drop(proposal, actor=world.noor, reason="No", ground="5.3.4d"), "5.3.4")
    abandoned = {"do": "drop_objection", "objection": objection.pk, "reason": "Says no to all of it"}
    for client in (browser(world.maya), browser(world.samira)):
        assert client.post(page(proposal), abandoned).status_code == 422
        assert client.post(page(proposal), sent).status_code == 422
    with pytest.raises(Malformed):
        proposals.drop_objection(objection, actor=world.noor, reason=" ")
    assert noor.post(page(proposal), abandoned).status_code == 302
    assert reread(objection).state == Objection.State.DROPPED
    object_to_second(world, proposal)
    assert noor.post(page(proposal), sent).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.settled_ground) == (State.DROPPED, "5.3.4c")
    assert "does not answer questions" in browser(world.samira).get(page(proposal)).content.decode()


@clause("5.3.4d", HAPPENS)
@clause("5.3.4d", REFUSES)
def test_an_amended_proposal_stands_beside_it_and_is_taken_over(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    with pytest.raises(NotAllowed):
        proposals.draft_amendment(objection, actor=world.maya)
    priya, samira = browser(world.priya), browser(world.samira)
    begun = priya.post(page(proposal), {"do": "suggest", "objection": objection.pk})
    beside = Proposal.objects.get(beside=objection)
    assert begun["Location"] == f"{page(beside)}edit/"
    assert proposals.draft_amendment(objection, actor=world.priya).pk == beside.pk  # the same again
    desk = priya.get(begun["Location"]).content.decode()
    assert "Ten days ahead I have no samples" in desk
    assert "I get briefs too late" in desk
    assert samira.get(begun["Location"]).status_code == 404
    with pytest.raises(RuleBroken, match=r"§5\.3\.4 "):
        proposals.offer_amendment(beside, actor=world.priya)
    proposals.save_draft(beside, {"how_helped": "Five days would do"}, actor=world.priya, text_version=None)
    with pytest.raises(Refused):
        proposals.offer_amendment(beside, actor=world.priya)  # nothing differs
    other = changes(world, "Sending Photo Desk a brief five days ahead")
    proposals.save_draft(beside, {"changes": other}, actor=world.priya, text_version=None)
    amendment = proposals.offer_amendment(beside, actor=world.priya)
    assert not Proposal.objects.filter(pk=beside.pk).exists()
    text = samira.get(page(proposal)).content.decode()
    assert "five days ahead" in text
    assert "Five days would do" in text
    accept = {"do": "accept_amendment", "amendment": amendment.pk}
    assert browser(world.maya).post(page(proposal), accept).status_code == 422
    assert samira.post(page(proposal), accept).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.round, reread(objection).state) == (2, Objection.State.RESOLVED)
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias, world.priya)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED
    lines = Accountability.objects.filter(role=world.role_ids["merchandiser"])
    assert [line.text for line in lines] == ["Sending Photo Desk a brief five days ahead"]


@clause("5.3.4d", ALLOWS)
def test_the_proposer_argues_or_the_proposal_is_dropped(world: World) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)

    def offer(text: str) -> Amendment:
        beside = proposals.draft_amendment(objection, actor=world.priya)
        data = {"how_helped": "It would do", "changes": changes(world, text)}
        proposals.save_draft(beside, data, actor=world.priya, text_version=None)
        return proposals.offer_amendment(beside, actor=world.priya)

    first = offer("Sending a brief when asked")
    samira = browser(world.samira)
    argue = {"do": "argue", "amendment": first.pk, "argument": "On Monday I could not have asked"}
    assert samira.post(page(proposal), argue | {"argument": ""}).status_code == 422
    assert samira.post(page(proposal), argue | {"example": "The stove in May"}).status_code == 302
    text = browser(world.priya).get(page(proposal)).content.decode()
    assert "On Monday I could not have asked" in text
    assert "The stove in May" in text
    with pytest.raises(Refused):
        proposals.accept_amendment(first, actor=world.samira)
    assert reread(objection).is_standing
    second, third = offer("Sending a brief weekly"), offer("Sending a brief monthly")
    second.refresh_from_db()
    assert second.state == Amendment.State.LAPSED
    with pytest.raises(NotAllowed):
        proposals.take_back_amendment(third, actor=world.samira)
    browser(world.priya).post(page(proposal), {"do": "take_back_amendment", "amendment": third.pk})
    third.refresh_from_db()
    assert third.state == Amendment.State.WITHDRAWN
    offer("Sending a brief each quarter")
    dropped = proposals.drop(proposal, actor=world.noor, reason="No argument was to be had", ground="5.3.4d")
    assert dropped.state == State.DROPPED


def test_what_awaits_whom_is_said_on_the_page(world: World) -> None:
    proposal = proposed(world)
    confirm(proposal, world.maya)
    text = browser(world.maya).get(page(proposal)).content.decode()
    assert "Still to answer: Ines Calloway" in text
    assert "adopted by itself" in text
    object_to(world, proposal)
    text = browser(world.maya).get(page(proposal)).content.decode()
    assert "What happens next" in text
    with at(proposal.due_at, days=1):
        text = browser(world.ines).get(page(proposal)).content.decode()
        assert "Answers are closed" in text
        assert "an amended text asks everybody again" in text
    assert timezone.now() < proposal.due_at  # type: ignore[operator]


def test_who_is_asked_to_test_rule_or_answer_finds_it_among_what_awaits_them(world: World) -> None:
    proposal = proposed(world)
    objection = object_to(world, proposal)
    noor, tobias, samira = (browser(p) for p in (world.noor, world.tobias, world.samira))
    home, awaiting = "/northwind/", "/northwind/awaiting/"
    for client in (noor, tobias, samira):
        assert f"#objection-{objection.pk}" not in client.get(home).content.decode()
    proposals.ask_for_test(objection, actor=world.maya)
    for address in (home, awaiting):
        assert f"#objection-{objection.pk}" in noor.get(address).content.decode()
        assert f"#objection-{objection.pk}" not in tobias.get(address).content.decode()
    for criterion in ARGUMENTS:
        proposals.test_criterion(objection, criterion, actor=world.noor, given=True)
    assert f"#objection-{objection.pk}" not in noor.get(home).content.decode()
    claim = proposals.object_to(
        proposal,
        actor=world.maya,
        text_version=proposal.text_version,
        role=world.role_ids["copywriter"],
        concern="It cannot be",
        criteria={},
        rule=RULE,
    )
    proposals.ask_for_ruling(claim, actor=world.noor)
    assert f"#objection-{claim.pk}" in tobias.get(home).content.decode()
    assert f"#objection-{claim.pk}" not in noor.get(home).content.decode()
    beside = proposals.draft_amendment(objection, actor=world.priya)
    data = {"how_helped": "It would do", "changes": changes(world, "Telling Photo Desk")}
    proposals.save_draft(beside, data, actor=world.priya, text_version=None)
    amendment = proposals.offer_amendment(beside, actor=world.priya)
    assert f"#amendment-{amendment.pk}" in samira.get(awaiting).content.decode()


def test_the_objection_stands_beside_the_text_that_is_amended(world: World) -> None:
    proposal = proposed(world)
    object_to(world, proposal)
    desk = browser(world.samira).get(f"{page(proposal)}edit/").content.decode()
    assert "To be resolved" in desk
    assert "Ten days ahead I have no samples" in desk
    assert "Launches slip" in desk
