"""Objections: raised, tested, withdrawn, dropped (§5.3.2–5.3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance import rules
from governance.actions.proposals.common import State, let_settle, lock, require_facilitator, tell
from governance.actions.proposals.roll import give_answer, own_response
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Objection, Proposal, Response
from journal.actions import record
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken


def object_to(
    proposal: Proposal,
    *,
    actor: Person,
    text_version: int,
    role: str | None,
    concern: str,
    criteria: Mapping[str, str],
    rule: str = "",
) -> Objection:
    """Object to a proposal, with an argument for each criterion or the rule it would violate (§5.3.2).

    ``criteria`` maps a, b, c and d to the argument. Raises as ``answer``, and RuleBroken §5.3.2 where an
    argument is missing: a concern without them does not count.
    """
    with transaction.atomic():
        locked = lock(proposal)
        response = own_response(locked, actor, text_version)
        structure = Structure.of(locked.organization_id)
        texts = {
            c: clean(criteria.get(c), f"criterion_{c}", most=TEXT_LENGTH, multiline=True)
            for c in rules.CRITERIA
        }
        words = clean(concern, "concern", most=TEXT_LENGTH, multiline=True, required=True)
        for refusal in (
            *rules.proposer_5_3(structure, locked.circle_id, actor.pk, role),
            *rules.objection_requirements_5_3_2(texts, rule),
        ):
            raise refusal
        if locked.objections.filter(
            objector=actor, state__in=Objection.STANDING, round=locked.round
        ).exists():
            raise Refused(_("You have objected already; your objection stands."))
        objection = Objection.objects.create(
            organization=locked.organization,
            proposal=locked,
            objector=actor,
            role_id=role,
            round=locked.round,
            text_version=locked.text_version,
            concern=words,
            rule=clean(rule, "rule", most=200),
            criteria={c: {"argument": t, "given": None} for c, t in texts.items()},
        )
        give_answer(locked, response, Response.Answer.OBJECTION)
        locked.state = State.OBJECTED
        locked.save(update_fields=["state"])
        tell(locked, "state")
        tell(locked, "objections")
        record(
            organization=locked.organization,
            kind="governance.objected",
            actor=actor,
            circle_id=locked.circle_id,
            proposal=locked.pk,
            title=str(locked),
            objection=objection.pk,
        )
    return objection


def withdraw_objection(objection: Objection, *, actor: Person) -> Objection:
    """Withdraw one's objection: one sees none any more. Raises NotAllowed, Refused where it stands no longer."""
    with transaction.atomic():
        proposal = lock(objection.proposal)
        objection = Objection.objects.get(pk=objection.pk)
        if objection.objector_id != actor.pk:
            raise NotAllowed(_("Only the objector can withdraw an objection."))
        settle_objection(
            proposal, objection, Objection.State.WITHDRAWN, actor=actor, kind="governance.objection_withdrawn"
        )
    return objection


def ask_for_test(objection: Objection, *, actor: Person) -> Objection:
    """Ask that an objection be tested; then it must be before the proposal goes on (§5.3.4a)."""
    with transaction.atomic():
        proposal = lock(objection.proposal)
        objection = Objection.objects.get(pk=objection.pk)
        if actor.pk not in Structure.of(proposal.organization_id).members(proposal.circle_id):
            raise RuleBroken("5.3.4", _("Only circle members can ask for a test."))
        if objection.state not in Objection.STANDING:
            raise Refused(_("This objection is settled already."))
        objection.test_asked_by = actor
        objection.state = Objection.State.RAISED
        # A test begins anew: the arguments stay, whether they were given is judged again
        objection.criteria = {c: {**entry, "given": None} for c, entry in objection.criteria.items()}
        objection.save(update_fields=["test_asked_by", "state", "criteria"])
        tell(proposal, "objections")
    return objection


def test_criterion(
    objection: Objection, criterion: str, *, actor: Person, given: bool, argument: str | None = None
) -> Objection:
    """Record whether an argument was given for one criterion: not whether it is right (§5.3.3).

    ``argument`` replaces the captured words where the facilitator heard better ones. When one criterion has no
    argument the concern is no objection and is discarded (§5.3.4a); with all four given it is one (§5.3.2).
    """
    if criterion not in rules.CRITERIA:
        raise Refused(_("There are four criteria: a, b, c and d."))
    with transaction.atomic():
        proposal = lock(objection.proposal)
        require_facilitator(proposal, actor)
        objection = Objection.objects.get(pk=objection.pk)
        if objection.state not in Objection.STANDING:
            raise Refused(_("This objection is settled already."))
        entry = dict(objection.criteria.get(criterion) or {"argument": ""})
        if argument is not None:
            entry["argument"] = clean(argument, f"criterion_{criterion}", most=TEXT_LENGTH, multiline=True)
        entry["given"] = given
        objection.criteria = {**objection.criteria, criterion: entry}
        objection.save(update_fields=["criteria"])
        verdicts = [(objection.criteria.get(c) or {}).get("given") for c in rules.CRITERIA]
        if False in verdicts and not objection.rule:
            settle_objection(
                proposal,
                objection,
                Objection.State.NOT_VALID,
                actor=actor,
                kind="governance.objection_not_valid",
            )
        elif all(verdicts):
            objection.state = Objection.State.VALID
            objection.save(update_fields=["state"])
            tell(proposal, "objections")
        else:
            tell(proposal, "objections")
    return objection


def drop_objection(objection: Objection, *, actor: Person, reason: str) -> Objection:
    """Let the facilitator drop an objection as abandoned, with the reason (§5.3.4b)."""
    with transaction.atomic():
        proposal = lock(objection.proposal)
        require_facilitator(proposal, actor)
        objection = Objection.objects.get(pk=objection.pk)
        objection.reason = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
        objection.save(update_fields=["reason"])
        settle_objection(
            proposal, objection, Objection.State.DROPPED, actor=actor, kind="governance.objection_dropped"
        )
    return objection


def settle_objection(
    proposal: Proposal, objection: Objection, state: str, *, actor: Person, kind: str
) -> None:
    """Let a standing objection end in ``state``, with the proposal locked; it counts as its objector's answer."""
    if objection.state not in Objection.STANDING:
        raise Refused(_("This objection is settled already."))
    objection.state = state
    objection.settled_at = timezone.now()
    objection.save(update_fields=["state", "settled_at"])
    # Its objector has been heard: nothing of theirs stands against the text any more
    proposal.responses.filter(round=proposal.round, person=objection.objector_id).update(
        answer=Response.Answer.NO_OBJECTION, text_version=proposal.text_version
    )
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        objection=objection.pk,
    )
    if proposal.state in (State.PROPOSED, State.OBJECTED):
        let_settle(proposal)
    tell(proposal, "objections")
