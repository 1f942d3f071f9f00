"""What a meeting does to a proposal: bringing it in, capturing concerns and rulings, integrating, handing it back.

Who may do what in a meeting and when is for ``meetings`` to decide: these write, in its transaction, with the
meeting's row locked before the proposal's.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import Structure
from governance.actions.proposals import end, examine, lock, tell
from governance.actions.proposals.objections import write_ruling
from governance.changes.base import clean
from governance.models import TEXT_LENGTH, Objection, Proposal
from governance.rules import structure as rules
from journal.actions import record
from people.models import Person
from people.refusals import Refused

State = Proposal.State
BROUGHT_FROM = (
    State.DRAFT,
    State.PROPOSED,
    State.OBJECTED,
    State.ESCALATED,
    State.WITHDRAWN,
    State.CONFLICT,
)


def bring(proposal: Proposal, *, meeting: str, facilitator: Person | None, actor: Person) -> Proposal:
    """Bring a proposal into a meeting and return it locked; what was said asynchronously stays with it (§5.3).

    Its asynchronous processing stops. Objections to it are asked for anew in the meeting.
    Raises Refused where it is settled, or is being processed in another meeting.
    """
    locked = lock(proposal)
    if locked.state not in BROUGHT_FROM:
        raise Refused(_("This proposal is settled, or is being processed elsewhere."), field="proposal")
    locked.objections.filter(state__in=Objection.STANDING).update(
        state=Objection.State.RESOLVED, settled_at=timezone.now(), reason=_("Asked anew in a meeting.")
    )
    locked.state = State.IN_MEETING
    locked.meeting = meeting
    locked.facilitator = facilitator
    locked.due_at = None
    locked.limit = {}
    locked.meeting_asked_by = None
    locked.settled_at = None
    locked.settled_by = None
    locked.settled_reason = ""
    locked.save()
    tell(locked, "state")
    return locked


def hand_back(proposal: Proposal) -> None:
    """Give a proposal that a meeting has not finished back to its proposer: a draft that nobody has been asked
    about is a draft again; what was proposed counts as withdrawn until it is proposed in a meeting (§5.3)."""
    if proposal.state != State.IN_MEETING:
        return
    proposal.state = State.ESCALATED if proposal.proposed_at else State.DRAFT
    proposal.meeting = ""
    proposal.facilitator = None
    proposal.save(update_fields=["state", "meeting", "facilitator"])
    tell(proposal, "state")


def take_back(proposal: Proposal, *, facilitator: Person | None) -> None:
    """Let a proposal that could not be adopted be processed further in its meeting."""
    proposal.state = State.IN_MEETING
    proposal.facilitator = facilitator
    proposal.settled_at = None
    proposal.save(update_fields=["state", "facilitator", "settled_at"])
    tell(proposal, "state")


def withdraw(proposal: Proposal, *, actor: Person) -> None:
    """Withdraw a proposal from the meeting it is in, by its proposer. It can be taken up again."""
    end(proposal, State.WITHDRAWN, actor=actor, kind="governance.withdrawn", reason="")


def ask_for_objections(proposal: Proposal) -> None:
    """Begin a round of asking everybody for objections to the text as it stands (§5.4.5e).

    Raises the first thing that stands in the way of proposing it: its requirements (§5.3.1), its proposer, its
    changes.
    """
    _shown, refusals = examine(proposal)
    if refusals:
        raise refusals[0]
    proposal.round += 1
    proposal.proposed_at = proposal.proposed_at or timezone.now()
    proposal.save(update_fields=["round", "proposed_at"])
    tell(proposal, "state")


def capture_concern(
    proposal: Proposal,
    *,
    objector: Person,
    role: str | None,
    concern: str,
    temporary: bool,
    actor: Person,
    rule: str = "",
) -> Objection:
    """Capture a concern as its objector puts it. Untested, it counts until it is tested (§5.3.2, §5.4.5e).

    ``role`` is the role the objector speaks for; ``temporary`` members (§5.4.1) may represent none. ``rule``
    names what adopting would violate: then it counts regardless of the criteria. ``actor`` enters it, who may be
    another than the objector.
    Raises Malformed and RuleBroken §5.3.
    """
    words = clean(concern, "concern", most=TEXT_LENGTH, multiline=True, required=True)
    if role is not None or not temporary:
        structure = Structure.of(proposal.organization_id)
        for refusal in rules.proposer_5_3(
            structure, proposal.circle_id, objector.pk, role, meeting=proposal.meeting
        ):
            raise refusal
    rule = clean(rule, "rule", most=200)
    objection = Objection.objects.create(
        organization=proposal.organization,
        proposal=proposal,
        objector=objector,
        role=Role.objects.get(pk=role) if role else None,
        round=proposal.round,
        text_version=proposal.text_version,
        concern=words,
        rule=rule,
        state=Objection.State.VALID if rule else Objection.State.RAISED,
        criteria={c: {"argument": "", "given": None} for c in rules.CRITERIA},
    )
    record(
        organization=proposal.organization,
        kind="governance.objected",
        actor=objector,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        objection=objection.pk,
        entered_by=actor.pk,
    )
    tell(proposal, "objections")
    return objection


def reword(
    objection: Objection, *, concern: str | None = None, arguments: Mapping[str, str] | None = None
) -> None:
    """Capture better words for a concern that stands, or for its arguments (by criterion). Raises Malformed."""
    if objection.state not in Objection.STANDING:
        raise Refused(_("This concern is settled already."))
    if concern is not None:
        objection.concern = clean(concern, "concern", most=TEXT_LENGTH, multiline=True, required=True)
    for criterion, argument in (arguments or {}).items():
        entry = dict(objection.criteria.get(criterion) or {"given": None})
        entry["argument"] = clean(argument, f"criterion_{criterion}", most=TEXT_LENGTH, multiline=True)
        objection.criteria = {**objection.criteria, criterion: entry}
    objection.save(update_fields=["concern", "criteria"])
    tell(objection.proposal, "objections")


def rule_on(objection: Objection, *, violates: bool, reason: str, actor: Person) -> None:
    """Capture the secretary's ruling on whether adopting would violate the rule an objection names (§5.3.3).

    Ruled that it would not, the objection is dismissed. Raises Refused where it names none, Malformed.
    """
    if objection.state not in Objection.STANDING or not objection.rule:
        raise Refused(_("There is no claim of a violation to rule on."))
    write_ruling(objection, violates=violates, reason=reason, actor=actor)
    objection.reason = objection.ruling_reason
    if violates:
        objection.state = Objection.State.VALID
    else:
        objection.state = Objection.State.NOT_VALID
        objection.settled_at = timezone.now()
        _record(objection, "governance.objection_not_valid", actor)
    objection.save(update_fields=["reason", "state", "settled_at"])
    tell(objection.proposal, "objections")


def confirm(objection: Objection, *, side: str, holds: bool, actor: Person) -> None:
    """Capture one of the two confirmations that resolve an objection (§5.4.5f).

    ``side`` is ``objector`` (the text as it is would not trigger it) or ``proposer`` (it still answers the
    tension); ``holds`` whether that is so. With both, the objection is resolved. Raises Refused where it does
    not stand any more.
    """
    if objection.state not in Objection.STANDING:
        raise Refused(_("This objection is settled already."))
    if side == "objector":
        objection.objector_confirms = holds
    else:
        objection.proposer_confirms = holds
    if objection.objector_confirms and objection.proposer_confirms:
        objection.state = Objection.State.RESOLVED
        objection.settled_at = timezone.now()
        _record(objection, "governance.objection_resolved", actor)
    objection.save(update_fields=["objector_confirms", "proposer_confirms", "state", "settled_at"])
    tell(objection.proposal, "objections")


def forget_confirmations(proposal: Proposal) -> None:
    """A new text has to be confirmed anew: by the objectors, and by the proposer."""
    proposal.objections.filter(state__in=Objection.STANDING).update(
        objector_confirms=False, proposer_confirms=False
    )


def _record(objection: Objection, kind: str, actor: Person) -> None:
    proposal = objection.proposal
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        objection=objection.pk,
    )
