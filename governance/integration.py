"""Objections as the page of a proposal shows them: the test, the ruling, amended proposals, and who may do what."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import RoleRow, Structure
from governance.actions.proposals import authority_of
from governance.breakdown import in_breakdown
from governance.changes import parse_changes
from governance.diffs import SubjectDiff
from governance.drafting import differences, refused_changes
from governance.enactment import try_changes
from governance.facilitation import acting
from governance.models import Amendment, Objection, Proposal
from governance.rules.consent import ARGUMENT, QUESTIONS, WEAK
from governance.rules.structure import CRITERIA
from people.models import Person
from people.queries import names_of

# What an objection is asked for each criterion (§5.3.2): to whoever objects, and in short
CRITERION = {
    "a": (
        gettext_lazy("Why would it make the circle less able to enact its purpose or accountabilities?"),
        gettext_lazy("Makes the circle less able"),
    ),
    "b": (
        gettext_lazy("How does it limit this role of yours, even if you filled no other?"),
        gettext_lazy("Limits this role"),
    ),
    "c": (
        gettext_lazy("Why does it come from the proposal, and is not there already?"),
        gettext_lazy("Comes from the proposal"),
    ),
    "d": (
        gettext_lazy("Why would it surely happen, or why could you not adapt in time?"),
        gettext_lazy("Surely, or too late to adapt"),
    ),
}

# What a proposal may lack that the facilitator discards (§5.3.1), and why one is dropped (§5.3.4)
LACKS = (
    ("5.3.1a", gettext_lazy("No tension of one of the proposer’s roles")),
    ("5.3.1b", gettext_lazy("No example of something that really is or was so")),
    ("5.3.1c", gettext_lazy("No reason why it would have helped in the example")),
)
NOT_HOLDING = (WEAK, gettext_lazy("What is argued for it is not logical, or beside the point"))
DROPS = (
    (QUESTIONS, gettext_lazy("The proposer does not answer questions about the tension in good faith")),
    (ARGUMENT, gettext_lazy("The proposer gives no argument why the amended proposal would fail")),
)


@dataclass
class Beside:
    """An amended proposal as it stands beside the proposer's."""

    amendment: Amendment
    subjects: list[SubjectDiff]
    hindered: list[Any]

    @property
    def is_open(self) -> bool:
        return self.amendment.state == Amendment.State.OFFERED


@dataclass
class Tested:
    """An objection with its criteria as the page shows them, and what the reader may do with it."""

    objection: Objection
    criteria: list[dict[str, Any]]
    mine: bool
    standing: bool
    beside: list[Beside] = field(default_factory=list)

    @property
    def has_arguments(self) -> bool:
        """Whether its criteria are worth a table: not where a rule alone was named."""
        return not self.objection.rule or any(
            one["argument"] or one["given"] is not None for one in self.criteria
        )

    @property
    def untested(self) -> bool:
        return self.standing and self.objection.state == Objection.State.RAISED

    @property
    def lately_offered(self) -> bool:
        return any(one.is_open for one in self.beside)


