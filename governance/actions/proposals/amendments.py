"""An amended proposal that an objector puts beside the proposer's, and what the proposer says to it (§5.3.4d)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.actions.proposals.common import State, authority_of, lock, require_proposer, tell
from governance.actions.proposals.objections import lock_objection, require_standing
from governance.actions.proposals.of_elections import require_no_election
from governance.actions.proposals.proposing import amend
from governance.changes import parse_changes
from governance.changes.base import clean
from governance.enactment import try_changes
from governance.models import TEXT_LENGTH, Amendment, Objection, Proposal
from governance.rules.consent import amended_proposal_5_3_4
from journal.actions import record
from people.models import Person
from people.refusals import NotAllowed, Refused


def draft_amendment(objection: Objection, *, actor: Person) -> Proposal:
    """Begin, or find again, the draft of an amended proposal that is to resolve one's objection (§5.3.4d).

    It begins with the proposer's changes and is edited like any draft; ``offer_amendment`` puts it beside them.
    Raises NotAllowed, Refused where the objection stands no longer.
    """
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        if objection.objector_id != actor.pk:
            raise NotAllowed(_("The objector suggests an amended proposal. Tell them what you have in mind."))
        require_standing(objection)
        require_no_election(proposal)
        draft = Proposal.objects.filter(beside=objection, proposer=actor, state=State.DRAFT).first()
        if draft is None:
            draft = Proposal.objects.create(
                organization=proposal.organization,
                circle_id=proposal.circle_id,
                proposer=actor,
                role_id=objection.role_id,
                title=proposal.title,
                tension=proposal.tension,
                example=proposal.example,
                changes=proposal.changes,
                beside=objection,
            )
    return draft


def offer_amendment(draft: Proposal, *, actor: Person) -> Amendment:
    """Put an amended proposal beside the proposer's, and return it.

    What the draft says in ``how_helped`` is why it should resolve the proposer's tension. The draft is used up by
    it; what was offered for the objection before is overtaken. The proposer then accepts it or argues.
    Raises NotAllowed, RuleBroken §5.3.4 (no reason), Refused (the objection stands no longer; nothing differs from
    the proposal), and what stands in the way of its changes.
    """
    with transaction.atomic():
        if draft.beside is None:
            raise Refused(_("This draft belongs to no objection. Propose it by itself."))
        proposal, objection = lock_objection(draft.beside)
        draft = lock(draft)
        require_proposer(draft, actor)
        if proposal.state not in (State.PROPOSED, State.OBJECTED):
            raise Refused(_("The proposal is not being answered at the moment."))
        require_standing(objection)
        for refusal in amended_proposal_5_3_4(draft.how_helped):
            raise refusal
        if draft.changes == proposal.changes:
            raise Refused(
                _("These are the proposer’s own changes. Change what would resolve your objection."),
                field="changes",
            )
        if not draft.changes:
            raise Refused(_("Add at least one change: what should be different?"), field="changes")
        tried = try_changes(
            Structure.of(proposal.organization_id), parse_changes(draft.changes), authority_of(proposal)
        )
        for _number, obstacle in tried.refusals:
            raise obstacle
        now = timezone.now()
        objection.amendments.filter(state=Amendment.State.OFFERED).update(
            state=Amendment.State.LAPSED, answered_at=now
        )
        amendment = Amendment.objects.create(
            organization=proposal.organization,
            objection=objection,
            text_version=proposal.text_version,
            changes=draft.changes,
            reason=draft.how_helped,
        )
        draft.delete()
        _record(proposal, amendment, "governance.amendment_offered", actor)
    return amendment


def take_back_amendment(amendment: Amendment, *, actor: Person) -> None:
    """Take back the amended proposal one has put beside another's. Raises NotAllowed, Refused."""
    with transaction.atomic():
        proposal, objection, amendment = _lock_amendment(amendment)
        if objection.objector_id != actor.pk:
            raise NotAllowed(_("Only the objector can take it back."))
        _settle(proposal, amendment, Amendment.State.WITHDRAWN, "governance.amendment_withdrawn", actor)


def accept_amendment(amendment: Amendment, *, actor: Person) -> Proposal:
    """Take over an amended proposal, as the proposer: the text is amended and everybody is asked again (§5.3).

    Raises NotAllowed, and as ``amend``: also RuleBroken §5.3.4 while an objection waits for a test.
    """
    with transaction.atomic():
        proposal, _objection, amendment = _lock_amendment(amendment)
        require_proposer(proposal, actor)
        amendment.state, amendment.answered_at = Amendment.State.ACCEPTED, timezone.now()
        amendment.save(update_fields=["state", "answered_at"])
        return amend(
            proposal, {"changes": amendment.changes}, actor=actor, text_version=proposal.text_version
        )


def argue_against(amendment: Amendment, *, actor: Person, argument: str, example: str = "") -> Amendment:
    """Argue, as the proposer, why an amended proposal would fail to resolve the tension in one of the examples
    (§5.3.4d); ``example`` may add a further one that shows it. Raises NotAllowed, Malformed, Refused."""
    with transaction.atomic():
        proposal, _objection, amendment = _lock_amendment(amendment)
        require_proposer(proposal, actor)
        amendment.argument = clean(argument, "argument", most=TEXT_LENGTH, multiline=True, required=True)
        amendment.example = clean(example, "example", most=TEXT_LENGTH, multiline=True)
        amendment.save(update_fields=["argument", "example"])
        _settle(proposal, amendment, Amendment.State.ARGUED, "governance.amendment_argued", actor)
    return amendment


def _lock_amendment(amendment: Amendment) -> tuple[Proposal, Objection, Amendment]:
    proposal, objection = lock_objection(amendment.objection)
    found = Amendment.objects.get(pk=amendment.pk)
    found.objection = objection
    if found.state != Amendment.State.OFFERED or not objection.is_standing:
        raise Refused(_("This amended proposal is settled already."))
    return proposal, objection, found


def _settle(proposal: Proposal, amendment: Amendment, state: str, kind: str, actor: Person) -> None:
    amendment.state, amendment.answered_at = state, timezone.now()
    amendment.save(update_fields=["state", "answered_at"])
    _record(proposal, amendment, kind, actor)


def _record(proposal: Proposal, amendment: Amendment, kind: str, actor: Person) -> None:
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        objection=amendment.objection_id,
        amendment=amendment.pk,
    )
    tell(proposal, "objections")
