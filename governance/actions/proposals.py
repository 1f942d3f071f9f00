"""From a draft to a decision: what the proposer and the circle's members do, and what follows from it (§5.3).

People's own moves are recorded in the request that made them; ``settle``, which adopts, is run by the worker.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import FACILITATOR
from circles.effects import TIME_LIMIT
from circles.models import Role
from circles.structure import RoleRow, Structure
from governance import authority as by
from governance import rules
from governance.authority import Authority
from governance.calendar import after_working_days
from governance.changes import parse_changes
from governance.changes.base import clean
from governance.enactment import Preview, enact, lock_record, try_changes
from governance.facilitation import acting
from governance.models import TEXT_LENGTH, Objection, Proposal, Response
from journal.actions import announce, queue_job, record
from journal.topics import topic_name
from people.models import Person
from people.refusals import Conflict, NotAllowed, Refused, RuleBroken
from tensions.models import Tension

State = Proposal.State
TEXTS = ("tension", "example", "how_helped")


# -- the text ---------------------------------------------------------------------------------------------------


def read_text(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a proposal's text in their canonical form: title, tension, example, how_helped,
    role (identifier or None) and changes (JSON). Only fields that are in ``data`` are returned.

    Raises Malformed, and RuleBroken for an effect no policy may have.
    """
    fields: dict[str, Any] = {}
    if "title" in data:
        fields["title"] = clean(data["title"], "title", most=120)
    for name in TEXTS:
        if name in data:
            fields[name] = clean(data[name], name, most=TEXT_LENGTH, multiline=True)
    if "role" in data:
        fields["role_id"] = data["role"] or None
    if "changes" in data:
        fields["changes"] = [c.to_json() for c in parse_changes(data["changes"])]
    return fields


def write_text(
    proposal: Proposal, data: Mapping[str, Any], *, text_version: int | None, actor: Person
) -> None:
    """Write a proposal's text, in a transaction with the proposal locked. Who may is the caller's to decide.

    ``text_version`` is the version that was edited; Conflict is raised where another has been saved since, so
    that nobody's words are lost. None writes regardless.
    """
    fields = read_text(data)
    if text_version is not None and text_version != proposal.text_version:
        differing = [n for n in ("title", *TEXTS) if n in fields and fields[n] != getattr(proposal, n)]
        name = differing[0] if differing else "changes"
        if differing or fields.get("changes", proposal.changes) != proposal.changes:
            raise Conflict(
                _(
                    "Somebody saved this meanwhile. Both texts are here: take what you need from the other one."
                ),
                field=name,
                drafted=str(fields.get(name, "")),
                now=str(getattr(proposal, name)),
            )
    if (
        fields.get("role_id")
        and not Role.objects.filter(organization=proposal.organization_id, pk=fields["role_id"]).exists()
    ):
        fields["role_id"] = None
    changed = {n: v for n, v in fields.items() if getattr(proposal, n) != v}
    if changed:
        for name, value in changed.items():
            setattr(proposal, name, value)
        proposal.text_version += 1
        proposal.changed_at = timezone.now()
        proposal.save(update_fields=[*changed, "text_version", "changed_at"])
        tell(proposal, "text")


def tell(proposal: Proposal, fragment: str) -> None:
    """Tell whoever has this proposal open that ``fragment`` of it changed."""
    announce(organization=proposal.organization, topic=topic_name("proposal", proposal.pk), fragment=fragment)


def lock(proposal: Proposal) -> Proposal:
    """Return the proposal as it stands, locked until the transaction ends."""
    locked = Proposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=proposal.pk)
    locked.organization = proposal.organization
    return locked


def authority_of(proposal: Proposal) -> Authority:
    """Return the authority that a proposal's changes are carried by (§5.3), with its texts."""
    texts = {name: getattr(proposal, name) for name in TEXTS if getattr(proposal, name)}
    return Authority(
        by.PROPOSAL,
        actor=proposal.proposer_id,
        circle=proposal.circle_id,
        proposal=proposal.pk,
        meeting=proposal.meeting or None,
        texts=texts,
    )


