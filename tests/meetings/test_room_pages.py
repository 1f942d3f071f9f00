"""The pages of meetings: lists, the room in every step for everybody in it, refusals that keep what was typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.actions import proposals
from governance.models import Objection, Proposal
from journal.models import LiveChange
from journal.topics import may_follow, topic_name
from meetings import queries
from meetings.actions import agenda, rounds, sessions, texts
from meetings.models import AgendaItem, Meeting
from people.models import Person
from tensions.models import Tension
from tests import world as worlds
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


def as_(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def room_url(meeting: Meeting) -> str:
    return reverse("meetings:room", args=["northwind", meeting.pk])


def look(person: Person, meeting: Meeting) -> str:
    response = as_(person).get(room_url(meeting))
    assert response.status_code == 200
    return response.content.decode()


def do(actor: Person, meeting: Meeting, act: str, /, **data: str) -> Any:
    return as_(actor).post(reverse("meetings:act", args=["northwind", meeting.pk, act]), data)


def test_the_room_shows_each_step_to_each_of_them(world: World, held: Held, run_jobs: RunJobs) -> None:
    meeting = held.meeting
    assert "Begin the check-in round" in look(world.noor, meeting)
    assert "Begin the check-in round" not in look(world.maya, meeting)
    do(world.noor, meeting, "begin", seen=held.room.seen)
    assert f"{held.speaking.person.name} has the floor" in look(world.noor, meeting)
    assert "It is your turn" in look(held.speaking.person, meeting)
    while (turn := held.room.speaking) is not None:
        assert do(turn.person, meeting, "speak", turn=turn.pk).status_code == 302
    do(world.noor, meeting, "next", seen=held.room.seen)
    do(world.samira, meeting, "add", label="Photo briefs", form_key="k")
    page = look(world.noor, meeting)
    assert "Next: Photo briefs" in page
    do(world.noor, meeting, "choose", item=held.room.items[0].pk, seen=held.room.seen)
    assert "Write a new one here" in look(world.samira, meeting)
    assert "Capture a new one for Samira Osei" in look(world.tobias, meeting)
    assert "Capture a new one" not in look(world.maya, meeting)
    do(world.samira, meeting, "present", seen=held.room.seen)
    for person, writes in (
        (world.samira, True),
        (world.tobias, True),
        (world.noor, False),
        (world.maya, False),
    ):
        assert ('id="desk"' in look(person, meeting)) is writes
    texts.write(
        meeting, {**TEXT, "role": world.role_ids["photo"], "changes": held.change()}, actor=world.samira,
        text_version=None,
    )  # fmt: skip
    for step in ("questions", "reactions", "clarify", "objections"):
        held.to(step)
        for person in (world.noor, world.samira, world.maya, world.tobias):
            page = look(person, meeting)
            assert "Sending Photo Desk a brief" in page
            assert ('id="desk"' in page) is (step == "clarify" and person in (world.samira, world.tobias))
    turn = held.floor_to(world.priya)
    assert "I have a concern" in look(world.priya, meeting)
    do(
        world.priya,
        meeting,
        "concern",
        turn=turn.pk,
        role=world.role_ids["merchandiser"],
        concern="No samples",
    )
    objection = Objection.objects.get()
    assert "None given" in look(world.noor, meeting)
    assert "End the objection" in look(world.noor, meeting)  # asked for once more
    assert "None given" not in look(world.maya, meeting)
    for criterion in "abcd":
        do(
            world.noor,
            meeting,
            "test",
            objection=objection.pk,
            criterion=criterion,
            given="yes",
            argument="Because",
        )
    held.nobody_objects()
    do(world.noor, meeting, "next", seen=held.room.seen)
    for person in (world.noor, world.samira, world.maya, world.priya):
        assert "would this text still trigger your objection?" in look(person, meeting)
    assert 'id="desk"' in look(world.priya, meeting), "the objector writes too"
    version = str(held.proposal.text_version)
    for person, side in ((world.priya, "objector"), (world.samira, "proposer")):
        confirmed = {"objection": objection.pk, "side": side, "holds": "yes", "text_version": version}
        assert do(person, meeting, "confirm", **confirmed).status_code == 302
    assert "Back to the objection round" in look(world.noor, meeting)
    held.next()
    held.nobody_objects()
    assert "it is adopted" in look(world.maya, meeting)
    run_jobs()
    held.next()
    held.go_round()
    do(world.noor, meeting, "close", seen=held.room.seen)
    assert "The meeting is over" in look(world.maya, meeting)
    minutes = (
        as_(world.callum).get(reverse("meetings:minutes", args=["northwind", meeting.pk])).content.decode()
    )
    for words in ("Sending Photo Desk a brief", "No samples", "Ines Calloway", "Record after decision 2"):
        assert words in minutes


def test_outsiders_learn_nothing_and_others_are_told_the_clause(world: World, held: Held) -> None:
    assert world.outsider is not None
    addresses = [
        room_url(held.meeting),
        reverse("meetings:minutes", args=["northwind", held.meeting.pk]),
        reverse("meetings:parts", args=["northwind", held.meeting.pk]),
    ]
    for address in addresses:
        assert as_(world.outsider).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert do(world.outsider, held.meeting, "enter").status_code == 404
    response = as_(world.lea).get(room_url(held.meeting))
    assert response.status_code == 403
    assert "§5.4.1" in response.content.decode()
    assert as_(world.lea).get(addresses[2]).status_code == 404
    assert "§5.4.1" in do(world.lea, held.meeting, "enter").content.decode()
    topic = topic_name("meeting", held.meeting.pk)
    assert may_follow(world.maya, topic)
    assert not may_follow(world.lea, topic)
    assert not may_follow(world.outsider, topic)


def test_a_refusal_names_the_clause_and_keeps_what_was_typed(world: World, held: Held) -> None:
    held.begin()
    response = do(world.maya, held.meeting, "add", label="x" * 121)
    assert response.status_code == 422
    assert "x" * 121 in response.content.decode()
    held.take_up().to("objections")
    turn = held.floor_to(world.priya)
    response = do(
        world.priya,
        held.meeting,
        "concern",
        turn=turn.pk,
        role=world.role_ids["photo"],
        concern="No samples then",
    )
    content = response.content.decode()
    assert (response.status_code, "§5.3" in content, "No samples then" in content) == (422, True, True)


def test_in_the_background_refusals_come_alone_and_acts_say_nothing(world: World, held: Held) -> None:
    held.begin()
    client = as_(world.maya)
    url = reverse("meetings:act", args=["northwind", held.meeting.pk, "add"])
    response = client.post(url, {"label": "Voice guide"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (200, b"")
    assert "room:done" in response.headers["HX-Trigger"]
    response = client.post(url, {"label": ""}, headers={"HX-Request": "true"})
    assert "refusal" in response.content.decode()
    assert "HX-Trigger" not in response.headers
    stale = reverse("meetings:act", args=["northwind", held.meeting.pk, "next"])
    response = as_(world.noor).post(stale, {"seen": "something.else"}, headers={"HX-Request": "true"})
    assert "has moved on" in response.content.decode()
    assert "room:moved" in response.headers["HX-Trigger"]


def test_every_act_is_heard_by_open_pages(world: World, held: Held) -> None:
    topic = topic_name("meeting", held.meeting.pk)
    before = LiveChange.objects.filter(topic__name=topic).count()
    held.begin()
    heard = LiveChange.objects.filter(topic__name=topic).order_by("number")[before:]
    assert [c.fragment for c in heard] == ["room"] * 7  # begun, five have spoken, gone on
    parts = as_(world.maya).get(reverse("meetings:parts", args=["northwind", held.meeting.pk]))
    assert "<html" not in parts.content.decode()
    for part in ("agenda", "stage", "desk", "people", "bar"):
        assert f'id="room-{part}"' in parts.content.decode()
    assert do(world.maya, held.meeting, "unheard_of").status_code == 404


def test_the_text_is_written_at_the_desk_in_the_room(world: World, held: Held) -> None:
    held.begin()
    item = agenda.add(held.meeting, "Photo briefs", actor=world.samira)
    agenda.choose(held.meeting, item.pk, actor=world.noor)
    agenda.present(held.meeting, actor=world.samira)
    url = reverse("meetings:text", args=["northwind", held.meeting.pk])
    role = world.role_ids["merchandiser"]
    text = {**TEXT, "role": world.role_ids["photo"], "text_version": "1"}
    secretary = as_(world.tobias)
    response = secretary.post(url, {**text, "do": "add", "add": f"amend_role:{role}"})
    assert response.status_code == 302
    proposal = held.proposal
    assert proposal.changes == [{"kind": "amend_role", "role": role}]
    page = look(world.tobias, held.meeting)
    assert "c1-accountabilities-text" in page
    block = {"change": "c1", "c1-kind": "amend_role", "c1-id": role, "c1-base": '{"name": "Merchandiser"}'}
    block |= {
        "c1-name": "Merchandiser",
        "c1-accountabilities-id": "",
        "c1-accountabilities-text": "Sending a brief",
    }
    again = {**text, **block, "text_version": str(proposal.text_version), "do": "keep"}
    response = secretary.post(url, again, headers={"HX-Request": "true"})
    assert "room:done" in response.headers["HX-Trigger"]
    assert "Sending a brief" in look(world.maya, held.meeting)
    # Somebody else who saves an older text gets both
    stale = {**again, "tension": "Another tension", "text_version": str(proposal.text_version)}
    content = as_(world.samira).post(url, stale, headers={"HX-Request": "true"}).content.decode()
    assert "Another tension" in content
    assert TEXT["tension"] in content
    # Out of step it is refused, and what was typed is shown
    held.next()
    late = {**again, "text_version": str(held.proposal.text_version), "tension": "Too late"}
    content = secretary.post(url, late).content.decode()
    assert "§5.4.5" in content


def test_own_drafts_and_tensions_are_offered_to_their_owner_alone(world: World, held: Held) -> None:
    proposals.start_draft(world.role("storefront"), actor=world.samira, title="Zebra crossing")
    Tension.objects.create(organization=world.organization, person=world.maya, text="Zebra stripes")
    held.begin()
    assert "Zebra crossing" in look(world.samira, held.meeting)
    assert "Zebra stripes" in look(world.maya, held.meeting)
    for person in (world.noor, world.tobias, world.priya):
        page = look(person, held.meeting)
        assert "Zebra" not in page
    draft = Proposal.objects.get(title="Zebra crossing")
    assert do(world.samira, held.meeting, "add", label="Briefs", proposal=draft.pk).status_code == 302
    assert do(world.maya, held.meeting, "add", label="Hers", proposal=draft.pk).status_code == 404
    agenda.choose(held.meeting, held.room.items[0].pk, actor=world.noor)
    assert held.proposal == draft


def test_minutes_do_not_show_a_draft_that_went_back(world: World, held: Held) -> None:
    held.begin().take_up()
    assert (
        as_(world.maya).get(reverse("meetings:minutes", args=["northwind", held.meeting.pk])).status_code
        == 302
    )
    sessions.close(held.meeting, actor=world.noor)
    page = (
        as_(world.maya).get(reverse("meetings:minutes", args=["northwind", held.meeting.pk])).content.decode()
    )
    assert "Photo briefs" in page
    assert "Not finished" in page
    assert TEXT["tension"] not in page


def test_the_list_and_its_form(world: World) -> None:
    url = reverse("meetings:list", args=["northwind"])
    storefront = world.role_ids["storefront"]
    assert "None is scheduled" in as_(world.maya).get(url).content.decode()
    response = as_(world.maya).post(url, {"circle": storefront, "minutes": "45", "when": "now"})
    meeting = Meeting.objects.get()
    assert response.headers["Location"] == room_url(meeting)
    # Scheduling is the secretary's
    later = timezone.localtime(timezone.now() + dt.timedelta(days=2), world.tobias.tz)
    form = {"circle": storefront, "minutes": "60", "when": "later", "at": later.strftime("%Y-%m-%dT%H:%M")}
    response = as_(world.maya).post(url, form)
    assert (response.status_code, "§5.4" in response.content.decode()) == (422, True)
    assert as_(world.tobias).post(url, {**form, "at": ""}).status_code == 422
    assert as_(world.tobias).post(url, {**form, "minutes": "soon"}).status_code == 422
    assert as_(world.tobias).post(url, {**form, "circle": world.role_ids["photo"]}).status_code == 422
    assert as_(world.tobias).post(url, form).status_code == 302
    scheduled = Meeting.objects.get(minutes=60)
    assert scheduled.scheduled_for == later.replace(second=0, microsecond=0)
    assert list(queries.awaiting(world.maya)) == [meeting, scheduled] or set(
        queries.awaiting(world.maya)
    ) == {
        meeting,
        scheduled,
    }
    assert list(queries.awaiting(world.lea)) == []
    assert do(world.tobias, scheduled, "cancel").status_code == 302
    assert as_(world.maya).get(reverse("pages:home", args=["northwind"])).status_code == 200
    circle = as_(world.lea).get(reverse("circles:meetings", args=["northwind", world.role("storefront").ref]))
    assert room_url(meeting) in circle.content.decode()


def test_the_room_asks_as_much_of_the_database_for_many_as_for_few(world: World, held: Held) -> None:
    held.begin().take_up()
    AgendaItem.objects.exclude(state="processing").delete()
    client = as_(world.maya)
    texts.write(held.meeting, {"example": ""}, actor=world.samira, text_version=None)

    def queries_of_room() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(room_url(held.meeting)).status_code == 200
        return len(captured)

    queries_of_room()
    few = queries_of_room()
    item = held.item
    for number in range(12):
        AgendaItem.objects.create(
            organization=world.organization, meeting=held.meeting, label=f"Item {number}", owner=world.priya,
            position=50 + number,
        )  # fmt: skip
    sessions.enter(held.meeting, actor=world.ines)
    assert queries_of_room() <= few
    assert few <= 60
    assert item.pk == held.item.pk


def test_the_facilitator_without_a_screen_for_everybody(world: World, held: Held) -> None:
    """One laptop on the table: the facilitator enters everything for the others."""
    meeting = held.meeting
    do(world.noor, meeting, "begin")
    while (turn := held.room.speaking) is not None:
        do(world.noor, meeting, "speak", turn=turn.pk)
    do(world.noor, meeting, "next")
    do(world.noor, meeting, "add", label="Photo briefs", person=world.samira.pk)
    item = held.room.items[0]
    assert item.owner == world.samira
    do(world.noor, meeting, "choose", item=item.pk)
    do(world.noor, meeting, "present")
    data = {**TEXT, "role": world.role_ids["photo"], "changes": held.change()}
    texts.write(meeting, data, actor=world.tobias, text_version=None)
    held.to("objections")
    while (turn := held.room.speaking) is not None:
        rounds.no_objection(meeting, turn.pk, actor=world.noor)
    assert held.step == "adopting"


def test_the_clock_is_read_again_with_the_room(world: World, held: Held) -> None:
    parts = reverse("meetings:parts", args=["northwind", held.meeting.pk])
    before = as_(world.noor).get(parts).content.decode()
    assert 'id="clock"' in before
    assert "data-clock" not in before
    do(world.noor, held.meeting, "begin", seen=held.room.seen)
    assert "<span data-clock>" in as_(world.noor).get(parts).content.decode()
    assert look(world.noor, held.meeting).count('id="clock"') == 1


def test_whoever_has_not_entered_is_not_told_to_be_in_the_room(world: World) -> None:
    held = Held(world, "priya")
    assert "You are not in the room." in look(world.maya, held.meeting)
    assert "You are in the room." in look(world.priya, held.meeting)
    assert "You are not in the room." not in look(world.noor, held.meeting)
