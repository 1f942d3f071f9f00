"""Governance meetings: who takes part, the steps, special meetings, and what is brought in from outside (§5.4)."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from circles.constitution import CIRCLE_REP
from governance.actions import proposals, set_up
from governance.changes import Assign, parse_changes
from governance.models import Decision, Guest, Objection, Proposal
from meetings import queries
from meetings.actions import agenda, elections, guests, rounds, sessions, special, texts
from meetings.models import AgendaItem, Meeting, MeetingRequest
from meetings.room import Room
from people.ids import derived_id, new_id
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
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


def as_(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def act(who: Person, meeting: Meeting, name: str, **data: object) -> Any:
    return as_(who).post(f"/northwind/meetings/{meeting.pk}/do/{name}/", data)


def policy(world: World, effect: dict[str, Any]) -> None:
    change = {"kind": "add_policy", "circle": world.role_ids["storefront"], "title": "How we meet"}
    set_up.edit_structure(
        parse_changes([{**change, "kinds": ["default"], "effect": effect}]), actor=world.ines, reason="A test"
    )


# -- who takes part ----------------------------------------------------------------------------------------------


@clause("5.4.1a", REFUSES)
@clause("5.4.1a", ALLOWS)
def test_members_take_part_and_nobody_else_does(world: World, held: Held) -> None:
    for person in (world.hana, world.lea, world.otto):
        with pytest.raises(RuleBroken) as refused:
            sessions.enter(held.meeting, actor=person)
        assert refused.value.clause == "5.4.1"
    room = as_(world.hana).get(f"/northwind/meetings/{held.meeting.pk}/")
    assert room.status_code == 403
    assert "5.4.1" in room.content.decode()
    sessions.enter(held.meeting, actor=world.ines)
    assert held.room.is_here(world.ines)
    # Who is named to act is a member while it lasts
    sessions.appoint(held.meeting, "secretary", world.hana, actor=world.tobias)
    sessions.enter(held.meeting, actor=world.hana)
    assert held.room.is_here(world.hana)
    assert held.room.meeting.secretary_why == "5.3.6a"
    held.begin()
    sessions.close(held.meeting, actor=world.noor)
    minutes = as_(world.lea).get(f"/northwind/meetings/{held.meeting.pk}/minutes/").content.decode()
    assert "named by the one they replace" in minutes


def anchor_meeting(world: World) -> Meeting:
    """A meeting of the anchor circle, with Ines, who facilitates, and Maya, who is Storefront's rep there."""
    meeting = sessions.open_now(world.role("anchor"), minutes=60, actor=world.ines)
    sessions.enter(meeting, actor=world.maya)
    sessions.declare(meeting, "facilitator", actor=world.ines)
    return meeting


def room_of(meeting: Meeting) -> Room:
    return Room(
        Meeting.objects.select_related("circle", "organization", "facilitator", "secretary").get(
            pk=meeting.pk
        )
    )


def to_agenda(meeting: Meeting, facilitator: Person) -> None:
    rounds.begin(meeting, actor=facilitator)
    while (turn := room_of(meeting).speaking) is not None:
        rounds.take_turn(meeting, turn.pk, actor=turn.person)
    rounds.advance(meeting, actor=facilitator)
    assert room_of(meeting).step.key == "agenda"


