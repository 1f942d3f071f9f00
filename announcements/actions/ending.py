"""How an announcement ends: done, withdrawn, or revoked."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import reach, rules
from announcements.actions.common import State, lock, note_down
from announcements.actions.granting import advance
from announcements.models import WORDS_LENGTH, Announcement
from circles.structure import Structure
from governance.changes.base import clean
from journal.actions import queue_job
from people.models import Person
from people.refusals import Malformed, NotAllowed, Refused


def report_done(announcement: Announcement, *, actor: Person, note: str = "") -> Announcement:
    """Say that the one action was taken, or the money spent; what was granted is used up with it.

    Raises NotAllowed (somebody else's), RuleBroken §4.1.2 or §4.1.3 (not granted, objected to, escalated, revoked),
    Malformed, Refused.
    """
    words = clean(note, "note", most=WORDS_LENGTH, multiline=True)
    with transaction.atomic():
        locked, now = _own(announcement, actor)
        if locked.state == State.DONE and locked.note == words:
            return locked
        for refusal in rules.granted_first_4_1(locked):
            raise refusal
        if locked.state != State.GRANTED:
            raise Refused(_("This is over: there is nothing to act on."))
        _end(locked, State.DONE, words, actor, now)
        note_down(locked, "done", actor=actor)
    return locked


def withdraw(announcement: Announcement, *, actor: Person) -> Announcement:
    """Withdraw what one announced; what it gave, if anything, holds no longer. Raises NotAllowed, Refused."""
    with transaction.atomic():
        locked, now = _own(announcement, actor)
        if locked.state == State.WITHDRAWN:
            return locked
        if not (locked.is_open or locked.state == State.GRANTED):
            raise Refused(_("This is over: there is nothing to withdraw."))
        _end(locked, State.WITHDRAWN, "", actor, now)
        note_down(locked, "withdrawn", actor=actor)
    return locked


def revoke(announcement: Announcement, *, actor: Person, words: str) -> Announcement:
    """Revoke an authorization to spend, granted or still waited for, as a lead of the role that is asked (§4.1.3).

    Raises RuleBroken §4.1.3 (who leads it not), Malformed (no words), Refused (spent, withdrawn, or no spending).
    """
    said = clean(words, "words", most=WORDS_LENGTH, multiline=True)
    with transaction.atomic():
        locked, now = lock(announcement), timezone.now()
        if locked.kind != Announcement.Kind.SPENDING:
            raise Refused(_("Only an authorization to spend is revoked."))
        advance(locked, now)
        structure = Structure.of(locked.organization_id)
        for refusal in rules.revokes_4_1_3(actor.pk in structure.role_leads(locked.asked_of_id or "")):
            raise refusal
        if not said:
            raise Malformed(_("Say why: the author reads it."), field="words")
        if locked.state == State.REVOKED and locked.note == said:
            return locked
        if not (locked.is_open or locked.state == State.GRANTED):
            raise Refused(_("There is nothing left to revoke: it is spent, or over."))
        _end(locked, State.REVOKED, said, actor, now)
        note_down(locked, "revoked", actor=actor)
        queue_job("announcements.mail_author", locked.pk, organization=locked.organization)
    return locked


def _own(announcement: Announcement, actor: Person) -> tuple[Announcement, dt.datetime]:
    locked, now = lock(announcement), timezone.now()
    if locked.kind == Announcement.Kind.INITIATIVE:
        raise Refused(_("An initiative is recorded after the fact: it stays as it is."))
    if not reach.acts_on(Structure.of(locked.organization_id), locked, actor.pk):
        raise NotAllowed(
            _("Only who announced it can do this, or who leads its role since they no longer do.")
        )
    advance(locked, now)
    return locked, now


def _end(announcement: Announcement, state: str, note: str, actor: Person, now: dt.datetime) -> None:
    announcement.state, announcement.note = state, note
    announcement.ended_at, announcement.ended_by, announcement.told_at = now, actor, None
    announcement.save(update_fields=["state", "note", "ended_at", "ended_by", "told_at"])
