"""What differs where a proposal is to elect somebody (§5.3.5f): who is asked, what silence means, what follows."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.models import Decision, Election, Excluded, Proposal
from journal.actions import announce, queue_job, record
from journal.topics import topic_name
from people.models import Organization
from people.refusals import RuleBroken


def require_no_election(proposal: Proposal) -> None:
    """Refuse what may be done with any proposal but that of an election's candidate."""
    if proposal.election_id is not None:
        raise RuleBroken(
            "5.3.5",
            _("This is the candidate of an election. What can be done about it is on the election’s page."),
        )


def lock_election(proposal: Proposal) -> None:
    """Lock the election a proposal belongs to, if any: before the proposal, as everywhere."""
    if proposal.election_id is not None:
        Election.objects.select_for_update(no_key=True, of=("self",)).get(pk=proposal.election_id)


def left_out(proposal: Proposal) -> set[str]:
    """Return who let a time limit of the election pass: they are not asked any more (§5.3.5)."""
    if proposal.election_id is None:
        return set()
    return set(Excluded.objects.filter(election=proposal.election_id).values_list("person_id", flat=True))


def who_is_asked(proposal: Proposal, structure: Structure) -> set[str]:
    """Return whose answer a proposal needs: every circle member (§5.3), in an election those not left out."""
    return structure.members(proposal.circle_id) - left_out(proposal)


def leave_out_silent(proposal: Proposal) -> None:
    """Once the time limit has passed, leave whoever was silent out of the rest of the election (§5.3.5)."""
    if proposal.election_id is None or not proposal.limit.get("over"):
        return
    lines = proposal.responses.filter(round=proposal.round, answer="")
    silent = set(lines.values_list("person_id", flat=True))
    Excluded.objects.bulk_create(
        (
            Excluded(
                organization=proposal.organization,
                election_id=proposal.election_id,
                person_id=person,
                step=Election.State.PROPOSED,
            )
            for person in sorted(silent)
        ),
        ignore_conflicts=True,
    )


def elected(proposal: Proposal, decision: Decision | None) -> None:
    """Let the election of an adopted proposal be over, in the same transaction."""
    if proposal.election_id is None:
        return
    election = Election.objects.select_related("circle", "candidate").get(pk=proposal.election_id)
    election.state = Election.State.ELECTED
    election.decision = decision
    election.settled_at = election.step_at = timezone.now()
    election.due_at = None
    election.version += 1
    election.save()
    _write_down(election, proposal.organization)
    if election.candidate_id is not None:
        queue_job(
            "governance.mail_election",
            election.pk,
            election.candidate_id,
            "elected",
            organization=proposal.organization,
        )
    announce(organization=proposal.organization, topic=topic_name("election", election.pk), fragment="state")


def _write_down(election: Election, organization: Organization) -> None:
    record(
        organization=organization,
        kind="governance.elected",
        actor=None,
        circle_id=election.circle_id,
        election=election.pk,
        title=str(election),
        person=election.candidate_id,
        candidate=election.candidate.name if election.candidate else "",
        role=election.seat_name,
        term_ends=election.term_ends.isoformat() if election.term_ends else "",
    )


def not_elected(proposal: Proposal) -> None:
    """Where the candidate could not be elected as things stand, have the election go on to the next."""
    if proposal.election_id is not None:
        queue_job(
            "governance.step_election",
            proposal.election_id,
            organization=proposal.organization,
            key=f"election:{proposal.election_id}",
        )
