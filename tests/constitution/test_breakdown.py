"""Process breakdown: declared with reasons, powers while it stands, ended by who restores the process (§5.5)."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from circles.constitution import FACILITATOR, SECRETARY
from circles.models import Assignment
from circles.structure import Structure
from governance.actions import assignments, breakdowns, proposals, set_up
from governance.breakdown import in_breakdown, restorer, to_restore, to_review
from governance.changes import RemoveRole
from governance.facilitation import TAKEN_OVER, acting
from governance.models import Breakdown, Decision, Objection, Proposal
from governance.record import verify
from journal.models import Event, Job
from meetings.actions import sessions, texts
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.meetings.room import TEXT, Held
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
WHY = "Roles are changed without asking anybody (§5.3)"


@pytest.fixture
def world() -> World:
    return worlds.build()


def as_(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def declared(world: World, circle: str = "storefront") -> Breakdown:
    """A breakdown in Storefront, whose process Ines restores: she acts as facilitator of the circle around it."""
    actor = {"storefront": world.noor, "love": world.hana}[circle]
    return breakdowns.declare(world.role(circle), actor=actor, reasons=WHY)


def acts(world: World, kind: str, circle: str = "storefront") -> tuple[set[str], str]:
    found = acting(Structure.of(world.organization.pk), world.role_ids[circle], kind)
    return set(found.people), found.why


# -- declaring ---------------------------------------------------------------------------------------------------


@clause("5.5", HAPPENS)
def test_facilitator_and_secretary_declare_in_their_circle_and_in_circles_inside(world: World) -> None:
    anchor = restorer(Structure.of(world.organization.pk), world.role_ids["storefront"])
    assert anchor.people == {world.ines.pk}
    for person in (world.noor, world.tobias, world.ines):
        found = breakdowns.declare(world.role("storefront"), actor=person, reasons=WHY)
        assert in_breakdown(world.role_ids["storefront"]) == found
        with pytest.raises(Refused, match="already"):
            declared(world)
        breakdowns.end(found, actor=world.ines, words="They ask again")
    assert in_breakdown(world.role_ids["storefront"]) is None


@clause("5.5", REFUSES)
def test_nobody_else_declares_one_and_nobody_without_reasons(world: World) -> None:
    for person in (world.maya, world.priya, world.hana, world.lea):
        with pytest.raises(RuleBroken) as refused:
            breakdowns.declare(world.role("storefront"), actor=person, reasons=WHY)
        assert refused.value.clause == "5.5"
    # The facilitator of a circle inside has no say in the one around it
    with pytest.raises(RuleBroken):
        breakdowns.declare(world.role("anchor"), actor=world.noor, reasons=WHY)
    with pytest.raises(Malformed):
        breakdowns.declare(world.role("storefront"), actor=world.noor, reasons="  ")
    with pytest.raises(Refused):
        breakdowns.declare(world.role("photo"), actor=world.ines, reasons=WHY)


@clause("5.5", HAPPENS)
def test_everybody_in_the_circle_is_told(world: World, run_jobs: RunJobs) -> None:
    found = declared(world)
    run_jobs()
    told = {address for one in mail.outbox for address in one.to}
    members = ("ines", "maya", "noor", "priya", "samira", "tobias")
    assert told == {f"{name}@northwind.example" for name in members}
    assert all(WHY in one.body and found.pk in one.body for one in mail.outbox)
    Job.objects.update(done_at=None)  # a worker that runs them twice sends nothing twice
    run_jobs()
    assert len(mail.outbox) == len(members)
    assert Event.objects.filter(kind="governance.breakdown_declared").count() == 1
    for page in (f"/northwind/roles/{world.role('storefront').ref}/", f"/northwind/breakdowns/{found.pk}/"):
        assert "process breakdown" in as_(world.lea).get(page).content.decode().lower()


@clause("5.5", HAPPENS)
def test_a_partner_asks_for_a_review_and_is_answered(world: World, run_jobs: RunJobs) -> None:
    circle = world.role("storefront")
    with pytest.raises(RuleBroken) as refused:
        breakdowns.ask_review(circle, actor=world.otto, words="They shout")
    assert refused.value.clause == "5.5"
    review = breakdowns.ask_review(circle, actor=world.callum, words="They shout")
    with pytest.raises(Refused):
        breakdowns.ask_review(circle, actor=world.callum, words="They shout")
    assert to_review(world.ines) == [review]
    assert to_review(world.noor) == []
    home = as_(world.ines).get("/northwind/").content.decode()
    assert "Review the process of Storefront" in home
    assert "One thing awaits your answer" in home
    assert "One thing awaits your answer" in as_(world.ines).get("/northwind/awaiting/").content.decode()
    with pytest.raises(NotAllowed):
        breakdowns.answer_review(review, actor=world.noor, answer="We do not")
    page = f"/northwind/roles/{circle.ref}/process/"
    assert "What you found" not in as_(world.noor).get(page).content.decode()
    shown = as_(world.ines).get(page)
    assert "What you found" in shown.content.decode()
    assert shown.context["declare"].initial == {"review": review.pk}  # the one that waits
    answer = {"do": "answer", "review": review.pk, "answer": "I read the minutes: they do not"}
    assert as_(world.ines).post(page, answer).status_code == 302
    run_jobs()
    assert [one.to for one in mail.outbox] == [["callum@northwind.example"]]
    # What a review finds is declared, and answers it
    second = breakdowns.ask_review(circle, actor=world.callum, words="Look again")
    found = breakdowns.declare(circle, actor=world.ines, reasons=WHY, review=second)
    second.refresh_from_db()
    assert (second.breakdown, second.answered_by) == (found, world.ines)


@clause("5.5", HAPPENS)
def test_a_proposal_that_got_nowhere_lets_the_own_facilitator_declare(world: World) -> None:
    proposal = proposals.start_draft(world.role("storefront"), actor=world.samira, **TEXT)
    with pytest.raises(RuleBroken) as refused:
        breakdowns.declare(world.role("storefront"), actor=world.ines, reasons=WHY, proposal=proposal)
    assert refused.value.clause == "5.5"
    found = breakdowns.declare(world.role("storefront"), actor=world.noor, reasons=WHY, proposal=proposal)
    assert (found.why, found.proposal) == (Breakdown.Why.STUCK, proposal)


# -- while it stands ---------------------------------------------------------------------------------------------


def concern_in_test(world: World) -> tuple[Held, Objection]:
    held = Held(world).begin().take_up().to("objections")
    turn = held.floor_to(world.priya)
    objection = texts.raise_concern(
        held.meeting, turn.pk, actor=world.priya, role=world.role_ids["merchandiser"], concern="I dislike it"
    )
    return held, objection


@clause("5.5.2", REFUSES)
@clause("5.5.2", ALLOWS)
def test_arguments_are_judged_only_while_it_stands(world: World) -> None:
    held, objection = concern_in_test(world)
    words = "The moon is in the wrong house"

    def judge() -> Objection:
        return texts.test_criterion(
            held.meeting, objection.pk, "a", actor=world.noor, given=True, argument=words, holds=False
        )

    with pytest.raises(RuleBroken) as refused:
        judge()
    assert refused.value.clause == "5.3.3"
    declared(world)
    tested = judge()
    assert tested.state == Objection.State.NOT_VALID
    assert tested.criteria["a"]["argument"] == words


@clause("5.5.2", REFUSES)
@clause("5.5.2", ALLOWS)
def test_so_are_the_arguments_for_a_proposal(world: World) -> None:
    change = {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
    }
    proposal = proposals.start_draft(
        world.role("storefront"), actor=world.samira, role=world.role_ids["photo"], changes=[change], **TEXT
    )
    proposals.propose(proposal, actor=world.samira)
    page, noor = f"/northwind/proposals/{proposal.pk}/", as_(world.noor)
    weak = {"do": "discard", "ground": "5.5.2a", "reason": "A tent is no brief"}
    assert "5.5.2a" not in noor.get(page).content.decode()
    with pytest.raises(RuleBroken) as refused:
        proposals.discard(proposal, actor=world.noor, reason="A tent is no brief", ground="5.5.2a")
    assert refused.value.clause == "5.3.3"
    declared(world)
    assert 'value="5.5.2a"' in noor.get(page).content.decode()
    noor.post(page, weak)
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.DISCARDED
    assert "not logical, or beside the point" in as_(world.maya).get(page).content.decode()


@clause("5.5.2", REFUSES)
@clause("5.5.2", HAPPENS)
def test_the_facilitator_of_the_circle_around_takes_over_and_comes_before_everybody(world: World) -> None:
    found = declared(world)
    with pytest.raises(RuleBroken) as refused:
        breakdowns.take_over(found, FACILITATOR, actor=world.noor)
    assert refused.value.clause == "5.5.2"
    breakdowns.take_over(found, FACILITATOR, actor=world.ines)
    breakdowns.take_over(found, SECRETARY, actor=world.ines)
    assert acts(world, FACILITATOR) == ({world.ines.pk}, TAKEN_OVER)
    assert acts(world, SECRETARY) == ({world.ines.pk}, TAKEN_OVER)
    proposal = proposals.start_draft(world.role("storefront"), actor=world.samira, **TEXT)
    assert proposal.state == Proposal.State.DRAFT
    # In a meeting she takes it from the elected one, who does not get it back by saying so
    held = Held(world)
    sessions.enter(held.meeting, actor=world.ines)
    sessions.declare(held.meeting, FACILITATOR, actor=world.ines)
    assert held.room.meeting.facilitator == world.ines
    with pytest.raises(RuleBroken):
        sessions.declare(held.meeting, FACILITATOR, actor=world.noor)
    breakdowns.hand_back(found, FACILITATOR, actor=world.ines)
    assert acts(world, FACILITATOR)[0] == {world.noor.pk}
    breakdowns.end(found, actor=world.ines, words="Restored")
    assert acts(world, SECRETARY)[0] == {world.tobias.pk}


@clause("5.5.2", REFUSES)
@clause("5.5.2", ALLOWS)
def test_a_circle_lead_is_added_whose_acts_other_circle_leads_do_not_undo(world: World) -> None:
    found = declared(world)
    for person, actor in ((world.hana, world.noor), (world.ines, world.ines), (world.otto, world.ines)):
        with pytest.raises(RuleBroken) as refused:
            breakdowns.add_lead(found, person, actor=actor)
        assert refused.value.clause == "5.5.2"
    found = breakdowns.add_lead(found, world.hana, actor=world.ines)
    assert world.hana.pk in Structure.of(world.organization.pk).circle_leads(world.role_ids["storefront"])
    assert Decision.objects.latest("number").authority == "breakdown"
    with pytest.raises(Refused):
        breakdowns.add_lead(found, world.lea, actor=world.ines)
    # Hana puts Lea in and takes Priya out; Ines, circle lead as ever, cannot undo either
    assignments.assign_role(world.role("sizes"), world.lea, actor=world.hana)
    priya = Assignment.objects.get(role=world.role_ids["merchandiser"])
    assignments.unassign_role(priya, actor=world.hana)
    lea = Assignment.objects.get(role=world.role_ids["sizes"])
    undoing: list[Callable[[], object]] = [
        lambda: assignments.unassign_role(lea, actor=world.ines),
        lambda: assignments.assign_role(world.role("merchandiser"), world.priya, actor=world.ines),
        lambda: assignments.unassign_role(Assignment.objects.get(pk=found.lead_assignment), actor=world.ines),
    ]
    for undo in undoing:
        with pytest.raises(RuleBroken) as refused:
            undo()
        assert refused.value.clause == "5.5.2"
    # What she has not decided stays theirs, and she may change her mind
    assignments.assign_role(world.role("catalogue"), world.lea, actor=world.ines)
    assignments.unassign_role(lea, actor=world.hana)
    breakdowns.end(found, actor=world.ines, words="Restored")
    assert world.hana.pk not in Structure.of(world.organization.pk).circle_leads(world.role_ids["storefront"])
    assignments.assign_role(world.role("merchandiser"), world.priya, actor=world.ines)
    assert verify(world.organization).faults == []


@clause("5.5.2", REFUSES)
@clause("5.5.2", ALLOWS)
def test_only_the_facilitator_of_the_circle_around_ends_it_with_words(
    world: World, run_jobs: RunJobs
) -> None:
    found = declared(world)
    assert to_restore(world.ines) == [found]
    assert "Restore due process in Storefront" in as_(world.ines).get("/northwind/").content.decode()
    assert to_restore(world.noor) == []
    for actor in (world.noor, world.tobias, world.hana):
        with pytest.raises(RuleBroken) as refused:
            breakdowns.end(found, actor=actor, words="All is well")
        assert refused.value.clause == "5.5.2"
    with pytest.raises(Malformed):
        breakdowns.end(found, actor=world.ines, words="")
    breakdowns.end(found, actor=world.ines, words="Three rounds held by the rules")
    with pytest.raises(Refused):
        breakdowns.end(found, actor=world.ines, words="Once more")
    run_jobs()
    assert any("Three rounds held by the rules" in one.body for one in mail.outbox)


@clause("5.5.2", HAPPENS)
def test_without_a_circle_around_it_its_own_facilitator_has_these_powers(world: World) -> None:
    anchor = world.role("anchor")
    found = breakdowns.declare(anchor, actor=world.ines, reasons=WHY)
    breakdowns.take_over(found, SECRETARY, actor=world.ines)
    assert acts(world, SECRETARY, "anchor") == ({world.ines.pk}, TAKEN_OVER)
    assert breakdowns.end(found, actor=world.ines, words="Restored").ended_by == world.ines


# -- left open ---------------------------------------------------------------------------------------------------


def month_passes() -> None:
    past = timezone.now() - dt.timedelta(days=1)
    Breakdown.objects.exclude(raise_at=None).update(raise_at=past)
    Job.objects.filter(task="governance.raise_breakdown", done_at=None).update(due=past)


@clause("5.5.3", HAPPENS)
def test_left_open_too_long_it_counts_for_the_circle_around_it_once(world: World, run_jobs: RunJobs) -> None:
    found = declared(world)
    assert found.raise_at is not None
    assert found.raise_at.date() == (timezone.now() + dt.timedelta(days=30)).date()
    run_jobs()
    assert in_breakdown(world.role_ids["anchor"]) is None
    month_passes()
    run_jobs()
    raised = in_breakdown(world.role_ids["anchor"])
    assert raised is not None
    assert (raised.why, raised.raised_from) == (Breakdown.Why.RAISED, found)
    breakdowns.end(raised, actor=world.ines, words="Restored here")
    Job.objects.filter(task="governance.raise_breakdown").update(done_at=None, due=timezone.now())
    run_jobs()
    assert Breakdown.objects.count() == 2, "once"


def test_what_is_ended_in_time_is_not_raised(world: World, run_jobs: RunJobs) -> None:
    breakdowns.end(declared(world), actor=world.ines, words="Restored")
    month_passes()
    run_jobs()
    assert Breakdown.objects.count() == 1


@pytest.mark.parametrize("emptied", [False, True])
def test_it_ends_with_its_circle_and_is_not_raised(world: World, run_jobs: RunJobs, emptied: bool) -> None:
    """Nobody could end it otherwise: a circle that has gone has no circle around it, and nobody acts in it."""
    found = declared(world, "love")
    breakdowns.add_lead(found, world.lea, actor=world.ines)
    inside = [RemoveRole(world.role_ids[key]) for key in ("support", "help")]
    gone = inside if emptied else [RemoveRole(world.role_ids["love"])]
    set_up.edit_structure(gone, actor=world.ines, reason="As agreed")
    Breakdown.objects.update(raise_at=timezone.now())
    # The worker that raises may come before the one that lets it end
    assert breakdowns.raise_breakdown(found.pk) is None
    run_jobs()
    found.refresh_from_db()
    assert (found.stands, found.ended_by) == (False, None)
    assert not Assignment.objects.filter(person=world.lea).exists()
    assert in_breakdown(world.role_ids["anchor"]) is None
    assert "no circle any more" in as_(world.lea).get(f"/northwind/breakdowns/{found.pk}/").content.decode()
    assert verify(world.organization).faults == []


def test_what_an_added_lead_decided_binds_nobody_once_they_lead_no_longer(world: World) -> None:
    found = breakdowns.add_lead(declared(world), world.hana, actor=world.ines)
    assignments.assign_role(world.role("sizes"), world.lea, actor=world.hana)
    lea = Assignment.objects.get(role=world.role_ids["sizes"])
    with pytest.raises(RuleBroken):
        assignments.unassign_role(lea, actor=world.ines)
    set_up.let_leave(world.hana, actor=world.ines, reason="She has moved away")
    assignments.unassign_role(lea, actor=world.ines)
    assert found.stands


# -- pages -------------------------------------------------------------------------------------------------------


@clause("5.5", HAPPENS)
@clause("5.5.2", HAPPENS)
def test_the_whole_of_it_on_pages(world: World) -> None:
    noor, ines, maya = as_(world.noor), as_(world.ines), as_(world.maya)
    circle = world.role("storefront")
    page = f"/northwind/roles/{circle.ref}/process/"
    assert page in noor.get(f"/northwind/roles/{circle.ref}/").content.decode()
    refused = maya.post(page, {"do": "declare", "reasons": WHY})
    assert refused.status_code == 422
    assert WHY in refused.content.decode(), "what was typed stays"
    assert noor.post(page, {"do": "declare", "reasons": WHY}).status_code == 302
    found = Breakdown.objects.get()
    own = f"/northwind/breakdowns/{found.pk}/"
    assert noor.post(own, {"do": f"take:{FACILITATOR}"}).status_code == 422
    assert "Take over" not in noor.get(own).content.decode()
    assert "Take over" in ines.get(own).content.decode()
    assert ines.post(own, {"do": f"take:{FACILITATOR}"}).status_code == 302
    assert "Hand back" in ines.get(own).content.decode()
    assert ines.post(own, {"do": "lead", "person": world.hana.pk}).status_code == 302
    assert ines.post(own, {"do": "end", "words": ""}).status_code == 422
    assert ines.post(own, {"do": "end", "words": "Three meetings by the rules"}).status_code == 302
    assert "Three meetings by the rules" in maya.get(own).content.decode()
    assert own in maya.get(page).content.decode()