@clause("5.4.1b", REFUSES)
@clause("5.4.1b", ALLOWS)
def test_a_rep_invites_one_partner_at_a_time_to_the_circle_right_around_theirs(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    meeting = anchor_meeting(world)
    for rep, where, person in (
        (world.ines, meeting, world.samira),  # circle lead, no rep
        (world.maya, held.meeting, world.lea),  # not the circle around hers
        (world.maya, meeting, world.otto),  # no partner
    ):
        with pytest.raises(RuleBroken) as refused:
            guests.invite(where, person, actor=rep, tension="Briefs come late")
        assert refused.value.clause == "5.4.1"
    with pytest.raises(Malformed):
        guests.invite(meeting, world.samira, actor=world.maya, tension="")
    guest = guests.invite(meeting, world.samira, actor=world.maya, tension="Briefs come late")
    with pytest.raises(RuleBroken) as refused:
        guests.invite(meeting, world.priya, actor=world.maya, tension="Another")
    assert refused.value.clause == "5.4.1"
    run_jobs()
    assert mail.outbox[-1].to == ["samira@northwind.example"]
    assert meeting in queries.awaiting(world.samira)
    # Until it is withdrawn
    sessions.enter(meeting, actor=world.samira)
    with pytest.raises(NotAllowed):
        guests.withdraw(meeting, guest.pk, actor=world.ines)
    guests.withdraw(meeting, guest.pk, actor=world.maya)
    assert not room_of(meeting).is_here(world.samira)
    with pytest.raises(RuleBroken) as refused:
        sessions.enter(meeting, actor=world.samira)
    assert refused.value.clause == "5.4.1"
    guests.invite(meeting, world.priya, actor=world.maya, tension="Another")


@clause("5.4.1b", HAPPENS)
def test_a_guest_joins_the_rounds_and_brings_their_hosts_tension(world: World, run_jobs: RunJobs) -> None:
    meeting = anchor_meeting(world)
    guests.invite(meeting, world.samira, actor=world.maya, tension="Briefs come late")
    why = "Maya Lindqvist invited you, to speak for Storefront about “Briefs come late”"
    for page in ("/northwind/", f"/northwind/meetings/{meeting.pk}/"):
        assert why in as_(world.samira).get(page).content.decode()
        assert why not in as_(world.ines).get(page).content.decode()
    sessions.enter(meeting, actor=world.samira)
    rounds.begin(meeting, actor=world.ines)
    assert world.samira in {t.person for t in room_of(meeting).turns}, "in the check-in round"
    while (turn := room_of(meeting).speaking) is not None:
        rounds.take_turn(meeting, turn.pk, actor=turn.person)
    rounds.advance(meeting, actor=world.ines)
    item = agenda.add(meeting, "Briefs", actor=world.samira)
    assert item.guest is not None
    with pytest.raises(RuleBroken) as refused:
        agenda.add(meeting, "Something else", actor=world.samira)
    assert refused.value.clause == "5.4.1"
    with pytest.raises(RuleBroken) as refused:
        elections.call_for(meeting, "secretary", actor=world.samira)
    assert refused.value.clause == "5.4.1"
    agenda.choose(meeting, item.pk, actor=world.ines)
    draft = agenda.present(meeting, actor=world.samira)
    assert (draft.role_id, draft.tension) == (world.role_ids["storefront"], "Briefs come late")
    change = {
        "kind": "amend_role",
        "role": world.role_ids["finance"],
        "accountabilities": [{"op": "add", "text": "Paying photographers within ten days"}],
    }
    data = {**TEXT, "role": world.role_ids["storefront"], "changes": [change]}
    texts.write(meeting, data, actor=world.samira, text_version=None)
    while room_of(meeting).step.key != "objections":
        while room_of(meeting).step.key == "reactions" and (turn := room_of(meeting).speaking) is not None:
            rounds.take_turn(meeting, turn.pk, actor=turn.person)
        rounds.advance(meeting, actor=world.ines)
    while (turn := room_of(meeting).speaking) is not None:
        rounds.no_objection(meeting, turn.pk, actor=turn.person)
    run_jobs()
    item.refresh_from_db()
    assert item.outcome == AgendaItem.Outcome.ADOPTED
    rounds.advance(meeting, actor=world.ines)
    assert world.samira in {t.person for t in room_of(meeting).turns}, "in the closing round"
    sessions.close(meeting, actor=world.ines)
    assert Guest.objects.get().ended_at is not None


@clause("5.4.1b", REFUSES)
@clause("5.4.1b", ALLOWS)
def test_a_guest_represents_the_circle_during_their_item_alone(world: World) -> None:
    meeting = anchor_meeting(world)
    guest = guests.invite(meeting, world.samira, actor=world.maya, tension="Briefs come late")
    for person in (world.samira, world.hana):
        sessions.enter(meeting, actor=person)
    to_agenda(meeting, world.ines)

    def item(owner: Person, role: str, **more: Any) -> None:
        change = {
            "kind": "amend_role",
            "role": world.role_ids["finance"],
            "accountabilities": [{"op": "add", "text": f"Paying {owner.name} within ten days"}],
        }
        one = agenda.add(meeting, "Pay", actor=owner, **more)
        agenda.choose(meeting, one.pk, actor=world.ines)
        agenda.present(meeting, actor=owner)
        data = {**TEXT, "role": world.role_ids[role], "changes": [change]}
        texts.write(meeting, data, actor=owner, text_version=None)
        while room_of(meeting).step.key != "objections":
            while (
                room_of(meeting).step.key == "reactions" and (turn := room_of(meeting).speaking) is not None
            ):
                rounds.take_turn(meeting, turn.pk, actor=turn.person)
            rounds.advance(meeting, actor=world.ines)
        turn = room_of(meeting).turn_of(world.samira)
        assert turn is not None
        if turn.state != "speaking":
            rounds.give_floor(meeting, turn.pk, actor=world.ines)

    def concern() -> Objection:
        turn = room_of(meeting).speaking
        assert turn is not None
        return texts.raise_concern(
            meeting, turn.pk, actor=world.samira, role=world.role_ids["storefront"], concern="We wait longer"
        )

    item(world.hana, "love")
    shown = as_(world.samira).get(f"/northwind/meetings/{meeting.pk}/").content.decode()
    assert f'<option value="{world.role_ids["storefront"]}"' not in shown
    with pytest.raises(RuleBroken) as refused:
        concern()
    assert refused.value.clause == "5.4.1"
    agenda.park(meeting, actor=world.ines)
    item(world.maya, "storefront", guest=guest.pk)
    shown = as_(world.samira).get(f"/northwind/meetings/{meeting.pk}/").content.decode()
    assert f'<option value="{world.role_ids["storefront"]}"' in shown
    assert concern().role_id == world.role_ids["storefront"]


def test_the_room_has_a_place_to_invite(world: World) -> None:
    meeting = anchor_meeting(world)
    room = f"/northwind/meetings/{meeting.pk}/"
    assert "Invite a guest" in as_(world.maya).get(room).content.decode()
    assert "Invite a guest" not in as_(world.ines).get(room).content.decode()
    act(world.maya, meeting, "invite", person=world.samira.pk, tension="Briefs come late")
    assert "Withdraw the invitation" in as_(world.maya).get(room).content.decode()
    act(world.samira, meeting, "enter")
    to_agenda(meeting, world.ines)
    shown = as_(world.samira).get(room).content.decode()
    assert "what you were invited for" in shown
    guest = Guest.objects.get()
    assert guest.tension in shown
    assert "guest of Storefront" in as_(world.maya).get(room).content.decode()
    act(world.maya, meeting, "uninvite", guest=guest.pk)
    assert as_(world.samira).get(room).status_code == 403


# -- special meetings, quorum, notice ----------------------------------------------------------------------------


def tomorrow() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=1)


