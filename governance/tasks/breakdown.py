"""What follows from process breakdowns and reviews: run by the worker, safe to run twice or late."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.actions import breakdowns
from governance.models import Breakdown, Review
from journal.jobs import job
from people.letters import write_to
from people.models import Person


@job("governance.raise_breakdown")
def raise_breakdown(breakdown_id: str) -> None:
    """Let a breakdown that was left open too long count for the circle around it as well (§5.5.3)."""
    breakdowns.raise_breakdown(breakdown_id)


@job("governance.mail_breakdown")
def mail_breakdown(breakdown_id: str, person_id: str, what: str) -> None:
    """Tell somebody once that a process breakdown was declared, or that due process is restored."""
    person = Person.objects.present().select_related("organization").filter(pk=person_id).first()
    if person is None or not person.email:
        return
    mark = f"{what}:{person_id}"
    # Noted in the transaction that sends it: a second run waits for it and finds it done
    with transaction.atomic():
        breakdown = (
            Breakdown.objects.select_for_update(no_key=True, of=("self",))
            .select_related("circle", "declared_by", "ended_by", "raised_from__circle")
            .filter(pk=breakdown_id)
            .first()
        )
        if breakdown is None or mark in breakdown.told:
            return
        breakdown.told = [*breakdown.told, mark]
        breakdown.save(update_fields=["told"])
        circle = breakdown.circle.shown_name
        subject = (
            _("Process breakdown in %(circle)s")
            if what == breakdowns.DECLARED
            else _("Due process in %(circle)s")
        )
        address = reverse("governance:breakdown", args=[person.organization.slug, breakdown.pk])
        write_to(
            person,
            subject % {"circle": circle},
            "emails/breakdown.txt",
            address,
            breakdown=breakdown,
            circle=circle,
            ended=what == breakdowns.ENDED,
        )


@job("governance.mail_review")
def mail_review(review_id: str, person_id: str) -> None:
    """Tell a facilitator that a review was asked for, or whoever asked that it was answered."""
    person = Person.objects.present().select_related("organization").filter(pk=person_id).first()
    review = Review.objects.select_related("circle", "asked_by", "answered_by").filter(pk=review_id).first()
    if review is None or person is None or not person.email:
        return
    circle = review.circle.shown_name
    answered = review.answered_at is not None
    if answered != (person.pk == review.asked_by_id):
        return
    subject = _("Your request to review %(circle)s") if answered else _("Review the process of %(circle)s")
    address = reverse("governance:breakdowns", args=[person.organization.slug, review.circle.ref])
    context = {"review": review, "circle": circle, "answered": answered}
    write_to(person, subject % {"circle": circle}, "emails/review.txt", address, **context)
