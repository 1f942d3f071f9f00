"""What every step of a proposal begins and ends with."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR
from circles.structure import Structure
from governance import authority as by
from governance.authority import Authority
from governance.facilitation import acting
from governance.models import Proposal
from journal.actions import announce, queue_job, record
from journal.topics import topic_name
from people.models import Person
from people.refusals import NotAllowed

State = Proposal.State
TEXTS = ("tension", "example", "how_helped")


def lock(proposal: Proposal) -> Proposal:
    """Return the proposal as it stands, locked until the transaction ends."""
    locked = Proposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=proposal.pk)
    locked.organization = proposal.organization
    return locked


def tell(proposal: Proposal, fragment: str) -> None:
    """Tell whoever has this proposal open that ``fragment`` of it changed."""
    announce(organization=proposal.organization, topic=topic_name("proposal", proposal.pk), fragment=fragment)
    if proposal.election_id is not None:
        election = topic_name("election", proposal.election_id)
        announce(organization=proposal.organization, topic=election, fragment=fragment)


def authority_of(proposal: Proposal) -> Authority:
    """Return the authority that a proposal's changes are carried by (§5.3, §5.3.5), with its texts."""
    texts = {name: getattr(proposal, name) for name in TEXTS if getattr(proposal, name)}
    return Authority(
        by.ELECTION if proposal.election_id is not None else by.PROPOSAL,
        actor=proposal.proposer_id,
        circle=proposal.circle_id,
        proposal=proposal.pk,
        meeting=proposal.meeting or None,
        texts=texts,
    )


def require_proposer(proposal: Proposal, actor: Person) -> None:
    """Raise NotAllowed unless ``actor`` is who proposes it."""
    if proposal.proposer_id != actor.pk:
        raise NotAllowed(_("Only the proposer can do this."))


def require_facilitator(proposal: Proposal, actor: Person) -> None:
    """Raise NotAllowed unless ``actor`` acts as facilitator: of the meeting the proposal is in, else of its
    circle (§5.1.2, §5.3.6)."""
    if proposal.state == State.IN_MEETING:
        people: Collection[str | None] = {proposal.facilitator_id}
    else:
        people = acting(Structure.of(proposal.organization_id), proposal.circle_id, FACILITATOR).people
    if actor.pk not in people:
        raise NotAllowed(_("The acting facilitator does this."))


def let_settle(proposal: Proposal) -> None:
    """Have the worker look whether the proposal is free to be adopted now."""
    queue_job(
        "governance.settle_proposal",
        proposal.pk,
        organization=proposal.organization,
        key=f"settle:{proposal.pk}",
    )


def end(proposal: Proposal, state: str, *, actor: Person | None, kind: str, reason: str) -> None:
    """Let a proposal end in ``state``, in a transaction with it locked, and tell the meeting it was in, if any."""
    proposal.state = state
    proposal.settled_at = timezone.now()
    proposal.settled_by = actor
    proposal.settled_reason = reason
    proposal.due_at = None
    proposal.save()
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        reason=reason[:400],
    )
    if proposal.meeting:
        queue_job(
            "meetings.proposal_settled", proposal.meeting, proposal.pk, organization=proposal.organization
        )
    tell(proposal, "state")
