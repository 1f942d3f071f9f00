"""Standing against an announcement or letting it pass, and what the leads an initiative affected ask for."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import reach, rules
from announcements.actions.common import State, lock, note_down, tell
from announcements.actions.granting import advance, free
from announcements.models import WORDS_LENGTH, Announcement, Recipient, Reply
from circles.models import Role
from circles.structure import DomainRow, Structure
from governance.changes.base import clean
from journal.actions import queue_job
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused

Kind = Announcement.Kind
STANDING = Reply.State.STANDING


def mark_seen(announcement: Announcement, *, actor: Person) -> None:
    """Note that somebody it was sent to has read it; who has is shown to everybody."""
    unseen = Recipient.objects.filter(announcement=announcement, person=actor, seen_at=None)
    if not unseen.exists():
        return
    with transaction.atomic():
        if unseen.update(seen_at=timezone.now()):
            tell(announcement, "reached")


def take_note(announcement: Announcement, *, actor: Person) -> None:
    """Say that one lets it pass: it awaits one no longer. Raises NotAllowed for who was not sent it."""
    with transaction.atomic():
        mine = announcement.recipients.filter(person=actor)
        if not mine.exists():
            raise NotAllowed(_("This was not sent to you."))
        now = timezone.now()
        if mine.filter(noted_at=None).update(noted_at=now):
            mine.filter(seen_at=None).update(seen_at=now)
            note_down(announcement, "noted", actor=actor)


def object_to(announcement: Announcement, *, actor: Person, words: str, domain: str = "") -> Reply:
    """Object to an intent for a domain one controls that it concerns (§4.1.2): it is not permitted while this stands.

    ``domain`` is one it names, or any other of one's own; empty takes the first it names that one has a say in.
    Raises Malformed (no words), RuleBroken §4.1.2 (no relevant domain, or the time is over), Refused.
    """
    said = _words(words, _("Say what it would do to the domain: the author reads it."))
    with transaction.atomic():
        locked, now = lock(announcement), timezone.now()
        advance(locked, now)
        _open(locked, Kind.INTENT, actor, _("You announced this. Withdraw it instead."))
        for refusal in rules.in_time_4_1(locked, now, standing=locked.state == State.OBJECTED):
            raise refusal
        if (own := _mine(locked, actor, said)) is not None:
            return own
        role, text = _domain(locked, actor, domain)
        reply = _reply(locked, Reply.Kind.OBJECTION, actor, said, role=role, domain=text)
        locked.state = State.OBJECTED
        locked.save(update_fields=["state"])
        note_down(locked, "objected", actor=actor, reply=reply.pk)
    return reply


def _domain(announcement: Announcement, actor: Person, domain: str) -> tuple[str | None, str]:
    """Return the role and the words of the domain that somebody objects for. Raises RuleBroken §4.1.2."""
    structure = Structure.of(announcement.organization_id)
    named = [
        t.domain for t in announcement.touched.order_by("text", "pk") if not domain or t.domain == domain
    ]
    for row in structure.get_many(DomainRow, named).values():
        if actor.pk in reach.say_in(structure, row).reached:
            return row.role, row.text
    found = structure.get(DomainRow, domain) if domain else None
    concerned = found is not None and actor.pk in structure.role_leads(found.role)
    for refusal in rules.relevant_domain_4_1_2(concerned):
        raise refusal
    assert found is not None  # noqa: S101 - or the rule has refused
    return found.role, found.text


def escalate(announcement: Announcement, *, actor: Person, words: str) -> Reply:
    """Escalate announced spending (§4.1.3): nothing may be spent while this stands. Any recipient may.

    Raises Malformed (no words), RuleBroken §4.1.3 (no recipient, or the time is over), Refused.
    """
    said = _words(words, _("Say why it should be considered again: the author reads it."))
    with transaction.atomic():
        locked, now = lock(announcement), timezone.now()
        advance(locked, now)
        if locked.granted == Announcement.Granted.POLICY:
            raise Refused(
                _(
                    "A policy lets this role spend without asking. Propose to change the policy, or revoke this."
                )
            )
        _open(locked, Kind.SPENDING, actor, _("You announced this. Withdraw it instead."))
        for refusal in (
            *rules.recipient_4_1_3(_may_escalate(locked, actor)),
            *rules.in_time_4_1(locked, now, standing=locked.state == State.ESCALATED),
        ):
            raise refusal
        if (own := _mine(locked, actor, said)) is not None:
            return own
        reply = _reply(locked, Reply.Kind.ESCALATION, actor, said)
        locked.state = State.ESCALATED
        locked.save(update_fields=["state"])
        note_down(locked, "escalated", actor=actor, reply=reply.pk)
    return reply


def _may_escalate(announcement: Announcement, actor: Person) -> bool:
    """Whoever it was sent to, or who has come to lead the role or one within it since."""
    if announcement.recipients.filter(person=actor).exists():
        return True
    structure = Structure.of(announcement.organization_id)
    return actor.pk in reach.asked_about_spending(structure, announcement.asked_of_id or "")


def end_reply(reply: Reply, *, actor: Person) -> Reply:
    """Take back what stands against an announcement: one's own objection, escalation or request; or, as a lead of
    the role that is asked, anybody's escalation (§4.1.3).

    What nothing stands against any more waits again, or is granted where its time is over.
    Raises RuleBroken §4.1.3, NotAllowed (somebody else's), Refused (ended already).
    """
    with transaction.atomic():
        locked, now = lock(reply.announcement), timezone.now()
        own = Reply.objects.select_for_update(no_key=True, of=("self",)).get(pk=reply.pk)
        mine = own.person_id == actor.pk
        if own.kind == Reply.Kind.ESCALATION:
            structure = Structure.of(locked.organization_id)
            leads = actor.pk in structure.role_leads(locked.asked_of_id or "")
            for refusal in rules.reverses_4_1_3(mine, leads):
                raise refusal
        elif not mine:
            raise NotAllowed(_("Only who said this can take it back."))
        if own.state != STANDING:
            raise Refused(_("This stands no longer."))
        own.state = Reply.State.WITHDRAWN if mine else Reply.State.REVERSED
        own.ended_at, own.ended_by = now, actor
        own.save(update_fields=["state", "ended_at", "ended_by"])
        note_down(locked, "reply_ended", actor=actor, reply=own.pk)
        free(locked, now)
    return own


def ask(announcement: Announcement, *, actor: Person, kind: str, words: str) -> Reply:
    """Ask somebody who took an initiative to put something right, or to refrain from the like (§4.3).

    ``kind`` is ``restore`` or ``refrain``. Raises RuleBroken §4.3 (leads no role it affected), Malformed, Refused.
    """
    if kind not in (Reply.Kind.RESTORE, Reply.Kind.REFRAIN):
        raise Malformed(_("Choose what you ask for."), field="kind")
    said = _words(words, _("Say what you ask for: whoever took the initiative reads it."))
    with transaction.atomic():
        locked = lock(announcement)
        if locked.kind != Kind.INITIATIVE:
            raise Refused(_("This is asked for after an individual initiative."))
        structure = Structure.of(locked.organization_id)
        affected = [t.role_id for t in locked.touched.all()]
        roles = reach.leads_of(structure, affected).get(actor.pk, [])
        for refusal in rules.asks_4_3(bool(roles)):
            raise refusal
        for standing in locked.replies.filter(person=actor, kind=kind, state=STANDING, words=said):
            return standing  # the same sent twice
        reply = _reply(locked, kind, actor, said, role=roles[0])
        note_down(locked, "asked", actor=actor, reply=reply.pk)
    return reply


def answer(reply: Reply, *, actor: Person, words: str) -> Reply:
    """Answer what was asked for after one's initiative: what one did about it (§4.3).

    Raises NotAllowed (it was somebody else's initiative), Malformed (no words), Refused (it stands no longer).
    """
    said = _words(words, _("Say what you did about it, or when you will."), field="answer")
    with transaction.atomic():
        locked = lock(reply.announcement)
        if locked.author_id != actor.pk:
            raise NotAllowed(_("Whoever took the initiative answers this."))
        own = Reply.objects.select_for_update(no_key=True, of=("self",)).get(pk=reply.pk)
        if own.state == Reply.State.ANSWERED and own.answer == said:
            return own
        if own.state != STANDING or locked.kind != Kind.INITIATIVE:
            raise Refused(_("This stands no longer."))
        own.state, own.answer = Reply.State.ANSWERED, said
        own.ended_at, own.ended_by, own.mailed_at = timezone.now(), actor, None
        own.save(update_fields=["state", "answer", "ended_at", "ended_by", "mailed_at"])
        queue_job("announcements.mail_reply", own.pk, organization=locked.organization)
        note_down(locked, "answered", actor=actor, reply=own.pk)
    return own


def _words(words: str, missing: str, *, field: str = "words") -> str:
    said = clean(words, field, most=WORDS_LENGTH, multiline=True)
    if not said:
        raise Malformed(missing, field=field)
    return said


def _open(announcement: Announcement, kind: str, actor: Person, own: str) -> None:
    """Raise Refused where an announcement cannot be stood against at all: it is one's own, or it is over."""
    if announcement.kind != kind:
        raise Refused(_("This cannot be said of this kind of announcement."))
    if announcement.author_id == actor.pk:
        raise Refused(own)
    if announcement.state in (State.WITHDRAWN, State.REVOKED, State.DONE) or (
        announcement.state == State.GRANTED and announcement.granted == Announcement.Granted.OWNER
    ):
        raise Refused(_("This is over. Talk to whoever announced it."))


def _mine(announcement: Announcement, actor: Person, said: str) -> Reply | None:
    """Return one's own reply that stands with the same words. Raises Refused where it has others."""
    own = announcement.replies.filter(person=actor, state=STANDING).first()
    if own is not None and own.words != said:
        raise Refused(_("You stand against it already. Take that back to say something else."), field="words")
    return own


def _reply(
    announcement: Announcement,
    kind: str,
    actor: Person,
    said: str,
    *,
    role: str | None = None,
    domain: str = "",
) -> Reply:
    reply = Reply.objects.create(
        organization=announcement.organization,
        announcement=announcement,
        kind=kind,
        person=actor,
        role=Role.objects.get(pk=role) if role else None,
        domain=domain,
        words=said,
    )
    now = timezone.now()
    announcement.recipients.filter(person=actor, noted_at=None).update(noted_at=now, seen_at=now)
    queue_job("announcements.mail_reply", reply.pk, organization=announcement.organization)
    return reply
