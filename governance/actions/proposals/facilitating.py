"""What the facilitator does with a whole proposal: discard it, or deem it dropped (§5.3.1, §5.3.4)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from governance.actions.proposals.common import State, end, lock, require_facilitator
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Proposal
from people.models import Person
from people.refusals import Refused


def discard(proposal: Proposal, *, actor: Person, reason: str) -> Proposal:
    """Let the facilitator discard a proposal that lacks what §5.3.1 asks for, with the reason."""
    return _facilitator_ends(proposal, State.DISCARDED, "governance.discarded", actor=actor, reason=reason)


def drop(proposal: Proposal, *, actor: Person, reason: str) -> Proposal:
    """Let the facilitator deem a proposal dropped, with a reason among those §5.3.4 gives."""
    return _facilitator_ends(proposal, State.DROPPED, "governance.dropped", actor=actor, reason=reason)


def _facilitator_ends(proposal: Proposal, state: str, kind: str, *, actor: Person, reason: str) -> Proposal:
    with transaction.atomic():
        locked = lock(proposal)
        require_facilitator(locked, actor)
        words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
        if not locked.is_open:
            raise Refused(_("This is settled already."))
        end(locked, state, actor=actor, kind=kind, reason=words)
    return locked
