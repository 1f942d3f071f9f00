"""An election as an item of the agenda, through the room's pages: what each sees, and what is refused (§5.3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.actions import set_up
from governance.changes import Assign
from governance.elections import revealed
from governance.models import Ballot, Election
from meetings.actions import agenda, elections, rounds, sessions
from meetings.models import AgendaItem, Turn
from people.ids import derived_id, new_id
from people.models import Person
from people.refusals import NotAllowed, RuleBroken
from tests import world as worlds
from tests.api.conftest import Api
from tests.constitution.elections import TERM, Electing, policy
from tests.meetings.room import Held
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
HTMX = {"HX-Request": "true"}
HERE = ("noor", "tobias", "samira", "priya", "maya")


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def held(world: World) -> Held:
    return Held(world).begin()


def as_(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def look(person: Person, held: Held) -> str:
    response = as_(person).get(reverse("meetings:room", args=["northwind", held.meeting.pk]))
    assert response.status_code == 200
    return response.content.decode()


def do(actor: Person, held: Held, act: str, /, **data: Any) -> Any:
    return as_(actor).post(reverse("meetings:act", args=["northwind", held.meeting.pk, act]), data)


def called(held: Held, seat: str = "secretary") -> Held:
    """Call for an election and take it up."""
    item = elections.call_for(held.meeting, seat, actor=held.world.samira)
    agenda.choose(held.meeting, item.pk, actor=held.world.noor)
    return held


def opened(held: Held) -> Held:
    called(held)
    elections.describe(
        held.meeting, actor=held.world.noor, term_ends=timezone.localdate() + TERM, seen=held.room.seen
    )
    return held


def nominated(held: Held, **whom: str) -> Held:
    """Let everybody here nominate, and show it."""
    people = held.world.people
    whom = whom or {"noor": "tobias", "tobias": "priya", "samira": "tobias", "priya": "priya", "maya": "maya"}
    for voter, candidate in whom.items():
        elections.nominate(held.meeting, actor=people[voter], candidate=people[candidate].pk)
    held.next()
    return held


def share(held: Held) -> Held:
    while (turn := held.room.speaking) is not None:
        elections.say_why(held.meeting, turn.pk, actor=turn.person, reason=f"{turn.person.name} says why")
    held.next()
    return held


def keep(held: Held) -> Held:
    while (turn := held.room.speaking) is not None:
        elections.keep(held.meeting, turn.pk, actor=turn.person)
    held.next()
    return held


def election(held: Held) -> Election:
    found = held.room.election
    assert found is not None
    return found


def test_a_whole_election_through_the_pages_of_those_who_are_there(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    assert "Call for an election" in look(world.maya, held)
    do(world.maya, held, "call_election", seat="secretary", first="yes", form_key="k")
    assert "goes first" in look(world.noor, held)
    assert "Next: Election: Secretary" in look(world.noor, held)
    do(world.noor, held, "choose", item=held.room.items[0].pk, seen=held.room.seen)
    assert "Until when do we elect?" in look(world.noor, held)
    assert "Until when do we elect?" not in look(world.maya, held)
    unset = do(world.noor, held, "describe", term_ends="", note="Kept words", seen=held.room.seen)
    assert unset.status_code == 422
    assert "§5.3.5" in unset.content.decode()
    assert "Kept words" in unset.content.decode()
    term = (timezone.localdate() + TERM).isoformat()
    do(world.noor, held, "describe", term_ends=term, note="An hour a week", seen=held.room.seen)
    for name in HERE:
        page = look(world.people[name], held)
        assert "Ballot of" in page
        assert "An hour a week" in page
        assert "In the box" in page
    nobody = do(world.maya, held, "nominate", reason="She reads our notes back")
    assert nobody.status_code == 422
    assert "She reads our notes back" in nobody.content.decode()
    do(world.maya, held, "nominate", candidate=world.priya.pk, reason="She reads our notes back")
    # Neither those beside her nor whoever leads sees it; that it is in they do
    for name in ("noor", "tobias", "samira", "priya"):
        page = look(world.people[name], held)
        assert "She reads our notes back" not in page
        assert "1 of 5" in " ".join(page.split())
    assert "Ballots still out: 4" in look(world.noor, held)
    early = do(world.noor, held, "next", seen=held.room.seen)
    assert early.status_code == 422
    assert "§5.3.5" in early.content.decode()
    for name in ("noor", "tobias", "samira", "priya"):
        do(world.people[name], held, "nominate", candidate=world.priya.pk)
    assert "Show all nominations" in look(world.noor, held)
    do(world.noor, held, "next", seen=held.room.seen)
    assert held.step == "share"
    for name in HERE:
        turn = held.speaking
        assert "speaks now" in look(world.noor, held)
        if turn.person != world.noor:
            assert "I have said why" in look(turn.person, held)
        do(turn.person, held, "say_why", turn=turn.pk, reason=f"Because, says {name}")
    assert held.room.round_is_over
    do(world.noor, held, "next", seen=held.room.seen)
    assert held.step == "change"
    while (asked := held.room.speaking) is not None:
        assert "I keep it" in look(asked.person, held)
        do(asked.person, held, "keep", turn=asked.pk)
    do(world.noor, held, "next", seen=held.room.seen)
    assert held.step == "count"
    assert "Priya Venkat as Secretary of Storefront" in look(world.maya, held)
    do(world.noor, held, "next", seen=held.room.seen)
    assert held.step == "objections"
    # The candidate is asked too, last
    assert [t.person for t in held.room.turns][-1] == world.priya
    held.nobody_objects()
    run_jobs()
    assert held.step == "agenda"
    elected = Election.objects.get()
    assert (elected.state, elected.candidate) == ("elected", world.priya)
    assert "Priya Venkat elected" in look(world.maya, held)
    decision = elected.decision
    assert decision is not None
    assert decision.meeting == held.meeting.pk


def test_nobody_enters_a_ballot_for_another(world: World, held: Held) -> None:
    opened(held)
    # Whoever presses it, the ballot is theirs: for others there is neither form nor act
    do(world.tobias, held, "nominate", candidate=world.priya.pk, person=world.samira.pk, turn="x")
    assert Ballot.objects.get().person == world.tobias
    assert "Ballot of <strong>Samira Osei</strong>" not in look(world.tobias, held)
    # Who does not take part is not asked
    assert do(world.lea, held, "nominate", candidate=world.priya.pk).status_code == 403


def test_reasons_and_changes_may_be_captured_for_who_speaks(world: World, held: Held) -> None:
    nominated(opened(held))
    turn = held.speaking
    assert turn.person not in (world.noor, world.tobias)
    other = next(p for p in held.room.here if p not in (turn.person, world.noor, world.tobias))
    with pytest.raises(RuleBroken) as refused:
        elections.say_why(held.meeting, turn.pk, actor=other, reason="For them")
    assert refused.value.clause == "5.4.3"
    elections.say_why(held.meeting, turn.pk, actor=world.tobias, reason="Captured by the secretary")
    assert "Captured by the secretary" in look(world.maya, held)
    while (speaking := held.room.speaking) is not None:
        rounds.take_turn(held.meeting, speaking.pk, actor=speaking.person)
    held.next()
    turn = held.speaking
    with pytest.raises(RuleBroken) as refused:
        rounds.take_turn(held.meeting, turn.pk, actor=turn.person)
    assert refused.value.clause == "5.3.5"
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.3.5"
    page = do(world.noor, held, "change", turn=turn.pk, candidate="", reason="Typed words").content.decode()
    assert "Typed words" in page
    now = next(n for n in look_at(held) if n.voter == turn.person)
    to = next(p for p in (world.maya, world.priya, world.tobias) if p != now.stands_for)
    do(world.noor, held, "change", turn=turn.pk, candidate=to.pk, reason="Convinced")
    assert next(n for n in look_at(held) if n.voter == turn.person).stands_for == to


def look_at(held: Held) -> Any:
    return revealed(election(held))


def test_a_tie_and_a_discarded_candidate_in_the_room(world: World, held: Held, run_jobs: RunJobs) -> None:
    keep(share(nominated(opened(held))))
    assert election(held).state == "tied"
    assert "Take this way" in look(world.noor, held)
    assert "Take this way" not in look(world.maya, held)
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.3.5"
    none = do(world.noor, held, "break_tie", seen=held.room.seen)
    assert none.status_code == 422
    # Maya, who named herself, is asked to choose between the tied
    do(world.noor, held, "break_tie", way="again", seen=held.room.seen)
    assert held.step == "change"
    assert [t.person for t in held.room.turns] == [world.maya]
    elections.change(
        held.meeting, held.speaking.pk, actor=world.maya, candidate=world.tobias.pk, reason="He knows it"
    )
    held.next()
    assert election(held).candidate == world.tobias
    held.next()
    turn = held.floor_to(world.samira)
    do(world.samira, held, "concern", turn=turn.pk, role=world.role_ids["photo"], concern="Late minutes")
    do(world.noor, held, "untested", objection=held.room.objections[0].pk)
    held.nobody_objects()
    assert "Discard Tobias" in look(world.noor, held)
    assert "Discard Tobias" not in look(world.maya, held)
    held.next()
    assert held.step == "integration"
    assert 'id="desk"' not in look(world.noor, held)  # another candidate is another proposal
    assert "It stands no more" in look(world.samira, held)
    assert do(world.noor, held, "discard_candidate", reason="", seen=held.room.seen).status_code == 422
    do(world.noor, held, "discard_candidate", reason="No way was found", seen=held.room.seen)
    assert held.step == "count"
    assert election(held).candidate == world.priya
    assert "No way was found" in look(world.maya, held)
    with pytest.raises(NotAllowed):
        elections.decline(held.meeting, actor=world.maya)
    held.next()
    held.nobody_objects()
    run_jobs()
    assert Election.objects.get().candidate == world.priya
    assert held.step == "agenda"


def test_when_everybody_was_discarded_the_item_ends_without_result(world: World, held: Held) -> None:
    keep(share(nominated(opened(held), **dict.fromkeys(HERE, "priya"))))
    elections.decline(held.meeting, actor=world.priya, reason="No time")
    assert held.step == "agenda"
    item = AgendaItem.objects.get()
    assert item.outcome == AgendaItem.Outcome.NO_RESULT
    assert Election.objects.get().state == "no_result"


def test_a_candidate_who_may_not_be_elected_any_more_gives_way_to_the_next(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    whom = {"noor": "priya", "tobias": "priya", "samira": "priya", "priya": "samira", "maya": "samira"}
    keep(share(nominated(opened(held), **whom)))
    held.next()
    held.nobody_objects()
    photo = {"people": "role", "role": world.role_ids["photo"]}
    policy(world, {"kind": "candidates", "seat": "secretary", "mode": "limit", **photo})
    run_jobs()
    assert held.step == "count"
    assert election(held).candidate == world.samira
    held.next()
    held.nobody_objects()
    run_jobs()
    assert Election.objects.get().candidate == world.samira
    assert held.step == "agenda"


def test_the_candidate_is_asked_last_whatever_else_they_do(world: World, held: Held) -> None:
    whom = dict.fromkeys(HERE, "tobias")  # who is the secretary, and speaks before the facilitator otherwise
    keep(share(nominated(opened(held), **whom)))
    held.next()
    assert held.step == "objections"
    assert [t.person for t in held.room.turns][-2:] == [world.noor, world.tobias]


def test_who_is_no_circle_member_calls_for_none(world: World, held: Held) -> None:
    sessions.appoint(held.meeting, "facilitator", world.callum, actor=world.noor)
    sessions.enter(held.meeting, actor=world.callum)
    refused = do(world.callum, held, "call_election", seat="secretary", first="yes")
    assert refused.status_code == 422
    assert "§5.1.2" in refused.content.decode()
    assert not AgendaItem.objects.exists()


def test_who_comes_is_asked_and_who_goes_is_waited_for_no_more(world: World, held: Held) -> None:
    opened(held)
    sessions.enter(held.meeting, actor=world.ines)
    assert "Ballot of <strong>Ines Calloway</strong>" in look(world.ines, held)
    sessions.leave(held.meeting, actor=world.ines)
    nominated(held)
    assert held.step == "share"
    sessions.enter(held.meeting, actor=world.ines)
    assert world.ines not in [t.person for t in held.room.turns]
    assert not Turn.objects.filter(person=world.ines, step="share").exists()


def test_an_election_goes_on_outside_the_meeting_and_comes_back(world: World, held: Held) -> None:
    nominated(opened(held))
    agenda.park(held.meeting, actor=world.noor, seen=held.room.seen)
    parked = Election.objects.get()
    assert (parked.state, parked.meeting) == ("changing", "")
    agenda.choose(held.meeting, held.room.items[0].pk, actor=world.noor)
    assert held.step == "change"
    assert election(held).meeting == held.meeting.pk
    sessions.close(held.meeting, actor=world.noor, seen=held.room.seen)
    assert Election.objects.get().meeting == ""
    minutes = as_(world.maya).get(reverse("meetings:minutes", args=["northwind", held.meeting.pk]))
    assert "The election goes on here" in minutes.content.decode()


def test_an_election_that_runs_already_is_taken_into_the_room(world: World, held: Held) -> None:
    electing = Electing(world).open().nominate(maya="priya")
    item = elections.call_for(held.meeting, "secretary", actor=world.samira)
    assert elections.call_for(held.meeting, "secretary", actor=world.maya).pk == item.pk
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    assert held.step == "nominate"
    assert election(held).pk == electing.id
    page = as_(world.maya).get(f"/northwind/elections/{electing.id}/").content.decode()
    assert "It is being held in a meeting." in page
    # What she gave before is still in the box
    assert "1 of 5" in " ".join(look(world.noor, held).split())


def test_an_election_goes_to_the_end_unless_one_asks_that_it_goes_first(world: World, held: Held) -> None:
    assert 'name="first" value="yes">' in look(world.maya, held)
    do(world.maya, held, "call_election", seat="facilitator", form_key="a")
    do(world.maya, held, "call_election", seat="secretary", form_key="b")
    assert [(i.seat, i.goes_first) for i in held.room.items if i.seat] == [
        ("facilitator", False),
        ("secretary", False),
    ]
    assert held.room.items[-1].seat == "secretary"


def test_whoever_called_takes_the_call_back_before_nominations_are_shown(world: World, held: Held) -> None:
    opened(held)
    assert "Take the call back" in look(world.samira, held)
    assert "Take the call back" not in look(world.maya, held)
    with pytest.raises(NotAllowed):
        agenda.withdraw(held.meeting, actor=world.maya, seen=held.room.seen)
    agenda.withdraw(held.meeting, actor=world.samira, seen=held.room.seen)
    assert Election.objects.get().state == "withdrawn"
    assert held.step == "agenda"


def test_the_facilitator_who_takes_over_leads_the_election(world: World, held: Held) -> None:
    opened(held)
    sessions.appoint(held.meeting, "facilitator", world.maya, actor=world.noor)
    for name in HERE:
        elections.nominate(held.meeting, actor=world.people[name], candidate=world.priya.pk)
    with pytest.raises(NotAllowed):
        rounds.advance(held.meeting, actor=world.noor, seen=held.room.seen)
    rounds.advance(held.meeting, actor=world.maya, seen=held.room.seen)
    assert held.step == "share"


def test_a_time_out_stops_ballots_too(world: World, held: Held) -> None:
    opened(held)
    sessions.ask_time_out(held.meeting, actor=world.noor)
    refused = as_(world.maya).post(
        reverse("meetings:act", args=["northwind", held.meeting.pk, "nominate"]),
        {"candidate": world.priya.pk},
        headers=HTMX,
    )
    assert "§5.4.3" in refused.content.decode()


def test_the_room_costs_the_same_however_many_nominate(world: World, held: Held) -> None:
    opened(held)
    client = as_(world.samira)
    parts = reverse("meetings:parts", args=["northwind", held.meeting.pk])
    client.get(parts)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(parts).status_code == 200
        return len(captured)

    elections.nominate(held.meeting, actor=world.samira, candidate=world.priya.pk)
    few = queries()
    for name in ("maya", "priya", "noor"):
        elections.nominate(held.meeting, actor=world.people[name], candidate=world.priya.pk)
    assert queries() == few


def test_what_the_room_does_in_turn_nobody_does_beside_it(world: World, held: Held) -> None:
    """By the election's page or a program somebody would speak out of turn, and the room stand still (§5.4.3)."""
    called(held)
    page = reverse("governance:election", args=["northwind", election(held).pk])
    term = (timezone.localdate() + TERM).isoformat()
    refused = as_(world.noor).post(page, {"do": "begin", "term_ends": term})
    assert refused.status_code == 422
    assert "held in a meeting" in refused.content.decode()
    elections.describe(held.meeting, actor=world.noor, term_ends=timezone.localdate() + TERM)
    refused = as_(world.maya).post(page, {"do": "nominate", "candidate": world.maya.pk, "reason": "Me"})
    assert refused.status_code == 422
    assert not Ballot.objects.exists()
    share(nominated(held))
    waiting = next(turn for turn in held.room.turns if turn.state == Turn.State.WAITING)
    assert as_(waiting.person).post(page, {"do": "keep"}).status_code == 422
    keeping = Api(waiting.person).post(f"elections/{election(held).pk}/ballot/", {"keep": True})
    assert keeping.status_code == 400
    assert "held in a meeting" in keeping.content.decode()
    keep(held)
    assert held.step == "count"


def test_where_every_rep_seat_is_taken_the_one_whose_term_ends_first_is_elected_for(
    world: World, held: Held
) -> None:
    storefront = world.role_ids["storefront"]
    policy(world, {"kind": "rep_count", "role": storefront, "most": 2}, circle="anchor")
    rep = derived_id(storefront, "circle_rep")
    sooner = Assign(new_id(), rep, world.priya.pk, "", "2027-03-31")
    set_up.edit_structure([sooner], actor=world.ines, reason="A second rep")
    assert called(held, "circle_rep").step == "describe"
    assert election(held).replaces == world.priya
    assert "about the seat of Priya Venkat" in look(world.noor, held)
    elections.describe(
        held.meeting, actor=world.noor, term_ends=timezone.localdate() + TERM, seen=held.room.seen
    )
    assert election(held).state == Election.State.NOMINATING
