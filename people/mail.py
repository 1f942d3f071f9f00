"""E-mails about coming in. Each goes out at once: a secret link is kept nowhere, so that no job can carry it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from people.models import Invitation, Person

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Issued:
    """An invitation with its secret, which is known only now."""

    invitation: Invitation
    secret: str

    @property
    def link(self) -> str:
        return f"{settings.SITE_URL}{reverse('people:invitation', args=[self.secret])}"


def send_invitations(issued: Sequence[Issued], *, inviter: Person) -> set[str]:
    """Send each invitation to its person's address, if they have one; return the ids of those that went out."""
    sent: set[str] = set()
    mailable = [i for i in issued if i.invitation.person.email]
    if not mailable:
        return sent
    connection = get_connection()
    try:
        connection.open()
        for one in mailable:
            organization = one.invitation.organization
            message = EmailMessage(
                subject=_("%(inviter)s invites you to %(organization)s")
                % {"inviter": inviter.name, "organization": organization.name},
                body=render_to_string(
                    "emails/invitation.txt",
                    {
                        "name": one.invitation.person.name,
                        "inviter": inviter.name,
                        "organization_name": organization.name,
                        "link": one.link,
                        "expires_at": one.invitation.expires_at,
                    },
                ),
                to=[one.invitation.person.email],
                connection=connection,
            )
            if message.send():
                sent.add(one.invitation.id)
    except (OSError, SMTPException) as error:
        logger.warning("Invitations could not be sent: %s", error)
    finally:
        connection.close()
    return sent
