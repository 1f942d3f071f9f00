"""Ballots are secret until the sharing round: nothing that anybody but the voter can see depends on what they name.

Somebody gives a ballot, and everything there is to be seen is looked at; then time is turned back, they name somebody
else, and it is looked at again: all of it must be the same.
"""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from circles.models import Assignment
from governance import elections as reads
from governance.actions import assignments, elections
from governance.elections import own_ballot, revealed, roll
from governance.models import Ballot, Election, NominationChange
from journal.events import sentence_for
from journal.models import Event, Job, LiveChange
from people.models import ApiToken, Person
from people.refusals import RuleBroken
from tests import world as worlds
from tests.constitution.clause import HAPPENS, REFUSES, clause
from tests.constitution.elections import ALL_FOR_PRIYA, MEMBERS, Electing
from tests.world import World

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]
REASON = "Keeps minutes in verse"
# Noor facilitates, Ines is admin and circle lead, Tobias is named
OTHERS = ("noor", "ines", "tobias")


@pytest.fixture
def world() -> World:
    return worlds.build()


@pytest.fixture
def electing(world: World) -> Electing:
    return Electing(world).open().nominate(ines="tobias")


def page(client: Client, address: str) -> str:
    """A page, without what is new in it each time."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    text = answer.content.decode()
    return re.sub(
        r'(name="(?:csrfmiddlewaretoken|key|form_key)" value|nonce|hx-headers)=("[^"]*"|\'[^\']*\')', "", text
    )


def addresses(world: World, election: Election) -> list[str]:
    """Where somebody who wants to know would look."""
    storefront, home = world.role("storefront"), f"/{world.organization.slug}/"
    return [
        home,
        f"{home}elections/",
        f"{home}elections/{election.pk}/",
        *(f"{home}elections/{election.pk}/?part={part}" for part in ("head", "stage", "so-far", "rail")),
        f"{home}roles/{storefront.ref}/",
        f"{home}people/{world.priya.ref}/",
        f"{home}people/{world.maya.ref}/",
        f"{home}awaiting/",
    ]


def seen_by(world: World, person: Person, election: Election) -> dict[str, str]:
    """Everything one person is shown: pages, fragments and what the API answers."""
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    found = {address: page(client, address) for address in addresses(world, election)}
    _token, secret = ApiToken.issue(person, label="A program")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    for address in ("elections/", f"elections/{election.pk}/", f"elections/{election.pk}/ballot/", "me/"):
        answer = api.get(f"/api/v1/{world.organization.slug}/{address}")
        assert answer.status_code == 200, address
        found[address] = answer.content.decode()
    return found


def written_down() -> dict[str, Any]:
    """Everything the program has written anywhere but into ballots, and sent."""
    return {
        "journal": [(e.kind, e.actor_id, e.payload, sentence_for(e)) for e in Event.objects.order_by("pk")],
        "jobs": [(j.task, j.args, j.key, j.failed, j.attempts) for j in Job.objects.order_by("pk")],
        "live": [(c.topic.name, c.fragment) for c in LiveChange.objects.order_by("pk")],
        "mail": [(m.to, m.subject, m.body) for m in mail.outbox],
        "elections": list(Election.objects.order_by("pk").values()),
    }


@clause("5.3.5a", HAPPENS)
@clause("5.3.5b", HAPPENS)
def test_nothing_anybody_else_sees_depends_on_a_ballot(
    world: World,
    electing: Electing,
    run_jobs: RunJobs,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="django.db.backends")  # statements are the database's own log
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    election = electing.now
    run_jobs()

    def world_after(candidate: str, reason: str) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
        """What everybody else sees once Maya has named this candidate."""
        elections.nominate(
            electing.now, actor=world.maya, candidate=world.people[candidate].pk, reason=reason
        )
        run_jobs()
        pages = {name: seen_by(world, world.people[name], election) for name in OTHERS}
        return written_down(), pages

    before, sent = transaction.savepoint(), len(mail.outbox)
    written, pages = world_after("priya", REASON)
    transaction.savepoint_rollback(before)
    del mail.outbox[sent:]
    written_else, pages_else = world_after("tobias", "Another reason altogether")
    assert written_else == written
    for name in OTHERS:
        for address, text in pages[name].items():
            assert pages_else[name][address] == text, f"{name} learns of it at {address}"
    # Nor does it show that somebody thought again
    elections.nominate(electing.now, actor=world.maya, candidate=world.priya.pk, reason="Once more")
    elections.nominate(
        electing.now, actor=world.maya, candidate=world.tobias.pk, reason="Another reason altogether"
    )
    run_jobs()
    assert written_down() == written
    # The voter reads their own, and nothing but that
    own = seen_by(world, world.maya, election)
    assert "Another reason altogether" in own[f"elections/{election.pk}/ballot/"]
    assert "Another reason altogether" in own[f"/northwind/elections/{election.pk}/"]
    logged = caplog.text + json.dumps([r.__dict__ for r in caplog.records], default=str)
    for told in (REASON, "Another reason", world.tobias.pk):
        assert told not in logged


@clause("5.3.5a", REFUSES)
@clause("5.3.5b", REFUSES)
@clause("5.3.5c", REFUSES)
def test_others_ballots_cannot_be_asked_for(world: World, electing: Electing) -> None:
    electing.nominate(maya="priya")
    stale = electing.now
    stale.state = Election.State.CHANGING  # what an object in hand says does not count
    for election in (electing.now, stale):
        for ask in (revealed, reads.counts, reads.leading):
            with pytest.raises(RuleBroken) as refused:
                ask(election)
            assert refused.value.clause == "5.3.5"
    assert own_ballot(electing.now, world.noor) is None
    for ballot in Ballot.objects.all():
        for said in (repr(ballot), str(ballot), repr(own_ballot(electing.now, world.maya))):
            assert world.priya.pk not in said
            assert "Priya" not in said
    # Who has given one is no secret: everybody is asked
    assert {line.person for line in roll(electing.now) if line.answered} == {world.ines, world.maya}


@clause("5.3.5c", HAPPENS)
def test_what_is_shared_does_not_tell_who_came_first(world: World, run_jobs: RunJobs) -> None:
    electing = Electing(world).open().nominate(**dict(reversed(ALL_FOR_PRIYA.items())))
    run_jobs()
    assert [n.voter.name for n in revealed(electing.now)] == sorted(world.people[m].name for m in MEMBERS)
    assert not {"given_at", "at"} & set(vars(revealed(electing.now)[0]))


def test_a_leaver_takes_their_ballot_along_and_nobody_learns_whom_a_lost_candidate_was_named_by(
    world: World, electing: Electing, run_jobs: RunJobs
) -> None:
    """When a candidate leaves before the sharing, the ballots that name them still count as given."""
    electing.nominate(maya="priya", noor="tobias")
    given = {line.person.pk for line in roll(electing.now) if line.answered}
    assignments.unassign_role(Assignment.objects.get(person=world.priya), actor=world.ines)
    run_jobs()
    assert {line.person.pk for line in roll(electing.now) if line.answered} == given
    electing.nominate(samira="tobias", tobias="tobias")
    run_jobs()
    assert electing.state == Election.State.CHANGING
    electing.keep("ines", "maya", "noor", "samira", "tobias")
    run_jobs()
    assert (electing.now.candidate, [d.person for d in electing.now.discarded.all()]) == (
        world.tobias,
        [world.priya],
    )


def test_only_elections_read_ballots() -> None:
    """No other module of the program names the tables that ballots are in."""
    allowed = {"governance/elections.py", "governance/models/elections.py", "governance/models/__init__.py"}
    elsewhere = ("tests/", "governance/actions/elections/", "governance/migrations/", ".", "var/")
    names = {Ballot.__name__, NominationChange.__name__}
    wrong = []
    root = Path(settings.BASE_DIR)
    for path in sorted(root.glob("*/**/*.py")):
        place = path.relative_to(root).as_posix()
        if place in allowed or place.startswith(elsewhere):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        used |= {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        if used & names:
            wrong.append(place)
    assert wrong == []


def test_where_an_election_ends_unshared_its_ballots_are_destroyed(world: World, electing: Electing) -> None:
    elections.withdraw_election(electing.now, actor=world.samira)
    assert not Ballot.objects.exists()
    with pytest.raises(RuleBroken):
        revealed(electing.now)
