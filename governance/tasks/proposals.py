"""What follows from governance: run by the worker, safe to run twice or late."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from governance.actions.breakdowns import let_lapse
from governance.actions.elections import end_of_term, follow_membership
from governance.actions.proposals import settle
from governance.mailing import mail_about
from governance.models import Decision, Proposal, Response
from journal.actions import queue_job
from journal.jobs import job

# What may change who is a circle member, or who may be elected
MEMBERSHIP_TABLES = {"role", "assignment", "person", "policy", "link"}


@job("governance.settle_proposal")
def settle_proposal(proposal_id: str) -> None:
    """Adopt a proposal if everything for it is there."""
    settle(proposal_id)


@job("governance.after_decision")
def after_decision(decision_id: str) -> None:
    """Let the rolls of open proposals and elections follow a decision that may have changed who is a circle member,
    breakdowns end with their circles, and have the worker come when a term ends that it began."""
    decision = Decision.objects.select_related("organization").filter(pk=decision_id).first()
    if decision is None or not MEMBERSHIP_TABLES & {row[0] for row in decision.rows}:
        return
    let_lapse(decision.organization)
    waiting = Proposal.objects.filter(
        organization=decision.organization, state__in=[Proposal.State.PROPOSED, Proposal.State.OBJECTED]
    )
    with transaction.atomic():
        for pk in waiting.values_list("pk", flat=True):
            queue_job(
                "governance.settle_proposal", pk, organization=decision.organization, key=f"settle:{pk}"
            )
        for pk in follow_membership(decision.organization):
            queue_job(
                "governance.step_election", pk, organization=decision.organization, key=f"election:{pk}"
            )
        for table, row_id, _before, after in decision.rows:
            if table == "assignment" and after and after.get("term_ends"):
                queue_job(
                    "governance.term_expired",
                    row_id,
                    organization=decision.organization,
                    due=end_of_term(dt.date.fromisoformat(after["term_ends"]), decision.organization),
                    key=f"term:{row_id}",
                )


@job("governance.mail_asked")
def mail_asked(response_id: str) -> None:
    """Send the one e-mail that asks somebody for their answer, unless it is settled or they have answered."""
    mail_about(response_id, "mailed_at", "emails/asked.txt", gettext_noop("Your answer: %(title)s"))


@job("governance.remind")
def remind(proposal_id: str, round_: int, which: str) -> None:
    """Queue a reminder for each who is silent in a round that is still open: ``half`` way, or ``last``."""
    silent = Response.objects.filter(
        proposal=proposal_id,
        round=round_,
        answer="",
        proposal__round=round_,
        proposal__state__in=[Proposal.State.PROPOSED, Proposal.State.OBJECTED],
        proposal__due_at__gt=timezone.now(),
    ).select_related("organization")
    with transaction.atomic():
        for response in silent:
            queue_job("governance.mail_reminder", response.pk, which, organization=response.organization)


REMINDERS = {
    "half": ("half_mailed_at", gettext_noop("Half the time has passed: %(title)s")),
    "last": ("last_mailed_at", gettext_noop("Answers close soon: %(title)s")),
    "extended": ("extended_mailed_at", gettext_noop("Answers close later: %(title)s")),
}


@job("governance.mail_reminder")
def mail_reminder(response_id: str, which: str) -> None:
    """Send one of the e-mails that remind somebody of their answer, once, unless it has become needless."""
    column, subject = REMINDERS[which]
    mail_about(response_id, column, f"emails/reminder_{which}.txt", subject)
