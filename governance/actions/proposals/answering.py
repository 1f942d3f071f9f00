"""What circle members answer: no objection, or let us meet (§5.3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.effects import ASYNC_GOES_ON
from circles.structure import Structure
from governance.actions.proposals.common import State, end, lock, tell
from governance.actions.proposals.limits import keep_time
from governance.actions.proposals.of_elections import require_no_election
from governance.actions.proposals.roll import give_answer, own_response
from governance.models import Objection, Proposal, Response
from governance.rules import structure as rules
from journal.actions import record
from people.models import Person
from people.refusals import Refused, RuleBroken


def answer(proposal: Proposal, *, actor: Person, text_version: int) -> Response:
    """Confirm that one has no objection to the text of ``text_version`` (§5.3).

    Raises RuleBroken (§5.3: no circle member, or too late), Conflict (the text was amended since it was read),
    Refused (not being answered).
    """
    with transaction.atomic():
        locked = lock(proposal)
        response = own_response(locked, actor, text_version)
        if locked.objections.filter(objector=actor, state__in=Objection.STANDING).exists():
            raise Refused(_("You have objected. Withdraw your objection if you no longer see one."))
        if response.answer == Response.Answer.NO_OBJECTION and response.text_version == locked.text_version:
            return response  # the same said twice
        give_answer(locked, response, Response.Answer.NO_OBJECTION)
        record(
            organization=locked.organization,
            kind="governance.answered",
            actor=actor,
            circle_id=locked.circle_id,
            proposal=locked.pk,
            title=str(locked),
        )
    return response


def ask_for_meeting(proposal: Proposal, *, actor: Person) -> Proposal:
    """Ask that a proposal be brought to a meeting instead (§5.3), as any circle member may while it is processed.

    Its asynchronous processing stops and it counts as withdrawn until it is proposed there; everything said stays
    with it. Where a policy lets it go on (ASYNC_GOES_ON), the wish is noted and nothing stops.
    Raises RuleBroken §5.3 (no circle member; the limit is over and nobody objects), Refused (not being answered;
    asked already).
    """
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        if locked.state not in (State.PROPOSED, State.OBJECTED):
            raise Refused(_("This is not being answered at the moment."))
        structure = Structure.of(locked.organization_id)
        if actor.pk not in structure.members(locked.circle_id):
            raise RuleBroken("5.3", _("Only circle members can ask for a meeting."))
        keep_time(locked, structure)
        if not locked.objections.filter(state__in=Objection.STANDING).exists():
            for refusal in rules.answers_in_time_5_3(locked.due_at, timezone.now()):
                raise refusal
        if structure.effect(locked.circle_id, ASYNC_GOES_ON) is not None:
            return _note_wish_to_meet(locked, actor)
        end(locked, State.ESCALATED, actor=actor, kind="governance.escalated", reason="")
    return locked


def _note_wish_to_meet(proposal: Proposal, actor: Person) -> Proposal:
    if proposal.meeting_asked_by_id is not None:
        raise Refused(_("A meeting was asked for already; by policy the answers go on meanwhile."))
    proposal.meeting_asked_by = actor
    proposal.save(update_fields=["meeting_asked_by"])
    record(
        organization=proposal.organization,
        kind="governance.meeting_asked",
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
    )
    tell(proposal, "state")
    return proposal
