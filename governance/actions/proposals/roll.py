"""The roll of a round: who is asked, who has seen the text, and what they answered (§5.3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions.proposals.common import State, let_settle, tell
from governance.actions.proposals.limits import keep_time
from governance.actions.proposals.of_elections import left_out, who_is_asked
from governance.models import Proposal, Response
from governance.rules import elections as election_rules
from governance.rules import structure as rules
from journal.actions import queue_job
from people.models import Person
from people.refusals import Conflict, Refused, RuleBroken


def refresh_roll(proposal: Proposal, structure: Structure) -> None:
    """Let the roll of the open round follow membership: newcomers are asked, leavers who said nothing drop off."""
    members = who_is_asked(proposal, structure)
    rows = {r.person_id: r for r in proposal.responses.filter(round=proposal.round)}
    left = [r.pk for p, r in rows.items() if p not in members and not r.answer]
    if left:
        proposal.responses.filter(pk__in=left).delete()
    new = [
        Response(
            organization=proposal.organization,
            proposal=proposal,
            person_id=person,
            round=proposal.round,
            text_version=proposal.text_version,
        )
        for person in sorted(members - rows.keys())
    ]
    if new:
        Response.objects.bulk_create(new, ignore_conflicts=True)
    for response in new:
        if response.person_id != proposal.proposer_id or proposal.election_id is not None:
            queue_job("governance.mail_asked", response.pk, organization=proposal.organization)
    if new or left:
        tell(proposal, "roll")


def mark_seen(proposal: Proposal, *, actor: Person) -> None:
    """Note that somebody who is asked has seen the text; who has seen it is shown to everybody."""
    unseen = Response.objects.filter(proposal=proposal, round=proposal.round, person=actor, seen_at=None)
    with transaction.atomic():
        if unseen.update(seen_at=timezone.now()):
            tell(proposal, "roll")


def own_response(proposal: Proposal, actor: Person, text_version: int) -> Response:
    """Return somebody's line of the open round, to be answered now, with the proposal locked.

    Raises Refused (not being answered), RuleBroken §5.3 (too late; no circle member), Conflict (another text).
    """
    if proposal.state not in (State.PROPOSED, State.OBJECTED):
        raise Refused(_("This is not being answered at the moment."))
    structure = Structure.of(proposal.organization_id)
    keep_time(proposal, structure)
    for refusal in rules.answers_in_time_5_3(proposal.due_at, timezone.now()):
        raise refusal
    for refusal in election_rules.left_out_5_3_5(left_out(proposal), actor.pk):
        raise refusal
    response = proposal.responses.filter(round=proposal.round, person=actor).first()
    if response is None or actor.pk not in structure.members(proposal.circle_id):
        raise RuleBroken("5.3", _("Only circle members are asked."))
    if text_version != proposal.text_version:
        raise Conflict(_("The text has been amended since you read it. Read it again, then answer."))
    return response


def give_answer(proposal: Proposal, response: Response, given: str) -> None:
    """Write down somebody's answer to the text as it stands."""
    response.answer = given
    response.text_version = proposal.text_version
    response.answered_at = timezone.now()
    response.seen_at = response.seen_at or response.answered_at
    response.save(update_fields=["answer", "text_version", "answered_at", "seen_at"])
    let_settle(proposal)
    tell(proposal, "roll")