def examine(proposal: Proposal) -> tuple[Preview, list[Refused]]:
    """Return what a proposal would do as things stand, and what stands in the way of proposing it: its
    requirements (§5.3.1), its proposer (§5.3) and its changes. Reads only."""
    structure = Structure.of(proposal.organization_id)
    refusals: list[Refused] = []
    if structure.get(RoleRow, proposal.circle_id) is None:
        refusals.append(Refused(_("The circle has been removed.")))
    else:
        refusals += rules.proposer_5_3(structure, proposal.circle_id, proposal.proposer_id, proposal.role_id)
    refusals += rules.proposal_requirements_5_3_1(proposal.tension, proposal.example, proposal.how_helped)
    if not proposal.changes:
        refusals.append(Refused(_("Add at least one change: what should be different?"), field="changes"))
    shown = try_changes(structure, parse_changes(proposal.changes), authority_of(proposal))
    refusals += [refusal for _number, refusal in shown.refusals]
    if proposal.changes and shown.ok and not shown.row_changes:
        refusals.append(Refused(_("This changes nothing: what it asks for stands already."), field="changes"))
    return shown, refusals


# -- the proposer's moves ---------------------------------------------------------------------------------------


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
        represented = Structure.of(circle.organization_id).represented_by(circle.pk, actor.pk)
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
        _require_proposer(locked, actor)
        if locked.state not in (State.DRAFT, State.ESCALATED, State.WITHDRAWN, State.CONFLICT):
            raise Refused(_("This has been proposed. Amend it there: everybody is asked again."))
        write_text(locked, data, text_version=text_version, actor=actor)
    return locked


def discard_draft(proposal: Proposal, *, actor: Person) -> None:
    """Throw a draft away; a tension it came from goes back to the inbox."""
    with transaction.atomic():
        locked = lock(proposal)
        _require_proposer(locked, actor)
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
        _require_proposer(locked, actor)
        if locked.state not in (State.DRAFT, State.ESCALATED, State.WITHDRAWN, State.CONFLICT):
            raise Refused(_("This has been proposed already."))
        _open_round(locked, actor=actor)
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
    Raises as ``save_draft`` and ``propose``.
    """
    with transaction.atomic():
        locked = lock(proposal)
        _require_proposer(locked, actor)
        if locked.state not in (State.PROPOSED, State.OBJECTED):
            raise Refused(_("This is not being answered at the moment."))
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
        _open_round(locked, actor=actor)
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


def _open_round(proposal: Proposal, *, actor: Person) -> None:
    _shown, refusals = examine(proposal)
    if refusals:
        raise refusals[0]
    now = timezone.now()
    structure = Structure.of(proposal.organization_id)
    limit = structure.effect(proposal.circle_id, TIME_LIMIT)
    proposal.state = State.PROPOSED
    proposal.round += 1
    proposal.proposed_at = now
    proposal.meeting = ""
    proposal.settled_reason = ""
    proposal.due_at = (
        after_working_days(now, limit[1]["working_days"], proposal.organization.tz) if limit else None
    )
    proposal.save()
    refresh_roll(proposal, structure)
    # Proposing is confirming: who proposes has no objection
    Response.objects.filter(proposal=proposal, round=proposal.round, person=actor).update(
        answer=Response.Answer.NO_OBJECTION, answered_at=now, seen_at=now
    )
    _let_settle(proposal)
    if proposal.due_at is not None:
        queue_job(
            "governance.settle_proposal",
            proposal.pk,
            organization=proposal.organization,
            due=proposal.due_at,
            key=f"due:{proposal.pk}:{proposal.round}",
        )
    tell(proposal, "state")


def refresh_roll(proposal: Proposal, structure: Structure) -> None:
    """Let the roll of the open round follow membership: newcomers are asked, leavers who said nothing drop off."""
    members = structure.members(proposal.circle_id)
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
        if response.person_id != proposal.proposer_id:
            queue_job("governance.mail_asked", response.pk, organization=proposal.organization)
    if new or left:
        tell(proposal, "roll")


def withdraw(proposal: Proposal, *, actor: Person) -> Proposal:
    """Withdraw one's proposal; it can be taken up again."""
    with transaction.atomic():
        locked = lock(proposal)
        _require_proposer(locked, actor)
        if locked.state not in (State.PROPOSED, State.OBJECTED, State.CONFLICT, State.ESCALATED):
            raise Refused(_("There is nothing to withdraw."))
        end(locked, State.WITHDRAWN, actor=actor, kind="governance.withdrawn", reason="")
    return locked


