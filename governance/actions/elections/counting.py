"""Counting, ties, the proposal to elect somebody, and what happens when that is discarded (§5.3.5e, f)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions.elections.common import (
    State,
    close_proposal,
    facilitators,
    go_to,
    lock,
    mail,
    require_facilitator,
    require_state,
    without_result,
    write_down,
)
from governance.actions.elections.nominating import ask_for_changes, is_over
from governance.actions.proposals.proposing import open_round
from governance.candidacy import candidates
from governance.changes import Elect
from governance.changes.base import clean
from governance.elections import (
    asked_to_change,
    counts,
    have_answered,
    leading,
    proposal_of,
    tie_ways,
)
from governance.models import REASON_LENGTH, Discarded, Election, Objection, Proposal
from governance.rules import elections as rules
from people.ids import new_id
from people.models import Person
from people.refusals import NotAllowed, Refused

TieBreak = Election.TieBreak


def count(election: Election, *, actor: Person, seen: int | None = None) -> Election:
    """Close the change round and count (§5.3.5e): propose whoever most nominate, or stand at a tie.

    The acting facilitator does, in a meeting whenever everybody had their say; asynchronously the worker does it
    once everybody has answered. Raises NotAllowed, Refused, Conflict (``seen``).
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        require_state(locked, State.CHANGING)
        if not locked.meeting and not is_over(locked):
            waiting = asked_to_change(locked, structure) - have_answered(locked)
            if waiting:
                raise Refused(_("Not everybody has answered yet. It is counted once they have."))
        propose_next(locked, structure, actor=actor)
    return locked


def propose_next(election: Election, structure: Structure, *, actor: Person | None) -> None:
    """Count the nominations of a locked election, without those for discarded candidates, and propose whoever has
    most (§5.3.5e, f); at a tie wait for the facilitator, with nobody left end without result."""
    discard_ineligible(election, structure)
    best = leading(election)
    if not best:
        reason = _(
            "No candidate is left: all who were nominated were discarded, declined or are not eligible."
        )
        without_result(election, actor=actor, reason=reason)
    elif len(best) == 1:
        propose(election, best[0], structure, actor=actor)
    else:
        go_to(election, State.TIED, candidate=None)
        write_down(
            election,
            "election_tied",
            actor=actor,
            people=[p.pk for p in best],
            names=", ".join(p.name for p in best),
        )
        if not election.meeting:
            mail(election, facilitators(election, structure), f"tied-{election.version}")


def discard_ineligible(election: Election, structure: Structure) -> None:
    """Let nominations for whoever may not be elected any more be ignored."""
    eligible = candidates(structure, election.circle_id, election.seat)
    for line in counts(election):
        if line.discarded is None and line.person.pk not in eligible:
            _discard(election, line.person, actor=None, reason=_("Not eligible any more."))


def propose(election: Election, person: Person, structure: Structure, *, actor: Person | None) -> None:
    """Propose to elect somebody, and ask every member for objections (§5.3.5e, f). The facilitator is the proposer.

    In a meeting the proposal waits there for its objection round; asynchronously its round begins now.
    """
    proposer = _proposer(election, structure, actor)
    if proposer is None:
        reason = _("Nobody is there to act as facilitator: the circle has no members.")
        without_result(election, actor=actor, reason=reason)
        return
    change = Elect(
        new_id(),
        election.role_id,
        person.pk,
        election.term_ends.isoformat() if election.term_ends else None,
        election.replaces_id,
    )
    words = {"person": person.name, "role": election.seat_name}
    proposal = Proposal(
        organization=election.organization,
        circle=election.circle,
        proposer=proposer,
        election=election,
        title=(_("Elect %(person)s as %(role)s") % words)[:120],
        changes=[change.to_json()],
    )
    election.candidate = person
    if election.meeting:
        proposal.state = Proposal.State.IN_MEETING
        proposal.meeting = election.meeting
        proposal.facilitator = election.facilitator
        proposal.proposed_at = timezone.now()
        proposal.save()
    else:
        try:
            with transaction.atomic():
                proposal.save()
                open_round(proposal, actor=proposer)
        except Refused as refusal:
            # It is not the candidate that stands in the way: there is no seat to elect anybody to any more
            without_result(election, actor=actor, reason=refusal.message)
            return
    # What closes this step is the proposal's own time limit, and its own job
    go_to(election, State.PROPOSED)
    if proposal.due_at is not None:
        election.due_at = proposal.due_at
        election.save(update_fields=["due_at"])
    write_down(
        election,
        "candidate_proposed",
        actor=actor,
        person=person.pk,
        candidate=person.name,
        proposal=proposal.pk,
    )


def _proposer(election: Election, structure: Structure, actor: Person | None) -> Person | None:
    if actor is not None:
        return actor
    acting = facilitators(election, structure)
    if election.facilitator is not None and (election.meeting or election.facilitator_id in acting):
        return election.facilitator
    return Person.objects.filter(pk__in=acting).order_by("name", "pk").first()


