"""Elections as people hold them in a governance meeting: on the agenda before all else, then step by step (§5.3.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from circles.models import Assignment
from governance.elections import own_ballot, revealed, roll
from governance.models import Decision, Election
from meetings.actions import agenda, elections
from meetings.models import AgendaItem, Meeting
from people.refusals import RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.constitution.elections import TERM, holders
from tests.meetings.room import Held
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
HERE = ("noor", "tobias", "samira", "priya", "maya")


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def held(world: World) -> Held:
    return Held(world).begin()


def take_up(held: Held, seat: str = "secretary") -> Election:
    item = elections.call_for(held.meeting, seat, actor=held.world.samira)
    agenda.choose(held.meeting, item.pk, actor=held.world.noor)
    return Election.objects.get()


def open_ballots(held: Held) -> Election:
    take_up(held)
    elections.describe(held.meeting, actor=held.world.noor, term_ends=timezone.localdate() + TERM)
    return Election.objects.get()


def nominate(held: Held, **whom: str) -> Election:
    people = held.world.people
    for voter, candidate in whom.items():
        elections.nominate(
            held.meeting, actor=people[voter], candidate=people[candidate].pk, reason=f"{candidate}!"
        )
    return Election.objects.get()


def say_why(held: Held) -> None:
    while (turn := held.room.speaking) is not None:
        elections.say_why(held.meeting, turn.pk, actor=turn.person)
    held.next()


# -- on the agenda ------------------------------------------------------------------------------------------------


@clause("5.4.4b", REFUSES)
def test_what_is_no_election_waits_for_one_that_somebody_asked_for(world: World, held: Held) -> None:
    briefs = agenda.add(held.meeting, "Photo briefs", actor=world.priya)
    item = elections.call_for(held.meeting, "secretary", actor=world.samira)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: agenda.choose(held.meeting, briefs.pk, actor=world.noor),
        lambda: agenda.move(held.meeting, briefs.pk, actor=world.noor, up=True),
        lambda: agenda.move(held.meeting, item.pk, actor=world.noor, up=False),
        lambda: elections.ask_first(held.meeting, briefs.pk, actor=world.priya),
    )
    for attempt in attempts:
        with pytest.raises(RuleBroken) as refused:
            attempt()
        assert refused.value.clause == "5.4.4"
    assert [i.pk for i in held.room.items] == [item.pk, briefs.pk]


@clause("5.4.4b", ALLOWS)
def test_any_participant_asks_that_an_election_goes_first(world: World, held: Held) -> None:
    briefs = agenda.add(held.meeting, "Photo briefs", actor=world.priya)
    item = elections.call_for(held.meeting, "secretary", actor=world.samira, goes_first=False)
    # Nobody has asked yet: the facilitator orders
    assert [i.pk for i in held.room.items] == [briefs.pk, item.pk]
    elections.ask_first(held.meeting, item.pk, actor=world.maya)
    assert [i.pk for i in held.room.items] == [item.pk, briefs.pk]
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    assert held.step == "describe"


@clause("5.4.4b", HAPPENS)
def test_elections_go_before_all_else_in_the_order_they_were_asked_for(world: World, held: Held) -> None:
    agenda.add(held.meeting, "Photo briefs", actor=world.priya)
    elections.call_for(held.meeting, "secretary", actor=world.samira)
    elections.call_for(held.meeting, "facilitator", actor=world.maya)
    assert [i.seat for i in held.room.items] == ["secretary", "facilitator", ""]


@clause("5.4.4b", REFUSES)
def test_an_election_is_called_for_between_items(world: World, held: Held) -> None:
    held.take_up()
    with pytest.raises(RuleBroken) as refused:
        elections.call_for(held.meeting, "secretary", actor=world.maya)
    assert refused.value.clause == "5.4.4"
    assert not AgendaItem.objects.exclude(seat="").exists()


# -- the steps ----------------------------------------------------------------------------------------------------


@clause("5.3.5a", REFUSES)
def test_the_role_and_a_term_come_before_nominations(world: World, held: Held) -> None:
    take_up(held)
    with pytest.raises(RuleBroken) as refused:
        elections.nominate(held.meeting, actor=world.maya, candidate=world.priya.pk)
    assert refused.value.clause == "5.3.5b"
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.3.5"
    with pytest.raises(RuleBroken) as refused:
        elections.describe(held.meeting, actor=world.noor, term_ends=timezone.localdate())
    assert refused.value.clause == "5.3.5"


@clause("5.3.5a", HAPPENS)
@clause("5.3.5b", HAPPENS)
def test_those_present_are_asked_and_nobody_sees_what(world: World, held: Held) -> None:
    election = open_ballots(held)
    assert held.step == "nominate"
    assert {a.person for a in roll(election)} == {world.people[p] for p in HERE}
    nominate(held, maya="priya")
    assert own_ballot(election, world.maya) is not None
    assert own_ballot(election, world.noor) is None
    with pytest.raises(RuleBroken) as refused:
        revealed(election)
    assert refused.value.clause == "5.3.5"
    assert [a.person for a in roll(election) if a.answered] == [world.maya]


@clause("5.3.5b", REFUSES)
def test_nominations_are_shown_once_everybody_present_has_nominated(world: World, held: Held) -> None:
    open_ballots(held)
    nominate(held, maya="priya", samira="priya", tobias="priya", priya="maya")
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.3.5"
    assert "Noor Haddad" in refused.value.message
    with pytest.raises(RuleBroken) as refused:
        elections.nominate(held.meeting, actor=world.noor, candidate="")
    assert refused.value.clause == "5.3.5"


@clause("5.3.5c", HAPPENS)
def test_in_the_sharing_round_each_says_why_one_at_a_time(world: World, held: Held) -> None:
    open_ballots(held)
    nominate(held, **dict.fromkeys(HERE, "priya"))
    held.next()
    assert held.step == "share"
    # All are revealed at once; then each nominator has the floor
    assert len(revealed(Election.objects.get())) == len(HERE)
    turn = held.speaking
    waiting = held.room.following
    assert waiting is not None
    with pytest.raises(RuleBroken) as refused:
        elections.say_why(held.meeting, waiting.pk, actor=waiting.person)
    assert refused.value.clause == "5.4.3"
    elections.say_why(held.meeting, turn.pk, actor=turn.person, reason="She asks first")
    said = {n.voter: n.reason for n in revealed(Election.objects.get())}
    assert said[turn.person] == "She asks first"
    assert held.speaking.person == waiting.person


@clause("5.3.5d", HAPPENS)
def test_in_the_change_round_each_keeps_or_changes_in_turn(world: World, held: Held) -> None:
    open_ballots(held)
    nominate(held, noor="maya", tobias="maya", samira="maya", priya="priya", maya="priya")
    held.next()
    say_why(held)
    assert held.step == "change"
    first = held.speaking
    elections.change(
        held.meeting, first.pk, actor=first.person, candidate=world.tobias.pk, reason="The mills"
    )
    while (turn := held.room.speaking) is not None:
        elections.keep(held.meeting, turn.pk, actor=turn.person)
    line = next(n for n in revealed(Election.objects.get()) if n.voter == first.person)
    assert (line.stands_for, line.change_reason) == (world.tobias, "The mills")


@clause("5.3.5e", HAPPENS)
@clause("5.3.5f", HAPPENS)
@clause("5.2", HAPPENS)
def test_who_has_most_is_proposed_and_without_objection_elected_at_once(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    open_ballots(held)
    nominate(held, noor="priya", tobias="priya", samira="priya", priya="maya", maya="maya")
    held.next()
    say_why(held)
    while (turn := held.room.speaking) is not None:
        elections.keep(held.meeting, turn.pk, actor=turn.person)
    held.next()
    assert held.step == "count"
    assert Election.objects.get().candidate == world.priya
    held.next()
    held.nobody_objects()
    run_jobs()
    election = Election.objects.get()
    assert holders(world, "secretary") == ["Priya Venkat"]
    decision = Decision.objects.get(pk=election.decision_id)
    assert (decision.authority, decision.meeting) == ("election", held.meeting.pk)
    seat = Assignment.objects.get(role=election.role_id)
    assert seat.term_ends == election.term_ends
    assert Meeting.objects.get().items.get().outcome == AgendaItem.Outcome.ADOPTED


@clause("5.3.5f", REFUSES)
def test_nobody_is_discarded_or_dropped_without_an_objection(world: World, held: Held) -> None:
    open_ballots(held)
    nominate(held, **dict.fromkeys(HERE, "priya"))
    held.next()
    say_why(held)
    while (turn := held.room.speaking) is not None:
        elections.keep(held.meeting, turn.pk, actor=turn.person)
    held.next()
    held.next()
    attempts: tuple[Callable[[], object], ...] = (
        lambda: elections.discard_candidate(held.meeting, actor=world.noor, reason="I would rather not"),
        lambda: agenda.discard(held.meeting, actor=world.noor, reason="It lacks a tension"),
        lambda: agenda.drop(held.meeting, actor=world.noor, reason="No answers"),
    )
    for attempt in attempts:
        with pytest.raises(RuleBroken) as refused:
            attempt()
        assert refused.value.clause == "5.3.5"
    assert Election.objects.get().candidate == world.priya
