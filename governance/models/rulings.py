"""What secretaries are asked to interpret and to judge, and what they said (§4.2)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import Policy, Role
from governance.models.proposals import TEXT_LENGTH
from governance.models.record import Decision
from people.fields import IdField
from people.models import Organization, Person


class Ruling(models.Model):
    """A question to the secretary of a circle, and the answer: how something is to be read (§4.2.1), or whether
    governance breaks the Constitution (§4.2.2). An appeal is a question of its own, to a super-circle's secretary.
    """

    class Kind(models.TextChoices):
        INTERPRETATION = "interpretation", _("How to read it")
        VALIDITY = "validity", _("Whether it is valid")

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        RULED = "ruled", _("In force")
        STRUCK = "struck", _("Struck")
        OVERRULED = "overruled", _("Overruled")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class About(models.TextChoices):
        NOTHING = "", _("Something else")
        CLAUSE = "clause", _("The Constitution")
        ROLE = "role", _("A role or circle")
        POLICY = "policy", _("A policy")
        ACCOUNTABILITY = "accountability", _("An accountability")
        DOMAIN = "domain", _("A domain")
        DECISION = "decision", _("A decision")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="rulings")
    circle = models.ForeignKey(
        Role, on_delete=models.PROTECT, related_name="rulings", help_text="Whose secretary is asked."
    )
    kind = models.CharField(max_length=14, choices=Kind.choices, default=Kind.INTERPRETATION)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="asked_rulings")
    other = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="Who reads it differently."
    )
    asked_at = models.DateTimeField(default=timezone.now)
    about = models.CharField(max_length=14, choices=About.choices, blank=True, default="")
    about_id = models.CharField(
        max_length=20, blank=True, help_text="The row, the number of the decision, or of the clause."
    )
    role = models.ForeignKey(
        Role, null=True, on_delete=models.PROTECT, related_name="+", help_text="The role it concerns."
    )
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="rulings")
    said = models.TextField(blank=True, help_text="What it is about, as it was worded when ruled on.")
    question = models.TextField(max_length=TEXT_LENGTH)
    reading = models.TextField(blank=True, max_length=TEXT_LENGTH, help_text="How the asker reads it.")
    other_reading = models.TextField(blank=True, max_length=TEXT_LENGTH)
    ruled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True, max_length=TEXT_LENGTH, help_text="The ruling.")
    logic = models.TextField(blank=True, max_length=TEXT_LENGTH, help_text="The reasoning behind it.")
    published_at = models.DateTimeField(null=True)
    overrules = models.BooleanField(null=True, help_text="Of an appeal: whether it overrules.")
    appeal_of = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="appeals",
        help_text="What it appeals against.",
    )
    struck = models.ForeignKey(
        Decision, null=True, on_delete=models.PROTECT, related_name="+", help_text="The strike."
    )
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, max_length=TEXT_LENGTH)

    SETTLED: ClassVar[tuple[str, ...]] = ("ruled", "struck", "overruled", "lapsed")

    class Meta:
        indexes = (
            models.Index(fields=["organization", "state"], name="ruling_by_state"),
            models.Index(fields=["circle", "state"], name="ruling_in_circle"),
        )

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def is_asked(self) -> bool:
        return self.state == self.State.ASKED

    @property
    def in_force(self) -> bool:
        return self.state == self.State.RULED


class StrikeNotice(models.Model):
    """Somebody to be told of a strike (§4.2.2), once: when the e-mail went out, and when they saw it."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="strike_notices")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="strike_notices")
    mailed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["decision", "person"], name="strike_told_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} of {self.decision_id}"
