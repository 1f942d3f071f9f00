"""What follows from announcements: run by the worker, safe to run twice or late."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from announcements import actions
from announcements.models import Announcement, Recipient, Reply
from journal.jobs import job
from people.letters import claimed, write_to
from people.models import Person


@job("announcements.settle")
def settle(announcement_id: str) -> None:
    """Grant an announcement whose time is over with nobody standing against it."""
    actions.settle(announcement_id)


@job("announcements.mail_reached")
def mail_reached(recipient_id: str) -> None:
    """Write once to somebody an announcement reaches, unless it is over or they have read it by now."""
    found = Recipient.objects.filter(pk=recipient_id, mailed_at=None)
    one = found.select_related("person__organization", "announcement__author", "announcement__role").first()
    if one is None or one.noted_at or one.announcement.state in ("withdrawn", "revoked", "done"):
        return
    subject = {
        Announcement.Kind.INTENT: _("Intent: %(what)s"),
        Announcement.Kind.SPENDING: _("Spending: %(what)s"),
    }.get(Announcement.Kind(one.announcement.kind), _("Initiative: %(what)s"))
    _send(found, "mailed_at", one.person, one.announcement, subject, "emails/announcement.txt")


@job("announcements.mail_reply")
def mail_reply(reply_id: str) -> None:
    """Write once to the author about what somebody said, or to whoever asked for something about its answer."""
    found = Reply.objects.filter(pk=reply_id, mailed_at=None)
    one = found.select_related("person__organization", "announcement__author__organization").first()
    if one is None or one.state not in (Reply.State.STANDING, Reply.State.ANSWERED):
        return
    answered = one.state == Reply.State.ANSWERED
    subject = {
        Reply.Kind.OBJECTION: _("Objection: %(what)s"),
        Reply.Kind.ESCALATION: _("Escalated: %(what)s"),
    }.get(Reply.Kind(one.kind), _("After your initiative: %(what)s"))
    _send(
        found,
        "mailed_at",
        one.person if answered else one.announcement.author,
        one.announcement,
        _("Answered: %(what)s") if answered else subject,
        "emails/announcement_reply.txt",
        reply=one,
        answered=answered,
    )


@job("announcements.mail_author")
def mail_author(announcement_id: str) -> None:
    """Write once to the author that it is granted, or revoked."""
    found = Announcement.objects.filter(pk=announcement_id, told_at=None, state__in=("granted", "revoked"))
    one = found.select_related("author__organization", "asked_of", "ended_by").first()
    granted = one is not None and one.state == Announcement.State.GRANTED
    if one is None or (granted and one.granted == Announcement.Granted.POLICY):
        return
    subject = _("Granted: %(what)s") if granted else _("Revoked: %(what)s")
    _send(found, "told_at", one.author, one, subject, "emails/announcement_ended.txt")


def _send(
    found: QuerySet[Any],
    mark: str,
    person: Person,
    announcement: Announcement,
    subject: str,
    template: str,
    **more: Any,
) -> None:
    """Send one e-mail about an announcement. ``found`` is the row that marks it sent, as long as it is not."""
    if not person.email or not person.present:
        return
    pks = list(found.values_list("pk", flat=True))
    if not found.update(**{mark: timezone.now()}):
        return
    with claimed(lambda: found.model._default_manager.filter(pk__in=pks).update(**{mark: None})):
        path = reverse("announcements:announcement", args=[person.organization.slug, announcement.pk])
        words = subject % {"what": announcement.what}
        write_to(person, words, template, path, announcement=announcement, **more)
