"""Elections held in a meeting: the facilitator there takes the steps, with those who are there (§5.3.5, §5.4.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail

from circles.constitution import CIRCLE_REP
from governance.actions import elections, in_meeting, proposals, set_up
from governance.changes import Assign
from governance.elections import revealed, roll
from governance.models import Ballot, Election, Excluded, Proposal
from people.ids import derived_id, new_id
from people.refusals import Conflict, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.elections import MEMBERS, Electing, holders, policy
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
State = Election.State
HERE = ("tobias", "maya", "priya")


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def held(world: World) -> Electing:
    """An election brought into a meeting that Tobias facilitates, since Noor is away."""
    electing = Electing(world)
    bring(electing)
    return electing


def bring(electing: Electing, *here: str, meeting: str = "") -> None:
    world = electing.world
    elections.bring(
        electing.now,
        meeting=meeting or new_id(),
        facilitator=world.tobias,
        present=[world.people[p] for p in here or HERE],
        actor=world.tobias,
    )


def nominated(electing: Electing) -> Electing:
    electing.open(by="tobias").nominate(tobias="priya", maya="priya", priya="maya")
    elections.close_nominations(electing.now, actor=electing.world.tobias)
    return electing


def proposed(electing: Electing) -> Electing:
    nominated(electing)
    elections.open_changes(electing.now, actor=electing.world.tobias)
    elections.count(electing.now, actor=electing.world.tobias)
    return electing


def test_it_is_held_by_those_who_are_there(world: World, held: Electing, run_jobs: RunJobs) -> None:
    with pytest.raises(NotAllowed):  # she is facilitator of the circle, not of this meeting
        held.open(by="noor")
    held.open(by="tobias")
    run_jobs()
    assert [x.person.name for x in roll(held.now)] == ["Maya Lindqvist", "Priya Venkat", "Tobias Renner"]
    # They are asked in the room, not by e-mail
    assert not [m for m in mail.outbox if "Your nomination" in m.subject]
    with pytest.raises(RuleBroken) as refused:
        held.nominate(samira="priya")
    assert refused.value.clause == "5.3.5"
    held.nominate(tobias="priya", maya="priya")
    with pytest.raises(RuleBroken) as refused:
        elections.close_nominations(held.now, actor=world.tobias)
    assert "Priya Venkat" in refused.value.message
    # Samira comes in, and Priya leaves before she has nominated
    elections.set_present(
        held.now, facilitator=world.tobias, present=[world.tobias, world.maya, world.samira]
    )
    held.nominate(samira="tobias")
    run_jobs()
    assert held.state == State.NOMINATING  # in a meeting nothing goes on by itself
    elections.close_nominations(held.now, actor=world.tobias)
    assert held.state == State.SHARING
    assert len(revealed(held.now)) == 3
    assert not Excluded.objects.exists()


def test_reasons_are_spoken_when_nominations_are_shared(world: World, held: Electing) -> None:
    held.open(by="tobias")
    for person in (world.tobias, world.maya, world.priya):
        elections.nominate(held.now, actor=person, candidate=world.priya.pk)
    elections.close_nominations(held.now, actor=world.tobias)
    elections.give_reason(held.now, actor=world.maya, reason="She listens")
    with pytest.raises(NotAllowed):
        elections.give_reason(held.now, actor=world.maya, reason="He said so", voter=world.priya)
    elections.give_reason(held.now, actor=world.tobias, reason="I like the work", voter=world.priya)
    reasons = {n.voter.name: n.reason for n in revealed(held.now)}
    assert reasons == {
        "Tobias Renner": "",
        "Maya Lindqvist": "She listens",
        "Priya Venkat": "I like the work",
    }


def test_it_goes_from_step_to_step_to_a_decision(world: World, held: Electing, run_jobs: RunJobs) -> None:
    nominated(held)
    seen = held.now.version
    elections.open_changes(held.now, actor=world.tobias, seen=seen)
    with pytest.raises(Conflict):
        elections.count(held.now, actor=world.tobias, seen=seen)
    held.change("priya", "tobias")
    elections.keep_nomination(held.now, actor=world.tobias, voter=world.maya)
    elections.count(held.now, actor=world.tobias)
    assert (held.state, held.now.candidate) == (State.PROPOSED, world.priya)
    proposal = held.proposal
    assert (proposal.state, proposal.facilitator) == (Proposal.State.IN_MEETING, world.tobias)
    in_meeting.ask_for_objections(proposal)
    in_meeting.capture_concern(
        proposal, objector=world.maya, role=world.role_ids["copywriter"], concern="She is away",
        temporary=False, actor=world.maya,
    )  # fmt: skip
    elections.discard_candidate(held.now, actor=world.tobias, reason="Away")
    assert held.now.candidate == world.tobias
    in_meeting.ask_for_objections(held.proposal)
    proposals.adopt_when_free(held.proposal)
    run_jobs()
    assert (held.state, holders(world, "secretary")) == (State.ELECTED, ["Tobias Renner"])
    assert held.now.decision is not None
    assert held.now.decision.meeting == held.now.meeting


def test_what_was_begun_before_goes_on_in_the_meeting(world: World, run_jobs: RunJobs) -> None:
    policy(world, {"kind": "election_time_limit", "working_days": 2})
    electing = Electing(world).open().nominate(samira="priya", maya="priya")
    assert Election.objects.exclude(due_at=None).exists()
    bring(electing)
    assert not Election.objects.exclude(due_at=None).exists()
    with pytest.raises(Refused):
        bring(electing)
    electing.nominate(tobias="maya", priya="maya")
    elections.close_nominations(electing.now, actor=world.tobias)
    # Samira is not here; her ballot was given and counts
    assert {n.voter for n in revealed(electing.now)} == {world.samira, world.maya, world.tobias, world.priya}
    elections.open_changes(electing.now, actor=world.tobias)
    assert world.samira not in {x.person for x in roll(electing.now)}


@pytest.mark.parametrize("limit", [True, False])
def test_what_a_meeting_does_not_finish_goes_on_asynchronously(
    world: World, held: Electing, limit: bool, run_jobs: RunJobs
) -> None:
    if limit:
        policy(world, {"kind": "election_time_limit", "working_days": 2})
    held.open(by="tobias").nominate(tobias="priya")
    elections.hand_back(held.now)
    run_jobs()
    assert (held.state, held.now.meeting, held.now.due_at is None) == (State.NOMINATING, "", not limit)
    asked = {a for m in mail.outbox if "Your nomination" in m.subject for a in m.to}
    assert asked == {f"{p}@northwind.example" for p in ("ines", "maya", "noor", "priya", "samira")}
    assert Ballot.objects.count() == 1


def test_a_candidate_proposed_in_a_meeting_is_answered_asynchronously_when_it_ends(
    world: World, held: Electing, run_jobs: RunJobs
) -> None:
    proposed(held)
    in_meeting.ask_for_objections(held.proposal)
    elections.hand_back(held.now)
    assert held.proposal.state == Proposal.State.PROPOSED
    held.no_objection("ines", "maya", "noor", "priya", "samira", "tobias")
    run_jobs()
    assert (held.state, holders(world, "secretary")) == (State.ELECTED, ["Priya Venkat"])


def test_shared_in_a_meeting_that_ends_changes_are_asked_for_asynchronously(
    world: World, held: Electing
) -> None:
    nominated(held)
    elections.hand_back(held.now)
    assert (held.state, held.now.round) == (State.CHANGING, 1)
    held.keep("maya")


def test_a_candidate_under_objection_is_brought_into_a_meeting(world: World, run_jobs: RunJobs) -> None:
    electing = (
        Electing(world)
        .open()
        .nominate(ines="priya", maya="priya", noor="priya", priya="priya", samira="priya", tobias="priya")
    )
    run_jobs()
    electing.keep("ines", "maya", "noor", "priya", "samira", "tobias")
    run_jobs()
    electing.object("maya", "copywriter")
    bring(electing)
    assert electing.proposal.state == Proposal.State.IN_MEETING
    assert [o.state for o in electing.proposal.objections.all()] == ["resolved"]
    elections.decline(electing.now, actor=world.priya)
    assert electing.state == State.NO_RESULT


@pytest.mark.parametrize("in_a_meeting", [False, True])
def test_it_ends_where_no_seat_is_left_to_elect_anybody_to(
    world: World, run_jobs: RunJobs, in_a_meeting: bool
) -> None:
    """An election for a further rep whose seat an admin fills meanwhile neither stays open nor keeps the meeting."""
    storefront = world.role_ids["storefront"]
    policy(world, {"kind": "rep_count", "role": storefront, "most": 2}, circle="anchor")
    held = Electing(world, "circle_rep")
    if in_a_meeting:
        bring(held, "tobias", "priya", "samira")
        held.open(by="tobias").nominate(**dict.fromkeys(("tobias", "priya", "samira"), "priya"))
        elections.close_nominations(held.now, actor=world.tobias)
        elections.open_changes(held.now, actor=world.tobias)
        elections.count(held.now, actor=world.tobias)
    else:
        held.open().nominate(**dict.fromkeys(MEMBERS, "priya"))
        run_jobs()
    further = Assign(new_id(), derived_id(storefront, CIRCLE_REP), world.samira.id, "", "2027-09-30")
    set_up.edit_structure([further], actor=world.ines, reason="For the time being")
    if in_a_meeting:
        elections.hand_back(held.now)
    else:
        held.keep(*MEMBERS)
    run_jobs()
    assert held.state == State.NO_RESULT
    assert "2 circle reps" in held.now.ended_reason
    assert not Proposal.objects.filter(state__in=[*Proposal.OPEN, Proposal.State.DRAFT]).exists()
    assert holders(world, "circle_rep") == ["Maya Lindqvist", "Samira Osei"]
