"""Objections: raised, tested, ruled on, withdrawn, dropped (§5.3.2–5.3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import SECRETARY
from circles.structure import Structure
from governance.actions.proposals.common import State, let_settle, lock, require_facilitator, tell
from governance.actions.proposals.roll import give_answer, own_response
from governance.breakdown import in_breakdown
from governance.changes.base import clean
from governance.facilitation import acting
from governance.models import TEXT_LENGTH, Amendment, Objection, Proposal, Response
from governance.rules import structure as rules
from governance.rules.consent import claim_stands_5_3_3, judges_arguments_5_3_3, rules_when_asked_5_3_3
from journal.actions import record
from people.models import Person
from people.refusals import NotAllowed, Refused, RuleBroken

RULE = "rule"


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
            rule=clean(rule, RULE, most=200),
            criteria={c: {"argument": t, "given": None} for c, t in texts.items()},
        )
        give_answer(locked, response, Response.Answer.OBJECTION)
        locked.state = State.OBJECTED
        locked.save(update_fields=["state"])
        tell(locked, "state")
        tell(locked, "objections")
        _record(objection, "governance.objected", actor)
    return objection


def withdraw_objection(objection: Objection, *, actor: Person) -> Objection:
    """Withdraw one's objection: one sees none any more. Raises NotAllowed, Refused where it stands no longer."""
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        if objection.objector_id != actor.pk:
            raise NotAllowed(_("Only the objector can withdraw an objection."))
        settle_objection(
            proposal, objection, Objection.State.WITHDRAWN, actor=actor, kind="governance.objection_withdrawn"
        )
    return objection


# -- the test ---------------------------------------------------------------------------------------------------


def ask_for_test(objection: Objection, *, actor: Person) -> Objection:
    """Ask that an objection be tested, again if it was; then it must be before the proposal goes on (§5.3.4a).

    Raises RuleBroken §5.3.4 (no circle member), Refused (it stands no longer; a test was asked for already; the
    secretary has ruled that it stands).
    """
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        if actor.pk not in Structure.of(proposal.organization_id).members(proposal.circle_id):
            raise RuleBroken("5.3.4", _("Only circle members can ask for a test."))
        require_standing(objection)
        if objection.ruling == Objection.Ruling.VIOLATES:
            raise Refused(_("The secretary has ruled that it would violate a rule: it stands."))
        if objection.awaits_test:
            return objection  # the same asked twice
        objection.test_asked_by = actor
        objection.state = Objection.State.RAISED
        # A test begins anew: the arguments stay, whether they were given is judged again
        objection.criteria = {
            c: {"argument": entry.get("argument", ""), "given": None}
            for c, entry in objection.criteria.items()
        }
        objection.save(update_fields=["test_asked_by", "state", "criteria"])
        _record(objection, "governance.test_asked", actor)
        tell(proposal, "objections")
    return objection


def test_criterion(
    objection: Objection,
    criterion: str,
    *,
    actor: Person,
    given: bool,
    argument: str | None = None,
    holds: bool | None = None,
) -> Objection:
    """Record whether an argument was given for one criterion: not whether it is right (§5.3.3).

    ``argument`` replaces the captured words where the facilitator heard better ones. When one criterion has no
    argument the concern is no objection and is discarded (§5.3.4a); with all four given it is one (§5.3.2). A
    claimed violation is tested as ``criterion`` "rule": named, it counts; dismissed it is by ``rule_on`` alone.
    ``holds`` is for a process breakdown: False says that the argument is not logical or beside the point (§5.5.2).
    Raises NotAllowed, RuleBroken §5.3.3, Refused where it stands no longer.
    """
    if criterion not in (*rules.CRITERIA, RULE):
        raise Refused(_("There are four criteria: a, b, c and d."))
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        require_facilitator(proposal, actor)
        require_standing(objection)
        if criterion == RULE:
            for refusal in claim_stands_5_3_3(objection, given):
                raise refusal
            return _found_valid(proposal, objection, actor)
        for refusal in judges_arguments_5_3_3(
            holds, holds is False and in_breakdown(proposal.circle_id) is not None
        ):
            raise refusal
        entry = dict(objection.criteria.get(criterion) or {"argument": ""})
        if argument is not None:
            entry["argument"] = clean(argument, f"criterion_{criterion}", most=TEXT_LENGTH, multiline=True)
        entry["given"] = given
        if holds is not None:
            entry["holds"] = holds
        objection.criteria = {**objection.criteria, criterion: entry}
        objection.save(update_fields=["criteria"])
        tested = [objection.criteria.get(c) or {} for c in rules.CRITERIA]
        fails = any(one.get("given") is False or one.get("holds") is False for one in tested)
        if fails and not objection.rule:
            settle_objection(
                proposal,
                objection,
                Objection.State.NOT_VALID,
                actor=actor,
                kind="governance.objection_not_valid",
            )
        elif all(one.get("given") for one in tested) and not fails:
            _found_valid(proposal, objection, actor)
        else:
            tell(proposal, "objections")
    return objection


