"""What a role lead may do and has to announce first (Article 4): intents, spending, individual initiative."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from announcements import actions
from announcements.models import Announcement, Reply
from circles.effects import INTENT_WAIT, SPENDING_CONTROL, SPENDING_WAIT
from circles.models import Assignment, Domain
from governance.actions import assignments, set_up
from governance.actions.representation import let_represent
from governance.calendar import after_working_days
from governance.changes import AddPolicy, RemoveRole, parse_change
from journal.models import Event
from people.ids import new_id
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
State = Announcement.State


@pytest.fixture
def world() -> World:
    return worlds.build()


def policy(world: World, circle: str, effect: dict[str, Any], **values: Any) -> str:
    """Give a circle a policy that does something, and return its identifier."""
    change = AddPolicy(new_id(), world.role_ids[circle], effect["kind"], "", ("default",), effect, **values)
    set_up.edit_structure([change], actor=world.ines, reason="For the test")
    return change.id


def voice_guide(world: World) -> Domain:
    return Domain.objects.get(role=world.role_ids["copywriter"])


def gives(world: World, role: str, text: str) -> Domain:
    """Give a role a domain more."""
    lines = [{"op": "add", "text": text, "internal": role != "storefront"}]
    change = parse_change({"kind": "amend_role", "role": world.role_ids[role], "domains": lines})
    set_up.edit_structure([change], actor=world.ines, reason="For the test")
    return Domain.objects.get(text=text)


def intent(world: World, **more: Any) -> Announcement:
    """Priya, the merchandiser, is going to touch Maya's voice guide."""
    values = {"what": "Add a chapter on sizes", "domains": [voice_guide(world).pk]} | more
    return actions.announce_intent(world.role("merchandiser"), actor=world.priya, **values)


def spending(world: World, **more: Any) -> Announcement:
    """Samira, of the photo desk, asks Storefront for money; Ines leads it, the others lead roles within it."""
    values = {"what": "A second lamp", "why": "Winter light", "amount": "89,90", "currency": "eur"} | more
    role = world.role(values.pop("role", "photo"))
    return actions.announce_spending(
        role, actor=world.samira, asked_of=world.role(values.pop("asked_of", "storefront")), **values
    )


def at(moment: dt.datetime | None) -> Any:
    """Let it be that moment."""
    assert moment is not None
    return mock.patch.object(timezone, "now", return_value=moment)


def just_before(found: Announcement) -> dt.datetime:
    assert found.due_at is not None
    return found.due_at - dt.timedelta(seconds=1)


def state(found: Announcement) -> str:
    found.refresh_from_db()
    return found.state


