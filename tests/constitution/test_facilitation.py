"""Who speaks for a role, and who acts as facilitator and secretary (§5.3, §5.3.6)."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from circles.constitution import FACILITATOR, SECRETARY
from circles.models import Assignment
from circles.structure import Structure
from governance import facilitation
from governance.actions import assignments, proposals, representation, stand_ins
from governance.facilitation import acting
from governance.models import Permission, Proposal, StandIn
from governance.representation import may_represent
from journal.models import Event
from meetings.actions import sessions
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


def as_(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def acts(world: World, kind: str = FACILITATOR, *, here: set[str] | None = None) -> tuple[set[str], str]:
    found = acting(Structure.of(world.organization.pk), world.role_ids["storefront"], kind, here=here)
    names = {p.pk: key for key, p in world.people.items()}
    return {names[p] for p in found.people}, found.why


def photo_draft(world: World, proposer: Person) -> Proposal:
    """A whole draft of somebody's, for the Photo Desk that Samira leads."""
    change: dict[str, Any] = {
        "kind": "amend_role",
        "role": world.role_ids["merchandiser"],
        "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
    }
    return proposals.start_draft(
        world.role("storefront"), actor=proposer, role=world.role_ids["photo"], changes=[change], **TEXT
    )


def yesterday(permission: Permission | StandIn) -> None:
    """Let its last day have been yesterday."""
    day = timezone.localdate() - dt.timedelta(days=2)
    type(permission).objects.filter(pk=permission.pk).update(until=day)


# -- leave to represent a role -----------------------------------------------------------------------------------


@clause("5.3a", REFUSES)
@clause("5.3a", ALLOWS)
def test_a_lead_lets_a_circle_member_represent_a_role_until_withdrawn(world: World) -> None:
    draft = photo_draft(world, world.priya)
    with pytest.raises(RuleBroken) as refused:
        proposals.propose(draft, actor=world.priya)
    assert refused.value.clause == "5.3"
    permission = representation.let_represent(world.role("photo"), world.priya, actor=world.samira)
    assert proposals.propose(draft, actor=world.priya).state == Proposal.State.PROPOSED
    representation.withdraw_permission(permission, actor=world.samira)
    again = photo_draft(world, world.priya)
    with pytest.raises(RuleBroken) as refused:
        proposals.propose(again, actor=world.priya)
    assert refused.value.clause == "5.3"


def test_it_holds_until_the_end_of_its_last_day_and_while_who_gave_it_leads(world: World) -> None:
    today = timezone.localdate()
    permission = representation.let_represent(
        world.role("photo"), world.priya, actor=world.samira, until=today + dt.timedelta(days=1)
    )

    def represents() -> bool:
        structure = Structure.of(world.organization.pk)
        return world.role_ids["photo"] in may_represent(
            structure, world.role_ids["storefront"], world.priya.pk
        )

    assert represents()
    yesterday(permission)
    assert not represents()
    Permission.objects.update(until=None)
    assert represents()
    assignments.resign(Assignment.objects.get(role=world.role_ids["photo"]), actor=world.samira)
    assert not represents(), "nobody lends what they no longer have"


@clause("5.3a", REFUSES)
def test_leave_is_given_by_leads_to_circle_members_and_makes_nobody_one(world: World) -> None:
    for person, actor in ((world.priya, world.maya), (world.lea, world.samira), (world.samira, world.samira)):
        with pytest.raises(RuleBroken) as refused:
            representation.let_represent(world.role("photo"), person, actor=actor)
        assert refused.value.clause == "5.3"
    with pytest.raises(Malformed):
        representation.let_represent(
            world.role("photo"), world.priya, actor=world.samira, until=dt.date(2020, 1, 1)
        )
    representation.let_represent(world.role("photo"), world.priya, actor=world.samira)
    with pytest.raises(Refused):
        representation.let_represent(world.role("photo"), world.priya, actor=world.samira)
    # Whoever leaves the circle represents nothing there, leave or not
    assignments.resign(Assignment.objects.get(role=world.role_ids["merchandiser"]), actor=world.priya)
    structure = Structure.of(world.organization.pk)
    assert may_represent(structure, world.role_ids["storefront"], world.priya.pk) == set()


