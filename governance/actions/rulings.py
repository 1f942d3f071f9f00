"""What partners ask of secretaries, and what secretaries do about it: interpret, publish, overrule, strike (§4.2)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.models import Role
from circles.structure import Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.base import clean
from governance.enactment import enact, lock_record
from governance.models import TEXT_LENGTH, Decision, Ruling, StrikeNotice
from governance.rules import rulings as rules
from governance.rulings import answering_circle
from governance.strikes import Thing, partners_in, striking, thing
from journal.actions import queue_job, record
from people.models import Person
from people.refusals import Conflict, NotAllowed, Refused, RuleBroken

State = Ruling.State
Kind = Ruling.Kind


def ask(
    circle: Role,
    *,
    actor: Person,
    question: str,
    kind: str = Kind.INTERPRETATION,
    about: str = "",
    about_id: str = "",
    reading: str = "",
    other: Person | None = None,
    other_reading: str = "",
) -> Ruling:
    """Ask the acting secretary of ``circle`` how something is to be read (§4.2.1), or whether it is valid (§4.2.2).

    ``about`` (Ruling.About) and ``about_id`` say what it is about; ``reading`` is how the asker reads it,
    ``other_reading`` how ``other`` does. Raises RuleBroken §4.2.1 or §4.2.2 (no partner; governance that lies
    outside the circle), Malformed, Refused where there is no such circle or thing.
    """
    if kind not in Kind.values:
        raise Refused(_("Ask how to read it, or whether it is valid."), field="kind")
    words = clean(question, "question", most=TEXT_LENGTH, multiline=True, required=True)
    structure = Structure.of(circle.organization_id)
    if not circle.present or not structure.is_circle(circle.pk):
        raise Refused(_("Choose a circle: its secretary is asked."), field="circle")
    found = thing(structure, circle.organization, about, about_id) if about else None
    if about and found is None:
        raise Refused(_("What you ask about is not there any more."), field="about")
    clause = "4.2.2" if kind == Kind.VALIDITY else "4.2.1"
    _first(rules.partner_asks_4_2(structure, actor.pk, clause))
    if kind == Kind.VALIDITY:
        _first(rules.asked_of_its_circle_4_2_2(structure, circle.pk, _lies_in(structure, found)))
    with transaction.atomic():
        ruling = Ruling.objects.create(
            organization=circle.organization,
            circle=circle,
            kind=kind,
            asker=actor,
            other=other,
            about=found.about if found else "",
            about_id=found.id if found else "",
            role_id=found.role.id if found and found.role else None,
            policy_id=found.policy.id if found and found.policy else None,
            said=found.said if found else "",
            question=words,
            reading=clean(reading, "reading", most=TEXT_LENGTH, multiline=True),
            other_reading=clean(other_reading, "other_reading", most=TEXT_LENGTH, multiline=True),
        )
        _record(ruling, "governance.secretary_asked", actor)
    return ruling


def _lies_in(structure: Structure, found: Thing | None) -> str | None:
    """The circle whose governance something is; of a decision that names none, the one its inverse belongs to."""
    if found is None or found.circle is not None or found.decision is None:
        return found.circle if found else None
    return striking(structure, found).circle


def withdraw_question(ruling: Ruling, *, actor: Person) -> Ruling:
    """Withdraw one's own question before it is answered. Raises NotAllowed, Refused."""
    with transaction.atomic():
        locked = _lock(ruling)
        if locked.asker_id != actor.pk:
            raise NotAllowed(_("Only who asked can withdraw the question."))
        _require_asked(locked)
        _end(locked, State.WITHDRAWN, actor, "")
        _record(locked, "governance.question_withdrawn", actor)
    return locked