def browser(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def refused(number: str, act: Callable[..., object], *args: Any, **more: Any) -> None:
    with pytest.raises(RuleBroken) as broken:
        act(*args, **more)
    assert broken.value.clause == number


# -- what needs no asking (§4) ------------------------------------------------------------------------------------


@clause("4", HAPPENS)
def test_a_roles_page_says_what_its_lead_may_do_without_asking(world: World) -> None:
    address = reverse("circles:role", args=["northwind", world.role("merchandiser").ref])
    own, other = (browser(p).get(address).content.decode() for p in (world.priya, world.callum))
    assert "You do not need to ask" in own
    assert "Announce an intent" in own
    assert "Announce spending" in own
    assert "You do not need to ask" not in other
    assert "Record an initiative" in other  # anybody may have gone past its authority
    # Of a circle as well: its leads are the role's
    address = reverse("circles:role", args=["northwind", world.role("love").ref])
    assert "You do not need to ask" in browser(world.hana).get(address).content.decode()


# -- intents (§4.1.2) ---------------------------------------------------------------------------------------------


@clause("4.1.2", HAPPENS)
def test_silence_permits_the_one_action_by_itself(world: World, run_jobs: RunJobs) -> None:
    found = intent(world)
    assert found.due_at == after_working_days(found.announced_at, 2, world.organization.tz)
    assert [r.person for r in found.recipients.all()] == [world.maya]
    run_jobs()
    assert [m.to for m in mail.outbox] == [["maya@northwind.example"]]
    with at(just_before(found)):
        assert actions.settle(found.pk) is False
        refused("4.1.2", actions.report_done, found, actor=world.priya)
    assert state(found) == State.WAITING
    with at(found.due_at):
        run_jobs()
    assert state(found) == State.GRANTED
    assert found.granted_at == found.due_at
    actions.report_done(found, actor=world.priya, note="Chapter 4")
    assert state(found) == State.DONE
    # It was for this action: another time is announced anew
    with pytest.raises(Refused, match="over"):
        actions.report_done(found, actor=world.priya, note="And chapter 5")
    assert Event.objects.filter(kind="announcements.granted").count() == 1


@clause("4.1.2", REFUSES)
def test_an_objection_denies_and_taking_it_back_frees(world: World, run_jobs: RunJobs) -> None:
    found = intent(world)
    with pytest.raises(Malformed):
        actions.object_to(found, actor=world.maya, words=" ")
    reply = actions.object_to(found, actor=world.maya, words="Sizes have their own guide")
    assert reply.domain == "Voice guide"
    assert state(found) == State.OBJECTED
    run_jobs()
    assert mail.outbox[-1].to == ["priya@northwind.example"]
    with at(found.due_at):
        run_jobs()
        refused("4.1.2", actions.report_done, found, actor=world.priya)
        assert state(found) == State.OBJECTED
        with pytest.raises(NotAllowed):
            actions.end_reply(reply, actor=world.ines)
        actions.end_reply(reply, actor=world.maya)
    assert state(found) == State.GRANTED


@clause("4.1.2", ALLOWS)
def test_an_objection_taken_back_in_time_lets_it_wait_on(world: World) -> None:
    found = intent(world)
    actions.end_reply(actions.object_to(found, actor=world.maya, words="Wait"), actor=world.maya)
    assert state(found) == State.WAITING
    assert actions.object_to(found, actor=world.maya, words="Now I am sure").state == Reply.State.STANDING


@clause("4.1.2", REFUSES)
def test_from_the_instant_on_objections_are_refused_whether_or_not_the_worker_has_come(world: World) -> None:
    found, other = intent(world), intent(world, what="Rename a chapter")
    with at(just_before(found)):
        actions.object_to(other, actor=world.maya, words="In time")
    with at(found.due_at):
        refused("4.1.2", actions.object_to, found, actor=world.maya, words="Too late")
        assert found.stands == State.GRANTED
        answer = browser(world.maya).post(
            reverse("announcements:announcement", args=["northwind", found.pk]),
            {"do": "object", "words": "Too late, but not lost"},
        )
    assert answer.status_code == 422
    assert b"Too late, but not lost" in answer.content
    assert not found.replies.exists()
    # The worker comes late: it holds from the instant on
    assert found.due_at is not None
    with at(found.due_at + dt.timedelta(days=3)):
        assert actions.settle(found.pk)
        assert not actions.settle(found.pk)
        assert not actions.settle(other.pk)
    assert state(found) == State.GRANTED
    assert found.granted_at == found.due_at


@clause("4.1.2", REFUSES)
def test_role_leads_announce_for_their_roles_and_name_domains_of_others(world: World) -> None:
    guide = voice_guide(world).pk
    for actor in (world.samira, world.lea, world.ines):
        refused(
            "4.1.2",
            actions.announce_intent,
            world.role("merchandiser"),
            actor=actor,
            what="x",
            domains=[guide],
        )
    refused("4.1.2", intent, world, domains=[])
    refused(
        "4.1.2",
        actions.announce_intent,
        world.role("copywriter"),
        actor=world.maya,
        what="x",
        domains=[guide],
    )
    with pytest.raises(Malformed):
        intent(world, what=" ")
    with pytest.raises(Malformed):
        intent(world, domains=[new_id()])
    assert not Announcement.objects.exists()
    # Nobody fills the size guide: its circle's lead speaks for it
    found = actions.announce_intent(world.role("sizes"), actor=world.ines, what="x", domains=[guide])
    assert found.state == State.WAITING


@clause("4.1.2", REFUSES)
@clause("4.1.2", ALLOWS)
def test_leave_to_represent_a_role_is_none_to_announce_for_it(world: World) -> None:
    guide = voice_guide(world).pk
    role = world.role("merchandiser")
    let_represent(role, world.samira, actor=world.priya)
    page = browser(world.samira).get(reverse("announcements:intent", args=["northwind"]))
    assert role.pk not in dict(page.context["form"].fields["role"].choices)
    refused("4.1.2", actions.announce_intent, role, actor=world.samira, what="x", domains=[guide])
    made = actions.announce_intent(role, actor=world.priya, what="x", domains=[guide])
    assert made.state == State.WAITING


@clause("4.1.2", REFUSES)
@clause("4.1.2", ALLOWS)
def test_who_has_a_relevant_domain_objects_and_who_controls_it_permits(world: World) -> None:
    found = intent(world)
    refused("4.1.2", actions.object_to, found, actor=world.callum, words="I do not like it")
    refused("4.1.2", actions.permit, found, actor=world.ines)
    with pytest.raises(Refused, match="Withdraw it"):
        actions.object_to(found, actor=world.priya, words="x")
    # Somebody with another domain that it concerns objects for that one
    words = gives(world, "support", "Words on the telephone")
    reply = actions.object_to(found, actor=world.callum, words="We say it otherwise", domain=words.pk)
    assert reply.domain == "Words on the telephone"
    actions.permit(found, actor=world.maya)
    assert state(found) == State.OBJECTED
    actions.end_reply(reply, actor=world.callum)
    assert state(found) == State.GRANTED
    found = intent(world)
    actions.permit(found, actor=world.maya)
    assert state(found) == State.GRANTED
    assert found.granted == Announcement.Granted.OWNER


@clause("4.1.2", HAPPENS)
def test_a_policy_sets_how_long_an_intent_waits(world: World) -> None:
    rule = policy(world, "storefront", {"kind": INTENT_WAIT, "working_days": 5})
    found = intent(world)
    assert (found.working_days, found.policy_id) == (5, rule)
    assert found.due_at == after_working_days(found.announced_at, 5, world.organization.tz)


def test_several_owners_permit_each_their_own(world: World) -> None:
    shelf = gives(world, "photo", "Shelf space")
    found = intent(world, domains=[voice_guide(world).pk, shelf.pk])
    assert {r.person_id for r in found.recipients.all()} == {world.maya.pk, world.samira.pk}
    actions.permit(found, actor=world.maya)
    assert state(found) == State.WAITING
    objection = actions.object_to(found, actor=world.samira, words="Not my shelf", domain=shelf.pk)
    with pytest.raises(Refused, match="objected"):
        actions.permit(found, actor=world.samira)
    actions.end_reply(objection, actor=world.samira)
    actions.permit(found, actor=world.samira)
    assert state(found) == State.GRANTED


def test_a_domain_a_circle_keeps_to_itself_reaches_its_lead_and_members(world: World) -> None:
    floor = gives(world, "storefront", "The shop floor")
    found = actions.announce_intent(
        world.role("support"), actor=world.callum, what="Move the desk", domains=[floor.pk]
    )
    reached = {r.person.name.split()[0] for r in found.recipients.all()}
    assert reached == {"Ines", "Maya", "Noor", "Tobias", "Priya", "Samira"}
    refused("4.1.2", actions.permit, found, actor=world.samira)
    actions.permit(found, actor=world.ines)
    assert state(found) == State.GRANTED


# -- spending (§4.1.3) --------------------------------------------------------------------------------------------


@clause("4.1.3", HAPPENS)
def test_spending_is_authorized_by_itself_once_the_time_has_passed(world: World, run_jobs: RunJobs) -> None:
    found = spending(world)
    assert (str(found.amount), found.currency) == ("89.90", "EUR")
    assert {r.person.name.split()[0] for r in found.recipients.all()} == {
        "Ines", "Maya", "Noor", "Tobias", "Priya",
    }  # fmt: skip
    refused("4.1.3", actions.report_done, found, actor=world.samira)
    with at(found.due_at):
        run_jobs()
    assert state(found) == State.GRANTED
    actions.report_done(found, actor=world.samira)
    assert state(found) == State.DONE


@clause("4.1.3", REFUSES)
def test_nothing_is_spent_while_an_escalation_stands(world: World, run_jobs: RunJobs) -> None:
    found = spending(world)
    refused("4.1.3", actions.escalate, found, actor=world.callum, words="I lead nothing in there")
    reply = actions.escalate(found, actor=world.priya, words="We have one already")
    assert state(found) == State.ESCALATED
    refused("4.1.3", actions.end_reply, reply, actor=world.maya)
    with at(found.due_at):
        run_jobs()
        assert state(found) == State.ESCALATED
        refused("4.1.3", actions.report_done, found, actor=world.samira)
        # Still being considered: another recipient joins in
        second = actions.escalate(found, actor=world.noor, words="So do we")
        actions.end_reply(reply, actor=world.ines)
        assert state(found) == State.ESCALATED
        actions.end_reply(second, actor=world.noor)
    assert state(found) == State.GRANTED
    reply.refresh_from_db()
    assert reply.state == Reply.State.REVERSED
    assert found.due_at is not None
    with at(found.due_at + dt.timedelta(minutes=1)):
        refused("4.1.3", actions.escalate, found, actor=world.maya, words="Late")


@clause("4.1.3", ALLOWS)
def test_a_lead_of_the_role_that_is_asked_revokes_at_any_time(world: World) -> None:
    found = spending(world)
    with at(found.due_at):
        actions.settle(found.pk)
    refused("4.1.3", actions.revoke, found, actor=world.priya, words="No")
    with pytest.raises(Malformed):
        actions.revoke(found, actor=world.ines, words="")
    actions.revoke(found, actor=world.ines, words="The season is over")
    assert state(found) == State.REVOKED
    refused("4.1.3", actions.report_done, found, actor=world.samira)


@clause("4.1.3", REFUSES)
def test_spending_is_announced_with_reason_and_role(world: World) -> None:
    refused("4.1.3", spending, world, why="")
    refused("4.1.3", spending, world, asked_of="photo")
    refused("4.1.3", spending, world, role="merchandiser")
    for amount in ("", "-3", "0", "a lot", "1e9", "1.234", "1,234", "12.34,50", "1.234.50"):
        with pytest.raises(Malformed):
            spending(world, amount=amount)
    with pytest.raises(Malformed):
        spending(world, currency="€")
    assert not Announcement.objects.exists()
    for amount in ("1.234,50", "1,234.50", "1234,5", "1 234.50"):
        assert str(spending(world, amount=amount).amount) == "1234.50"


@clause("4.1.3", HAPPENS)
def test_policies_set_the_time_or_let_a_role_spend_without_asking(world: World) -> None:
    wait = policy(world, "storefront", {"kind": SPENDING_WAIT, "working_days": 4})
    found = spending(world)
    assert (found.working_days, found.policy_id) == (4, wait)
    control = policy(world, "storefront", {"kind": SPENDING_CONTROL, "role": world.role_ids["photo"]})
    found = spending(world, what="A third lamp")
    assert (found.state, found.policy_id, found.granted) == (State.GRANTED, control, "policy")
    with pytest.raises(Refused, match="policy"):
        actions.escalate(found, actor=world.priya, words="x")
    actions.report_done(found, actor=world.samira)
    # Another role has no such policy
    other = actions.announce_spending(
        world.role("merchandiser"),
        actor=world.priya,
        asked_of=world.role("storefront"),
        what="Samples",
        why="Spring",
        amount=10,
        currency="EUR",
    )
    assert other.state == State.WAITING


# -- individual initiative (§4.3) ---------------------------------------------------------------------------------


def initiative(world: World, **more: Any) -> Announcement:
    values: dict[str, Any] = {
        "what": "Took the tent off the shop",
        "why": "It was unsafe, and nobody was there",
        "crossed": "The merchandiser decides the range",
        "roles": [world.role("merchandiser"), world.role("sizes")],
    } | more
    return actions.record_initiative(actor=more.pop("actor", world.callum), **(values | more))


@clause("4.3", HAPPENS)
def test_an_initiative_is_told_to_the_leads_it_affected_who_may_ask_for_more(
    world: World, run_jobs: RunJobs
) -> None:
    found = initiative(world)
    # Nobody fills the size guide, so its circle's lead is told
    assert {r.person_id for r in found.recipients.all()} == {world.priya.pk, world.ines.pk}
    run_jobs()
    assert {m.to[0].split("@")[0] for m in mail.outbox} == {"priya", "ines"}
    reply = actions.ask(found, actor=world.priya, kind="restore", words="Put it back by Monday")
    actions.ask(found, actor=world.ines, kind="refrain", words="Call me first")
    with pytest.raises(NotAllowed):
        actions.answer(reply, actor=world.priya, words="x")
    actions.answer(reply, actor=world.callum, words="It is back")
    reply.refresh_from_db()
    assert (reply.state, reply.answer) == (Reply.State.ANSWERED, "It is back")
    # It stands on the page of each role it affected
    for role in ("merchandiser", "sizes"):
        address = reverse("circles:role", args=["northwind", world.role(role).ref])
        assert b"Took the tent off the shop" in browser(world.lea).get(address).content


@clause("4.3", REFUSES)
def test_an_initiative_is_a_partners_and_is_explained(world: World) -> None:
    refused(
        "4.3", actions.record_initiative, actor=world.otto, what="x", why="y", roles=[world.role("photo")]
    )
    refused("4.3", actions.record_initiative, actor=world.callum, what="x", why="y", roles=[])
    with pytest.raises(Malformed):
        actions.record_initiative(actor=world.callum, what="x", why="", roles=[world.role("photo")])
    found = initiative(world)
    refused("4.3", actions.ask, found, actor=world.samira, kind="restore", words="x")
    with pytest.raises(Refused, match="after the fact"):
        actions.withdraw(found, actor=world.callum)


# -- who leads meanwhile ------------------------------------------------------------------------------------------


def test_whoever_has_come_to_lead_the_role_since_has_its_say(world: World) -> None:
    found = intent(world)
    assignments.assign_role(world.role("copywriter"), world.lea, actor=world.ines)
    assert (
        actions.object_to(found, actor=world.lea, words="I keep it now").role_id
        == (world.role_ids["copywriter"])
    )


def test_whoever_leads_the_role_next_acts_on_what_was_granted_to_it(world: World) -> None:
    found = intent(world)
    actions.permit(found, actor=world.maya)
    assignments.assign_role(world.role("merchandiser"), world.lea, actor=world.ines)
    with pytest.raises(NotAllowed):
        actions.report_done(found, actor=world.lea)
    assignments.resign(Assignment.objects.get(role=found.role, person=world.priya), actor=world.priya)
    actions.report_done(found, actor=world.lea, note="Done")
    assert state(found) == State.DONE


def test_what_a_removed_role_announced_lapses(world: World) -> None:
    found = intent(world)
    set_up.edit_structure([RemoveRole(world.role_ids["merchandiser"])], actor=world.ines, reason="x")
    with at(found.due_at):
        assert not actions.settle(found.pk)
    assert state(found) == State.WITHDRAWN


def test_a_form_sent_twice_announces_once(world: World) -> None:
    first = intent(world, form_key="k")
    assert intent(world, form_key="k").pk == first.pk
    assert intent(world, form_key="k", what="Something else").pk != first.pk
    assert first.recipients.count() == 1
