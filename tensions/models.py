"""Tensions: what people sense between what is and what could be (§1.2.1), and where each one went."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import Role
from people.fields import IdField
from people.models import Organization, Person

TENSION_LENGTH = 5_000


class Tension(models.Model):
    """A gap somebody senses from one of their roles. It stays in their inbox until it is processed."""

    class State(models.TextChoices):
        OPEN = "open", _("In the inbox")
        PROCESSED = "processed", _("Processed")
        DROPPED = "dropped", _("Let go")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="tensions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tensions")
    role = models.ForeignKey(
        Role,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tensions",
        help_text="Sensed from (§1.2.1).",
    )
    text = models.TextField(max_length=TENSION_LENGTH)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=400, blank=True, help_text="Where it went, in a few words.")
    # A form sent twice (a double click, a retry after a lost connection) captures once
    form_key = models.CharField(max_length=40, blank=True)
    sensed_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person", "form_key"], condition=~models.Q(form_key=""), name="tension_captured_once"
            ),
        )
        indexes = (models.Index(fields=["person", "state", "sensed_at"], name="tension_inbox"),)

    def __str__(self) -> str:
        return self.text[:80]
