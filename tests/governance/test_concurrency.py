"""Many at the same moment: fifty answers to one proposal, and the worker adopting while they come in."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from governance.actions import elections, proposals, set_up
from governance.changes import AddRole, Assign, Change
from governance.elections import revealed
from governance.models import Decision, Election, Proposal
from governance.record import verify
from journal.models import Event
from people.ids import new_id
from people.models import Person
from people.refusals import Refused
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50


def in_threads(acts: list[Callable[[], object]]) -> list[object]:
    """Begin all acts at one moment, each with a connection of its own; return results and refusals."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        together.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def crowd() -> tuple[World, list[Person]]:
    """Fifty more partners in Storefront, each in a role of their own."""
    world = worlds.build()
    people = [set_up.admit_person(actor=world.ines, name=f"Partner {n}", reason="many") for n in range(MANY)]
    changes: list[Change] = []
    for n, person in enumerate(people):
        role = AddRole(new_id(), world.role_ids["storefront"], f"Desk {n}", "To be asked")
        changes += [role, Assign(new_id(), role.id, person.id)]
    set_up.edit_structure(changes, actor=world.ines, reason="many", circle=world.role_ids["storefront"])
    return world, people


def test_fifty_answers_at_one_moment_adopt_once(
    crowd: tuple[World, list[Person]], run_jobs: Callable[[], list[str]]
) -> None:
    world, people = crowd
    proposal = proposals.start_draft(
        world.role("storefront"),
        actor=world.samira,
        title="Photo briefs",
        tension="t",
        example="e",
        how_helped="h",
        changes=[
            {
                "kind": "amend_role",
                "role": world.role_ids["merchandiser"],
                "accountabilities": [{"op": "add", "text": "Sending Photo Desk a brief"}],
            }
        ],
    )
    proposal = proposals.propose(proposal, actor=world.samira)
    before = Decision.objects.filter(organization=world.organization).count()
    for person in (world.ines, world.maya, world.priya, world.noor, world.tobias):
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)

    def answering(person: Person) -> Callable[[], object]:
        def act() -> object:
            answered = proposals.answer(proposal, actor=person, text_version=proposal.text_version)
            # As many workers as answers, all at once: adopting is theirs, and happens once
            proposals.settle(proposal.pk)
            return answered

        return act

    results = in_threads([answering(person) for person in people])
    assert [r for r in results if isinstance(r, Refused)] == []
    run_jobs()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.ADOPTED
    assert Decision.objects.filter(organization=world.organization).count() == before + 1
    assert world.role("merchandiser").accountabilities.count() == 1
    assert verify(world.organization).faults == []


def test_two_edits_of_one_text_at_one_moment_lose_neither() -> None:
    world = worlds.build()
    proposal = proposals.start_draft(world.role("storefront"), actor=world.samira, title="First")
    version = proposal.text_version
    results = in_threads(
        [
            lambda text=text: proposals.save_draft(  # type: ignore[misc]
                proposal, {"title": text}, actor=world.samira, text_version=version
            )
            for text in ("From one tab", "From the other tab")
        ]
    )
    refused = [r for r in results if isinstance(r, Refused)]
    proposal.refresh_from_db()
    assert len(refused) == 1
    # The text that came second is not written over the first, and both are shown
    assert {proposal.title, refused[0].drafted} == {"From one tab", "From the other tab"}  # type: ignore[attr-defined]


def test_decisions_of_many_at_one_moment_form_one_chain() -> None:
    world = worlds.build()
    results = in_threads(
        [
            lambda n=n: set_up.edit_structure(  # type: ignore[misc]
                [AddRole(new_id(), world.role_ids["storefront"], f"Desk {n}", "At once")],
                actor=world.ines,
                reason="many",
            )
            for n in range(12)
        ]
    )
    assert [r for r in results if isinstance(r, Exception)] == []
    found = verify(world.organization)
    assert (found.faults, found.number) == ([], 13)


def test_a_whole_circle_nominates_at_one_moment(run_jobs: Callable[[], list[str]]) -> None:
    """Each has one ballot however often they press, and nominations are shared once, when the last is in."""
    world = worlds.build()
    members = (world.ines, world.maya, world.noor, world.priya, world.samira, world.tobias)
    election = elections.call_election(world.role("storefront"), "secretary", actor=world.samira)
    elections.begin_nominations(election, actor=world.noor, term_ends=dt.date(2099, 12, 31))

    def nominating(person: Person, candidate: Person) -> Callable[[], object]:
        def act() -> object:
            elections.nominate(election, actor=person, candidate=candidate.pk, reason="Thorough")
            elections.step(election.pk)
            return None

        return act

    acts = [nominating(person, world.priya) for person in members]
    twice = nominating(world.maya, world.priya)
    refused = [r for r in in_threads([*acts, twice]) if r is not None]
    # Whoever comes after the last has come finds the ballots closed
    assert all("another step" in str(r) for r in refused)
    run_jobs()
    election.refresh_from_db()
    assert election.state == Election.State.CHANGING
    assert [n.candidate for n in revealed(election)] == [world.priya] * len(members)
    kinds = Event.objects.filter(payload__election=election.pk).values_list("kind", flat=True)
    assert list(kinds).count("governance.ballot_given") == len(members)
    assert list(kinds).count("governance.nominations_shared") == 1


def test_two_who_call_the_same_election_call_one(run_jobs: Callable[[], list[str]]) -> None:
    world = worlds.build()
    circle = world.role("storefront")

    def calling(person: Person) -> Callable[[], object]:
        return lambda: elections.call_election(circle, "secretary", actor=person)

    results = in_threads([calling(world.maya), calling(world.samira)])
    assert sorted(isinstance(r, Refused) for r in results) == [False, True]
    assert Election.objects.count() == 1
