"""What the facilitator does with a whole proposal: discard it, or deem it dropped (§5.3.1, §5.3.4)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.actions.proposals.common import State, end, lock, require_facilitator
from governance.actions.proposals.of_elections import require_no_election
from governance.breakdown import in_breakdown
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Amendment, Objection, Proposal
from governance.rules.consent import (
    DISCARD_GROUNDS,
    DROP_GROUNDS,
    WEAK,
    drop_5_3_4,
    judges_arguments_5_3_3,
)
from people.models import Person
from people.refusals import Malformed, Refused


def discard(proposal: Proposal, *, actor: Person, reason: str, ground: str = "") -> Proposal:
    """Let the facilitator discard a proposal that lacks what §5.3.1 asks for, with the reason.

    ``ground`` names the line it lacks ("5.3.1a"); "5.5.2a" says that its arguments do not hold, which the facilitator
    judges in a process breakdown alone. Raises NotAllowed, Malformed, RuleBroken §5.3.3, Refused where it is settled.
    """
    if ground and ground not in (*DISCARD_GROUNDS, WEAK):
        raise Malformed(_("Choose what the proposal lacks."), field="ground")
    if ground == WEAK:
        for refusal in judges_arguments_5_3_3(False, in_breakdown(proposal.circle_id) is not None):
            raise refusal
    return _facilitator_ends(
        proposal, State.DISCARDED, "governance.discarded", actor=actor, reason=reason, ground=ground
    )


def drop(proposal: Proposal, *, actor: Person, reason: str, ground: str = "") -> Proposal:
    """Let the facilitator deem a proposal dropped, with the reason and the line of §5.3.4 that gives it.

    ``ground`` is "5.3.4c" (questions are not answered in good faith) or "5.3.4d" (no argument against an amended
    proposal); a meeting, whose steps say when it may be dropped, may leave it to the words.
    Raises NotAllowed, Malformed, RuleBroken §5.3.4 (another reason; no objection is being resolved), Refused.
    """
    return _facilitator_ends(
        proposal, State.DROPPED, "governance.dropped", actor=actor, reason=reason, ground=ground
    )


def _facilitator_ends(
    proposal: Proposal, state: str, kind: str, *, actor: Person, reason: str, ground: str
) -> Proposal:
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_facilitator(locked, actor)
        if not locked.is_open:
            raise Refused(_("This is settled already."))
        if state == State.DROPPED and locked.state == State.IN_MEETING:
            # What was suggested and argued there was said, not written
            if ground and ground not in DROP_GROUNDS:
                raise Malformed(_("Choose why it is dropped."), field="ground")
        elif state == State.DROPPED:
            standing = list(locked.objections.filter(state__in=Objection.STANDING))
            asked = Amendment.objects.filter(
                objection__in=standing, state__in=[Amendment.State.OFFERED, Amendment.State.ARGUED]
            )
            for refusal in drop_5_3_4(ground, standing, asked):
                raise refusal
        words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
        locked.settled_ground = ground
        end(locked, state, actor=actor, kind=kind, reason=words)
    return locked
