"""What follows from governance: run by the worker, safe to run twice or late."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from governance.actions.proposals import settle
from governance.models import Decision, Proposal, Response
from journal.actions import queue_job
from journal.jobs import job

MEMBERSHIP_TABLES = {"role", "assignment", "person"}


@job("governance.settle_proposal")
def settle_proposal(proposal_id: str) -> None:
    """Adopt a proposal if everything for it is there."""
    settle(proposal_id)


@job("governance.after_decision")
def after_decision(decision_id: str) -> None:
    """Let the rolls of open proposals follow a decision that may have changed who is a circle member."""
    decision = Decision.objects.select_related("organization").filter(pk=decision_id).first()
    if decision is None or not MEMBERSHIP_TABLES & {row[0] for row in decision.rows}:
        return
    waiting = Proposal.objects.filter(
        organization=decision.organization, state__in=[Proposal.State.PROPOSED, Proposal.State.OBJECTED]
    )
    with transaction.atomic():
        for pk in waiting.values_list("pk", flat=True):
            queue_job(
                "governance.settle_proposal", pk, organization=decision.organization, key=f"settle:{pk}"
            )


@job("governance.mail_asked")
def mail_asked(response_id: str) -> None:
    """Send the one e-mail that asks somebody for their answer, unless it is settled or they have answered."""
    response = (
        Response.objects.select_related(
            "proposal__organization", "proposal__circle", "proposal__proposer", "person"
        )
        .filter(pk=response_id, mailed_at=None, answer="")
        .first()
    )
    if response is None or not response.person.email or not response.proposal.is_open:
        return
    if response.round != response.proposal.round:
        return
    # Claimed before it is sent: a second run finds it claimed. A failed sending gives the claim back.
    claimed = Response.objects.filter(pk=response_id, mailed_at=None).update(mailed_at=timezone.now())
    if not claimed:
        return
    proposal = response.proposal
    context = {
        "proposal": proposal,
        "person": response.person,
        "url": f"{settings.SITE_URL}/{proposal.organization.slug}/proposals/{proposal.pk}/",
    }
    try:
        with translation.override(settings.LANGUAGE_CODE), timezone.override(_zone_of(response)):
            send_mail(
                _("Your answer: %(title)s") % {"title": proposal},
                render_to_string("emails/asked.txt", context),
                settings.DEFAULT_FROM_EMAIL,
                [response.person.email],
            )
    except Exception:
        Response.objects.filter(pk=response_id).update(mailed_at=None)
        raise


def _zone_of(response: Response) -> str:
    return response.person.zone or response.proposal.organization.zone