def rule(
    ruling: Ruling,
    *,
    actor: Person,
    text: str,
    logic: str = "",
    publish: bool = False,
    overrules: bool | None = None,
) -> Ruling:
    """Rule on what was asked: ``text`` is what counts from then on, ``logic`` the reasoning, which is published
    with it where ``publish`` says so (§4.2.1). On an appeal ``overrules`` says what becomes of the ruling below.

    A question of validity that is ruled on this way stands as it is; what breaks the rules is struck
    (``strike``). Raises RuleBroken §4.2.1 (somebody else), Malformed, Refused (answered already).
    """
    with transaction.atomic():
        locked = _lock(ruling)
        _require_secretary(locked, actor)
        _require_asked(locked)
        if locked.appeal_of_id is not None and overrules is None:
            raise Refused(_("Say whether you uphold the ruling or overrule it."), field="overrules")
        locked.text = clean(text, "text", most=TEXT_LENGTH, multiline=True, required=True)
        locked.logic = clean(logic, "logic", most=TEXT_LENGTH, multiline=True)
        locked.state, locked.ruled_by, locked.ruled_at = State.RULED, actor, timezone.now()
        locked.said = said_now(locked)
        if publish:
            locked.published_at = locked.ruled_at
        below = _lock(locked.appeal_of) if locked.appeal_of is not None else None
        if below is not None:
            locked.overrules = overrules
            if overrules:
                _overrule(below, actor)
        locked.save()
        _record(locked, "governance.secretary_ruled", actor)
    return locked


def publish_ruling(ruling: Ruling, *, actor: Person, publish: bool = True) -> Ruling:
    """Publish a ruling with its reasoning to all partners, or take it back (§4.2.1): for the acting secretary."""
    with transaction.atomic():
        locked = _lock(ruling)
        _require_secretary(locked, actor)
        if locked.ruled_at is None:
            raise Refused(_("Rule on it first."))
        locked.published_at = (locked.published_at or timezone.now()) if publish else None
        locked.save(update_fields=["published_at"])
        if publish:
            _record(locked, "governance.ruling_published", actor)
    return locked


def appeal(ruling: Ruling, circle: Role, *, actor: Person, reason: str) -> Ruling:
    """Appeal against a ruling to the secretary of ``circle``, one around the circle that ruled (§4.2.1). The ruling
    counts until it is overruled. Returns the appeal, which is ruled on like any question.

    Raises RuleBroken §4.2.1 (no partner; no super-circle), Refused (not in force, appealed to already).
    """
    words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
    with transaction.atomic():
        locked = _lock(ruling)
        structure = Structure.of(locked.organization_id)
        _first(rules.partner_asks_4_2(structure, actor.pk, "4.2.1"))
        _first(rules.appeal_goes_up_4_2_1(structure, locked.circle_id, circle.pk))
        if not locked.in_force:
            raise Refused(_("This ruling is not in force: there is nothing to appeal against."))
        if locked.appeals.filter(circle=circle, state=State.ASKED).exists():
            raise Refused(_("This has been appealed to that secretary already; they have not ruled yet."))
        again = Ruling.objects.create(
            organization=locked.organization,
            circle=circle,
            kind=locked.kind,
            asker=actor,
            other=locked.ruled_by,
            about=locked.about,
            about_id=locked.about_id,
            role_id=locked.role_id,
            policy_id=locked.policy_id,
            said=locked.said,
            question=locked.question,
            reading=words,
            other_reading=locked.text,
            appeal_of=locked,
        )
        _record(again, "governance.ruling_appealed", actor)
    return again


def let_lapse(ruling: Ruling, *, actor: Person, reason: str) -> Ruling:
    """Mark that a ruling counts no longer, because the text or the circumstances it was about have changed
    (§4.2.1): for the acting secretary, with what has changed."""
    with transaction.atomic():
        locked = _lock(ruling)
        _require_secretary(locked, actor)
        words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
        if not locked.in_force:
            raise Refused(_("This ruling is not in force any more."))
        _end(locked, State.LAPSED, actor, words)
        _record(locked, "governance.ruling_lapsed", actor)
    return locked


