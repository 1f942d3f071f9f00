"""What the proposer does: draft, propose, amend, withdraw (§5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import Structure
from governance.actions.proposals.common import State, end, let_settle, lock, require_proposer, tell
from governance.actions.proposals.limits import begin_limit, follow_limit
from governance.actions.proposals.of_elections import require_no_election
from governance.actions.proposals.roll import refresh_roll
from governance.actions.proposals.texts import examine, read_text, write_text
from governance.models import Amendment, Objection, Proposal, Response
from governance.representation import may_represent
from governance.rules.consent import tested_first_5_3_4
from journal.actions import record
from people.models import Person
from people.refusals import Refused
from tensions.models import Tension


def start_draft(circle: Role, *, actor: Person, from_tension: Tension | None = None, **text: Any) -> Proposal:
    """Begin a draft in a circle, from a tension of one's own if there is one, and return it.

    ``text`` takes the fields of ``read_text``. Anybody may draft; proposing is for circle members (§5.3). Where
    no role is named, the tension's is taken if one speaks for it in the circle, or the only one there is.
    Raises Malformed, and Refused where the circle has been removed or is no circle.
    """
    if not circle.present or circle.is_constitutional:
        raise Refused(_("Choose the circle whose governance should change."), field="circle")
    fields = read_text(text)
    if from_tension is not None:
        fields.setdefault("tension", from_tension.text)
    if not fields.get("role_id"):
        represented = may_represent(Structure.of(circle.organization_id), circle.pk, actor.pk)
        if from_tension is not None and from_tension.role_id in represented:
            fields["role_id"] = from_tension.role_id
        elif len(represented) == 1:
            fields["role_id"] = next(iter(represented))
    proposal = Proposal(
        organization=circle.organization, circle=circle, proposer=actor, from_tension=from_tension, **fields
    )
    proposal.save()
    return proposal


def save_draft(
    proposal: Proposal, data: Mapping[str, Any], *, actor: Person, text_version: int | None
) -> Proposal:
    """Save a draft's text (``read_text``). Only its proposer does, and only while it is a draft or came back.

    Raises NotAllowed, Refused (no draft any more), Conflict (another tab saved meanwhile), Malformed.
    """
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_proposer(locked, actor)
        if locked.state not in (State.DRAFT, State.ESCALATED, State.WITHDRAWN, State.CONFLICT):
            raise Refused(_("This has been proposed. Amend it there: everybody is asked again."))
        write_text(locked, data, text_version=text_version, actor=actor)
    return locked


def discard_draft(proposal: Proposal, *, actor: Person) -> None:
    """Throw a draft away; a tension it came from goes back to the inbox."""
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_proposer(locked, actor)
        if locked.state != State.DRAFT:
            raise Refused(_("Only a draft can be discarded. Withdraw the proposal instead."))
        locked.delete()


def propose(proposal: Proposal, *, actor: Person) -> Proposal:
    """Share a proposal in writing with every circle member and ask each for their answer (§5.3, §5.3.1).

    Opens a round: the roll of who must answer, and the time limit if a policy sets one. The worker adopts it
    once everybody has no objection or the limit passes; in a circle of one member, at once.

    Raises NotAllowed, and the first thing that stands in the way (``examine``).
    """
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_proposer(locked, actor)
        if locked.state not in (State.DRAFT, State.ESCALATED, State.WITHDRAWN, State.CONFLICT):
            raise Refused(_("This has been proposed already."))
        open_round(locked, actor=actor)
        record(
            organization=locked.organization,
            kind="governance.proposed",
            actor=actor,
            circle_id=locked.circle_id,
            proposal=locked.pk,
            title=str(locked),
            round=locked.round,
        )
    return locked


def amend(
    proposal: Proposal, data: Mapping[str, Any], *, actor: Person, text_version: int | None
) -> Proposal:
    """Amend a proposal that is being answered; every circle member is asked again (§5.3).

    Answers to the former text count no longer, and objections to it are taken as integrated unless raised again.
    Raises as ``save_draft`` and ``propose``, and RuleBroken §5.3.4 while an objection waits for a test.
    """
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_proposer(locked, actor)
        if locked.state not in (State.PROPOSED, State.OBJECTED):
            raise Refused(_("This is not being answered at the moment."))
        for refusal in tested_first_5_3_4(locked.objections.filter(state__in=Objection.STANDING)):
            raise refusal
        before = locked.text_version
        write_text(locked, data, text_version=text_version, actor=actor)
        if locked.text_version == before:
            raise Refused(_("Nothing was changed, so nobody is asked again."))
        now = timezone.now()
        locked.objections.filter(state__in=Objection.STANDING).update(
            state=Objection.State.RESOLVED,
            proposer_confirms=True,
            settled_at=now,
            reason=_("The text was amended."),
        )
        Amendment.objects.filter(objection__proposal=locked, state=Amendment.State.OFFERED).update(
            state=Amendment.State.LAPSED, answered_at=now
        )
        open_round(locked, actor=actor)
        record(
            organization=locked.organization,
            kind="governance.amended",
            actor=actor,
            circle_id=locked.circle_id,
            proposal=locked.pk,
            title=str(locked),
            round=locked.round,
        )
    return locked


def open_round(proposal: Proposal, *, actor: Person) -> None:
    """Ask every circle member for their answer to the text as it stands, with the proposal locked (§5.3).

    Raises the first thing that stands in the way (``examine``).
    """
    proposal.beside = None
    _shown, refusals = examine(proposal)
    if refusals:
        raise refusals[0]
    now = timezone.now()
    structure = Structure.of(proposal.organization_id)
    proposal.state = State.PROPOSED
    proposal.round += 1
    proposal.proposed_at = now
    proposal.meeting = ""
    proposal.settled_reason = proposal.settled_ground = ""
    begin_limit(proposal, structure, now=now)
    proposal.save()
    refresh_roll(proposal, structure)
    if proposal.election_id is None:
        # Proposing is confirming: who proposes has no objection. An election's candidate is nobody's proposal
        Response.objects.filter(proposal=proposal, round=proposal.round, person=actor).update(
            answer=Response.Answer.NO_OBJECTION, answered_at=now, seen_at=now
        )
    let_settle(proposal)
    follow_limit(proposal, structure, now=now)
    tell(proposal, "state")


def withdraw(proposal: Proposal, *, actor: Person) -> Proposal:
    """Withdraw one's proposal; it can be taken up again."""
    with transaction.atomic():
        locked = lock(proposal)
        require_no_election(locked)
        require_proposer(locked, actor)
        if locked.state not in (State.PROPOSED, State.OBJECTED, State.CONFLICT, State.ESCALATED):
            raise Refused(_("There is nothing to withdraw."))
        end(locked, State.WITHDRAWN, actor=actor, kind="governance.withdrawn", reason="")
    return locked
