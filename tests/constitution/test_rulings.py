"""Asking a secretary to rule (§4.2.1), and striking what breaks the Constitution (§4.2.2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from circles.constitution import SECRETARY
from circles.models import Role
from circles.structure import Structure
from governance import authority as by
from governance.actions import rulings, set_up, stand_ins
from governance.actions.assignments import assign_role
from governance.authority import Authority
from governance.changes import AddPolicy, AddRole, AmendRole, Assign, Edit, NewLine, RemoveRole
from governance.enactment import enact
from governance.models import Decision, Ruling, StrikeNotice
from governance.record import verify
from governance.rulings import (
    about,
    get_ruling,
    rulings_awaiting,
    rulings_that,
    strikes_untold,
    visible_rulings,
)
from journal.models import Event
from people.ids import derived_id, new_id
from people.refusals import NotAllowed, Refused, RuleBroken
from tests import world as worlds
from tests.constitution.clause import ALLOWS, HAPPENS, REFUSES, clause
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], object]
State = Ruling.State


@pytest.fixture
def world() -> World:
    return worlds.build()


def asked(world: World, *, actor: str = "priya", **more: object) -> Ruling:
    values: dict[str, object] = {
        "question": "Does campaign copy hold the words on parcels?",
        "reading": "It does: parcels are part of campaigns",
        "other": world.maya,
        "other_reading": "It does not",
        "about": "role",
        "about_id": world.role_ids["copywriter"],
    } | more
    return rulings.ask(world.role("storefront"), actor=world.people[actor], **values)  # type: ignore[arg-type]


def anchors_secretary(world: World) -> None:
    """Elect Hana secretary of the anchor circle."""
    seat = derived_id(world.role_ids["anchor"], SECRETARY)
    set_up.edit_structure(
        [Assign(new_id(), seat, world.hana.id, "", "2027-09-30")], actor=world.ines, reason="Elected"
    )


def role_of(world: World, seat: str) -> Role:
    return Role.objects.get(pk=derived_id(world.role_ids["storefront"], seat))


# -- §4.2.1 -------------------------------------------------------------------------------------------------------


@clause("4.2.1", HAPPENS)
def test_a_partner_asks_and_the_secretary_rules(world: World) -> None:
    question = asked(world)
    assert [r.pk for r in rulings_awaiting(world.tobias)] == [question.pk]
    assert rulings_awaiting(world.noor) == []
    ruled = rulings.rule(question, actor=world.tobias, text="Parcels are campaigns.", logic="They sell.")
    assert (ruled.state, ruled.ruled_by) == (State.RULED, world.tobias)
    assert rulings_awaiting(world.tobias) == []
    assert Event.objects.filter(kind="governance.secretary_ruled", actor=world.tobias).count() == 1
    # Those concerned see it, on the role it is about as well; others once it is published
    assert [r.pk for r in rulings_that(world.maya, about(world.role("copywriter")))] == [question.pk]
    assert not visible_rulings(world.lea).exists()
    rulings.publish_ruling(ruled, actor=world.tobias)
    assert [r.pk for r in visible_rulings(world.lea)] == [question.pk]
    assert world.outsider is not None
    assert not visible_rulings(world.outsider).exists()


@clause("4.2.1", REFUSES)
def test_nobody_rules_but_the_acting_secretary_and_only_partners_ask(world: World) -> None:
    question = asked(world)
    for actor in (world.ines, world.noor, world.priya, world.hana):
        with pytest.raises(RuleBroken) as refused:
            rulings.rule(question, actor=actor, text="As I like")
        assert refused.value.clause == "4.2.1"
    with pytest.raises(RuleBroken) as refused:
        asked(world, actor="otto")
    assert refused.value.clause == "4.2.1"
    with pytest.raises(RuleBroken):
        rulings.publish_ruling(question, actor=world.priya)
    with pytest.raises(RuleBroken):
        rulings.let_lapse(question, actor=world.priya, reason="I disagree")


@clause("4.2.1", ALLOWS)
def test_a_surrogate_rules_where_nobody_was_elected(world: World) -> None:
    """§5.3.6: in Customer Love nobody was elected, so its circle lead acts."""
    question = rulings.ask(world.role("love"), actor=world.callum, question="May I answer in rhymes?")
    assert rulings.rule(question, actor=world.hana, text="You may.").in_force


@clause("4.2.1", HAPPENS)
def test_whoever_answers_for_a_secretary_sees_what_awaits_them(world: World) -> None:
    """Also who is no member of the circle: whom its secretary named, and the secretary around one that has gone."""
    question = asked(world)
    stand_ins.name_stand_in(role_of(world, SECRETARY), world.lea, actor=world.tobias)
    assert rulings_awaiting(world.lea) == [question]
    page = f"/northwind/rulings/{question.pk}/"
    client = Client()
    assert world.lea.account is not None
    client.force_login(world.lea.account)
    assert client.get(page).status_code == 200
    stand_ins.end_stand_in(role_of(world, SECRETARY), actor=world.lea)
    assert client.get(page).status_code == 404
    set_up.edit_structure([RemoveRole(world.role_ids["storefront"])], actor=world.ines, reason="Merged")
    assert rulings_awaiting(world.ines) == [question]
    assert rulings.rule(get_ruling(world.ines, question.pk), actor=world.ines, text="It does").in_force


@clause("4.2.1", HAPPENS)
def test_a_super_circles_secretary_overrules_on_appeal(world: World) -> None:
    anchors_secretary(world)
    ruled = rulings.rule(asked(world), actor=world.tobias, text="They are.")
    appeal = rulings.appeal(ruled, world.role("anchor"), actor=world.maya, reason="They are packaging")
    assert [r.pk for r in rulings_awaiting(world.hana)] == [appeal.pk]
    ruled.refresh_from_db()
    assert ruled.in_force  # it counts until it is overruled
    with pytest.raises(Refused):
        rulings.rule(appeal, actor=world.hana, text="Packaging it is.")
    rulings.rule(appeal, actor=world.hana, text="Packaging it is.", overrules=True)
    ruled.refresh_from_db()
    assert (ruled.state, ruled.ended_by) == (State.OVERRULED, world.hana)
    upheld = rulings.rule(asked(world), actor=world.tobias, text="They are.")
    again = rulings.appeal(upheld, world.role("anchor"), actor=world.maya, reason="Still")
    rulings.rule(again, actor=world.hana, text="Tobias is right.", overrules=False)
    upheld.refresh_from_db()
    assert upheld.in_force


@clause("4.2.1", REFUSES)
def test_an_appeal_goes_up_and_is_ruled_on_there(world: World) -> None:
    anchors_secretary(world)
    ruled = rulings.rule(asked(world), actor=world.tobias, text="They are.")
    for circle in ("love", "storefront"):
        with pytest.raises(RuleBroken) as refused:
            rulings.appeal(ruled, world.role(circle), actor=world.maya, reason="Wrong")
        assert refused.value.clause == "4.2.1"
    appeal = rulings.appeal(ruled, world.role("anchor"), actor=world.maya, reason="Wrong")
    with pytest.raises(RuleBroken):
        rulings.rule(appeal, actor=world.tobias, text="I was right", overrules=False)
    with pytest.raises(Refused):
        rulings.appeal(ruled, world.role("anchor"), actor=world.priya, reason="Wrong, too")


@clause("4.2.1", HAPPENS)
def test_a_ruling_lapses_when_its_text_has_changed(world: World, client: Client) -> None:
    ruled = rulings.rule(asked(world), actor=world.tobias, text="They are.")
    client.force_login(world.tobias.account)  # type: ignore[arg-type]
    address = f"/northwind/rulings/{ruled.pk}/"
    assert "has changed since" not in client.get(address).content.decode()
    line = NewLine(new_id(), "Writing the words on parcels")
    enact(
        world.organization,
        [AmendRole(world.role_ids["copywriter"], purpose=Edit(world.role("copywriter").purpose, "Words"))],
        authority=Authority(by.PROPOSAL, world.maya.id, world.role_ids["storefront"]),
    )
    assert line.text not in ruled.said
    assert "The text this is about has changed since." in client.get(address).content.decode()
    assert client.post(address, {"do": "lapse", "reason": ""}).status_code == 422
    client.post(address, {"do": "lapse", "reason": "The role says so itself"})
    ruled.refresh_from_db()
    assert (ruled.state, ruled.ended_reason) == (State.LAPSED, "The role says so itself")


def test_a_question_is_withdrawn_by_who_asked_and_answered_once(world: World) -> None:
    question = asked(world)
    with pytest.raises(NotAllowed):
        rulings.withdraw_question(question, actor=world.maya)
    rulings.withdraw_question(question, actor=world.priya)
    with pytest.raises(Refused):
        rulings.rule(question, actor=world.tobias, text="Too late")
    ruled = rulings.rule(asked(world), actor=world.tobias, text="They are.")
    with pytest.raises(Refused):
        rulings.rule(ruled, actor=world.tobias, text="They are not.")


def test_the_pages_ask_rule_publish_and_appeal(world: World, client: Client) -> None:
    anchors_secretary(world)
    client.force_login(world.priya.account)  # type: ignore[arg-type]
    page = client.get(f"/northwind/roles/{world.role('copywriter').ref}/").content.decode()
    assert (ask := f"/northwind/rulings/ask/?about=role:{world.role_ids['copywriter']}") in page
    assert "Tobias Renner" in client.get(ask).content.decode()
    form = {
        "about": f"role:{world.role_ids['copywriter']}",
        "circle": world.role_ids["storefront"],
        "question": "",
        "reading": "Parcels count",
        "other": world.maya.pk,
    }
    refused = client.post("/northwind/rulings/ask/", form)
    assert refused.status_code == 422
    assert "Parcels count" in refused.content.decode()
    answer = client.post("/northwind/rulings/ask/", form | {"question": "Do parcels count?"})
    question = Ruling.objects.get()
    address = f"/northwind/rulings/{question.pk}/"
    assert answer["Location"] == address
    assert client.post(address, {"do": "rule", "text": "Yes"}).status_code == 422
    client.force_login(world.lea.account)  # type: ignore[arg-type]
    assert client.get(address).status_code == 404
    client.force_login(world.tobias.account)  # type: ignore[arg-type]
    home = client.get("/northwind/").content.decode()
    assert address in home
    assert "A question awaits your ruling" in home
    assert "Nothing awaits your answer" not in home
    client.post(address, {"do": "rule", "text": "Parcels count", "logic": "They speak", "publish": "1"})
    client.force_login(world.lea.account)  # type: ignore[arg-type]
    assert "They speak" in client.get(address).content.decode()
    assert "Do parcels count?" in client.get("/northwind/rulings/").content.decode()
    circle = client.get(f"/northwind/roles/{world.role('storefront').ref}/").content.decode()
    assert "Do parcels count?" in circle
    client.post(address, {"do": "appeal", "circle": world.role_ids["anchor"], "reason": "They do not"})
    appeal = Ruling.objects.get(appeal_of=question)
    client.force_login(world.hana.account)  # type: ignore[arg-type]
    client.post(
        f"/northwind/rulings/{appeal.pk}/", {"do": "rule", "text": "They do not", "overrules": "overrule"}
    )
    assert get_ruling(world.hana, question.pk).state == State.OVERRULED


# -- §4.2.2 -------------------------------------------------------------------------------------------------------


def doubtful(world: World) -> str:
    """A policy of Storefront that breaks the Constitution; returns its identifier."""
    policy = AddPolicy(
        new_id(), world.role_ids["storefront"], "No objections", "Nobody objects.", ("constraint",)
    )
    enact(
        world.organization,
        [policy],
        authority=Authority(by.PROPOSAL, world.maya.id, world.role_ids["storefront"]),
    )
    return policy.id


@clause("4.2.2", HAPPENS)
@clause("4.2.2", ALLOWS)
def test_the_secretary_strikes_a_policy_and_everybody_is_told(world: World, run_jobs: RunJobs) -> None:
    policy = doubtful(world)
    run_jobs()
    mail.outbox.clear()
    question = rulings.ask(
        world.role("storefront"),
        actor=world.lea,
        kind="validity",
        question="May a policy forbid objections?",
        about="policy",
        about_id=policy,
    )
    decision = rulings.strike(
        actor=world.tobias, about="policy", about_id=policy, reason="§5.3 gives them", ruling=question
    )
    assert (decision.authority, decision.circle_id) == (by.STRIKE, world.role_ids["storefront"])
    assert decision.texts.get(kind="reason").text == "§5.3 gives them"
    assert not world.organization.policies.filter(pk=policy, until=None).exists()
    question.refresh_from_db()
    assert (question.state, question.struck) == (State.STRUCK, decision)
    told = {"ines", "maya", "noor", "priya", "samira"}
    assert {n.person for n in StrikeNotice.objects.filter(decision=decision)} == {
        world.people[name] for name in told
    }
    assert [n.decision_id for n in strikes_untold(world.samira)] == [decision.pk]
    run_jobs()
    assert sorted(m.to[0] for m in mail.outbox if m.subject.startswith("Struck")) == sorted(
        f"{name}@northwind.example" for name in told
    )
    assert "§5.3 gives them" in mail.outbox[-1].body
    # Once each, however often the job runs
    from governance.tasks.strikes import mail_struck

    mail_struck(StrikeNotice.objects.filter(decision=decision).earliest("pk").pk)
    assert len([m for m in mail.outbox if m.subject.startswith("Struck")]) == len(told)
    assert verify(world.organization).faults == []


@clause("4.2.2", REFUSES)
def test_nobody_else_strikes_and_no_secretary_elsewhere(world: World) -> None:
    anchors_secretary(world)
    policy = doubtful(world)
    number = Decision.objects.latest("number").number
    for actor in (world.ines, world.maya, world.noor, world.callum, world.lea):
        with pytest.raises(RuleBroken) as refused:
            rulings.strike(actor=actor, about="policy", about_id=policy, reason="I say so")
        assert refused.value.clause == "4.2.2"
    # Storefront's secretary has no say in the circle beside it, nor in the one around it
    for role in ("support", "finance"):
        with pytest.raises(RuleBroken) as refused:
            rulings.strike(actor=world.tobias, about="role", about_id=world.role_ids[role], reason="Wrong")
        assert refused.value.clause == "4.2.2"
    assert Decision.objects.latest("number").number == number
    with pytest.raises(RuleBroken) as refused:
        rulings.ask(
            world.role("love"),
            actor=world.lea,
            kind="validity",
            question="Valid?",
            about="policy",
            about_id=policy,
        )
    assert refused.value.clause == "4.2.2"


@clause("4.2.2", ALLOWS)
def test_a_super_circles_secretary_strikes_in_circles_inside(world: World) -> None:
    anchors_secretary(world)
    policy = doubtful(world)
    decision = rulings.strike(actor=world.hana, about="policy", about_id=policy, reason="It breaks §5.3")
    assert decision.circle_id == world.role_ids["storefront"]
    people = set(StrikeNotice.objects.filter(decision=decision).values_list("person", flat=True))
    assert {world.maya.pk, world.tobias.pk, world.priya.pk} <= people


@clause("4.2.2", HAPPENS)
def test_a_single_accountability_is_struck_and_the_role_stays(world: World) -> None:
    role = world.role("copywriter")
    line = role.accountabilities.get(text="Keeping the voice guide current")
    rulings.strike(actor=world.tobias, about="accountability", about_id=line.pk, reason="Not a role’s")
    assert [a.text for a in role.accountabilities.all()] == ["Writing product and campaign copy"]
    assert world.role("copywriter").present
    rulings.strike(
        actor=world.tobias, about="domain", about_id=role.domains.get().pk, reason="Held elsewhere"
    )
    assert not role.domains.exists()


@clause("4.2.2", HAPPENS)
def test_a_decision_is_taken_back_as_far_as_it_stands(world: World, client: Client) -> None:
    """What later decisions changed is shown beforehand, and stays."""
    storefront = Authority(by.PROPOSAL, world.maya.id, world.role_ids["storefront"])
    photo = world.role("photo")
    line = NewLine(new_id(), "Dressing the models")
    role = AddRole(new_id(), world.role_ids["storefront"], "Reviews", "They count")
    first = enact(
        world.organization,
        [role, AmendRole(photo.pk, purpose=Edit(photo.purpose, "Pictures"))],
        authority=storefront,
    ).decision
    later = enact(
        world.organization,
        [AmendRole(photo.pk, purpose=Edit("Pictures", "Pictures that sell"))],
        authority=storefront,
    ).decision
    assert first is not None
    assert later is not None
    assert line.text != ""
    address = f"/northwind/strike/decision:{first.number}/"
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    assert "strikes its governance" in client.get(address).content.decode()
    form = {"reason": "Nobody was asked"}
    assert client.post(address, form).status_code == 422
    client.force_login(world.tobias.account)  # type: ignore[arg-type]
    page = client.get(address).content.decode()
    assert "“Pictures that sell”" in page
    assert f"{later.number}. " in page
    answer = client.post(address, form)
    struck = Decision.objects.latest("number")
    assert answer["Location"] == f"/northwind/record/{struck.number}/"
    assert "Nobody was asked" in client.get(answer["Location"]).content.decode()
    assert world.role("photo").purpose == "Pictures that sell"
    assert not world.organization.roles.filter(pk=role.id, until=None).exists()
    with pytest.raises(Refused):
        rulings.strike(actor=world.tobias, about="decision", about_id=str(first.number), reason="Again")


def test_a_strike_is_read_once(world: World, client: Client) -> None:
    decision = rulings.strike(
        actor=world.tobias, about="policy", about_id=doubtful(world), reason="It forbids"
    )
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    address = f"/northwind/record/{decision.number}/"
    assert "It forbids" in client.get("/northwind/").content.decode()
    client.get(address)
    assert not strikes_untold(world.samira).exists()
    assert strikes_untold(world.maya).exists()


def test_nothing_is_struck_without_a_reason_or_twice(world: World) -> None:
    policy = doubtful(world)
    with pytest.raises(Refused):
        rulings.strike(actor=world.tobias, about="policy", about_id=policy, reason=" ")
    rulings.strike(actor=world.tobias, about="policy", about_id=policy, reason="It forbids")
    with pytest.raises(Refused):
        rulings.strike(actor=world.tobias, about="policy", about_id=policy, reason="It forbids")


def test_a_struck_role_takes_its_seats_along(world: World) -> None:
    assign_role(world.role("sizes"), world.lea, actor=world.ines)
    assert world.lea.pk in Structure.of(world.organization.pk).members(world.role_ids["storefront"])
    rulings.strike(
        actor=world.tobias, about="role", about_id=world.role_ids["sizes"], reason="Imported wrongly"
    )
    assert world.lea.pk not in Structure.of(world.organization.pk).members(world.role_ids["storefront"])
    assert StrikeNotice.objects.filter(person=world.lea).count() == 1


@clause("4.2.2", REFUSES)
def test_a_strike_answers_no_question_to_somebody_else_and_none_about_something_else(world: World) -> None:
    anchors_secretary(world)
    strike = {"actor": world.tobias, "about": "role", "about_id": world.role_ids["sizes"], "reason": "§1.3"}
    to_hana = rulings.ask(
        world.role("anchor"),
        actor=world.tobias,
        kind="validity",
        question="Is this role valid?",
        about="role",
        about_id=world.role_ids["sizes"],
    )
    elsewhere = asked(world, kind="validity")
    for question in (to_hana, elsewhere, asked(world)):
        with pytest.raises(RuleBroken) as refused:
            rulings.strike(**strike, ruling=question)  # type: ignore[arg-type]
        assert refused.value.clause in ("4.2.1", "4.2.2")
        question.refresh_from_db()
        assert question.state == State.ASKED
    assert world.role("sizes").present
    # Hana's own question she answers by the very same strike
    decision = rulings.strike(**strike | {"actor": world.hana}, ruling=to_hana)  # type: ignore[arg-type]
    to_hana.refresh_from_db()
    assert (to_hana.state, to_hana.struck) == (State.STRUCK, decision)


@clause("4.2.2", HAPPENS)
def test_striking_on_an_appeal_overrules_the_ruling_below(world: World) -> None:
    anchors_secretary(world)
    question = asked(world, kind="validity", about_id=world.role_ids["sizes"])
    rulings.rule(question, actor=world.tobias, text="It is valid.")
    again = rulings.appeal(question, world.role("anchor"), actor=world.priya, reason="It is not")
    rulings.strike(
        actor=world.hana, about="role", about_id=world.role_ids["sizes"], reason="§1.3", ruling=again
    )
    question.refresh_from_db()
    assert (question.state, question.ended_by) == (State.OVERRULED, world.hana)
