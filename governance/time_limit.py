"""The time limit of a proposal as its page shows it: until when, by which policy, and who makes it longer (§5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.utils import timezone

from circles.effects import policy_words
from circles.models import Policy
from circles.structure import Structure
from governance.actions.proposals import away_at, waited_for
from governance.actions.proposals.limits import AWAY, UNSEEN
from governance.calendar import calendar_of
from governance.models import Proposal, Response
from people.models import Absence


class TimeLimit:
    """Until when answers are awaited, and because of whom longer. Reads ahead what the worker is about to do."""

    def __init__(self, proposal: Proposal, structure: Structure, roll: Sequence[Response]) -> None:
        self.proposal, self.structure, self.roll = proposal, structure, roll
        self.now = timezone.now()
        self.due = proposal.due_at
        self.extended_from = proposal.extended_from
        self._reasons = proposal.extended_for
        if (
            self.due is not None
            and self.due <= self.now
            and not proposal.limit.get("over")
            and self.extension
        ):
            waits = waited_for(proposal, structure) if self.extended_from is None else []
            if waits:
                self._reasons, self.extended_from = waits, self.due
                self.due = calendar_of(structure, proposal.circle_id).after(self.due, self.extension)
        for line in roll:
            line.away = self.absences.get(line.person_id)  # type: ignore[attr-defined]

    @property
    def late(self) -> bool:
        """Whether answers are closed."""
        return self.due is not None and self.due <= self.now

    @property
    def extension(self) -> int:
        """By how many working days the limit may be extended once; 0: not at all."""
        days: int = self.proposal.limit.get("extension_days", 0)
        return days

    @property
    def working_days(self) -> int:
        days: int = self.proposal.limit.get("working_days", 0)
        return days

    @cached_property
    def policy(self) -> Policy | None:
        """The policy that set the limit as the round began."""
        policy = self.proposal.limit.get("policy")
        return Policy.objects.filter(pk=policy).select_related("role").first() if policy else None

    @property
    def by_policy(self) -> str:
        """By which policy of which circle it holds, in words."""
        return policy_words(self.policy.title, self.policy.role.shown_name) if self.policy else ""

    @cached_property
    def absences(self) -> dict[str, Absence]:
        """Who is away now of those whose answer is awaited."""
        silent = [line.person_id for line in self.roll if not line.answer]
        return away_at(self.now, silent) if silent else {}

    def _names(self, reason: str) -> list[str]:
        names = {line.person_id: line.person.name for line in self.roll}
        return sorted(names[person] for person, why in self._reasons if why == reason and person in names)

    @property
    def because_away(self) -> list[str]:
        """The names of those because of whom it was extended, for they were away."""
        return self._names(AWAY)

    @property
    def because_unseen(self) -> list[str]:
        """The names of those because of whom it was extended, for they had not seen it."""
        return self._names(UNSEEN)

    @property
    def silent(self) -> list[str]:
        """The names of those who have not answered."""
        return [line.person.name for line in self.roll if not line.answer]