# -- the members' moves -----------------------------------------------------------------------------------------


def mark_seen(proposal: Proposal, *, actor: Person) -> None:
    """Note that somebody who is asked has seen the text; who has seen it is shown to everybody."""
    unseen = Response.objects.filter(proposal=proposal, round=proposal.round, person=actor, seen_at=None)
    with transaction.atomic():
        if unseen.update(seen_at=timezone.now()):
            tell(proposal, "roll")


def answer(proposal: Proposal, *, actor: Person, text_version: int) -> Response:
    """Confirm that one has no objection to the text of ``text_version`` (§5.3).

    Raises RuleBroken (§5.3: no circle member, or too late), Conflict (the text was amended since it was read),
    Refused (not being answered).
    """
    with transaction.atomic():
        locked = lock(proposal)
        response = _own_response(locked, actor, text_version)
        if locked.objections.filter(objector=actor, state__in=Objection.STANDING).exists():
            raise Refused(_("You have objected. Withdraw your objection if you no longer see one."))
        if response.answer == Response.Answer.NO_OBJECTION and response.text_version == locked.text_version:
            return response  # the same said twice
        _give_answer(locked, response, Response.Answer.NO_OBJECTION)
        record(
            organization=locked.organization,
            kind="governance.answered",
            actor=actor,
            circle_id=locked.circle_id,
            proposal=locked.pk,
            title=str(locked),
        )
    return response


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
        response = _own_response(locked, actor, text_version)
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
        _give_answer(locked, response, Response.Answer.OBJECTION)
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
        _settle_objection(
            proposal, objection, Objection.State.WITHDRAWN, actor=actor, kind="governance.objection_withdrawn"
        )
    return objection


def ask_for_meeting(proposal: Proposal, *, actor: Person) -> Proposal:
    """Ask that a proposal be brought to a meeting instead (§5.3): its asynchronous processing stops and it counts
    as withdrawn until it is proposed there. Everything said stays with it."""
    with transaction.atomic():
        locked = lock(proposal)
        if locked.state not in (State.PROPOSED, State.OBJECTED):
            raise Refused(_("This is not being answered at the moment."))
        if actor.pk not in Structure.of(locked.organization_id).members(locked.circle_id):
            raise RuleBroken("5.3", _("Only circle members can ask for a meeting."))
        end(locked, State.ESCALATED, actor=actor, kind="governance.escalated", reason="")
    return locked


