"""The e-mails that ask circle members for their answer to a proposal, each at most once."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from governance.models import Response
from people.queries import names_of


def mail_about(response_id: str, column: str, template: str, subject: str) -> None:
    """Send somebody on the roll one e-mail about the answer they owe, unless it is settled or they have answered.

    ``column`` of their line keeps when it went out; ``subject`` is yet to be translated.
    """
    lines = Response.objects.filter(pk=response_id, answer="", **{column: None})
    response = lines.select_related(
        "proposal__organization", "proposal__circle", "proposal__proposer", "person"
    ).first()
    if response is None or not response.person.email or not response.proposal.is_open:
        return
    if response.round != response.proposal.round:
        return
    # Claimed before it is sent: a second run finds it claimed. A failed sending gives the claim back.
    if not lines.update(**{column: timezone.now()}):
        return
    proposal = response.proposal
    proposal.circle.organization = response.person.organization = proposal.organization
    context = {
        "proposal": proposal,
        "person": response.person,
        "because_of": names_of([person for person, _why in proposal.extended_for]),
        "url": f"{settings.SITE_URL}/{proposal.organization.slug}/proposals/{proposal.pk}/",
    }
    if proposal.election_id is not None:
        template = "emails/candidate.txt"
        context["url"] = f"{settings.SITE_URL}/{proposal.organization.slug}/elections/{proposal.election_id}/"
    try:
        with translation.override(settings.LANGUAGE_CODE), timezone.override(response.person.tz):
            send_mail(
                gettext(subject) % {"title": proposal},
                render_to_string(template, context),
                settings.DEFAULT_FROM_EMAIL,
                [response.person.email],
            )
    except Exception:
        Response.objects.filter(pk=response_id).update(**{column: None})
        raise
