"""Answering a proposal without a meeting: who proposes, who is asked, what silence means (§5.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from circles.effects import ASYNC_GOES_ON, TIME_LIMIT
from circles.models import Role
from circles.structure import Structure
from governance.actions import proposals
from governance.actions.absences import be_away, take_back_absence
from governance.actions.calendars import keep_calendar, share_calendar
from governance.calendar import due_after
from governance.models import Proposal
from people.refusals import Conflict, Malformed, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.constitution.consent import (
    at,
    browser,
    changes,
    confirm,
    draft,
    object_to,
    page,
    policy,
    proposed,
)
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]
State = Proposal.State
EXTENDED = {"kind": TIME_LIMIT, "working_days": 2, "extension_days": 1}


@pytest.fixture
def world() -> World:
    return worlds.build()


def others(world: World) -> tuple:  # type: ignore[type-arg]
    return world.ines, world.maya, world.priya, world.noor, world.tobias


# -- who proposes, who is asked ---------------------------------------------------------------------------------


@clause("5.3a", REFUSES)
@clause("5.3a", ALLOWS)
def test_a_member_proposes_for_a_role_they_lead(world: World) -> None:
    circle, role = world.role("storefront"), world.role_ids["photo"]
    text: dict[str, Any] = {
        "title": "x",
        "tension": "t",
        "example": "e",
        "how_helped": "h",
        "changes": changes(world),
    }
    outside = proposals.start_draft(circle, actor=world.lea, role=role, **text)
    with pytest.raises(RuleBroken) as refusal:
        proposals.propose(outside, actor=world.lea)
    assert refusal.value.clause == "5.3"
    for wrong in ("merchandiser", "support"):
        of_another = draft(world, role=world.role_ids[wrong])
        answer = browser(world.samira).post(f"{page(of_another)}edit/", {"do": "propose", "role": wrong})
        assert answer.status_code == 422
        with pytest.raises(RuleBroken) as refusal:
            proposals.propose(of_another, actor=world.samira)
        assert (refusal.value.clause, refusal.value.field) == ("5.3", "role")
    assert proposed(world).state == State.PROPOSED
    love = world.role("love")
    purpose = {"from": love.purpose, "to": "Nobody alone"}
    for_the_circle = proposals.start_draft(
        world.role("anchor"),
        actor=world.maya,
        role=world.role_ids["storefront"],
        **text | {"changes": [{"kind": "amend_role", "role": love.pk, "purpose": purpose}]},
    )
    assert proposals.propose(for_the_circle, actor=world.maya).state == State.PROPOSED


@clause("5.3b", HAPPENS)
def test_every_member_gets_it_in_writing_before_it_can_be_adopted(world: World, run_jobs: RunJobs) -> None:
    unshared = draft(world)
    assert not proposals.settle(unshared.pk)
    assert browser(world.maya).get(page(unshared)).status_code == 404
    shared = proposals.propose(unshared, actor=world.samira)
    run_jobs()
    asked = set(shared.responses.values_list("person", flat=True))
    assert asked == Structure.of(world.organization.id).members(shared.circle_id)
    assert sorted(m.to[0] for m in mail.outbox) == sorted(p.email for p in others(world))
    assert "I get briefs too late" in browser(world.maya).get(page(shared)).content.decode()
    shared.refresh_from_db()
    assert shared.state == State.PROPOSED


@clause("5.3c", HAPPENS)
@clause("5.3c", REFUSES)
def test_it_is_adopted_with_the_last_confirmation_and_not_before(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    *first, last = others(world)
    confirm(proposal, *first)
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.PROPOSED
    with pytest.raises(RuleBroken) as refusal:
        proposals.answer(proposal, actor=world.lea, text_version=proposal.text_version)
    assert refusal.value.clause == "5.3"
    sent = {"do": "no_objection", "text_version": proposal.text_version}
    assert browser(last).post(page(proposal), sent).status_code == 302
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED


@clause("5.3d", REFUSES)
@clause("5.3d", ALLOWS)
def test_an_amended_text_asks_everybody_again(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    read = proposal.text_version
    confirm(proposal, world.ines, world.maya, world.noor, world.tobias)
    object_to(world, proposal)
    proposal = proposals.amend(
        proposal, {"changes": changes(world, "Sending a brief")}, actor=world.samira, text_version=read
    )
    run_jobs()
    assert not proposal.responses.filter(round=2).exclude(person=world.samira).exclude(answer="").exists()
    with pytest.raises(Conflict):
        proposals.answer(proposal, actor=world.maya, text_version=read)
    assert not proposals.settle(proposal.pk)
    confirm(proposal, *others(world))
    run_jobs()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.round) == (State.ADOPTED, 2)


# -- the time limit -----------------------------------------------------------------------------------------------


@clause("5.3e", REFUSES)
@clause("5.3e", ALLOWS)
def test_after_the_limit_silence_is_no_objection_seen_or_not(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    assert browser(world.maya).get(page(proposal)).status_code == 200  # seen; the others have not
    with at(proposal.due_at, seconds=-1):
        confirm(proposal, world.ines)
    with at(proposal.due_at):
        with pytest.raises(RuleBroken) as refusal:
            proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
        assert refusal.value.clause == "5.3"
        with pytest.raises(RuleBroken) as refusal:
            proposals.ask_for_meeting(proposal, actor=world.maya)
        assert refusal.value.clause == "5.3"
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED


@clause("5.3e", HAPPENS)
def test_without_a_limit_silence_blocks(run_jobs: RunJobs) -> None:
    world = worlds.build(time_limit=None)
    proposal = proposed(world)
    confirm(proposal, *others(world)[:-1])
    with at(timezone.now(), days=900):
        run_jobs()
        assert not proposals.settle(proposal.pk)
        confirm(proposal, world.tobias)
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED


@clause("5.3e", HAPPENS)
def test_the_limit_is_extended_once_for_whoever_has_not_seen_it(world: World, run_jobs: RunJobs) -> None:
    policy(world, EXTENDED)
    proposal = proposed(world)
    first = proposal.due_at
    for person in (world.ines, world.priya, world.noor, world.tobias):
        proposals.mark_seen(proposal, actor=person)
    text = browser(world.priya).get(page(proposal)).content.decode()
    assert "not seen yet" in text
    assert "by policy “Ours” of Storefront" in text
    with at(first, seconds=1):
        run_jobs()
        proposal.refresh_from_db()
        second = proposal.due_at
        assert first is not None
        assert second is not None
        assert second == due_after(Structure.of(world.organization.id), proposal.circle_id, first, 1)
        assert (proposal.extended_from, proposal.extended_for) == (first, [[world.maya.pk, "unseen"]])
        assert "Maya Lindqvist had not seen it" in browser(world.priya).get(page(proposal)).content.decode()
        confirm(proposal, world.priya)  # it is longer for everybody
        told = [m for m in mail.outbox if "Answers close later" in m.subject]
        assert {m.to[0] for m in told} == {p.email for p in others(world)}
        assert "Maya Lindqvist" in told[0].body
    with at(second), pytest.raises(RuleBroken):
        proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
    with at(second):
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED  # Maya never saw it: once is once


@clause("5.3e", ALLOWS)
def test_whoever_answers_first_after_the_limit_finds_it_extended(world: World) -> None:
    policy(world, EXTENDED)
    proposal = proposed(world)
    for person in others(world):
        proposals.mark_seen(proposal, actor=person)
    first = proposal.due_at
    with at(first, minutes=1), pytest.raises(RuleBroken):
        proposals.answer(proposal, actor=world.hana, text_version=proposal.text_version)
    assert first is not None
    be_away(actor=world.tobias, first_day=first.date(), last_day=first.date() + dt.timedelta(days=2))
    with at(first, minutes=1):
        text = browser(world.maya).get(page(proposal)).content.decode()
        assert "Tobias Renner was away" in text
        assert 'value="no_objection"' in text  # nobody has written the extension down yet
        confirm(proposal, world.maya)
    proposal.refresh_from_db()
    assert proposal.extended_for == [[world.tobias.pk, "away"]]


@clause("5.3e", REFUSES)
def test_seen_by_all_and_nobody_away_the_limit_ends(world: World, run_jobs: RunJobs) -> None:
    policy(world, EXTENDED)
    proposal = proposed(world)
    for person in others(world):
        proposals.mark_seen(proposal, actor=person)
    with at(proposal.due_at):
        with pytest.raises(RuleBroken) as refusal:
            proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
        assert refusal.value.clause == "5.3"
        run_jobs()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.extended_from) == (State.ADOPTED, None)


def test_reminders_go_half_way_and_shortly_before_once_to_the_silent(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    run_jobs()
    confirm(proposal, world.ines, world.maya)
    mail.outbox.clear()
    for moment in (dt.timedelta(days=-1), dt.timedelta(hours=-1), dt.timedelta(minutes=-5)):
        assert proposal.due_at is not None
        with at(proposal.due_at + moment):
            run_jobs()
            run_jobs()
    silent = sorted(p.email for p in (world.priya, world.noor, world.tobias))
    for subject in ("Half the time has passed: Photo briefs", "Answers close soon: Photo briefs"):
        assert sorted(m.to[0] for m in mail.outbox if m.subject == subject) == silent
    assert len(mail.outbox) == 6
    assert page(proposal) in mail.outbox[0].body


def test_the_secretary_keeps_the_calendar_and_what_runs_keeps_its_end(world: World) -> None:
    circle, inner = world.role("storefront"), world.role("photo")
    running = proposed(world).due_at
    values = {"zone": "Asia/Tokyo", "weekdays": [0, 1, 2], "opens": dt.time(9), "closes": dt.time(17)}
    with pytest.raises(NotAllowed):
        keep_calendar(circle, actor=world.maya, days_off=[], **values)  # type: ignore[arg-type]
    for wrong, field in (
        ({"zone": "Mars/Base"}, "zone"),
        ({"weekdays": []}, "weekdays"),
        ({"closes": None}, "closes"),
        ({"opens": dt.time(18)}, "closes"),
    ):
        with pytest.raises(Malformed) as refusal:
            keep_calendar(circle, actor=world.tobias, days_off=[], **values | wrong)  # type: ignore[arg-type]
        assert refusal.value.field == field
    sent = {
        "do": "keep", "zone": "Asia/Tokyo", "weekdays": ["0", "1", "2"], "opens": "09:00", "closes": "17:00",
        "off_day": ["2026-09-08", ""], "off_name": ["Founders’ day", ""],
    }  # fmt: skip
    address = f"/northwind/roles/{circle.ref}/calendar/"
    assert browser(world.maya).post(address, sent).status_code == 422
    assert browser(world.tobias).post(address, sent | {"off_day": ["soon", ""]}).status_code == 422
    assert browser(world.tobias).post(address, sent).status_code == 302
    text = browser(world.maya).get(address).content.decode()
    assert "Monday to Wednesday, 09:00 to 17:00, in Asia/Tokyo" in text
    structure = Structure.of(world.organization.id)
    start = dt.datetime(2026, 9, 7, 12, tzinfo=dt.UTC)  # Monday, after hours in Tokyo; Tuesday is off
    end = dt.datetime(2026, 9, 14, 0, tzinfo=dt.UTC)  # from Wednesday's opening to Monday's
    assert due_after(structure, circle.pk, start, 1) == end
    assert due_after(structure, inner.pk, start, 1) == end  # the circle inside shares it
    anchor = world.role("anchor")
    assert due_after(structure, anchor.pk, start, 1) == start + dt.timedelta(days=1)
    assert Proposal.objects.get(circle=circle).due_at == running
    share_calendar(circle, actor=world.tobias)
    assert due_after(structure, circle.pk, start, 1) == start + dt.timedelta(days=1)
    with pytest.raises(Refused):
        share_calendar(circle, actor=world.tobias)


def test_people_say_when_they_are_away_and_it_shows_where_they_are_awaited(world: World) -> None:
    proposal = proposed(world)
    today = timezone.localdate()
    maya, samira = browser(world.maya), browser(world.samira)
    sent = {"act": "away", "first_day": today, "last_day": today + dt.timedelta(days=6)}
    assert (
        maya.post("/northwind/profile/", sent | {"last_day": today - dt.timedelta(days=1)}).status_code == 422
    )
    assert maya.post("/northwind/profile/", sent).status_code == 302
    joined = be_away(
        actor=world.maya, first_day=today + dt.timedelta(days=7), last_day=today + dt.timedelta(days=9)
    )
    assert (joined.first_day, world.maya.absences.count()) == (today, 1)
    assert "away until" in samira.get(page(proposal)).content.decode()
    assert "Away:" in samira.get(f"/northwind/people/{world.maya.ref}/").content.decode()
    with pytest.raises(Refused):
        take_back_absence(joined, actor=world.samira)
    assert samira.post("/northwind/profile/", {"act": "back", "absence": joined.pk}).status_code == 404
    assert maya.post("/northwind/profile/", {"act": "back", "absence": joined.pk}).status_code == 302
    assert "away until" not in samira.get(page(proposal)).content.decode()


# -- a meeting instead ----------------------------------------------------------------------------------------------


@clause("5.3f", REFUSES)
@clause("5.3f", ALLOWS)
def test_any_member_asks_for_a_meeting_and_it_counts_as_withdrawn(world: World, run_jobs: RunJobs) -> None:
    proposal = proposed(world)
    with pytest.raises(RuleBroken) as refusal:
        proposals.ask_for_meeting(proposal, actor=world.lea)
    assert refusal.value.clause == "5.3"
    assert browser(world.tobias).post(page(proposal), {"do": "meeting"}).status_code == 302
    with pytest.raises(Refused):
        proposals.answer(proposal, actor=world.maya, text_version=proposal.text_version)
    with at(timezone.now(), days=30):
        run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ESCALATED
    assert (
        "counts as withdrawn until it is proposed there"
        in browser(world.maya).get(page(proposal)).content.decode()
    )


@clause("5.3f", HAPPENS)
def test_a_policy_lets_the_answers_go_on(world: World, run_jobs: RunJobs) -> None:
    policy(world, {"kind": ASYNC_GOES_ON})
    proposal = proposed(world)
    assert "answers go on meanwhile" in browser(world.maya).get(page(proposal)).content.decode()
    assert proposals.ask_for_meeting(proposal, actor=world.tobias).state == State.PROPOSED
    with pytest.raises(Refused):
        proposals.ask_for_meeting(proposal, actor=world.maya)
    assert "Tobias Renner asked Samira Osei" in browser(world.maya).get(page(proposal)).content.decode()
    confirm(proposal, *others(world))
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == State.ADOPTED
    assert Role.objects.get(pk=world.role_ids["merchandiser"]).accountabilities.count() == 1