@clause("5.4a", HAPPENS)
def test_a_member_asks_for_a_special_meeting_and_the_secretary_schedules_it(
    world: World, run_jobs: RunJobs
) -> None:
    circle = world.role("storefront")
    with pytest.raises(RuleBroken) as refused:
        special.ask_for(circle, actor=world.callum, intent="Photos")
    assert refused.value.clause == "5.4"
    with pytest.raises(Malformed):
        special.ask_for(
            circle, actor=world.samira, intent="Photos", limits={"roles": [world.role_ids["help"]]}
        )
    asked = special.ask_for(
        circle, actor=world.samira, intent="Photos", limits={"roles": [world.role_ids["photo"]]}
    )
    run_jobs()
    assert [one.to for one in mail.outbox] == [["tobias@northwind.example"]]
    assert "Special meetings asked for" in as_(world.tobias).get("/northwind/").content.decode()
    assert "Special meetings asked for" not in as_(world.maya).get("/northwind/").content.decode()
    with pytest.raises(RuleBroken) as refused:
        sessions.schedule(circle, at=tomorrow(), minutes=30, actor=world.maya, request=asked)
    assert refused.value.clause == "5.4"
    meeting = sessions.schedule(circle, at=tomorrow(), minutes=30, actor=world.tobias, request=asked)
    assert (meeting.requested_by, meeting.intent) == (world.samira, "Photos")
    with pytest.raises(Refused):
        sessions.schedule(circle, at=tomorrow(), minutes=30, actor=world.tobias, request=asked)
    with pytest.raises(Refused):
        special.take_back(asked, actor=world.samira)


