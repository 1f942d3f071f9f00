"""Process breakdowns, and the reviews that partners ask for (§5.5)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import Role
from governance.models.proposals import TEXT_LENGTH, Proposal
from people.fields import IdField
from people.models import Organization, Person


class Breakdown(models.Model):
    """A time in which a circle is in process breakdown: from being declared until due process is restored."""

    class Why(models.TextChoices):
        PATTERN = "pattern", _("A pattern against the rules")
        STUCK = "stuck", _("A proposal that got nowhere")
        RAISED = "raised", _("Left open in a circle inside")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="breakdowns")
    circle = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="breakdowns")
    why = models.CharField(max_length=10, choices=Why.choices, default=Why.PATTERN)
    reasons = models.TextField(max_length=TEXT_LENGTH, blank=True)
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="raised_to")
    declared_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    declared_as = models.CharField(
        max_length=16, blank=True, help_text="The seat it was declared from: facilitator or secretary."
    )
    declared_in = models.ForeignKey(
        Role, null=True, on_delete=models.PROTECT, related_name="+", help_text="The circle of that seat."
    )
    declared_at = models.DateTimeField(default=timezone.now)
    raise_at = models.DateTimeField(
        null=True, help_text="When the circle around it is in breakdown too (§5.5.3)."
    )
    lead = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="The circle lead added."
    )
    lead_assignment = models.CharField(max_length=10, blank=True)
    lead_since = models.PositiveIntegerField(null=True, help_text="Number of the decision that added them.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_words = models.TextField(max_length=TEXT_LENGTH, blank=True)
    told = models.JSONField(default=list, help_text="Who was sent which e-mail about it.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-declared_at", "pk"]
        constraints = (
            models.UniqueConstraint(
                fields=["circle"], condition=models.Q(ended_at=None), name="breakdown_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return str(_("Process breakdown"))

    @property
    def stands(self) -> bool:
        return self.ended_at is None


class Review(models.Model):
    """A partner's request that a circle be looked at for a process breakdown, and the answer (§5.5)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="reviews")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    words = models.TextField(max_length=TEXT_LENGTH)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=TEXT_LENGTH, blank=True)
    breakdown = models.ForeignKey(Breakdown, null=True, on_delete=models.SET_NULL, related_name="reviews")

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "pk"]
        indexes = (models.Index(fields=["circle", "answered_at"], name="review_waiting"),)

    def __str__(self) -> str:
        return self.words[:60]