def test_it_is_withdrawn_by_leads_and_given_back_by_its_holder(world: World) -> None:
    permission = representation.let_represent(world.role("photo"), world.priya, actor=world.samira)
    with pytest.raises(NotAllowed):
        representation.withdraw_permission(permission, actor=world.maya)
    representation.withdraw_permission(permission, actor=world.priya)
    permission.refresh_from_db()
    assert permission.withdrawn_by == world.priya
    kinds = list(Event.objects.filter(kind__contains="represent").values_list("kind", flat=True))
    assert kinds == ["governance.let_represent", "governance.represent_withdrawn"]


@clause("5.3a", ALLOWS)
def test_the_pages_lend_a_voice_and_take_it_back(world: World) -> None:
    role = world.role("photo")
    page, form = f"/northwind/roles/{role.ref}/", f"/northwind/roles/{role.ref}/represent/"
    samira, maya = as_(world.samira), as_(world.maya)
    assert "Let somebody represent it" in samira.get(page).content.decode()
    assert "Let somebody represent it" not in maya.get(page).content.decode()
    assert samira.post(form, {"do": "grant", "person": world.lea.pk}).status_code == 422
    assert samira.post(form, {"do": "grant", "person": world.maya.pk}).status_code == 302
    assert "by Samira Osei’s leave" in as_(world.lea).get(page).content.decode()
    assert "by Samira Osei’s leave" in maya.get(f"/northwind/people/{world.maya.ref}/").content.decode()
    # It is offered wherever one says for which role one speaks
    draft = proposals.start_draft(world.role("storefront"), actor=world.maya, **TEXT)
    shown = maya.get(f"/northwind/proposals/{draft.pk}/edit/").content.decode()
    assert f'value="{role.pk}"' in shown
    held = Held(world).begin().take_up().to("objections")
    held.floor_to(world.maya)
    room = maya.get(f"/northwind/meetings/{held.meeting.pk}/").content.decode()
    assert f'<option value="{role.pk}"' in room
    permission = Permission.objects.get()
    assert maya.post(form, {"do": "withdraw", "permission": permission.pk}).status_code == 302
    assert "Samira Osei’s leave" not in samira.get(page).content.decode()


# -- who acts ----------------------------------------------------------------------------------------------------


@clause("5.3.6", HAPPENS)
def test_surrogates_act_in_the_order_of_precedence(world: World) -> None:
    seat = world.role("storefront.facilitator")
    everybody = {p.pk for p in world.people.values()}
    assert acts(world) == ({"noor"}, facilitation.ELECTED)
    # (a) whom the one to be replaced names comes before everybody, the elected one included
    stand_ins.name_stand_in(seat, world.callum, actor=world.noor)
    assert acts(world) == ({"callum"}, facilitation.NAMED)
    # who is not here is not available: then the elected one, (b) the other role, (c) the circle lead, (d) members
    assert acts(world, here=everybody - {world.callum.pk}) == ({"noor"}, facilitation.ELECTED)
    gone = {world.callum.pk, world.noor.pk}
    assert acts(world, here=everybody - gone) == ({"tobias"}, facilitation.OTHER)
    gone.add(world.tobias.pk)
    assert acts(world, here=everybody - gone) == ({"ines"}, facilitation.LEAD)
    gone.add(world.ines.pk)
    found, why = acts(world, here=everybody - gone)
    assert (found, why) == ({"maya", "priya", "samira"}, facilitation.MEMBER)


@clause("5.3.6", ALLOWS)
def test_the_acting_holder_of_the_other_role_is_whoever_acts_there(world: World) -> None:
    stand_ins.name_stand_in(world.role("storefront.secretary"), world.lea, actor=world.tobias)
    holder = Assignment.objects.get(role=world.role_ids["storefront.facilitator"])
    assignments.resign(holder, actor=world.noor)
    assert acts(world) == ({"lea"}, facilitation.OTHER)


