"""What follows from a strike: run by the worker, safe to run twice or late."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from governance.models import StrikeNotice
from governance.queries import entries
from journal.jobs import job


@job("governance.mail_struck")
def mail_struck(notice_id: str) -> None:
    """Tell somebody who fills a role in the circle what was struck and why (§4.2.2), once."""
    notice = (
        StrikeNotice.objects.select_related("organization", "decision__actor", "decision__circle", "person")
        .filter(pk=notice_id, mailed_at=None)
        .first()
    )
    if notice is None or not notice.person.email:
        return
    # Claimed before it is sent: a second run finds it claimed. A failed sending gives the claim back.
    if not StrikeNotice.objects.filter(pk=notice_id, mailed_at=None).update(mailed_at=timezone.now()):
        return
    organization, decision = notice.organization, notice.decision
    try:
        with (
            translation.override(settings.LANGUAGE_CODE),
            timezone.override(notice.person.zone or organization.zone),
        ):
            entry = entries(organization, [decision])[0]
            context = {
                "decision": decision,
                "entry": entry,
                "person": notice.person,
                "url": f"{settings.SITE_URL}/{organization.slug}/record/{decision.number}/",
            }
            send_mail(
                _("Struck: %(what)s") % {"what": entry.headline},
                render_to_string("emails/struck.txt", context),
                settings.DEFAULT_FROM_EMAIL,
                [notice.person.email],
            )
    except Exception:
        StrikeNotice.objects.filter(pk=notice_id).update(mailed_at=None)
        raise