def _found_valid(proposal: Proposal, objection: Objection, actor: Person) -> Objection:
    objection.state = Objection.State.VALID
    objection.save(update_fields=["state"])
    _record(objection, "governance.objection_tested", actor)
    tell(proposal, "objections")
    return objection


def ask_for_ruling(objection: Objection, *, actor: Person) -> Objection:
    """Ask the circle's secretary whether adopting would violate the rule an objection names (§5.3.3).

    The facilitator asks. Raises NotAllowed, Refused (it stands no longer; names no rule; was ruled on).
    """
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        require_facilitator(proposal, actor)
        require_standing(objection)
        if not objection.rule:
            raise Refused(_("There is no claim of a violation to rule on."))
        if objection.ruling:
            raise Refused(_("The secretary has ruled on it."))
        if objection.ruling_asked_by_id is None:
            objection.ruling_asked_by = actor
            objection.save(update_fields=["ruling_asked_by"])
            _record(objection, "governance.ruling_asked", actor)
            tell(proposal, "objections")
    return objection


def rule_on(objection: Objection, *, actor: Person, violates: bool, reason: str) -> Objection:
    """Rule, as the acting secretary, on whether adopting would violate the rule an objection names (§5.3.3).

    Ruled that it would not, the objection is dismissed; that it would, it stands regardless of the criteria.
    Raises NotAllowed, RuleBroken §5.3.3 (nobody asked), Malformed, Refused (it stands no longer).
    """
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        secretaries = acting(Structure.of(proposal.organization_id), proposal.circle_id, SECRETARY).people
        if actor.pk not in secretaries:
            raise NotAllowed(_("The acting secretary rules on this."))
        require_standing(objection)
        for refusal in rules_when_asked_5_3_3(objection):
            raise refusal
        write_ruling(objection, violates=violates, reason=reason, actor=actor)
        if violates:
            _found_valid(proposal, objection, actor)
        else:
            settle_objection(
                proposal,
                objection,
                Objection.State.NOT_VALID,
                actor=actor,
                kind="governance.objection_not_valid",
            )
    return objection


def write_ruling(objection: Objection, *, violates: bool, reason: str, actor: Person) -> None:
    """Write down the secretary's ruling on an objection, in a transaction with its proposal locked."""
    words = clean(reason, "ruling", most=TEXT_LENGTH, multiline=True, required=True)
    objection.ruling = Objection.Ruling.VIOLATES if violates else Objection.Ruling.NO_VIOLATION
    objection.ruling_reason, objection.ruled_by, objection.ruled_at = words, actor, timezone.now()
    objection.save(update_fields=["ruling", "ruling_reason", "ruled_by", "ruled_at"])
    _record(
        objection,
        "governance.objection_ruled",
        actor,
        ruling=str(objection.get_ruling_display()),
        reason=words[:400],
    )


def drop_objection(objection: Objection, *, actor: Person, reason: str) -> Objection:
    """Let the facilitator drop an objection as abandoned: its objector does not try in good faith to find an
    amendment that resolves it and still answers the proposer's tension (§5.3.4b). ``reason`` says what shows it."""
    with transaction.atomic():
        proposal, objection = lock_objection(objection)
        require_facilitator(proposal, actor)
        require_standing(objection)
        objection.reason = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
        objection.save(update_fields=["reason"])
        settle_objection(
            proposal, objection, Objection.State.DROPPED, actor=actor, kind="governance.objection_dropped"
        )
    return objection


# -- inside -----------------------------------------------------------------------------------------------------


def lock_objection(objection: Objection) -> tuple[Proposal, Objection]:
    """Return the proposal of an objection, locked, and the objection as it stands."""
    proposal = lock(objection.proposal)
    found = Objection.objects.get(pk=objection.pk)
    found.proposal = proposal
    return proposal, found


def require_standing(objection: Objection) -> None:
    """Raise Refused unless an objection stands."""
    if not objection.is_standing:
        raise Refused(_("This objection is settled already."))


def settle_objection(
    proposal: Proposal, objection: Objection, state: str, *, actor: Person, kind: str
) -> None:
    """Let a standing objection end in ``state``, with the proposal locked; it counts as its objector's answer."""
    require_standing(objection)
    objection.state = state
    objection.settled_at = timezone.now()
    objection.save(update_fields=["state", "settled_at"])
    objection.amendments.filter(state=Amendment.State.OFFERED).update(
        state=Amendment.State.LAPSED, answered_at=objection.settled_at
    )
    # Its objector has been heard: nothing of theirs stands against the text any more
    proposal.responses.filter(round=proposal.round, person=objection.objector_id).update(
        answer=Response.Answer.NO_OBJECTION, text_version=proposal.text_version
    )
    _record(objection, kind, actor)
    if proposal.state in (State.PROPOSED, State.OBJECTED):
        let_settle(proposal)
    tell(proposal, "objections")
    tell(proposal, "roll")


def _record(objection: Objection, kind: str, actor: Person, **payload: str) -> None:
    proposal = objection.proposal
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        objection=objection.pk,
        **payload,
    )