@clause("5.3.6", REFUSES)
@clause("5.3.6", ALLOWS)
def test_only_the_elected_one_names_who_acts_in_their_place(world: World) -> None:
    seat = world.role("storefront.facilitator")
    for actor, person in ((world.tobias, world.maya), (world.noor, world.otto)):
        with pytest.raises(RuleBroken) as refused:
            stand_ins.name_stand_in(seat, person, actor=actor)
        assert refused.value.clause == "5.3.6"
    with pytest.raises(Refused):
        stand_ins.name_stand_in(world.role("copywriter"), world.lea, actor=world.maya)
    stand_ins.name_stand_in(seat, world.lea, actor=world.noor)
    # Named anew, the former one acts no longer
    stand_ins.name_stand_in(seat, world.maya, actor=world.noor)
    assert acts(world) == ({"maya"}, facilitation.NAMED)
    with pytest.raises(NotAllowed):
        stand_ins.end_stand_in(seat, actor=world.priya)
    stand_ins.end_stand_in(seat, actor=world.noor)
    assert acts(world) == ({"noor"}, facilitation.ELECTED)


def test_who_was_named_acts_until_the_last_day_and_while_the_seat_is_held(world: World) -> None:
    seat = world.role("storefront.facilitator")
    named = stand_ins.name_stand_in(seat, world.lea, actor=world.noor, until=timezone.localdate())
    assert acts(world) == ({"lea"}, facilitation.NAMED)
    yesterday(named)
    assert acts(world) == ({"noor"}, facilitation.ELECTED)
    StandIn.objects.update(until=None)
    assignments.resign(Assignment.objects.get(role=seat.pk), actor=world.noor)
    assert acts(world) == ({"tobias"}, facilitation.OTHER), "nobody is replaced by somebody in an empty seat"


@clause("5.3.6", HAPPENS)
def test_a_stand_in_does_what_the_facilitator_does_outside_meetings(world: World) -> None:
    stand_ins.name_stand_in(world.role("storefront.facilitator"), world.lea, actor=world.noor)
    proposal = proposals.propose(photo_draft(world, world.samira), actor=world.samira)
    with pytest.raises(NotAllowed):
        proposals.discard(proposal, actor=world.noor, reason="No example")
    assert proposals.discard(proposal, actor=world.lea, reason="No example").state == Proposal.State.DISCARDED


@clause("5.3.6", ALLOWS)
@clause("5.3.6", REFUSES)
def test_a_stand_in_acts_in_the_room_at_once_and_the_room_says_why(world: World) -> None:
    stand_ins.name_stand_in(world.role("storefront.facilitator"), world.callum, actor=world.noor)
    meeting = sessions.open_now(world.role("storefront"), minutes=30, actor=world.noor)
    sessions.enter(meeting, actor=world.tobias)
    sessions.enter(meeting, actor=world.callum)
    meeting.refresh_from_db()
    # Noor was here first and acted; whoever she named comes before her and says so
    assert meeting.facilitator == world.noor
    sessions.declare(meeting, FACILITATOR, actor=world.callum)
    meeting.refresh_from_db()
    assert (meeting.facilitator, meeting.secretary) == (world.callum, world.tobias)
    room = as_(world.noor).get(f"/northwind/meetings/{meeting.pk}/").content.decode()
    assert "acts because:" in room
    assert "named by the one they replace" in room
    with pytest.raises(RuleBroken) as refused:
        sessions.declare(meeting, FACILITATOR, actor=world.noor)
    assert refused.value.clause == "5.3.6"


def test_the_page_of_the_seat_names_and_ends(world: World) -> None:
    seat = world.role("storefront.secretary")
    form = f"/northwind/roles/{seat.ref}/stand-in/"
    tobias = as_(world.tobias)
    assert "Name somebody" in tobias.get(f"/northwind/roles/{seat.ref}/").content.decode()
    answer = as_(world.maya).post(form, {"do": "name", "person": world.lea.pk})
    assert answer.status_code == 422
    assert "5.3.6" in answer.content.decode()
    assert tobias.post(form, {"do": "name", "person": world.lea.pk}).status_code == 302
    assert acts(world, SECRETARY) == ({"lea"}, facilitation.NAMED)
    circle = as_(world.priya).get(f"/northwind/roles/{world.role('storefront').ref}/").content.decode()
    assert "acts in place of" in circle
    assert as_(world.lea).post(form, {"do": "end"}).status_code == 302
    assert acts(world, SECRETARY) == ({"tobias"}, facilitation.ELECTED)
