"""An election through its pages: called, led, nominated in private, shown, settled, elected; refusals keep what was
typed and say which clause refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.actions import elections
from governance.models import Ballot, Election
from people.models import Person
from tests import world as worlds
from tests.constitution.elections import MEMBERS, TERM, TIED, Electing, policy
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def world() -> World:
    return worlds.build()


def browser(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def address(election: Election, part: str = "") -> str:
    return f"/northwind/elections/{election.pk}/" + (f"?part={part}" if part else "")


def look(person: Person, election: Election, part: str = "") -> str:
    answer = browser(person).get(address(election, part))
    assert answer.status_code == 200
    return answer.content.decode()


def send(person: Person, election: Election, do: str, **sent: Any) -> Any:
    return browser(person).post(address(election), {"do": do, **sent})


def in_a_year() -> str:
    return (timezone.localdate() + TERM).isoformat()


def changing(world: World, run_jobs: RunJobs) -> Electing:
    """An election whose nominations have just been shown: Priya and Samira would be tied."""
    electing = Electing(world).open().nominate(**TIED)
    run_jobs()
    assert electing.state == "changing"
    return electing


# -- calling ------------------------------------------------------------------------------------------------------


def test_an_election_is_called_from_where_one_looks(world: World) -> None:
    maya, circle = browser(world.maya), world.role("storefront")
    call = "/northwind/elections/new/"
    for page in (
        f"/northwind/roles/{circle.ref}/",
        f"/northwind/roles/{world.role('storefront.secretary').ref}/",
    ):
        assert f"{call}?circle={circle.pk}" in maya.get(page).content.decode()
        assert f"{call}?circle={circle.pk}" not in browser(world.lea).get(page).content.decode()
    assert circle.name in maya.get(call).content.decode()
    assert "Tobias Renner, elected until" in maya.get(f"{call}?circle={circle.ref}").content.decode()
    sent = maya.post(call, {"circle": circle.ref, "seat": "secretary"})
    election = Election.objects.get()
    assert sent["Location"] == address(election)
    # From then on the circle, the seat and the form lead to it
    for page in (
        f"/northwind/roles/{circle.ref}/",
        f"/northwind/roles/{world.role('storefront.secretary').ref}/",
        f"{call}?circle={circle.ref}",
        "/northwind/elections/",
        f"/northwind/elections/?circle={circle.pk}",
    ):
        assert address(election) in maya.get(page).content.decode(), page
    assert (
        address(election)
        not in maya.get(f"/northwind/elections/?circle={world.role_ids['love']}").content.decode()
    )


def test_a_call_that_is_refused_says_why(world: World) -> None:
    circle = world.role("storefront").ref
    refused = browser(world.lea).post("/northwind/elections/new/", {"circle": circle, "seat": "secretary"})
    assert refused.status_code == 422
    assert "§5.1.2" in refused.content.decode()
    nothing = browser(world.maya).post("/northwind/elections/new/", {"circle": circle})
    assert nothing.status_code == 422
    assert "Choose the role to elect for" in nothing.content.decode()
    Electing(world)
    twice = browser(world.maya).post("/northwind/elections/new/", {"circle": circle, "seat": "secretary"})
    assert "running already" in twice.content.decode()
    assert twice.context["under_way"].circle == world.role("storefront")
    assert f'href="/northwind/elections/{twice.context["under_way"].pk}/">Open' in twice.content.decode()


# -- the steps ----------------------------------------------------------------------------------------------------


def test_the_facilitator_is_carried_through_the_first_step(world: World) -> None:
    electing = Electing(world)
    page = look(world.noor, electing.now)
    assert "You facilitate this election" in page
    assert "Open the nominations" in page
    assert "Open the nominations" not in look(world.maya, electing.now)
    late = send(world.noor, electing.now, "begin", term_ends="2020-01-01", note=HOSTILE)
    assert late.status_code == 422
    page = late.content.decode()
    assert "§5.3.5" in page
    assert "&lt;script&gt;alert(&quot;x&quot;)" in page  # what was typed is kept
    assert send(world.noor, electing.now, "begin", term_ends="soon").status_code == 422
    assert send(world.maya, electing.now, "begin", term_ends=in_a_year()).status_code == 422
    assert (
        send(world.noor, electing.now, "begin", term_ends=in_a_year(), note="An hour a week").status_code
        == 302
    )
    page = look(world.maya, electing.now)
    assert "An hour a week" in page
    assert "Put it in" in page
    assert "Put it in" not in look(world.lea, electing.now)


def test_a_ballot_is_shown_to_nobody_else_on_any_page(world: World, run_jobs: RunJobs) -> None:
    electing = Electing(world).open()
    election = electing.now
    secret = "Reads our notes back before anybody asks"
    empty = send(world.maya, election, "nominate", reason=secret)
    assert empty.status_code == 422
    assert "§5.3.5" in empty.content.decode()
    assert secret in empty.content.decode()
    two = browser(world.maya).post(
        address(election),
        {"do": "nominate", "candidate": [world.priya.pk, world.samira.pk], "reason": secret},
    )
    assert two.status_code == 422
    assert send(world.maya, election, "nominate", candidate=world.priya.pk, reason=secret).status_code == 302
    own = look(world.maya, election)
    assert secret in own
    assert "Change my ballot" in own
    run_jobs()
    for person in (world.noor, world.ines, world.priya, world.tobias, world.lea):
        client = browser(person)
        for page in (
            address(election),
            *(address(election, part) for part in ("head", "stage", "rail", "so-far", "answer", "said")),
            "/northwind/",
            "/northwind/awaiting/",
            "/northwind/elections/",
            f"/northwind/roles/{world.role('storefront').ref}/",
            f"/northwind/people/{world.maya.ref}/",
        ):
            assert secret not in client.get(page).content.decode(), (person, page)
        # That she has nominated is seen, not whom
        assert "1 of 6" in look(person, election)
    ballot = Ballot.objects.get()
    assert send(world.maya, election, "nominate", candidate=world.samira.pk, reason=secret).status_code == 302
    ballot.refresh_from_db()
    assert ballot.candidate == world.samira


def test_a_ballot_taken_back_with_the_call_is_never_shown(world: World) -> None:
    electing = Electing(world).open().nominate(maya="priya")
    asked = " ".join(look(world.samira, electing.now).split())
    assert "Take the call back" in asked
    assert "the one ballot given so far is destroyed" in asked
    assert send(world.maya, electing.now, "withdraw").status_code == 422
    assert send(world.samira, electing.now, "withdraw").status_code == 302
    page = look(world.maya, electing.now)
    assert "Withdrawn" in page
    assert "priya is thorough" not in page
    # No step is called done that it never came to
    assert "Steps of this election" in look(world.maya, Electing(world).now)
    assert "Steps of this election" not in page


def test_nominations_are_shown_at_once_and_changed_once(world: World, run_jobs: RunJobs) -> None:
    electing = changing(world, run_jobs)
    page = look(world.ines, electing.now)
    for candidate in ("priya", "samira", "tobias"):
        assert f"{candidate} is thorough" in page
    nobody = send(world.noor, electing.now, "change", candidate="", reason="I heard of the mills")
    assert nobody.status_code == 422
    assert "I heard of the mills" in nobody.content.decode()
    assert "§5.3.5" in nobody.content.decode()
    unsaid = send(world.noor, electing.now, "change", candidate=world.priya.pk, reason=" ")
    assert unsaid.status_code == 422
    assert (
        send(world.noor, electing.now, "change", candidate=world.priya.pk, reason="The mills").status_code
        == 302
    )
    page = look(world.maya, electing.now)
    assert "The mills" in page
    assert "First for Tobias Renner" in page
    again = send(world.noor, electing.now, "keep")
    assert again.status_code == 422
    assert "§5.3.5" in again.content.decode()


def test_a_tie_shows_the_ways_that_apply_and_why_others_do_not(world: World, run_jobs: RunJobs) -> None:
    electing = changing(world, run_jobs).keep(*MEMBERS)
    run_jobs()
    assert electing.state == "tied"
    page = look(world.noor, electing.now)
    assert "Take this way" in page
    assert "Does not apply: none of them fills it." not in page  # Tobias holds the seat and is tied
    assert "Does not apply: everybody named one of the tied." in page
    assert "Take this way" not in look(world.maya, electing.now)
    assert "Choose one of the ways." in send(world.noor, electing.now, "break_tie").content.decode()
    refused = send(world.noor, electing.now, "break_tie", way="again")
    assert refused.status_code == 422
    assert "§5.3.5" in refused.content.decode()
    assert send(world.noor, electing.now, "break_tie", way="self").status_code == 302
    assert electing.state == "proposed"
    assert "Priya Venkat as Secretary of Storefront" in look(world.maya, electing.now)


def test_objections_are_answered_here_and_a_discarded_candidate_stays_in_sight(
    world: World, run_jobs: RunJobs
) -> None:
    electing = changing(world, run_jobs).keep(*MEMBERS)
    run_jobs()
    send(world.noor, electing.now, "break_tie", way="self")
    election = electing.now
    # The proposal's own page leads here
    assert browser(world.maya).get(f"/northwind/proposals/{electing.proposal.pk}/")["Location"] == address(
        election
    )
    page = look(world.maya, election)
    assert "No objection" in page
    assert "Bring it to a meeting" not in page
    assert "I decline" in look(world.priya, election)
    assert "Discard Priya" not in look(world.noor, election)
    words = {f"criterion_{c}": "Away until spring" for c in "abcd"}
    lacking = send(
        world.samira, election, "object", text_version=1, role=world.role_ids["photo"], concern="Late minutes"
    )
    assert lacking.status_code == 422
    assert "§5.3.2" in lacking.content.decode()
    assert "Late minutes" in lacking.content.decode()
    objected = send(
        world.samira,
        election,
        "object",
        text_version=1,
        role=world.role_ids["photo"],
        concern="Late minutes",
        **words,
    )
    assert objected.status_code == 302
    assert "Late minutes" in look(world.maya, election)
    assert "Discard Priya" in look(world.noor, election)
    assert send(world.noor, election, "discard_candidate", reason="").status_code == 422
    assert send(world.maya, election, "discard_candidate", reason="I would").status_code == 422
    assert send(world.noor, election, "discard_candidate", reason="No way was found").status_code == 302
    page = look(world.maya, election)
    assert "No way was found" in page
    assert "nominations are ignored" in page


def test_who_is_elected_is_shown_with_the_decision(world: World, run_jobs: RunJobs) -> None:
    electing = Electing(world).open().nominate(**dict.fromkeys(MEMBERS, "priya"))
    run_jobs()
    electing.keep(*MEMBERS)
    run_jobs()
    for name in MEMBERS:
        sent = send(world.people[name], electing.now, "no_objection", text_version=1)
        assert sent.status_code == 302, sent.content.decode()
    run_jobs()
    page = look(world.lea, electing.now)
    assert "Priya Venkat as Secretary of Storefront" in page
    you = "You were elected Secretary of Storefront."
    assert "You are elected: Secretary of Storefront" in [
        m.subject for m in mail.outbox if world.priya.email in m.to
    ]
    for at in (f"/northwind/elections/{electing.id}/", "/northwind/"):
        assert you in browser(world.priya).get(at).content.decode()
        assert you not in browser(world.maya).get(at).content.decode()
    decision = electing.now.decision
    assert decision is not None
    assert f"/northwind/record/{decision.number}/" in page
    record = browser(world.lea).get(f"/northwind/record/{decision.number}/").content.decode()
    assert "by election" in record
    assert "The election, with all nominations" in record
    assert "Elected until" in browser(world.lea).get(f"/northwind/people/{world.priya.ref}/").content.decode()


def test_what_awaits_somebody_is_told_at_home(world: World) -> None:
    electing = Electing(world)
    title = "Election: Secretary of Storefront"
    noor = browser(world.noor)
    for page in ("/northwind/", "/northwind/awaiting/"):
        assert title in noor.get(page).content.decode()
        assert "Lead it" in noor.get(page).content.decode()
        assert title not in browser(world.maya).get(page).content.decode()
    electing.open()
    maya = browser(world.maya)
    assert "One thing awaits your answer" in maya.get("/northwind/").content.decode()
    assert title in maya.get("/northwind/awaiting/").content.decode()
    electing.nominate(maya="priya")
    assert title not in maya.get("/northwind/").content.decode()


def test_the_time_limit_names_its_policy(world: World) -> None:
    policy(world, {"kind": "election_time_limit", "working_days": 2})
    electing = Electing(world).open()
    page = look(world.maya, electing.now, "rail")
    assert "Whoever has not answered by then is left out" in page
    assert ">Ours</a>" in page


def test_a_page_that_is_behind_is_told(world: World) -> None:
    electing = Electing(world)
    version = electing.now.version
    electing.open()
    behind = send(
        world.noor, electing.now, "begin", term_ends=in_a_year(), note="Kept words", version=version
    )
    assert behind.status_code == 422
    assert "Kept words" in behind.content.decode()


def test_the_page_costs_the_same_however_many_nominate(world: World, run_jobs: RunJobs) -> None:
    electing = Electing(world).open()
    client = browser(world.maya)
    client.get(address(electing.now))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(electing.now)).status_code == 200
        return len(captured)

    electing.nominate(maya="priya")
    few = queries()
    electing.nominate(ines="priya", noor="samira", priya="priya", samira="priya")
    assert queries() == few
    assert few <= 50


def test_every_page_counts_what_waits_without_asking_each_circle(world: World) -> None:
    Electing(world)
    Electing(world, "facilitator").open()
    client = browser(world.maya)

    def queries() -> int:
        client.get("/northwind/record/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/northwind/record/")
        return len(captured)

    few = queries()
    for seat in ("circle_rep", "facilitator", "secretary"):
        elections.call_election(world.role("love"), seat, actor=world.hana)
    assert queries() == few
