"""Elections by API: called, nominated in and followed, with the same secrecy as in the browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from governance.actions import elections
from governance.models import Election
from tests import world as worlds
from tests.api.conftest import Api, form_of

RunJobs = Callable[[], list[str]]
MEMBERS = ("ines", "maya", "noor", "priya", "samira", "tobias")


@pytest.fixture
def called(world: worlds.World, maya: Api) -> str:
    """An election that Maya called by API and Noor has opened."""
    answer = maya.post("elections/", {"circle": world.role("storefront").ref, "seat": "secretary"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["called_by"]["name"], told["due_at"]) == ("called", "Maya Lindqvist", None)
    assert maya.client.get(answer["Location"]).json() == told
    election = Election.objects.get(pk=told["id"])
    elections.begin_nominations(election, actor=world.noor, term_ends=dt.date(2099, 12, 31))
    return election.pk


def test_who_may_not_call_is_told_why(world: worlds.World) -> None:
    call = {"circle": world.role_ids["storefront"], "seat": "secretary"}
    refused = Api(world.lea).post("elections/", call)
    assert (refused.status_code, form_of(refused)["clause"]) == (422, "5.1.2")
    for wrong, field in (
        ({"circle": "x", "seat": "secretary"}, "circle"),
        ({"circle": call["circle"], "seat": "cook"}, "seat"),
        ({**call, "term_ends": "2099-12-31"}, "term_ends"),
    ):
        refused = Api(world.maya).post("elections/", wrong)
        assert (refused.status_code, form_of(refused)["field"]) == (400, field)
    assert Api(world.maya).read("elections/")["count"] == 0


def test_one_nominates_and_reads_ones_own_ballot_alone(world: worlds.World, maya: Api, called: str) -> None:
    ballot = f"elections/{called}/ballot/"
    assert maya.read(ballot)["candidate"] is None
    for wrong in ({}, {"candidate": world.lea.pk, "reason": "x"}):
        refused = maya.post(ballot, wrong)
        assert (refused.status_code, form_of(refused)["clause"]) == (422, "5.3.5")
    sent = maya.post(ballot, {"candidate": world.priya.pk, "reason": "Writes everything down"})
    assert (sent.status_code, sent.json()["candidate"]["name"]) == (200, "Priya Venkat")
    assert maya.read(ballot) == sent.json()
    for other in ("noor", "ines", "priya", "lea"):
        told = Api(world.people[other]).read(f"elections/{called}/")
        assert told["nominations"] is None
        assert told["ballot"]["candidate"] is None
        assert "Writes everything down" not in str(told)
        assert {"person": {"id": world.maya.pk, "name": "Maya Lindqvist"}, "answered": True,
                "excluded": False} in told["roll"]  # fmt: skip


def test_an_election_is_followed_to_its_end(
    world: worlds.World, maya: Api, called: str, run_jobs: RunJobs
) -> None:
    programs = {name: Api(world.people[name]) for name in MEMBERS}
    for api in programs.values():
        ballot = {"candidate": world.priya.pk, "reason": "Thorough"}
        assert api.post(f"elections/{called}/ballot/", ballot).status_code == 200
    run_jobs()
    told = maya.read(f"elections/{called}/")
    assert (told["state"], len(told["nominations"])) == ("changing", 6)
    change = {"candidate": world.tobias.pk, "reason": "Persuaded"}
    assert maya.post(f"elections/{called}/ballot/", change).json()["stands_for"]["name"] == "Tobias Renner"
    assert maya.post(f"elections/{called}/ballot/", {"keep": True}).status_code == 422
    for name in MEMBERS:
        if name != "maya":
            assert programs[name].post(f"elections/{called}/ballot/", {"keep": True}).json()["answered"]
    run_jobs()
    told = maya.read(f"elections/{called}/")
    assert (told["state"], told["candidate"]["name"]) == ("proposed", "Priya Venkat")
    assert maya.read(f"proposals/{told['proposal']}/")["election"] == called
    listed = maya.read("elections/", state="proposed", circle=world.role_ids["storefront"])
    assert [e["id"] for e in listed["results"]] == [called]