# -- the facilitator's moves ------------------------------------------------------------------------------------


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
            _settle_objection(
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
        _settle_objection(
            proposal, objection, Objection.State.DROPPED, actor=actor, kind="governance.objection_dropped"
        )
    return objection


def require_facilitator(proposal: Proposal, actor: Person) -> None:
    """Raise NotAllowed unless ``actor`` acts as facilitator: of the meeting the proposal is in, else of its
    circle (§5.1.2, §5.3.6)."""
    if proposal.state == State.IN_MEETING:
        people: Collection[str | None] = {proposal.facilitator_id}
    else:
        people = acting(Structure.of(proposal.organization_id), proposal.circle_id, FACILITATOR).people
    if actor.pk not in people:
        raise NotAllowed(_("The acting facilitator does this."))


# -- inside -----------------------------------------------------------------------------------------------------


def _require_proposer(proposal: Proposal, actor: Person) -> None:
    if proposal.proposer_id != actor.pk:
        raise NotAllowed(_("Only the proposer can do this."))


def _own_response(proposal: Proposal, actor: Person, text_version: int) -> Response:
    if proposal.state not in (State.PROPOSED, State.OBJECTED):
        raise Refused(_("This is not being answered at the moment."))
    for refusal in rules.answers_in_time_5_3(proposal.due_at, timezone.now()):
        raise refusal
    response = proposal.responses.filter(round=proposal.round, person=actor).first()
    if response is None or actor.pk not in Structure.of(proposal.organization_id).members(proposal.circle_id):
        raise RuleBroken("5.3", _("Only circle members are asked."))
    if text_version != proposal.text_version:
        raise Conflict(_("The text has been amended since you read it. Read it again, then answer."))
    return response


def _give_answer(proposal: Proposal, response: Response, given: str) -> None:
    response.answer = given
    response.text_version = proposal.text_version
    response.answered_at = timezone.now()
    response.seen_at = response.seen_at or response.answered_at
    response.save(update_fields=["answer", "text_version", "answered_at", "seen_at"])
    _let_settle(proposal)
    tell(proposal, "roll")


def _settle_objection(
    proposal: Proposal, objection: Objection, state: str, *, actor: Person, kind: str
) -> None:
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
        _let_settle(proposal)
    tell(proposal, "objections")


def end(proposal: Proposal, state: str, *, actor: Person | None, kind: str, reason: str) -> None:
    """Let a proposal end in ``state``, in a transaction with it locked, and tell the meeting it was in, if any."""
    proposal.state = state
    proposal.settled_at = timezone.now()
    proposal.settled_by = actor
    proposal.settled_reason = reason
    proposal.due_at = None
    proposal.save()
    record(
        organization=proposal.organization,
        kind=kind,
        actor=actor,
        circle_id=proposal.circle_id,
        proposal=proposal.pk,
        title=str(proposal),
        reason=reason[:400],
    )
    if proposal.meeting:
        queue_job(
            "meetings.proposal_settled", proposal.meeting, proposal.pk, organization=proposal.organization
        )
    tell(proposal, "state")


def _let_settle(proposal: Proposal) -> None:
    queue_job(
        "governance.settle_proposal",
        proposal.pk,
        organization=proposal.organization,
        key=f"settle:{proposal.pk}",
    )


# -- what follows: the worker -----------------------------------------------------------------------------------


def adopt_when_free(proposal: Proposal) -> None:
    """Have the worker adopt a proposal that a meeting has found free of objections (§5.4.5e).

    Called in the meeting's transaction with the proposal locked. Raises Refused while an objection stands.
    """
    if proposal.objections.filter(state__in=Objection.STANDING).exists():
        raise Refused(_("An objection stands. Integrate it first."))
    proposal.state = State.ADOPTING
    proposal.save(update_fields=["state"])
    _let_settle(proposal)
    tell(proposal, "state")


def settle(proposal_id: str) -> bool:
    """Do the next thing that is due with a proposal, once: adopt it if nothing stands in the way any more.

    Adopts when every circle member has confirmed to have no objection (§5.3), or the time limit has passed and
    no objection stands, or a meeting has found it free of objections (§5.4.5e). What conflicts with the structure
    as it is now goes back to its proposer. Returns whether it was adopted. Safe to run twice or late.
    """
    with transaction.atomic():
        proposal = Proposal.objects.select_related("organization").filter(pk=proposal_id).first()
        if proposal is None:
            return False
        lock_record(proposal.organization)
        proposal = lock(proposal)
        if proposal.state in (State.PROPOSED, State.OBJECTED):
            structure = Structure.of(proposal.organization_id)
            refresh_roll(proposal, structure)
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
    if proposal.due_at is not None and timezone.now() >= proposal.due_at:
        return True
    confirmed = set(
        proposal.responses.filter(
            round=proposal.round, answer=Response.Answer.NO_OBJECTION, text_version=proposal.text_version
        ).values_list("person_id", flat=True)
    )
    members = structure.members(proposal.circle_id)
    return bool(members) and members <= confirmed


def _adopt(proposal: Proposal) -> bool:
    try:
        enacted = enact(
            proposal.organization, parse_changes(proposal.changes), authority=authority_of(proposal)
        )
    except Refused as refusal:
        end(proposal, State.CONFLICT, actor=None, kind="governance.conflicted", reason=str(refusal))
        return False
    proposal.state = State.ADOPTED
    proposal.decision = enacted.decision
    proposal.settled_at = timezone.now()
    proposal.save(update_fields=["state", "decision", "settled_at"])
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
