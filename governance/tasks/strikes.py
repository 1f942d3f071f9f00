"""What follows from a strike: run by the worker, safe to run twice or late."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import StrikeNotice
from governance.queries import entries
from journal.jobs import job
from people.letters import claimed, worded_for, write_to


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
    notices = StrikeNotice.objects.filter(pk=notice_id)
    if not notices.filter(mailed_at=None).update(mailed_at=timezone.now()):
        return
    organization, decision, person = notice.organization, notice.decision, notice.person
    person.organization = organization
    with claimed(lambda: notices.update(mailed_at=None)):
        with worded_for(person):
            entry = entries(organization, [decision])[0]
            subject = _("Struck: %(what)s") % {"what": entry.headline}
        path = f"/{organization.slug}/record/{decision.number}/"
        write_to(person, subject, "emails/struck.txt", path, decision=decision, entry=entry)