@clause("5.4a", HAPPENS)
def test_special_meetings_on_pages(world: World) -> None:
    circle = world.role("storefront")
    ask = f"/northwind/roles/{circle.ref}/meetings/ask/"
    samira, tobias = as_(world.samira), as_(world.tobias)
    assert ask in samira.get(f"/northwind/roles/{circle.ref}/meetings/").content.decode()
    assert as_(world.callum).post(ask, {"intent": "Photos"}).status_code == 422
    sent = {"intent": "Photos", "tension": "Late briefs", "roles": [world.role_ids["photo"]]}
    assert samira.post(ask, sent).status_code == 302
    asked = MeetingRequest.objects.get()
    page = tobias.get(f"/northwind/meetings/?request={asked.pk}").content.decode()
    assert "Samira Osei asks: Photos" in page
    form = {"circle": circle.pk, "minutes": 30, "when": "later", "request": asked.pk}
    at = timezone.localtime(tomorrow()).strftime("%Y-%m-%dT%H:%M")
    answer = tobias.post("/northwind/meetings/", {**form, "at": at})
    assert answer.status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.limits == {"roles": [world.role_ids["photo"]], "tension": "Late briefs"}
    room = samira.get(f"/northwind/meetings/{meeting.pk}/").content.decode()
    assert "It may change these alone: Photo Desk." in room
    # The secretary may ask and schedule in one go
    assert tobias.post(ask, {"intent": "Sizes", "at": at, "minutes": 20}).status_code == 302
    assert Meeting.objects.filter(intent="Sizes", requested_by=world.tobias).exists()


def special_meeting(world: World, *, roles: tuple[str, ...] = ("photo",)) -> Held:
    """A special meeting that Samira asked for, being held."""
    circle = world.role("storefront")
    limits = {"roles": [world.role_ids[r] for r in roles]}
    asked = special.ask_for(circle, actor=world.samira, intent="Photos", limits=limits)
    sessions.schedule(
        circle, at=timezone.now() + dt.timedelta(minutes=1), minutes=30, actor=world.tobias, request=asked
    )
    held = Held(world)
    assert held.room.meeting.is_special
    return held.begin()


@clause("5.4b", REFUSES)
@clause("5.4b", ALLOWS)
def test_a_special_meeting_adopts_only_what_lies_within_its_limits(world: World, run_jobs: RunJobs) -> None:
    held = special_meeting(world)
    held.take_up()  # about the merchandiser
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.4"
    assert "Photo Desk" in refused.value.message
    within = {
        "kind": "amend_role",
        "role": world.role_ids["photo"],
        "accountabilities": [{"op": "add", "text": "Asking for briefs"}],
    }
    texts.write(held.meeting, {"changes": [within]}, actor=world.samira, text_version=None)
    held.to("clarify")
    # Nor does a text get past the limits that is amended later on
    texts.write(held.meeting, {"changes": [within, *held.change()]}, actor=world.samira, text_version=None)
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.4"
    texts.write(held.meeting, {"changes": [within]}, actor=world.samira, text_version=None)
    held.to("objections").nobody_objects()
    run_jobs()
    assert [a.text for a in world.role("photo").accountabilities.all()] == ["Asking for briefs"]


@clause("5.4b", REFUSES)
def test_a_draft_outside_the_limits_is_not_presented(world: World) -> None:
    held = special_meeting(world)
    draft = proposals.start_draft(
        world.role("storefront"),
        actor=world.samira,
        role=world.role_ids["photo"],
        changes=held.change(),
        **TEXT,
    )
    item = agenda.add(held.meeting, "Briefs", actor=world.samira, proposal=draft)
    with pytest.raises(RuleBroken) as refused:
        agenda.choose(held.meeting, item.pk, actor=world.noor)
    assert refused.value.clause == "5.4"
    # Nor is an election put on an agenda that cannot process it
    with pytest.raises(RuleBroken) as refused:
        elections.call_for(held.meeting, "secretary", actor=world.samira)
    assert refused.value.clause == "5.4"
    assert "in another meeting" in refused.value.message


