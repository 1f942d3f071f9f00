"""How an announcement is granted: by silence at its instant, or by whoever controls the domain (§4.1.2, §4.1.3)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import reach, rules
from announcements.actions.common import State, lock, note_down, tell
from announcements.models import Announcement, Reply
from circles.structure import DomainRow, Structure
from journal.actions import queue_job
from people.models import Person
from people.refusals import Refused


def settle(announcement_id: str) -> bool:
    """Grant an announcement whose time is over with nobody standing against it; return whether it was.

    It may be run any number of times, early or late: what holds from the instant on does so without it.
    """
    with transaction.atomic():
        found = Announcement.objects.select_related("organization").filter(pk=announcement_id).first()
        return found is not None and advance(lock(found), timezone.now())


def advance(locked: Announcement, now: dt.datetime) -> bool:
    """Grant what the time has granted, in a transaction with the announcement locked. Every act begins with it."""
    if locked.state != State.WAITING or locked.due_at is None or now < locked.due_at:
        return False
    if locked.role is not None and locked.role.until is not None:
        locked.state, locked.ended_at = State.WITHDRAWN, now
        locked.note = _("The role it was announced for has been removed.")
        locked.save(update_fields=["state", "ended_at", "note"])
        note_down(locked, "lapsed", actor=None)
        return False
    last = locked.replies.aggregate(last=Max("ended_at"))["last"]
    grant(locked, Announcement.Granted.TIME, at=max(locked.due_at, last or locked.due_at))
    return True


def grant(locked: Announcement, how: str, *, at: dt.datetime, actor: Person | None = None) -> None:
    """Write down that an announcement is granted, and have its author told."""
    locked.state, locked.granted, locked.granted_at = State.GRANTED, how, at
    locked.told_at = None
    locked.save(update_fields=["state", "granted", "granted_at", "told_at"])
    note_down(locked, "granted", actor=actor)
    queue_job("announcements.mail_author", locked.pk, organization=locked.organization)


def free(locked: Announcement, now: dt.datetime) -> None:
    """Let an announcement go on where nothing stands against it any more: it waits again, or is granted."""
    if locked.state not in (State.OBJECTED, State.ESCALATED):
        return
    if not locked.replies.filter(state=Reply.State.STANDING).exists():
        locked.state = State.WAITING
        locked.save(update_fields=["state"])
        if not grant_if_permitted(locked, now) and not advance(locked, now):
            tell(locked)


def grant_if_permitted(locked: Announcement, now: dt.datetime, *, actor: Person | None = None) -> bool:
    """Grant a waiting intent once every domain it names is permitted; return whether it was."""
    if locked.state != State.WAITING or not locked.touched.exists():
        return False
    if locked.kind != Announcement.Kind.INTENT or locked.touched.filter(permitted_by=None).exists():
        return False
    grant(locked, Announcement.Granted.OWNER, at=now, actor=actor)
    return True


def permit(announcement: Announcement, *, actor: Person) -> Announcement:
    """Permit an intent at once for the domains one controls (§4.1.2); once all of them are, it is granted.

    Raises RuleBroken §4.1.2 (who controls none of them), Refused (it is over, or objected to by oneself).
    """
    with transaction.atomic():
        locked, now = lock(announcement), timezone.now()
        advance(locked, now)
        if locked.kind != Announcement.Kind.INTENT:
            raise Refused(_("Only an intent to impact a domain is permitted at once."))
        if locked.state == State.GRANTED:
            return locked  # the same said twice, or silence said it first
        if not locked.is_open:
            raise Refused(_("This is over: there is nothing to permit any more."))
        if locked.replies.filter(person=actor, state=Reply.State.STANDING).exists():
            raise Refused(_("You have objected. Withdraw your objection to permit it."))
        structure = Structure.of(locked.organization_id)
        touched = list(locked.touched.all())
        domains = structure.get_many(DomainRow, [t.domain for t in touched])
        mine = [
            t
            for t in touched
            if t.domain in domains and actor.pk in reach.say_in(structure, domains[t.domain]).permit
        ]
        for refusal in rules.controls_4_1_2(bool(mine)):
            raise refusal
        for line in mine:
            if line.permitted_by_id is None:
                line.permitted_by, line.permitted_at = actor, now
                line.save(update_fields=["permitted_by", "permitted_at"])
        locked.recipients.filter(person=actor, noted_at=None).update(noted_at=now, seen_at=now)
        note_down(locked, "permitted", actor=actor)
        grant_if_permitted(locked, now, actor=actor)
    return locked