def strike(
    *, actor: Person, about: str, about_id: str, reason: str, ruling: Ruling | None = None
) -> Decision:
    """Strike a decision, a role, a policy, or a single accountability or domain, because it breaks the
    Constitution, with the reason (§4.2.2). ``ruling`` is the question that is answered by it, if somebody asked.

    In one transaction: enacted by authority of the strike as removal, or as inverse against today's structure;
    every partner who fills a role in the circle is told, once. Returns the decision. Raises RuleBroken §4.2.2
    (not the acting secretary of that circle or one around it; a question that is somebody else's or about something
    else), Refused, Conflict, what the changes are refused by.
    """
    organization = actor.organization
    words = clean(reason, "reason", most=TEXT_LENGTH, multiline=True, required=True)
    if organization.adopted_at is None:
        raise RuleBroken(
            "1.3.3", _("Nothing is governance before the Constitution is adopted: edit the set-up.")
        )
    with transaction.atomic():
        lock_record(organization)
        structure = Structure.of(organization.pk)
        found = thing(structure, organization, about, about_id)
        if found is None:
            raise Conflict(_("This has gone already: there is nothing to strike."))
        plan = striking(structure, found)
        _first(rules.secretary_strikes_4_2_2(structure, plan.circles, actor.pk))
        answered = _lock(ruling) if ruling is not None else None
        if answered is not None:
            _require_secretary(answered, actor)
            _require_asked(answered)
            _first(rules.strikes_what_was_asked_4_2_2(answered, found))
        if not plan.changes:
            raise Refused(
                _("Nothing of it stands as it was decided. Strike the role, policy or line it has become.")
            )
        circles = set(plan.circles)
        for circle_id in plan.circles:
            circles |= set(rules.secretaries_circles(structure, circle_id, actor.pk)[:1])
        told = partners_in(structure, circles) - {actor.pk}
        enacted = enact(
            organization,
            plan.changes,
            authority=Authority(by.STRIKE, actor=actor.pk, circle=plan.circle, texts={"reason": words}),
        )
        decision = enacted.decision
        if decision is None:
            raise Refused(_("Nothing was struck."))
        notices = [
            StrikeNotice(organization=organization, decision=decision, person_id=p) for p in sorted(told)
        ]
        StrikeNotice.objects.bulk_create(notices)
        for notice in notices:
            queue_job("governance.mail_struck", notice.pk, organization=organization)
        if answered is not None:
            if answered.appeal_of is not None:
                answered.overrules = True
                _overrule(_lock(answered.appeal_of), actor)
            answered.text, answered.state, answered.struck = words, State.STRUCK, decision
            answered.ruled_by, answered.ruled_at = actor, timezone.now()
            answered.save()
        record(
            organization=organization,
            kind="governance.struck",
            actor=actor,
            circle_id=plan.circle,
            decision=decision.pk,
            number=decision.number,
            name=found.name[:200],
            reason=words[:400],
            told=sorted(told),
        )
    return decision


def see_strike(decision: Decision, *, actor: Person) -> None:
    """Note that somebody has read of a strike they are told of."""
    StrikeNotice.objects.filter(decision=decision, person=actor, seen_at=None).update(seen_at=timezone.now())


# -- inside -------------------------------------------------------------------------------------------------------


def said_now(ruling: Ruling) -> str:
    """Return the words a ruling is about as they stand today; empty where they have gone."""
    if not ruling.about:
        return ""
    found = thing(Structure.of(ruling.organization_id), ruling.organization, ruling.about, ruling.about_id)
    return found.said if found else ""


def _first(refusals: Iterable[Refused]) -> None:
    for refusal in refusals:
        raise refusal


def _lock(ruling: Ruling) -> Ruling:
    locked = Ruling.objects.select_for_update(no_key=True, of=("self",)).get(pk=ruling.pk)
    locked.organization = ruling.organization
    return locked


def _require_asked(ruling: Ruling) -> None:
    if not ruling.is_asked:
        raise Refused(_("This has been answered already, or the question was withdrawn."))


def _require_secretary(ruling: Ruling, actor: Person) -> None:
    """The acting secretary of the circle rules; where it has gone, that of the nearest one around it."""
    structure = Structure.of(ruling.organization_id)
    circle_id = answering_circle(structure, ruling.circle)
    if circle_id is None:
        raise Refused(_("The circle has been removed, and no secretary is there to rule."))
    _first(rules.secretary_rules_4_2_1(structure, circle_id, actor.pk))


def _overrule(below: Ruling, actor: Person) -> None:
    if below.state == State.RULED:
        _end(below, State.OVERRULED, actor, "")


def _end(ruling: Ruling, state: str, actor: Person, reason: str) -> None:
    ruling.state, ruling.ended_by, ruling.ended_at, ruling.ended_reason = state, actor, timezone.now(), reason
    ruling.save(update_fields=["state", "ended_by", "ended_at", "ended_reason"])


def _record(ruling: Ruling, kind: str, actor: Person) -> None:
    record(
        organization=ruling.organization,
        kind=kind,
        actor=actor,
        circle_id=ruling.circle_id,
        ruling=ruling.pk,
        question=ruling.question[:200],
    )