def break_tie(election: Election, *, actor: Person, way: str, seen: int | None = None) -> Election:
    """Resolve a tie in one of the four ways, where it applies (§5.3.5e): ``self``, ``holder``, ``random``, ``again``.

    ``random`` picks blindly, and who was tied and who was picked is put down; ``again`` asks those who nominated
    somebody else to choose among the tied. The acting facilitator does.
    Raises NotAllowed, RuleBroken §5.3.5 where the way does not apply, Refused, Conflict (``seen``).
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        require_state(locked, State.TIED)
        discard_ineligible(locked, structure)
        people = leading(locked)
        if len(people) < 2:
            # Somebody tied may not be elected any more: it is no tie now
            propose_next(locked, structure, actor=actor)
            return locked
        ways = {w.way: w for w in tie_ways(locked, structure)}
        for refusal in rules.tie_way_5_3_5e(way, ways):
            raise refusal
        picked = ways[way].person
        if way == TieBreak.RANDOM:
            picked = secrets.choice(people)
        _put_down_tie(locked, people, way, picked, [p.pk for p in ways[way].asks], actor)
        if picked is None:
            ask_for_changes(locked, structure)
        else:
            propose(locked, picked, structure, actor=actor)
    return locked


def _put_down_tie(
    election: Election,
    people: Sequence[Person],
    way: str,
    picked: Person | None,
    asks: list[str],
    actor: Person,
) -> None:
    resolved: dict[str, Any] = {
        "tied": [p.pk for p in people],
        "way": str(way),
        "picked": picked.pk if picked else None,
        "asked": asks,
        "by": actor.pk,
        "at": timezone.now().isoformat(),
    }
    election.ties = [*election.ties, resolved]
    election.save(update_fields=["ties"])
    write_down(
        election,
        "tie_resolved",
        actor=actor,
        people=resolved["tied"],
        names=", ".join(p.name for p in people),
        way=str(way),
        person=resolved["picked"],
        picked=picked.name if picked else "",
    )


# -- when somebody is not elected --------------------------------------------------------------------------------


def discard_candidate(election: Election, *, actor: Person, reason: str, seen: int | None = None) -> Election:
    """Discard the candidate after an objection, and propose the next (§5.3.5f). The acting facilitator does.

    Nominations for them are ignored from then on. The other way is to let the objection be integrated.
    Raises NotAllowed, RuleBroken §5.3.5 while no objection stands, Refused, Conflict (``seen``), Malformed.
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        structure = Structure.of(locked.organization_id)
        require_facilitator(locked, actor, structure)
        proposal = _open_proposal(locked)
        standing = proposal.objections.filter(state__in=Objection.STANDING)
        for refusal in rules.discards_after_objection_5_3_5f(standing.exists()):
            raise refusal
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True, required=True)
        _let_go(locked, proposal, structure, actor=actor, reason=words, declined=False)
    return locked


def decline(election: Election, *, actor: Person, reason: str = "", seen: int | None = None) -> Election:
    """Decline to be elected, as the candidate who is proposed; the next is proposed.

    Raises NotAllowed, Refused, Conflict (``seen``), Malformed.
    """
    with transaction.atomic():
        locked = lock(election, seen=seen)
        proposal = _open_proposal(locked)
        if locked.candidate_id != actor.pk:
            raise NotAllowed(_("Only the candidate who is proposed can decline."))
        words = clean(reason, "reason", most=REASON_LENGTH, multiline=True)
        structure = Structure.of(locked.organization_id)
        _let_go(locked, proposal, structure, actor=actor, reason=words, declined=True)
    return locked


def _open_proposal(election: Election) -> Proposal:
    require_state(election, State.PROPOSED)
    found = proposal_of(election)
    proposal = (
        Proposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk) if found else None
    )
    if proposal is None or proposal.state not in (
        Proposal.State.PROPOSED,
        Proposal.State.OBJECTED,
        Proposal.State.IN_MEETING,
    ):
        raise Refused(_("This is being decided just now."))
    return proposal


def _let_go(
    election: Election,
    proposal: Proposal,
    structure: Structure,
    *,
    actor: Person | None,
    reason: str,
    declined: bool,
) -> None:
    close_proposal(proposal, Proposal.State.DISCARDED, actor=actor, reason=reason)
    if election.candidate is not None:
        _discard(election, election.candidate, actor=actor, reason=reason, declined=declined)
    propose_next(election, structure, actor=None if declined else actor)


def _discard(
    election: Election, person: Person, *, actor: Person | None, reason: str, declined: bool = False
) -> None:
    Discarded.objects.get_or_create(
        election=election,
        person=person,
        defaults={"organization": election.organization, "reason": reason, "declined": declined},
    )
    write_down(
        election,
        "candidate_declined" if declined else "candidate_discarded",
        actor=actor,
        person=person.pk,
        candidate=person.name,
        reason=reason[:400],
    )