class Integration:
    """What is being resolved on a proposal's page, for one reader."""

    def __init__(self, proposal: Proposal, structure: Structure, reader: Person) -> None:
        self.proposal, self.structure, self.reader = proposal, structure, reader

    @cached_property
    def objections(self) -> list[Tested]:
        """Every objection, those of the latest round first, and of a round those that stand."""
        rows = self.proposal.objections.select_related(
            "objector", "role__circle", "test_asked_by", "ruling_asked_by", "ruled_by"
        )
        found = sorted(rows.order_by("raised_at", "pk"), key=lambda one: (-one.round, not one.is_standing))
        offered: dict[str, list[Amendment]] = {}
        if found:
            for one in Amendment.objects.filter(objection__in=found).order_by("-offered_at", "pk"):
                offered.setdefault(one.objection_id, []).append(one)
        return [self._tested(o, offered.get(o.pk, ())) for o in found]

    def _tested(self, objection: Objection, offered: Sequence[Amendment]) -> Tested:
        criteria = []
        for c in CRITERIA:
            entry = objection.criteria.get(c) or {}
            criteria.append(
                {
                    "letter": c,
                    "clause": f"5.3.2{c}",
                    "words": CRITERION[c][1],
                    "argument": entry.get("argument", ""),
                    "given": entry.get("given"),
                    "holds": entry.get("holds"),
                }
            )
        objection.proposal = self.proposal
        return Tested(
            objection,
            criteria,
            mine=objection.objector_id == self.reader.pk,
            standing=objection.is_standing,
            beside=[self._beside(one, objection) for one in offered],
        )

    def _beside(self, amendment: Amendment, objection: Objection) -> Beside:
        amendment.objection = objection
        if amendment.state != Amendment.State.OFFERED:
            return Beside(amendment, [], [])
        shown = try_changes(self.structure, parse_changes(amendment.changes), authority_of(self.proposal))
        hindered = []
        if shown.refusals:
            amended = copy.copy(self.proposal)
            amended.changes = amendment.changes
            hindered = refused_changes(amended, shown)
        return Beside(amendment, differences(self.proposal, shown), hindered)

    @cached_property
    def standing(self) -> list[Tested]:
        return [one for one in self.objections if one.standing]

    @cached_property
    def mine_ended(self) -> Tested | None:
        """The reader's own objection of this round that was discarded or dropped: it counts as their answer."""
        ended = (Objection.State.NOT_VALID, Objection.State.DROPPED)
        return next(
            (
                one
                for one in reversed(self.objections)
                if one.mine and one.objection.round == self.proposal.round and one.objection.state in ended
            ),
            None,
        )

    @cached_property
    def awaits_test(self) -> bool:
        return any(one.objection.awaits_test for one in self.standing)

    def acting(self, kind: str) -> frozenset[str]:
        """Return who acts in a seat of the circle; nobody where it has been removed."""
        if self.structure.get(RoleRow, self.proposal.circle_id) is None:
            return frozenset()
        return acting(self.structure, self.proposal.circle_id, kind).people

    @cached_property
    def is_facilitator(self) -> bool:
        return self.proposal.is_open and self.reader.pk in self.acting(FACILITATOR)

    @cached_property
    def is_secretary(self) -> bool:
        claims = any(one.objection.rule for one in self.standing)
        return claims and self.reader.pk in self.acting(SECRETARY)

    @cached_property
    def judges(self) -> bool:
        """Whether the reader judges arguments too: the facilitator, in a process breakdown (§5.5.2a)."""
        return self.is_facilitator and in_breakdown(self.proposal.circle_id) is not None

    def names(self, kind: str) -> str:
        """Return the names of who acts in a seat, to tell whom to ask."""
        return names_of(self.acting(kind))

    def rounds(self) -> list[dict[str, Any]]:
        """Return the objections by the round they were raised in, latest first."""
        numbers = sorted({one.objection.round for one in self.objections}, reverse=True)
        return [
            {
                "number": n,
                "current": n == self.proposal.round,
                "objections": [one for one in self.objections if one.objection.round == n],
            }
            for n in numbers
        ]

    def context(self) -> dict[str, Any]:
        """Return what the parts of the page on objections need."""
        tests = self.standing and not self.proposal.meeting
        return {
            "standing": self.standing,
            "rounds": self.rounds(),
            "awaits_test": self.awaits_test,
            "is_facilitator": self.is_facilitator,
            "is_secretary": self.is_secretary,
            "judges": self.judges,
            "facilitator_names": self.names(FACILITATOR) if tests else "",
            "secretary_names": self.names(SECRETARY)
            if tests and any(one.objection.rule for one in self.standing)
            else "",
            "may_amend": self.proposal.election_id is None,
            "lacks": (*LACKS, NOT_HOLDING) if self.judges else LACKS,
            "drops": DROPS,
            "ground_words": self.ground_words(),
        }

    def ground_words(self) -> str:
        """Return, of a proposal the facilitator ended, the words of the line that made them."""
        return str(dict((*LACKS, NOT_HOLDING, *DROPS)).get(self.proposal.settled_ground, ""))


def steps_of_integration() -> list[tuple[str, str]]:
    """Return what resolving an objection takes, step by step: (clause, words)."""
    return [
        ("5.3.4b", _("The objector looks for a change that resolves it and still answers the tension.")),
        ("5.3.4c", _("Anybody in the circle may ask the proposer about the tension and the examples.")),
        ("5.3.4d", _("An amended proposal can stand beside it. The proposer takes it over, or argues.")),
        ("5.3", _("An amended text asks everybody again.")),
    ]
