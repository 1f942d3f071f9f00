"""Reads of elections (§5.3.5): where one stands, who is asked, and what was nominated once that is shared.

Ballots are read here and nowhere else. ``revealed`` is the only way to anybody else's, and it is closed until the
sharing round; what is told before that is who has given one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from circles.constitution import FACILITATOR, SECRETARY
from circles.models import Role
from circles.queries import memberships
from circles.structure import AssignmentRow, RoleRow, Structure
from governance.candidacy import candidates, reps_at_most
from governance.facilitation import acting
from governance.models import Ballot, Discarded, Election, Excluded, NominationChange, Proposal, StandIn
from governance.rules import elections as rules
from governance.under_way import may_have
from people.ids import derived_id
from people.models import Person
from people.refusals import Refused

__all__ = [
    "Asked",
    "Count",
    "Nomination",
    "TieWay",
    "Waiting",
    "acts_as_facilitator",
    "asked",
    "awaiting_elections",
    "can_call",
    "candidates",
    "counts",
    "elected_lately",
    "elections_of",
    "is_shared",
    "own_answer",
    "own_ballot",
    "proposal_of",
    "reps_at_most",
    "revealed",
    "roll",
    "running",
    "tie_ways",
    "tied",
    "visible_elections",
    "why_no_election",
]

State = Election.State
TieBreak = Election.TieBreak

# How long somebody is told that they were elected
TOLD_FOR = dt.timedelta(days=7)


@dataclass(frozen=True)
class Nomination:
    """One ballot as it is shown: to everybody once nominations are shared, before that to the voter alone.

    ``candidate`` and ``reason`` are what was shared, ``stands_for`` whom it counts for now. Of the latest time
    the voter was asked to change it: ``answered``, whether they ``changed`` it, and why.
    """

    voter: Person
    candidate: Person
    reason: str
    stands_for: Person
    answered: bool = False
    changed: bool = False
    change_reason: str = ""

    @property
    def moved(self) -> bool:
        """Whether it counts for somebody else than at first."""
        return self.stands_for.pk != self.candidate.pk

    def __repr__(self) -> str:
        return f"<Nomination by {self.voter.pk}>"


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked in the present step, and whether they have answered. Never what."""

    person: Person
    answered: bool
    excluded: bool = False


@dataclass(frozen=True)
class Count:
    """How many nominate a candidate, and who; ``discarded`` where these are ignored (§5.3.5f)."""

    person: Person
    by: list[Person]
    discarded: Discarded | None = None

    @property
    def votes(self) -> int:
        return len(self.by)


