"""What follows in an election by itself: the worker's next step, and what comes of the proposal (§5.3.5)."""

from __future__ import annotations

from django.db import transaction

from circles.models import Assignment
from circles.structure import Structure
from governance.actions.elections.calling import call_for_expired, today_in
from governance.actions.elections.common import State, lock, mail, tell, without_result
from governance.actions.elections.counting import discard_ineligible, propose_next
from governance.actions.elections.nominating import is_over, share
from governance.candidacy import candidates
from governance.elections import asked, asked_to_change, counts, have_answered, tied, why_no_election
from governance.models import Discarded, Election, ElectionAsked, Proposal
from people.models import Organization


def step(election_id: str) -> None:
    """Do the next thing that is due in an election, once. Safe to run twice or late.

    Held asynchronously: shares nominations and counts once everybody has answered or the step is over. In any case
    ends an election that cannot be held any more, and goes on to the next candidate where one could not be elected.
    """
    with transaction.atomic():
        found = Election.objects.select_related("organization").filter(pk=election_id).first()
        if found is None or not found.is_open:
            return
        election = lock(found)
        if not election.is_open:
            return
        structure = Structure.of(election.organization_id)
        # The role has gone, a policy lets the circle lead appoint, or nobody is eligible any more
        if (refusal := why_no_election(structure, election.circle_id, election.seat)) is not None:
            without_result(election, actor=None, reason=refusal.message)
        elif election.state == State.PROPOSED:
            _after_proposal(election, structure)
        elif election.meeting:
            return
        elif election.state == State.NOMINATING:
            _after_nominating(election, structure)
        elif election.state == State.CHANGING:
            if is_over(election) or asked_to_change(election, structure) <= have_answered(election):
                propose_next(election, structure, actor=None)
        elif election.state == State.TIED:
            eligible = candidates(structure, election.circle_id, election.seat)
            if not {p.pk for p in tied(election)} <= eligible:
                propose_next(election, structure, actor=None)


def _after_nominating(election: Election, structure: Structure) -> None:
    people, answered = asked(election, structure), have_answered(election)
    if is_over(election) or people <= answered:
        share(election, structure, actor=None)
        return
    mailed = ElectionAsked.objects.filter(election=election, step="nominate").values_list(
        "person_id", flat=True
    )
    mail(election, people - answered - set(mailed), "nominate")


def _after_proposal(election: Election, structure: Structure) -> None:
    """Where the candidate could not be elected, ignore their nominations and go on (§5.3.5f)."""
    last = election.proposals.order_by("-created_at", "pk").first()
    if last is None or last.state != Proposal.State.CONFLICT or election.candidate is None:
        return
    discard_ineligible(election, structure)
    if election.candidate_id in {c.person.pk for c in counts(election) if c.discarded is None}:
        Discarded.objects.create(
            organization=election.organization,
            election=election,
            person=election.candidate,
            reason=last.settled_reason[:2000],
        )
    propose_next(election, structure, actor=None)


def follow_membership(organization: Organization) -> list[str]:
    """Return the elections that run in an organization, whose steps a change of membership may complete; whoever
    has one open reads it again."""
    running = Election.objects.filter(organization=organization, state__in=Election.OPEN)
    with transaction.atomic():
        for election in running:
            election.organization = organization
            tell(election, "roll")
    return [election.pk for election in running]


def sweep_terms() -> None:
    """Call an election for every seat whose term has expired, in every organization (§5.3.5). Safe at any time."""
    for organization in Organization.objects.exclude(adopted_at=None):
        expired = Assignment.objects.filter(
            organization=organization,
            role__kind__in=Election.Seat.values,
            term_ends__lt=today_in(organization),
        ).order_by("term_ends", "pk")
        for assignment in expired:
            call_for_expired(assignment)