@clause("5.4.4b", REFUSES)
@clause("5.4.4b", ALLOWS)
def test_who_asked_for_a_special_meeting_orders_its_agenda(world: World) -> None:
    held = special_meeting(world)
    first = agenda.add(held.meeting, "Lenses", actor=world.priya)
    second = agenda.add(held.meeting, "Light", actor=world.samira)
    with pytest.raises(RuleBroken) as refused:
        agenda.move(held.meeting, second.pk, actor=world.noor, up=True)
    assert refused.value.clause == "5.4.4"
    agenda.move(held.meeting, second.pk, actor=world.samira, up=True)
    with pytest.raises(RuleBroken) as refused:
        agenda.choose(held.meeting, first.pk, actor=world.noor)
    assert refused.value.clause == "5.4.4"
    agenda.choose(held.meeting, second.pk, actor=world.noor)
    agenda.settle_without(held.meeting, actor=world.samira)
    # Without who asked for it, the facilitator chooses again
    sessions.leave(held.meeting, actor=world.samira)
    third = agenda.add(held.meeting, "Sound", actor=world.maya)
    agenda.move(held.meeting, third.pk, actor=world.noor, up=True)


def test_a_policy_sets_a_quorum(world: World) -> None:
    policy(world, {"kind": "quorum", "members": 4})
    held = Held(world, "tobias", "samira")
    with pytest.raises(RuleBroken) as refused:
        rounds.begin(held.meeting, actor=world.noor)
    assert refused.value.clause == "5.4.2"
    assert "by policy “How we meet” of Storefront" in refused.value.message
    sessions.enter(held.meeting, actor=world.priya)
    rounds.begin(held.meeting, actor=world.noor)


def test_a_policy_sets_the_notice_of_meetings(world: World) -> None:
    policy(world, {"kind": "notice", "hours": 24})
    circle = world.role("storefront")
    with pytest.raises(RuleBroken) as refused:
        sessions.schedule(circle, at=timezone.now() + dt.timedelta(hours=23), minutes=30, actor=world.tobias)
    assert refused.value.clause == "5.4.2"
    assert "by policy “How we meet” of Storefront" in refused.value.message
    with pytest.raises(RuleBroken):
        sessions.open_now(circle, minutes=30, actor=world.noor)
    meeting = sessions.schedule(
        circle, at=timezone.now() + dt.timedelta(hours=25), minutes=30, actor=world.tobias
    )
    # What was announced in time is opened when its time has come
    Meeting.objects.filter(pk=meeting.pk).update(scheduled_for=timezone.now())
    assert sessions.open_now(circle, minutes=30, actor=world.noor) == meeting


# -- the steps ---------------------------------------------------------------------------------------------------


