"""What tests of elections share: a circle that elects, with short words for what they do over and over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from circles.models import Assignment
from governance.actions import elections, proposals, set_up
from governance.changes import parse_changes
from governance.elections import proposal_of
from governance.models import Election, Proposal
from people.ids import derived_id
from people.models import Person
from tests.world import World

# Who is a circle member of Storefront
MEMBERS = ("ines", "maya", "noor", "priya", "samira", "tobias")
TERM = dt.timedelta(days=365)


def policy(world: World, effect: dict[str, Any], circle: str = "storefront") -> None:
    """Put a policy with this effect in force in a circle."""
    kinds = ["default"]
    change = {"kind": "add_policy", "circle": world.role_ids[circle], "title": "Ours", "kinds": kinds}
    set_up.edit_structure(
        parse_changes([{**change, "effect": effect}]), actor=world.ines, reason="For this test"
    )


def holders(world: World, seat: str, circle: str = "storefront") -> list[str]:
    """Who holds an elected seat."""
    role = derived_id(world.role_ids[circle], seat)
    return sorted(
        Assignment.objects.filter(role=role).values_list("person__name", flat=True),
    )


class Electing:
    """An election of Storefront's."""

    def __init__(self, world: World, seat: str = "secretary", *, by: str = "samira", **call: Any) -> None:
        self.world = world
        self.id = elections.call_election(world.role("storefront"), seat, actor=world.people[by], **call).pk

    @property
    def now(self) -> Election:
        """The election as it is now."""
        return Election.objects.select_related("organization", "circle").get(pk=self.id)

    @property
    def state(self) -> str:
        return self.now.state

    @property
    def proposal(self) -> Proposal:
        proposal = proposal_of(self.now)
        assert proposal is not None
        return proposal

    def person(self, name: str) -> Person:
        return self.world.people[name]

    def open(self, *, by: str = "noor", **described: Any) -> Electing:
        """Let the facilitator describe the role and open the ballots."""
        described.setdefault("term_ends", timezone.now().date() + TERM)
        elections.begin_nominations(self.now, actor=self.person(by), **described)
        return self

    def nominate(self, **whom: str) -> Electing:
        """Let people nominate: by their names, ``maya="priya"``."""
        for voter, candidate in whom.items():
            elections.nominate(
                self.now,
                actor=self.person(voter),
                candidate=self.person(candidate).pk,
                reason=f"{candidate} is thorough",
            )
        return self

    def keep(self, *voters: str) -> Electing:
        for voter in voters:
            elections.keep_nomination(self.now, actor=self.person(voter))
        return self

    def change(self, voter: str, candidate: str, reason: str = "Convinced") -> None:
        elections.change_nomination(
            self.now, actor=self.person(voter), candidate=self.person(candidate).pk, reason=reason
        )

    def no_objection(self, *people: str) -> None:
        proposal = self.proposal
        for name in people:
            proposals.answer(proposal, actor=self.person(name), text_version=proposal.text_version)

    def object(self, name: str, role: str) -> None:
        proposals.object_to(
            self.proposal,
            actor=self.person(name),
            text_version=self.proposal.text_version,
            role=self.world.role_ids[role],
            concern="Minutes would come late",
            criteria=dict.fromkeys("abcd", "They are away until spring"),
        )


ALL_FOR_PRIYA = dict.fromkeys(MEMBERS, "priya")
# Priya and Samira are tied; Priya nominates herself, Tobias holds the seat
TIED = {
    "ines": "samira",
    "maya": "priya",
    "noor": "tobias",
    "priya": "priya",
    "samira": "tobias",
    "tobias": "samira",
}
