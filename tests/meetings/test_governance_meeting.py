"""A governance meeting from check-in to closing, through actions: what happens, and what the clauses forbid."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from circles.constitution import FACILITATOR, SECRETARY
from governance.actions import assignments, proposals
from governance.models import Decision, Objection, Proposal
from governance.record import verify
from journal.models import Event
from meetings.actions import agenda, rounds, sessions, texts
from meetings.models import AgendaItem, Meeting, Turn
from meetings.room import Moved
from people.refusals import Conflict, Malformed, NotAllowed, Refused, RuleBroken
from tensions.models import Tension
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.meetings.room import TEXT, Held
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def held(world: World) -> Held:
    return Held(world)


def accountabilities(world: World) -> list[str]:
    return [a.text for a in world.role("merchandiser").accountabilities.all()]


# -- whole meetings ---------------------------------------------------------------------------------------------


@clause("5.4.2c", HAPPENS)
@clause("5.4.3", HAPPENS)
@clause("5.4.5a", HAPPENS)
@clause("5.4.5b", HAPPENS)
def test_a_meeting_from_check_in_to_adoption_and_closing(world: World, held: Held, run_jobs: RunJobs) -> None:
    held.begin().take_up()
    for step in ("questions", "reactions"):
        held.next()
        assert held.step == step
    # The reaction round leaves out the proposer (§5.4.5c)
    assert {t.person for t in held.room.turns} == {world.noor, world.tobias, world.priya, world.maya}
    held.go_round()
    held.next()
    assert held.step == "clarify"
    held.next()
    assert held.step == "objections"
    assert {t.person for t in held.room.turns} == {
        world.noor, world.tobias, world.priya, world.maya, world.samira,
    }  # fmt: skip
    held.nobody_objects()
    assert held.step == "adopting"
    assert accountabilities(world) == []
    run_jobs()
    # Ines and the others of the circle were absent, and nobody waited for them (§5.4.2)
    assert accountabilities(world) == ["Sending Photo Desk a brief"]
    decision = Decision.objects.get(number=2)
    assert decision.meeting == held.meeting.pk
    item = AgendaItem.objects.get()
    assert (item.state, item.outcome) == (AgendaItem.State.DONE, AgendaItem.Outcome.ADOPTED)
    assert held.step == "agenda"
    held.next()
    assert held.step == "closing"
    held.go_round()
    sessions.close(held.meeting, actor=world.noor, seen=held.room.seen)
    assert held.step == "closed"
    assert verify(world.organization).faults == []
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"meeting.began", "meeting.item_chosen", "meeting.item_ended", "meeting.closed"} <= kinds


@clause("5.4.5d", HAPPENS)
def test_an_objection_that_counts_is_integrated_and_everybody_asked_again(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.priya)
    objection = texts.raise_concern(
        held.meeting,
        turn.pk,
        actor=world.priya,
        role=world.role_ids["merchandiser"],
        concern="No samples by then",
    )
    for criterion in "abcd":
        assert held.speaking.person == world.priya
        objection = texts.test_criterion(
            held.meeting,
            objection.pk,
            criterion,
            actor=world.noor,
            given=True,
            argument=f"argument {criterion}",
        )
    assert objection.state == Objection.State.VALID
    held.nobody_objects()
    assert held.step == "objections"
    held.next()
    assert (held.step, held.item.in_hand) == ("integration", objection)
    # It stands until both confirm
    with pytest.raises(RuleBroken, match=r"§5\.4\.5f"):
        held.next()
    version = held.proposal.text_version
    texts.confirm(
        held.meeting, objection.pk, actor=world.samira, side="proposer", holds=True, text_version=version
    )
    amended = {"changes": held.change("Sending Photo Desk a brief, late samples a day after arrival")}
    texts.write(held.meeting, amended, actor=world.priya, text_version=version)
    objection.refresh_from_db()
    assert not objection.proposer_confirms, "a new text is confirmed anew"
    version = held.proposal.text_version
    with pytest.raises(Refused, match="has changed"):
        texts.confirm(
            held.meeting,
            objection.pk,
            actor=world.priya,
            side="objector",
            holds=True,
            text_version=version - 1,
        )
    with pytest.raises(NotAllowed):
        texts.confirm(
            held.meeting, objection.pk, actor=world.maya, side="objector", holds=True, text_version=version
        )
    for person, side in ((world.priya, "objector"), (world.samira, "proposer")):
        texts.confirm(held.meeting, objection.pk, actor=person, side=side, holds=True, text_version=version)
    objection.refresh_from_db()
    assert objection.state == Objection.State.RESOLVED
    held.next()
    assert held.step == "objections"
    assert all(not t.is_over for t in held.room.turns), "everybody is asked again"
    held.nobody_objects()
    run_jobs()
    assert accountabilities(world) == ["Sending Photo Desk a brief, late samples a day after arrival"]


def test_a_concern_without_an_argument_is_no_objection(world: World, held: Held, run_jobs: RunJobs) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    objection = texts.raise_concern(
        held.meeting,
        turn.pk,
        actor=world.maya,
        role=world.role_ids["copywriter"],
        concern="I would do it otherwise",
    )
    with pytest.raises(NotAllowed):
        texts.test_criterion(held.meeting, objection.pk, "a", actor=world.tobias, given=False)
    tested = texts.test_criterion(held.meeting, objection.pk, "a", actor=world.noor, given=False)
    assert tested.state == Objection.State.NOT_VALID
    held.nobody_objects()
    assert held.step == "adopting"
    run_jobs()
    assert accountabilities(world) == ["Sending Photo Desk a brief"]


def test_an_untested_concern_counts_until_it_is_tested(world: World, held: Held) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.maya, role=world.role_ids["copywriter"], concern="Too many briefs"
    )
    texts.capture_untested(held.meeting, objection.pk, actor=world.noor)
    held.nobody_objects()
    held.next()
    assert held.step == "integration"
    # Any member may ask for a test; then it must be before the proposal goes on (§5.3.4a)
    texts.ask_for_test(held.meeting, objection.pk, actor=world.priya)
    with pytest.raises(RuleBroken, match=r"§5\.3\.4"):
        texts.confirm(
            held.meeting, objection.pk, actor=world.maya, side="objector", holds=True,
            text_version=held.proposal.text_version,
        )  # fmt: skip
    texts.test_criterion(held.meeting, objection.pk, "c", actor=world.noor, given=False)
    held.next()
    assert held.step == "objections"


@clause("5.3.3b", HAPPENS)
def test_a_rule_that_would_be_broken_counts_unless_the_secretary_rules_otherwise(
    world: World, held: Held
) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.maya, role=world.role_ids["copywriter"], concern="This is a project",
        rule="§5.2",
    )  # fmt: skip
    assert objection.state == Objection.State.VALID
    held.nobody_objects()
    assert held.step == "objections"
    with pytest.raises(NotAllowed):
        texts.rule_on(held.meeting, objection.pk, actor=world.noor, violates=False, reason="It is ongoing")
    texts.rule_on(held.meeting, objection.pk, actor=world.tobias, violates=False, reason="It is ongoing")
    assert held.step == "adopting"


# -- who takes part ---------------------------------------------------------------------------------------------


@clause("5.4.1a", REFUSES)
@clause("5.4.1a", ALLOWS)
def test_only_members_and_those_who_act_take_part(world: World, held: Held) -> None:
    for stranger in (world.lea, world.otto, world.outsider):
        assert stranger is not None
        with pytest.raises(RuleBroken, match=r"§5\.4\.1"):
            sessions.enter(held.meeting, actor=stranger)
        with pytest.raises(RuleBroken, match=r"§5\.4\.1"):
            agenda.add(held.meeting, "Mine", actor=stranger)
    with pytest.raises(RuleBroken, match=r"§5\.4\.1"):
        sessions.open_now(world.role("storefront"), minutes=30, actor=world.lea)
    # Whom the facilitator names in their place is a member as long as they act
    sessions.appoint(held.meeting, FACILITATOR, world.lea, actor=world.noor)
    sessions.enter(held.meeting, actor=world.lea)
    rounds.begin(held.meeting, actor=world.lea)
    assert world.lea in [t.person for t in held.room.turns]
    assert held.room.is_facilitator(world.lea)


@clause("5.3.6", HAPPENS)
def test_surrogates_act_in_the_order_of_5_3_6(world: World) -> None:
    meeting = sessions.open_now(world.role("storefront"), minutes=60, actor=world.priya)
    for person in (world.ines, world.tobias):
        sessions.enter(meeting, actor=person)
    meeting.refresh_from_db()
    assert (meeting.facilitator, meeting.secretary) == (None, world.tobias)
    with pytest.raises(Refused, match="act as facilitator"):
        rounds.begin(meeting, actor=world.ines)
    # The secretary comes before the circle lead, and the lead before other members
    for person in (world.ines, world.priya):
        with pytest.raises(RuleBroken, match=r"§5\.3\.6 Tobias"):
            sessions.declare(meeting, FACILITATOR, actor=person)
    sessions.leave(meeting, actor=world.tobias)
    with pytest.raises(RuleBroken, match=r"§5\.3\.6 Ines"):
        sessions.declare(meeting, FACILITATOR, actor=world.priya)
    sessions.declare(meeting, FACILITATOR, actor=world.ines)
    # Nobody takes it from a surrogate but the one who was elected
    sessions.enter(meeting, actor=world.tobias)
    with pytest.raises(RuleBroken, match=r"§5\.3\.6"):
        sessions.declare(meeting, FACILITATOR, actor=world.tobias)
    sessions.enter(meeting, actor=world.noor)
    sessions.declare(meeting, FACILITATOR, actor=world.noor)
    meeting.refresh_from_db()
    assert meeting.facilitator == world.noor


def test_a_surrogate_facilitates_whole_and_tests_objections(world: World, run_jobs: RunJobs) -> None:
    held = Held(world)
    sessions.leave(held.meeting, actor=world.noor)
    sessions.declare(held.meeting, FACILITATOR, actor=world.tobias)
    world.people["noor"], noor = world.tobias, world.noor
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.maya, role=world.role_ids["copywriter"], concern="Hm"
    )
    with pytest.raises(NotAllowed):
        proposals.test_criterion(objection, "a", actor=noor, given=False)
    texts.test_criterion(held.meeting, objection.pk, "a", actor=world.tobias, given=False)
    held.nobody_objects()
    run_jobs()
    assert accountabilities(world) == ["Sending Photo Desk a brief"]


def test_the_secretary_schedules_and_members_open_one_now(world: World) -> None:
    circle = world.role("storefront")
    tomorrow = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(RuleBroken, match=r"§5\.4 "):
        sessions.schedule(circle, at=tomorrow, minutes=60, actor=world.priya)
    with pytest.raises(Malformed):
        sessions.schedule(circle, at=tomorrow, minutes=3, actor=world.tobias)
    with pytest.raises(Malformed):
        sessions.schedule(circle, at=tomorrow - dt.timedelta(days=2), minutes=60, actor=world.tobias)
    with pytest.raises(Refused):
        sessions.schedule(world.role("photo"), at=tomorrow, minutes=60, actor=world.tobias)
    meeting = sessions.schedule(circle, at=tomorrow, minutes=60, actor=world.tobias)
    with pytest.raises(NotAllowed):
        sessions.cancel(meeting, actor=world.maya)
    sessions.cancel(meeting, actor=world.tobias)
    assert not Meeting.objects.exists()
    # Two who open one at the same time are in the same room
    first = sessions.open_now(circle, minutes=60, actor=world.priya)
    assert sessions.open_now(circle, minutes=30, actor=world.maya) == first
    assert first.participants.count() == 2


# -- the agenda -------------------------------------------------------------------------------------------------


@clause("5.4.4a", REFUSES)
@clause("5.4.4a", ALLOWS)
def test_the_agenda_is_built_in_the_meeting_and_between_items(world: World, held: Held) -> None:
    with pytest.raises(Refused):
        agenda.add(held.meeting, "Beforehand", actor=world.maya)
    rounds.begin(held.meeting, actor=world.noor)
    with pytest.raises(RuleBroken, match=r"§5\.4\.4"):
        agenda.add(held.meeting, "In the check-in", actor=world.maya)
    held.go_round()
    held.next()
    with pytest.raises(Malformed):
        agenda.add(held.meeting, "x" * 121, actor=world.maya)
    with pytest.raises(Malformed):
        agenda.add(held.meeting, "  ", actor=world.maya)
    item = agenda.add(held.meeting, "Voice guide", actor=world.maya, form_key="once")
    assert agenda.add(held.meeting, "Voice guide", actor=world.maya, form_key="once") == item
    other = agenda.add(held.meeting, "Samples", actor=world.noor, owner=world.priya)
    assert other.owner == world.priya
    with pytest.raises(NotAllowed):
        agenda.add(held.meeting, "For Maya", actor=world.priya, owner=world.maya)
    with pytest.raises(NotAllowed):
        agenda.remove(held.meeting, item.pk, actor=world.priya)
    with pytest.raises(RuleBroken, match=r"§5\.4\.4"):
        agenda.move(held.meeting, other.pk, actor=world.priya, up=True)
    agenda.move(held.meeting, other.pk, actor=world.noor, up=True)
    assert [i.label for i in held.room.items] == ["Samples", "Voice guide"]
    agenda.remove(held.meeting, other.pk, actor=world.priya)
    with pytest.raises(NotAllowed):
        agenda.choose(held.meeting, item.pk, actor=world.maya)
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    with pytest.raises(RuleBroken, match=r"§5\.4\.4"):
        agenda.add(held.meeting, "Meanwhile", actor=world.maya)
    with pytest.raises(RuleBroken, match=r"§5\.4\.4"):
        agenda.choose(held.meeting, item.pk, actor=world.noor)


def test_drafts_and_escalated_proposals_are_presented_by_their_owner_alone(world: World, held: Held) -> None:
    draft = proposals.start_draft(world.role("storefront"), actor=world.samira, **TEXT, changes=held.change())
    asked = proposals.start_draft(world.role("storefront"), actor=world.samira, **TEXT, changes=held.change())
    proposals.propose(asked, actor=world.samira)
    proposals.ask_for_meeting(asked, actor=world.maya)
    held.begin()
    with pytest.raises(NotAllowed):
        agenda.add(held.meeting, "Hers", actor=world.maya, proposal=draft)
    item = agenda.add(held.meeting, "Briefs", actor=world.samira, proposal=draft)
    assert item.presented is None, "nobody sees a draft before it is presented"
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    draft.refresh_from_db()
    assert (held.proposal, draft.state) == (draft, Proposal.State.IN_MEETING)
    agenda.park(held.meeting, actor=world.noor, reason="Samira wants to sleep on it")
    draft.refresh_from_db()
    assert (draft.state, draft.meeting) == (Proposal.State.DRAFT, "")
    second = agenda.add(held.meeting, "Asked for", actor=world.samira)
    agenda.choose(held.meeting, second.pk, actor=world.noor)
    with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
        agenda.present(held.meeting, actor=world.maya)
    with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
        agenda.present(held.meeting, actor=world.noor, proposal=asked)
    agenda.present(held.meeting, actor=world.samira, proposal=asked)
    with pytest.raises(Moved):
        agenda.present(held.meeting, actor=world.samira)
    agenda.park(held.meeting, actor=world.noor)
    asked.refresh_from_db()
    assert asked.state == Proposal.State.ESCALATED


def test_absent_owners_wait_and_items_can_need_no_proposal(world: World, held: Held) -> None:
    held.begin()
    item = agenda.add(held.meeting, "Voice guide", actor=world.maya)
    sessions.leave(held.meeting, actor=world.maya)
    with pytest.raises(Refused, match="not here"):
        agenda.choose(held.meeting, item.pk, actor=world.noor)
    sessions.enter(held.meeting, actor=world.maya)
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    with pytest.raises(NotAllowed):
        agenda.settle_without(held.meeting, actor=world.priya)
    agenda.settle_without(held.meeting, actor=world.maya)
    item.refresh_from_db()
    assert (item.state, item.outcome) == (AgendaItem.State.DONE, AgendaItem.Outcome.SETTLED)


# -- steps ------------------------------------------------------------------------------------------------------


@clause("5.4.5a", REFUSES)
def test_a_proposal_carries_what_5_3_1_asks_for_before_objections(world: World, held: Held) -> None:
    held.begin().take_up()
    texts.write(held.meeting, {"example": "", "changes": []}, actor=world.samira, text_version=None)
    with pytest.raises(RuleBroken, match=r"§5\.4\.5a"):
        held.next()
    texts.write(held.meeting, {"changes": held.change()}, actor=world.samira, text_version=None)
    held.to("clarify")
    with pytest.raises(RuleBroken, match=r"§5\.3\.1"):
        held.next()
    texts.write(held.meeting, {"example": TEXT["example"]}, actor=world.tobias, text_version=None)
    held.next()
    assert held.step == "objections"


@pytest.mark.parametrize(
    ("step", "may"),
    [
        ("present", {"samira", "tobias"}),
        ("questions", set()),
        ("reactions", set()),
        ("clarify", {"samira", "tobias"}),
        ("objections", set()),
    ],
)
@clause("5.4.5c", REFUSES)
@clause("5.4.5c", ALLOWS)
def test_who_changes_the_text_in_which_step(world: World, held: Held, step: str, may: set[str]) -> None:
    held.begin().take_up().to(step)
    for name in ("samira", "tobias", "noor", "maya"):
        data = {"title": f"By {name}"}
        if name in may:
            texts.write(held.meeting, data, actor=world.people[name], text_version=None)
        else:
            with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
                texts.write(held.meeting, data, actor=world.people[name], text_version=None)


def test_a_stale_save_gets_both_texts(world: World, held: Held) -> None:
    held.begin().take_up()
    version = held.proposal.text_version
    texts.write(held.meeting, {"tension": "Briefs come late"}, actor=world.tobias, text_version=version)
    with pytest.raises(Conflict) as conflict:
        texts.write(held.meeting, {"tension": "They are late"}, actor=world.samira, text_version=version)
    assert (conflict.value.drafted, conflict.value.now) == ("They are late", "Briefs come late")


@clause("5.4.5b", REFUSES)
def test_people_speak_one_at_a_time(world: World, held: Held) -> None:
    rounds.begin(held.meeting, actor=world.noor)
    turns = held.room.turns
    speaking, waiting = turns[0], turns[1]
    with pytest.raises(RuleBroken, match=r"§5\.4\.3"):
        rounds.take_turn(held.meeting, waiting.pk, actor=waiting.person)
    with pytest.raises(RuleBroken, match=r"§5\.4\.3"):
        rounds.take_turn(held.meeting, speaking.pk, actor=waiting.person)
    rounds.take_turn(held.meeting, speaking.pk, actor=speaking.person, passed=True)
    assert held.room.turns[0].state == Turn.State.PASSED
    # The facilitator enters it for somebody without a screen
    rounds.take_turn(held.meeting, waiting.pk, actor=world.noor)
    with pytest.raises(Moved):
        rounds.take_turn(held.meeting, waiting.pk, actor=world.noor)
    held.go_round()
    held.next()
    held.take_up().to("reactions")
    waiting = held.room.turns[-1]
    with pytest.raises(RuleBroken, match=r"§5\.4\.5 "):
        rounds.take_turn(held.meeting, waiting.pk, actor=waiting.person)


def test_a_round_goes_on_without_who_left_and_takes_in_who_comes(world: World, held: Held) -> None:
    rounds.begin(held.meeting, actor=world.noor)
    first = held.speaking.person
    sessions.leave(held.meeting, actor=first)
    assert held.speaking.person != first
    sessions.enter(held.meeting, actor=world.ines)
    sessions.enter(held.meeting, actor=first)
    spoke = []
    while (turn := held.room.speaking) is not None:
        spoke.append(turn.person)
        rounds.take_turn(held.meeting, turn.pk, actor=turn.person)
    assert world.ines in spoke
    assert first in spoke


def test_who_drops_out_of_the_objection_round_does_not_hold_it_up(world: World, held: Held) -> None:
    held.begin().take_up().to("objections")
    while held.room.following is not None:
        rounds.no_objection(held.meeting, held.speaking.pk, actor=held.speaking.person)
    with pytest.raises(Refused, match="has not answered"):
        held.next()
    with pytest.raises(NotAllowed):
        sessions.mark_gone(held.meeting, held.speaking.person, actor=world.maya)
    sessions.mark_gone(held.meeting, held.speaking.person, actor=world.noor)
    assert held.step == "adopting"


def test_steps_go_back_until_a_concern_was_raised(world: World, held: Held) -> None:
    held.begin().take_up()
    with pytest.raises(Refused):
        rounds.go_back(held.meeting, actor=world.noor)
    held.to("objections")
    rounds.go_back(held.meeting, actor=world.noor, seen=held.room.seen)
    assert held.step == "clarify"
    held.next()
    turn = held.floor_to(world.maya)
    texts.raise_concern(
        held.meeting, turn.pk, actor=world.maya, role=world.role_ids["copywriter"], concern="Hm"
    )
    with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
        rounds.go_back(held.meeting, actor=world.noor)
    with pytest.raises(NotAllowed):
        rounds.advance(held.meeting, actor=world.maya)


def test_the_closing_round_leads_back_to_the_agenda(world: World, held: Held) -> None:
    held.begin()
    while held.step == "check_in":
        rounds.advance(held.meeting, actor=world.noor)
    rounds.advance(held.meeting, actor=world.noor)
    assert held.step == "closing"
    rounds.go_back(held.meeting, actor=world.noor, seen=held.room.seen)
    assert held.step == "agenda"
    rounds.advance(held.meeting, actor=world.noor)
    assert held.step == "closing"
    assert held.speaking is not None


def test_doubled_clicks_and_stale_pages_change_nothing(world: World, held: Held) -> None:
    seen = held.room.seen
    rounds.begin(held.meeting, actor=world.noor, seen=seen)
    with pytest.raises(Moved):
        rounds.begin(held.meeting, actor=world.noor, seen=seen)
    held.go_round()
    seen = held.room.seen
    rounds.advance(held.meeting, actor=world.noor, seen=seen)
    with pytest.raises(Moved):
        rounds.advance(held.meeting, actor=world.noor, seen=seen)
    assert held.step == "agenda"
    held.take_up().to("objections")
    first = held.speaking
    rounds.no_objection(held.meeting, first.pk, actor=first.person)
    with pytest.raises(Moved):
        rounds.no_objection(held.meeting, first.pk, actor=first.person)
    turn = held.floor_to(world.maya)
    raise_it = {"role": world.role_ids["copywriter"], "concern": "Hm"}
    texts.raise_concern(held.meeting, turn.pk, actor=world.maya, **raise_it)
    with pytest.raises(Moved):
        texts.raise_concern(held.meeting, turn.pk, actor=world.maya, **raise_it)
    assert Objection.objects.count() == 1


def test_concerns_are_for_the_objection_round_and_for_roles_one_leads(world: World, held: Held) -> None:
    held.begin().take_up().to("reactions")
    speaking = held.speaking
    concern = {"concern": "No", "role": world.role_ids["copywriter"]}
    with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
        texts.raise_concern(held.meeting, speaking.pk, actor=speaking.person, **concern)
    held.to("objections")
    turn = held.floor_to(world.priya)
    with pytest.raises(RuleBroken, match=r"§5\.3 "):
        texts.raise_concern(held.meeting, turn.pk, actor=world.priya, **concern)
    with pytest.raises(Malformed):
        texts.raise_concern(
            held.meeting, turn.pk, actor=world.priya, role=world.role_ids["merchandiser"], concern=" "
        )
    other = held.room.turn_of(world.maya)
    assert other is not None
    with pytest.raises(RuleBroken, match=r"§5\.4\.5"):
        texts.raise_concern(held.meeting, other.pk, actor=world.maya, **concern)


def test_who_said_none_may_see_one_after_all(world: World, held: Held) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    rounds.no_objection(held.meeting, turn.pk, actor=world.maya)
    with pytest.raises(NotAllowed):
        rounds.give_floor(held.meeting, turn.pk, actor=world.priya)
    rounds.give_floor(held.meeting, turn.pk, actor=world.maya)
    turn.refresh_from_db()
    assert turn.state == Turn.State.WAITING


@clause("5.4.3", REFUSES)
@clause("5.4.3", ALLOWS)
def test_time_out(world: World, held: Held) -> None:
    held.begin().take_up()
    sessions.ask_time_out(held.meeting, actor=world.priya)
    held.next()  # asking alone stops nothing
    with pytest.raises(NotAllowed):
        sessions.answer_time_out(held.meeting, actor=world.priya, granted=True)
    sessions.answer_time_out(held.meeting, actor=world.noor, granted=False)
    with pytest.raises(Moved):
        sessions.answer_time_out(held.meeting, actor=world.noor, granted=True)
    sessions.ask_time_out(held.meeting, actor=world.noor)
    with pytest.raises(RuleBroken, match=r"§5\.4\.3"):
        held.next()
    with pytest.raises(RuleBroken, match=r"§5\.4\.3"):
        agenda.park(held.meeting, actor=world.noor)
    sessions.end_time_out(held.meeting, actor=world.noor)
    held.next()
    assert held.step == "reactions"


# -- ends -------------------------------------------------------------------------------------------------------


@clause("5.3.1", HAPPENS)
def test_proposals_are_discarded_dropped_and_withdrawn(world: World, held: Held) -> None:
    held.begin()
    for act, outcome in ((agenda.discard, "discarded"), (agenda.drop, "dropped")):
        held.take_up()
        with pytest.raises(NotAllowed):
            act(held.meeting, actor=world.maya, reason="No")
        with pytest.raises(Malformed):
            act(held.meeting, actor=world.noor, reason=" ")
        proposal = held.proposal
        act(held.meeting, actor=world.noor, reason="There is no example")
        proposal.refresh_from_db()
        assert (proposal.state, proposal.settled_reason) == (outcome, "There is no example")
    held.take_up()
    with pytest.raises(NotAllowed):
        agenda.withdraw(held.meeting, actor=world.noor)
    agenda.withdraw(held.meeting, actor=world.samira)
    assert [i.outcome for i in held.room.items] == ["discarded", "dropped", "withdrawn"]
    assert held.step == "agenda"


def test_an_abandoned_objection_is_dropped(world: World, held: Held) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.maya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.maya, role=world.role_ids["copywriter"], concern="Hm"
    )
    texts.capture_untested(held.meeting, objection.pk, actor=world.noor)
    held.nobody_objects()
    held.next()
    with pytest.raises(NotAllowed):
        texts.drop_objection(held.meeting, objection.pk, actor=world.samira, reason="No")
    texts.drop_objection(held.meeting, objection.pk, actor=world.noor, reason="Maya looks for no words")
    objection.refresh_from_db()
    assert objection.state == Objection.State.DROPPED
    held.next()
    assert held.step == "objections"


def test_what_conflicts_at_adoption_goes_back_to_its_proposer(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    held.begin().take_up()
    photo = world.role("photo")
    change = {"kind": "amend_role", "role": photo.pk, "purpose": {"from": photo.purpose, "to": "Pictures"}}
    texts.write(held.meeting, {"changes": [change]}, actor=world.samira, text_version=None)
    held.to("objections")
    held.nobody_objects()
    assert held.step == "adopting"
    # Meanwhile another proposal changes the same words
    other = proposals.start_draft(
        world.role("storefront"),
        actor=world.samira,
        **TEXT,
        changes=[{**change, "purpose": {"from": photo.purpose, "to": "Films"}}],
    )
    Proposal.objects.filter(pk=other.pk).update(state=Proposal.State.ADOPTING)
    assert proposals.settle(other.pk)
    run_jobs()
    assert held.step == "clarify"
    assert held.proposal.state == Proposal.State.IN_MEETING
    _shown, refusals = proposals.examine(held.proposal)
    assert [(r.drafted, r.now) for r in refusals if isinstance(r, Conflict)] == [("Pictures", "Films")]
    # With the words amended it is adopted
    change["purpose"] = {"from": "Films", "to": "Pictures and films"}
    texts.write(held.meeting, {"changes": [change]}, actor=world.samira, text_version=None)
    held.next()
    held.nobody_objects()
    run_jobs()
    photo.refresh_from_db()
    assert photo.purpose == "Pictures and films"
    assert verify(world.organization).faults == []


def test_closing_gives_back_what_was_not_processed(world: World, held: Held) -> None:
    tension = Tension.objects.create(
        organization=world.organization, person=world.maya, text="Two voice guides"
    )
    held.begin()
    agenda.add(held.meeting, "Voice guides", actor=world.maya, tension=tension)
    held.take_up().to("reactions")
    proposal = held.proposal
    with pytest.raises(NotAllowed):
        sessions.close(held.meeting, actor=world.maya)
    sessions.close(held.meeting, actor=world.noor)
    tension.refresh_from_db()
    proposal.refresh_from_db()
    assert tension.state == Tension.State.OPEN
    assert (proposal.state, proposal.meeting) == (Proposal.State.DRAFT, "")
    assert [i.outcome for i in held.room.items] == ["not_reached", "unfinished"]
    for act in (sessions.enter, sessions.close):
        with pytest.raises(Refused):
            act(held.meeting, actor=world.noor)
    # What is back with its proposer can be proposed in writing
    proposals.propose(proposal, actor=world.samira)


def test_what_is_being_adopted_when_the_meeting_closes_is_adopted(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    held.begin().take_up().to("objections")
    held.nobody_objects()
    sessions.close(held.meeting, actor=world.noor)
    run_jobs()
    assert accountabilities(world) == ["Sending Photo Desk a brief"]
    assert AgendaItem.objects.get().outcome == AgendaItem.Outcome.ADOPTED


def test_a_surrogate_is_found_where_a_circle_has_none_yet(world: World) -> None:
    circle = world.role("love")
    meeting = sessions.open_now(circle, minutes=30, actor=world.callum)
    with pytest.raises(Refused):
        rounds.begin(meeting, actor=world.callum)
    sessions.enter(meeting, actor=world.hana)
    with pytest.raises(RuleBroken, match=r"§5\.3\.6 Hana"):
        sessions.declare(meeting, FACILITATOR, actor=world.callum)
    sessions.declare(meeting, FACILITATOR, actor=world.hana)
    # For the secretary, the acting facilitator comes first
    with pytest.raises(RuleBroken, match=r"§5\.3\.6 Hana"):
        sessions.declare(meeting, SECRETARY, actor=world.callum)
    sessions.appoint(meeting, FACILITATOR, world.callum, actor=world.hana)
    sessions.declare(meeting, SECRETARY, actor=world.callum)
    meeting.refresh_from_db()
    assert (meeting.facilitator, meeting.secretary) == (world.callum, world.callum)


def test_whoever_loses_their_seat_takes_part_no_longer(world: World, held: Held) -> None:
    held.begin()
    assignments.assign_role(world.role("sizes"), world.lea, actor=world.ines)
    sessions.enter(held.meeting, actor=world.lea)
    agenda.add(held.meeting, "Sizes", actor=world.lea)
    seat = world.role("sizes").assignments.get()
    assignments.unassign_role(seat, actor=world.ines)
    with pytest.raises(RuleBroken, match=r"§5\.4\.1"):
        agenda.add(held.meeting, "More sizes", actor=world.lea)