@clause("5.4.2c", HAPPENS)
@clause("5.4.3", HAPPENS)
@clause("5.4.5a", HAPPENS)
@clause("5.4.5d", ALLOWS)
def test_a_meeting_goes_through_its_steps_and_adopts_without_the_absent(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    rounds.begin(held.meeting, actor=world.noor)
    assert held.step == "check_in"
    held.go_round()
    held.next()
    assert held.step == "agenda"
    held.take_up()
    seen = [held.step]
    for step in ("questions", "reactions", "clarify", "objections"):
        if held.step == "reactions":
            held.go_round()
        held.next()
        assert held.step == step
        seen.append(step)
    held.nobody_objects()
    run_jobs()
    # Ines is a circle member and was not there; nobody waited for her
    assert not held.room.is_here(world.ines)
    assert Decision.objects.latest("number").meeting == held.meeting.pk
    held.next()
    assert held.step == "closing"
    held.go_round()
    sessions.close(held.meeting, actor=world.noor)
    assert held.step == "closed"


@clause("5.4.3", REFUSES)
@clause("5.4.4a", REFUSES)
@clause("5.4.4a", ALLOWS)
def test_the_agenda_is_built_in_the_meeting_between_items(world: World, held: Held) -> None:
    with pytest.raises(Refused):
        agenda.add(held.meeting, "Briefs", actor=world.samira)
    rounds.begin(held.meeting, actor=world.noor)
    with pytest.raises(RuleBroken) as refused:
        agenda.add(held.meeting, "Briefs", actor=world.samira)
    assert refused.value.clause == "5.4.4"
    with pytest.raises(RuleBroken) as refused:
        turn = held.room.following
        assert turn is not None
        rounds.take_turn(held.meeting, turn.pk, actor=turn.person)
    assert refused.value.clause == "5.4.3"
    held.go_round()
    held.next()
    held.take_up()
    with pytest.raises(RuleBroken) as refused:
        agenda.add(held.meeting, "Lenses", actor=world.samira)
    assert refused.value.clause == "5.4.4"
    agenda.park(held.meeting, actor=world.noor)
    assert agenda.add(held.meeting, "Lenses", actor=world.samira).label == "Lenses"
    with pytest.raises(Malformed):
        agenda.add(held.meeting, "word " * 40, actor=world.samira)


@clause("5.4.3", ALLOWS)
def test_a_time_out_is_asked_for_granted_and_ended(world: World, held: Held) -> None:
    held.begin()
    sessions.ask_time_out(held.meeting, actor=world.priya)
    sessions.answer_time_out(held.meeting, actor=world.noor, granted=True)
    with pytest.raises(RuleBroken) as refused:
        agenda.add(held.meeting, "Briefs", actor=world.samira)
    assert refused.value.clause == "5.4.3"
    sessions.end_time_out(held.meeting, actor=world.noor)
    agenda.add(held.meeting, "Briefs", actor=world.samira)


@clause("5.4.5a", REFUSES)
@clause("5.4.5b", REFUSES)
@clause("5.4.5b", ALLOWS)
def test_steps_are_not_left_out_and_rounds_are_spoken_one_at_a_time(world: World, held: Held) -> None:
    held.begin().take_up()
    speaker = world.priya
    with pytest.raises(Refused):
        texts.raise_concern(held.meeting, "none", actor=speaker, role=None, concern="Too early")
    held.to("reactions")
    people = [t.person for t in held.room.turns]
    assert world.samira not in people, "the proposer reacts to nothing"
    turn = held.room.following
    assert turn is not None
    with pytest.raises(RuleBroken) as refused:
        rounds.take_turn(held.meeting, turn.pk, actor=turn.person)
    assert refused.value.clause == "5.4.5"
    with pytest.raises(RuleBroken) as refused:
        texts.raise_concern(held.meeting, turn.pk, actor=turn.person, role=None, concern="Too early")
    assert refused.value.clause == "5.4.5"
    first = held.speaking
    rounds.take_turn(held.meeting, first.pk, actor=first.person)
    assert held.speaking.person == turn.person


@clause("5.4.5c", REFUSES)
@clause("5.4.5c", ALLOWS)
def test_in_the_option_to_clarify_the_proposer_writes_and_the_secretary_captures(
    world: World, held: Held
) -> None:
    held.begin().take_up().to("clarify")
    for person in (world.priya, world.noor):
        with pytest.raises(RuleBroken) as refused:
            texts.write(held.meeting, {"title": "Mine"}, actor=person, text_version=None)
        assert refused.value.clause == "5.4.5"
    for person in (world.samira, world.tobias):
        texts.write(held.meeting, {"title": f"By {person.name}"}, actor=person, text_version=None)
        assert held.proposal.title == held.item.label == f"By {person.name}", "the agenda follows the title"


@clause("5.4.5d", REFUSES)
@clause("5.4.5d", HAPPENS)
def test_objections_are_integrated_and_everybody_is_asked_again(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    held.begin().take_up().to("objections")
    turn = held.floor_to(world.priya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.priya, role=world.role_ids["merchandiser"], concern="No samples"
    )
    with pytest.raises(Malformed):
        texts.test_criterion(held.meeting, objection.pk, "a", actor=world.noor, given=True)
    for criterion in "abcd":
        texts.test_criterion(
            held.meeting, objection.pk, criterion, actor=world.noor, given=True, argument="It would"
        )
    held.nobody_objects()
    held.next()
    with pytest.raises(RuleBroken) as refused:
        held.next()
    assert refused.value.clause == "5.4.5f"
    version = held.proposal.text_version
    for person, side in ((world.priya, "objector"), (world.samira, "proposer")):
        texts.confirm(held.meeting, objection.pk, actor=person, side=side, holds=True, text_version=version)
    held.next()
    assert held.step == "objections"
    assert all(not t.is_over for t in held.room.turns)
    held.nobody_objects()
    run_jobs()
    assert held.step == "agenda"
    assert "Adopted" in as_(world.maya).get(f"/northwind/meetings/{held.meeting.pk}/").content.decode()


# -- in writing, and in a meeting --------------------------------------------------------------------------------


@clause("5.4.5a", ALLOWS)
def test_a_proposal_asked_to_a_meeting_is_adopted_there_with_everything_said(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    samira, priya = as_(world.samira), as_(world.priya)
    draft = proposals.start_draft(
        world.role("storefront"),
        actor=world.samira,
        role=world.role_ids["photo"],
        changes=held.change(),
        **TEXT,
    )
    page = f"/northwind/proposals/{draft.pk}/"
    proposals.propose(draft, actor=world.samira)
    proposals.object_to(
        draft,
        actor=world.priya,
        text_version=1,
        role=world.role_ids["merchandiser"],
        concern="No samples by then",
        criteria=dict.fromkeys("abcd", "It would"),
    )
    priya.post(page, {"do": "meeting"})
    draft.refresh_from_db()
    if draft.state != Proposal.State.ESCALATED:
        proposals.ask_for_meeting(draft, actor=world.priya)
    draft.refresh_from_db()
    assert draft.state == Proposal.State.ESCALATED
    # It counts as withdrawn: nobody adopts it, whatever anybody answers
    run_jobs()
    held.begin()
    room = f"/northwind/meetings/{held.meeting.pk}/"
    shown = samira.get(room).content.decode()
    assert "Of yours" in shown
    assert draft.pk in shown
    assert draft.pk not in priya.get(room).content.decode()
    act(world.samira, held.meeting, "add", label="Photo briefs", proposal=draft.pk, form_key="once")
    item = AgendaItem.objects.get()
    act(world.noor, held.meeting, "choose", item=item.pk, seen=held.room.seen)
    assert held.proposal == draft
    assert "No samples by then" in priya.get(room).content.decode(), "what was said in writing is there"
    held.to("objections").nobody_objects()
    run_jobs()
    draft.refresh_from_db()
    assert draft.state == Proposal.State.ADOPTED
    assert draft.decision is not None
    assert draft.decision.meeting == held.meeting.pk


def test_what_a_meeting_does_not_finish_is_proposed_in_writing(
    world: World, held: Held, run_jobs: RunJobs
) -> None:
    held.begin().take_up().to("objections")
    proposal = held.proposal
    agenda.park(held.meeting, actor=world.noor)
    sessions.close(held.meeting, actor=world.noor)
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ESCALATED
    samira = as_(world.samira)
    page = f"/northwind/proposals/{proposal.pk}/"
    assert samira.get(page, follow=True).status_code == 200
    proposals.propose(proposal, actor=world.samira)
    for name in ("ines", "maya", "noor", "priya", "tobias"):
        proposal.refresh_from_db()
        proposals.answer(proposal, actor=world.people[name], text_version=proposal.text_version)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED


def test_two_circles_of_one_rep_are_told_apart(world: World) -> None:
    love_rep = derived_id(world.role_ids["love"], CIRCLE_REP)
    set_up.edit_structure([Assign(new_id(), love_rep, world.maya.pk)], actor=world.ines, reason="A test")
    meeting = anchor_meeting(world)
    with pytest.raises(Refused, match="which"):
        guests.invite(meeting, world.samira, actor=world.maya, tension="Briefs")
    one = guests.invite(
        meeting, world.samira, actor=world.maya, tension="Briefs", circle=world.role_ids["love"]
    )
    assert one.circle_id == world.role_ids["love"]
