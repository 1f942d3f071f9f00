"""An election as one person sees it, on its own page and in a meeting's room. Everything is read when asked for.

Nothing here knows of ballots: what may be shown to whom, and when, is for ``governance.elections`` to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from circles.constitution import CIRCLE_REP
from circles.effects import CANDIDATES, ELECTION_TIME_LIMIT
from circles.queries import Definition, Filling, definition, fillings, people_named, prefetch_seats
from circles.structure import PolicyRow, RoleRow, Structure
from governance import elections
from governance.models import Discarded, Election, Proposal
from people.models import Person
from people.refusals import RuleBroken

State = Election.State

# The steps as their names stand across the page, and the states that are each (§5.3.5a–f)
STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("describe", pgettext_lazy("step of an election", "Describe role")),
    ("nominate", pgettext_lazy("step of an election", "Nominate")),
    ("share", pgettext_lazy("step of an election", "Share")),
    ("change", pgettext_lazy("step of an election", "Change")),
    ("count", pgettext_lazy("step of an election", "Count and propose")),
    ("objections", pgettext_lazy("step of an election", "Objections")),
)
STEP_OF = {
    State.CALLED: "describe",
    State.NOMINATING: "nominate",
    State.SHARING: "share",
    State.CHANGING: "change",
    State.TIED: "count",
    State.PROPOSED: "objections",
}
# A state as its pill shows it: see PILLS of the page parts
PILLS = {
    State.CALLED: "waiting",
    State.NOMINATING: "proposed",
    State.SHARING: "proposed",
    State.CHANGING: "proposed",
    State.TIED: "soon",
    State.PROPOSED: "proposed",
    State.ELECTED: "adopted",
    State.NO_RESULT: "ended",
    State.WITHDRAWN: "withdrawn",
}
# The ways out of a tie, in the order of the clause (§5.3.5e): what is done
WAYS: dict[str, str | Promise] = {
    Election.TieBreak.SELF: gettext_lazy("Propose the one who nominated themself"),
    Election.TieBreak.HOLDER: gettext_lazy("Propose the one who fills the role now"),
    Election.TieBreak.RANDOM: gettext_lazy("Draw one of them, blind"),
    Election.TieBreak.AGAIN: gettext_lazy("Ask those who named somebody else to choose among the tied"),
}
TERM = dt.timedelta(days=365)
# So many names stand beside each other on a ballot; more are chosen from a list
NAMES_SHOWN = 24


@dataclass(frozen=True)
class Barred:
    """A circle member who cannot be nominated, why not, and the clause that says so."""

    person: Person
    why: str
    clause: str


@dataclass(frozen=True)
class Way:
    """A way out of a tie: whether it applies, and what would come of it or why it does not."""

    key: str
    words: str | Promise
    applies: bool
    hint: str


class ElectionView:
    """An election as ``person`` sees it now."""

    def __init__(self, election: Election, person: Person, structure: Structure | None = None) -> None:
        self.election, self.person = election, person
        self.structure = structure or Structure.of(election.organization_id)

    # -- what it is about -------------------------------------------------------------------------------------------

    @cached_property
    def role(self) -> RoleRow | None:
        """The constitutional role that is elected for."""
        return self.structure.get(RoleRow, self.election.role_id)

    @cached_property
    def definition(self) -> Definition | None:
        return definition(self.structure, self.role) if self.role is not None else None

    @cached_property
    def fillings(self) -> list[Filling]:
        """Who fills the role now."""
        return fillings(self.structure, self.election.organization, [self.election.role_id])[
            self.election.role_id
        ]

    @property
    def pill(self) -> str:
        return PILLS[State(self.election.state)]

    @property
    def steps(self) -> list[tuple[str, str | Promise]]:
        """The steps, with what came of it at the end; none where it ended without having gone through them."""
        if self.election.state in (State.WITHDRAWN, State.NO_RESULT):
            return []
        end = (
            str(self.election.get_state_display())
            if not self.election.is_open
            else pgettext_lazy("step of an election", "Elected")
        )
        return [*STEPS, ("end", end)]

    @property
    def step(self) -> str:
        return STEP_OF.get(State(self.election.state), "end")

    @cached_property
    def limit(self) -> PolicyRow | None:
        """The policy that sets the time limit of the present step (§5.3.5)."""
        found = self.structure.effect(self.election.circle_id, ELECTION_TIME_LIMIT)
        return found[0] if found else None

    # -- who may stand ----------------------------------------------------------------------------------------------

    @cached_property
    def member_ids(self) -> set[str]:
        prefetch_seats(self.structure, [self.election.circle_id])
        return self.structure.members(self.election.circle_id)

    @cached_property
    def _eligible(self) -> set[str]:
        discarded = {d.person_id for d in self.discarded}
        found = elections.candidates(self.structure, self.election.circle_id, self.election.seat)
        return set(found) - discarded

    @cached_property
    def _people(self) -> dict[str, Person]:
        return people_named(self.election.organization, self._eligible | self.member_ids)

    @property
    def candidates(self) -> list[Person]:
        """Who can be nominated, by name (§5.1.1, §5.1.2)."""
        return _by_name(self._people[i] for i in self._eligible if i in self._people)

    @property
    def many(self) -> bool:
        """Whether there are more candidates than stand well beside each other."""
        return len(self._eligible) > NAMES_SHOWN

    @cached_property
    def holders(self) -> set[str]:
        return {f.person.pk for f in self.fillings}

    @property
    def barred(self) -> list[Barred]:
        """The circle members who cannot be nominated, and why."""
        leads = self.structure.circle_leads(self.election.circle_id)
        limited = self.structure.effect(self.election.circle_id, CANDIDATES) is not None
        discarded = {d.person_id for d in self.discarded}
        result = []
        for person in _by_name(
            self._people[i] for i in self.member_ids - self._eligible - discarded if i in self._people
        ):
            if self.election.seat == CIRCLE_REP and person.pk in leads:
                why, clause = _("circle lead, never also rep"), "5.1.1"
            elif limited:
                why, clause = _("a policy limits who may stand"), "5.1.2"
            elif self.election.seat == CIRCLE_REP:
                why, clause = _("a member through this seat alone"), "5.1.1"
            else:
                why, clause = _("cannot stand"), "5.1.2"
            result.append(Barred(person, why, clause))
        return result

    @cached_property
    def candidates_policy(self) -> PolicyRow | None:
        """The policy that says who may stand besides circle members, or who alone (§5.1.2)."""
        found = self.structure.effect(self.election.circle_id, CANDIDATES, seat=self.election.seat)
        return found[0] if found else None

    # -- what the reader is in it -----------------------------------------------------------------------------------

    @cached_property
    def facilitates(self) -> bool:
        return elections.acts_as_facilitator(self.election, self.person, self.structure)

    @cached_property
    def roll(self) -> list[elections.Asked]:
        """Who is asked in the present step, and whether they answered; never what."""
        return elections.roll(self.election, self.structure)

    @property
    def answered(self) -> int:
        return sum(1 for line in self.roll if line.answered)

    @property
    def asked(self) -> int:
        return sum(1 for line in self.roll if not line.excluded)

    @property
    def mine(self) -> elections.Asked | None:
        """The reader's own line of the roll, while they may still answer."""
        return next((a for a in self.roll if a.person.pk == self.person.pk and not a.excluded), None)

    @property
    def excluded(self) -> bool:
        """Whether the time limit passed before the reader answered (§5.3.5)."""
        return any(a.excluded for a in self.roll if a.person.pk == self.person.pk)

    @cached_property
    def own(self) -> elections.Nomination | None:
        """The reader's own ballot."""
        return elections.own_ballot(self.election, self.person)

    @property
    def is_candidate(self) -> bool:
        return self.election.candidate_id == self.person.pk

    @property
    def may_take_back(self) -> bool:
        """Whether the reader called it and may still take the call back: before nominations are shown."""
        return self.election.is_secret and self.election.called_by_id == self.person.pk

    @property
    def given(self) -> int:
        """How many ballots would be destroyed if the call were taken back; whose they are, nobody reads here."""
        return len(elections.have_answered(self.election)) if self.election.is_secret else 0

    @property
    def suggested_term(self) -> dt.date:
        """The term that is suggested: a year from today, where the organization is."""
        return timezone.localdate(timezone=self.election.organization.tz) + TERM

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader may take the call back on its page: not while it is held in a meeting."""
        return self.may_take_back and not self.election.meeting

    # -- what was said ----------------------------------------------------------------------------------------------

    @cached_property
    def nominations(self) -> list[elections.Nomination]:
        """Everybody's nominations; none while they are secret, or where they never were shown."""
        try:
            return elections.revealed(self.election)
        except RuleBroken:
            return []

    @cached_property
    def counts(self) -> list[elections.Count]:
        return elections.counts(self.election) if self.nominations else []

    @cached_property
    def discarded(self) -> list[Discarded]:
        return list(self.election.discarded.select_related("person").order_by("at", "pk"))

    @cached_property
    def tied(self) -> list[Person]:
        return elections.tied(self.election) if self.election.state == State.TIED else []

    @property
    def tied_among(self) -> list[Person]:
        """Those a change of nomination is limited to, where a tie led back to the change round (§5.3.5e)."""
        ids = elections.tied_before(self.election)
        return _by_name(people_named(self.election.organization, ids).values()) if ids else []

    @property
    def tied_names(self) -> str:
        return _named(self.tied)

    @property
    def tied_among_names(self) -> str:
        return _named(self.tied_among)

    @property
    def choices(self) -> list[Person]:
        """Whom one may change a nomination to."""
        return self.tied_among or self.candidates

    @property
    def ways(self) -> list[Way]:
        """The four ways out of a tie: each with what it leads to, or why it does not apply (§5.3.5e)."""
        if self.election.state != State.TIED:
            return []
        offered = {str(w.way): w for w in elections.tie_ways(self.election, self.structure)}
        result = []
        for key, words in WAYS.items():
            way = offered.get(key)
            if way is None:
                hint = _("Does not apply: %(why)s") % {"why": self._why_not(key)}
            elif key == Election.TieBreak.RANDOM:
                hint = _("Who was in the draw, who was drawn and when stays on the page of this election.")
            elif key == Election.TieBreak.AGAIN:
                hint = _("%(names)s would choose one of the tied.") % {"names": _named(way.asks)}
            else:
                hint = way.person.name if way.person else ""
            result.append(Way(key, words, way is not None, hint))
        return result

    def _why_not(self, key: str) -> str:
        if key == Election.TieBreak.SELF:
            own = [n for n in self.nominations if n.voter.pk == n.stands_for.pk]
            among = {p.pk for p in self.tied} & {n.voter.pk for n in own}
            return _("more than one of them did.") if len(among) > 1 else _("none of them did.")
        if key == Election.TieBreak.HOLDER:
            return _("none of them fills it.")
        return _("everybody named one of the tied.")

    @cached_property
    def ties(self) -> list[dict[str, object]]:
        """The ties that were resolved: who was tied, which way was taken, by whom, and who was picked."""
        ids = {i for tie in self.election.ties for i in [*tie["tied"], tie.get("picked"), tie.get("by")] if i}
        people = people_named(self.election.organization, ids) if ids else {}
        return [
            {
                "tied": [people[i] for i in tie["tied"] if i in people],
                "names": _named(people[i] for i in tie["tied"] if i in people),
                "way": WAYS.get(tie["way"], tie["way"]),
                "picked": people.get(tie.get("picked") or ""),
                "by": people.get(tie.get("by") or ""),
                "random": tie["way"] == Election.TieBreak.RANDOM,
                "when": dt.datetime.fromisoformat(tie["at"]) if tie.get("at") else None,
            }
            for tie in self.election.ties
        ]

    @property
    def leading(self) -> elections.Count | None:
        """The count of who is proposed, or was elected."""
        return next((c for c in self.counts if c.person.pk == self.election.candidate_id), None)

    @cached_property
    def proposal(self) -> Proposal | None:
        """The proposal to elect the present candidate."""
        return elections.proposal_of(self.election)


def _named(people: Iterable[Person]) -> str:
    return get_text_list([p.name for p in people], _("and"))


def _by_name(people: Iterable[Person]) -> list[Person]:
    return sorted(people, key=lambda p: (p.name.casefold(), p.pk))