@dataclass(frozen=True)
class TieWay:
    """One of the ways out of a tie that applies (§5.3.5e): who would be proposed, or who would be asked again."""

    way: str
    label: str | Promise
    person: Person | None = None
    asks: tuple[Person, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """An election that waits for somebody: ``what`` is ``facilitate``, ``nominate``, ``change`` or ``break_tie``."""

    election: Election
    what: str


# -- which elections ---------------------------------------------------------------------------------------------


def _elections() -> QuerySet[Election]:
    return Election.objects.select_related(
        "organization", "circle", "called_by", "facilitator", "candidate", "replaces", "decision"
    ).defer("decision__changes", "decision__rows")


def visible_elections(viewer: Person) -> QuerySet[Election]:
    """Return the elections of the viewer's organization, latest first; what is secret in them stays so."""
    return _elections().filter(organization=viewer.organization_id).order_by("-called_at", "pk")


def elections_of(circle: Role) -> QuerySet[Election]:
    """Return a circle's elections, latest first."""
    return _elections().filter(circle=circle).order_by("-called_at", "pk")


def running(circle_ids: Collection[str]) -> QuerySet[Election]:
    """Return the elections that run in these circles, the earliest call first."""
    return _elections().filter(circle__in=circle_ids, state__in=Election.OPEN).order_by("called_at", "pk")


def proposal_of(election: Election) -> Proposal | None:
    """Return the proposal to elect the present candidate; in the end the one that was adopted."""
    return (
        election.proposals.select_related("circle", "proposer", "decision")
        .exclude(state__in=[Proposal.State.DISCARDED, Proposal.State.WITHDRAWN, Proposal.State.CONFLICT])
        .order_by("-created_at", "pk")
        .first()
    )


# -- who may, who is asked ---------------------------------------------------------------------------------------


def can_call(structure: Structure, circle_id: str, seat: str, person_id: str) -> bool:
    """Tell whether somebody may call an election for a seat (§5.1.1, §5.1.2) and it could be held."""
    if structure.get(RoleRow, circle_id) is None:
        return False
    return not any(rules.may_call_5_1(structure, circle_id, seat, person_id)) and (
        why_no_election(structure, circle_id, seat) is None
    )


def why_no_election(structure: Structure, circle_id: str, seat: str) -> Refused | None:
    """Return what stands in the way of holding an election for a seat, or None (§5.3.5)."""
    return next(rules.can_be_held_5_3_5(structure, circle_id, seat), None)


def acts_as_facilitator(election: Election, person: Person, structure: Structure | None = None) -> bool:
    """Tell whether somebody acts as facilitator of an election: of the meeting it is held in, else of the circle."""
    if election.meeting:
        return election.facilitator_id == person.pk
    structure = structure or Structure.of(election.organization_id)
    return person.pk in acting(structure, election.circle_id, FACILITATOR).people


def asked(election: Election, structure: Structure) -> set[str]:
    """Return who takes part: in a meeting those here, else the circle members; without those excluded (§5.3.5)."""
    people = set(election.present) if election.meeting else structure.members(election.circle_id)
    return people - excluded(election)


def excluded(election: Election) -> set[str]:
    """Return who let a time limit pass and is left out of the rest (§5.3.5)."""
    return set(Excluded.objects.filter(election=election).values_list("person_id", flat=True))


def asked_to_change(election: Election, structure: Structure) -> set[str]:
    """Return who is asked in the present change round: whoever nominated, or after a tie those who nominated
    somebody else than the tied (§5.3.5d, e)."""
    people = asked(election, structure)
    if tied_before(election):
        people &= set(election.ties[-1]["asked"])
    return set(
        Ballot.objects.filter(election=election, person__in=people).values_list("person_id", flat=True)
    )


def tied_before(election: Election) -> list[str]:
    """Return among whom the change round asks to choose, where it is held again because of a tie; else nobody."""
    if election.state == State.CHANGING and election.round > 1 and election.ties:
        return list(election.ties[-1]["tied"])
    return []


def have_answered(election: Election) -> set[str]:
    """Return who has answered in the present step: given a ballot, or changed or kept it in this round."""
    if election.state in (State.CHANGING, State.TIED, State.PROPOSED):
        changes = NominationChange.objects.filter(ballot__election=election, round=election.round)
        return set(changes.values_list("ballot__person_id", flat=True))
    return set(Ballot.objects.filter(election=election).values_list("person_id", flat=True))


def roll(election: Election, structure: Structure | None = None) -> list[Asked]:
    """Return who is asked in the present step, by name, and whether they have answered; those excluded last.

    Empty where nobody is asked at the moment; in the objection round the roll is the proposal's.
    """
    if election.state == State.NOMINATING:
        people = asked(election, structure or Structure.of(election.organization_id))
    elif election.state == State.CHANGING:
        people = asked_to_change(election, structure or Structure.of(election.organization_id))
    else:
        return []
    answered, left_out = have_answered(election), excluded(election)
    rows = Person.objects.filter(pk__in=people | left_out).order_by("name", "pk")
    lines = [Asked(p, p.pk in answered, p.pk in left_out) for p in rows]
    return sorted(lines, key=lambda line: line.excluded)


def awaiting_elections(person: Person) -> list[Waiting]:
    """Return the elections that wait for somebody to nominate, answer or facilitate, those that close first first."""
    if not may_have(person.organization_id, Election):
        return []
    states = (State.CALLED, State.NOMINATING, State.CHANGING, State.TIED)
    found = list(_elections().filter(organization=person.organization_id, state__in=states, meeting=""))
    if not found:
        return []
    structure = Structure.of(person.organization_id)
    circles = {m.circle.id for m in memberships(structure, person.pk)}
    # Looked at closely only where it can be: many terms may end on the same day, and every page counts these
    near = circles | _seats_of(structure, person)
    result = [
        Waiting(election, "facilitate" if election.state == State.CALLED else "break_tie")
        for election in found
        if election.state in (State.CALLED, State.TIED)
        and election.circle_id in near
        and acts_as_facilitator(election, person, structure)
    ]
    now = timezone.now()
    answered = [
        e
        for e in found
        if e.state in (State.NOMINATING, State.CHANGING)
        and e.circle_id in circles
        and not (e.due_at is not None and e.due_at <= now)
    ]
    result += _asks(answered, person) if answered else []
    return sorted(
        result,
        key=lambda w: (w.election.due_at is None, w.election.due_at or w.election.step_at, w.election.pk),
    )


def elected_lately(person: Person) -> list[Election]:
    """Return the elections that made somebody what they still are within the last days, the latest first."""
    found = list(
        _elections()
        .filter(
            organization=person.organization_id,
            state=State.ELECTED,
            candidate=person,
            settled_at__gte=timezone.now() - TOLD_FOR,
        )
        .order_by("-settled_at", "pk")
    )
    if not found:
        return []
    structure = Structure.of(person.organization_id)
    filled = {a.role for a in structure.find(AssignmentRow, "person", [person.pk])}
    return [e for e in found if e.role_id in filled]


def _seats_of(structure: Structure, person: Person) -> set[str]:
    """The circles whose facilitator or secretary somebody is, or stands in for (§5.3.6)."""
    assigned = [a.role for a in structure.find(AssignmentRow, "person", [person.pk])]
    filled = structure.get_many(RoleRow, assigned).values()
    circles = {r.circle for r in filled if r.circle and r.kind in (FACILITATOR, SECRETARY)}
    if may_have(person.organization_id, StandIn):
        stands_in = StandIn.objects.filter(person=person, ended_at=None)
        circles.update(stands_in.values_list("circle_id", flat=True))
    return circles


def _asks(mine: Sequence[Election], person: Person) -> list[Waiting]:
    """Which of these elections of somebody's circles wait for them: for their ballot, or for whether they change it."""
    out = set(Excluded.objects.filter(election__in=mine, person=person).values_list("election_id", flat=True))
    said = set(
        Ballot.objects.filter(election__in=mine, person=person).values_list("election_id", "changes__round")
    )
    given = {election_id for election_id, _round in said}
    result = []
    for election in mine:
        if election.pk in out:
            continue
        if election.state == State.NOMINATING and election.pk not in given:
            result.append(Waiting(election, "nominate"))
        if election.state == State.CHANGING and election.pk in given:
            asked_again = not tied_before(election) or person.pk in election.ties[-1]["asked"]
            if asked_again and (election.pk, election.round) not in said:
                result.append(Waiting(election, "change"))
    return result


# -- ballots -----------------------------------------------------------------------------------------------------


def _read(election: Election, **which: Any) -> list[Nomination]:
    ballots = (
        Ballot.objects.filter(election=election, **which)
        .select_related("person", "candidate", "stands_for")
        .order_by("person__name", "person_id")
    )
    latest = {
        change.ballot_id: change
        for change in NominationChange.objects.filter(ballot__in=ballots, round=election.round)
    }
    result = []
    for ballot in ballots:
        change = latest.get(ballot.pk)
        result.append(
            Nomination(
                ballot.person,
                ballot.candidate,
                ballot.reason,
                ballot.stands_for,
                answered=change is not None,
                changed=change is not None and change.candidate_id is not None,
                change_reason=_why_changed(ballot, change),
            )
        )
    return result


def _why_changed(ballot: Ballot, change: NominationChange | None) -> str:
    if ballot.stands_for_id == ballot.candidate_id and (change is None or change.candidate_id is None):
        return ""
    if change is not None and change.candidate_id is not None:
        return change.reason
    former = ballot.changes.exclude(candidate=None).order_by("-round").first()
    return former.reason if former else ""


def own_ballot(election: Election, person: Person) -> Nomination | None:
    """Return somebody's own ballot, at any time; None before they have given one."""
    found = _read(election, person=person)
    return found[0] if found else None


def own_answer(election: Election, person: Person) -> bool:
    """Tell whether somebody has answered in the present step."""
    return person.pk in have_answered(election)


def revealed(election: Election) -> list[Nomination]:
    """Return everybody's nominations with their reasons, by the voter's name.

    Raises RuleBroken §5.3.5 until they are shared, all at the same time.
    """
    require_shared(election)
    return _read(election)


def is_shared(election: Election) -> bool:
    """Tell whether nominations were shared. Asks the tables, not the object in hand, where the election stands.

    An election that ended before that has shared nothing.
    """
    state, round_ = Election.objects.values_list("state", "round").get(pk=election.pk)
    ended = state in (State.NO_RESULT, State.WITHDRAWN)
    return state not in Election.SECRET and not (ended and round_ == 0)


def require_shared(election: Election) -> None:
    """Raise RuleBroken §5.3.5 unless nominations were shared."""
    for refusal in rules.shared_at_once_5_3_5c(not is_shared(election)):
        raise refusal


# -- counting ----------------------------------------------------------------------------------------------------


def counts(election: Election) -> list[Count]:
    """Return how many nominate each candidate as things stand, most first; discarded candidates last.

    Raises as ``revealed``.
    """
    by: dict[str, list[Person]] = {}
    people: dict[str, Person] = {}
    for nomination in revealed(election):
        people[nomination.stands_for.pk] = nomination.stands_for
        by.setdefault(nomination.stands_for.pk, []).append(nomination.voter)
    gone = {d.person_id: d for d in election.discarded.select_related("person")}
    for person_id, discarded in gone.items():
        people.setdefault(person_id, discarded.person)
    lines = [Count(person, by.get(pk, []), gone.get(pk)) for pk, person in people.items()]
    return sorted(lines, key=lambda c: (c.discarded is not None, -c.votes, c.person.name, c.person.pk))


def leading(election: Election) -> list[Person]:
    """Return whom most nominate, by name: several where it is a tie, nobody where all were discarded."""
    standing = [c for c in counts(election) if c.discarded is None and c.votes]
    most = Counter(c.votes for c in standing)
    return [c.person for c in standing if c.votes == max(most)] if most else []


def tied(election: Election) -> list[Person]:
    """Return who is tied, by name; nobody where the election is not tied."""
    return leading(election) if election.state == State.TIED else []


def tie_ways(election: Election, structure: Structure | None = None) -> list[TieWay]:
    """Return the ways out of a tie that apply (§5.3.5e i–iv), in the order of the clause."""
    people = {p.pk: p for p in tied(election)}
    if not people:
        return []
    structure = structure or Structure.of(election.organization_id)
    nominations = revealed(election)
    holders = {a.person for a in structure.fillers(derived_id(election.circle_id, election.seat))}
    if election.replaces_id is not None:
        holders &= {election.replaces_id}
    themselves = [n.voter for n in nominations if n.voter.pk == n.stands_for.pk and n.voter.pk in people]
    filling = [person for pk, person in people.items() if pk in holders]
    others = asked(election, structure)
    asks = tuple(n.voter for n in nominations if n.stands_for.pk not in people and n.voter.pk in others)
    ways = []
    if len(themselves) == 1:
        ways.append(TieWay(TieBreak.SELF, TieBreak.SELF.label, themselves[0]))
    if len(filling) == 1:
        ways.append(TieWay(TieBreak.HOLDER, TieBreak.HOLDER.label, filling[0]))
    ways.append(TieWay(TieBreak.RANDOM, TieBreak.RANDOM.label))
    if asks:
        ways.append(TieWay(TieBreak.AGAIN, TieBreak.AGAIN.label, asks=asks))
    return ways
