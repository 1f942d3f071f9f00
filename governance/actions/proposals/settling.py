"""What follows by itself: the worker adopts what is free of objections (§5.3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions.proposals.common import State, authority_of, end, let_settle, lock, tell
from governance.actions.proposals.limits import keep_time
from governance.actions.proposals.of_elections import (
    elected,
    leave_out_silent,
    lock_election,
    not_elected,
    who_is_asked,
)
from governance.actions.proposals.roll import refresh_roll
from governance.changes import parse_changes
from governance.enactment import enact, lock_record
from governance.models import Objection, Proposal, Response
from journal.actions import queue_job, record
from people.refusals import Refused
from tensions.models import Tension


def adopt_when_free(proposal: Proposal) -> None:
    """Have the worker adopt a proposal that a meeting has found free of objections (§5.4.5e).

    Called in the meeting's transaction with the proposal locked. Raises Refused while an objection stands.
    """
    if proposal.objections.filter(state__in=Objection.STANDING).exists():
        raise Refused(_("An objection stands. Integrate it first."))
    proposal.state = State.ADOPTING
    proposal.save(update_fields=["state"])
    let_settle(proposal)
    tell(proposal, "state")


def settle(proposal_id: str) -> bool:
    """Do the next thing that is due with a proposal, once: adopt it if nothing stands in the way any more.

    Adopts when every circle member has confirmed to have no objection (§5.3), or the time limit is over (it may be
    extended once) and no objection stands, or a meeting has found it free of objections (§5.4.5e). What conflicts
    with the structure as it is now goes back to its proposer. Returns whether it was adopted. Safe to run twice or
    late.
    """
    with transaction.atomic():
        proposal = Proposal.objects.select_related("organization").filter(pk=proposal_id).first()
        if proposal is None:
            return False
        lock_record(proposal.organization)
        lock_election(proposal)
        proposal = lock(proposal)
        if proposal.state in (State.PROPOSED, State.OBJECTED):
            structure = Structure.of(proposal.organization_id)
            if not proposal.limit.get("over"):
                refresh_roll(proposal, structure)
                keep_time(proposal, structure)
            leave_out_silent(proposal)
            standing = proposal.objections.filter(state__in=Objection.STANDING).exists()
            state = State.OBJECTED if standing else State.PROPOSED
            if proposal.state != state:
                proposal.state = state
                proposal.save(update_fields=["state"])
                tell(proposal, "state")
            if standing or not _everybody_confirmed(proposal, structure):
                return False
        elif proposal.state != State.ADOPTING:
            return False
        return _adopt(proposal)


def _everybody_confirmed(proposal: Proposal, structure: Structure) -> bool:
    if proposal.limit.get("over"):
        return True
    confirmed = set(
        proposal.responses.filter(
            round=proposal.round, answer=Response.Answer.NO_OBJECTION, text_version=proposal.text_version
        ).values_list("person_id", flat=True)
    )
    members = who_is_asked(proposal, structure)
    return bool(members) and members <= confirmed


def _adopt(proposal: Proposal) -> bool:
    try:
        enacted = enact(
            proposal.organization, parse_changes(proposal.changes), authority=authority_of(proposal)
        )
    except Refused as refusal:
        end(proposal, State.CONFLICT, actor=None, kind="governance.conflicted", reason=str(refusal))
        not_elected(proposal)
        return False
    proposal.state = State.ADOPTED
    proposal.decision = enacted.decision
    proposal.settled_at = timezone.now()
    proposal.save(update_fields=["state", "decision", "settled_at"])
    elected(proposal, enacted.decision)
    if proposal.from_tension_id is not None:
        Tension.objects.filter(pk=proposal.from_tension_id, state=Tension.State.OPEN).update(
            state=Tension.State.PROCESSED,
            outcome=_("Adopted: %(title)s") % {"title": proposal},
            settled_at=timezone.now(),
        )
    record(
        organization=proposal.organization,
        kind="governance.adopted",
        actor=None,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        decision=enacted.decision.pk if enacted.decision else "",
    )
    if proposal.meeting:
        queue_job(
            "meetings.proposal_settled", proposal.meeting, proposal.pk, organization=proposal.organization
        )
    tell(proposal, "state")
    return True
