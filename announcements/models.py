"""Announcements: intents to impact domains (§4.1.2) and to spend (§4.1.3), and individual initiatives (§4.3)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import LINE_LENGTH, Policy, Role
from people.fields import IdField
from people.models import Organization, Person

WHAT_LENGTH = 300
WORDS_LENGTH = 5_000


class Announcement(models.Model):
    """Something a role lead is about to do where others have a say, or something somebody did beyond their authority.

    What it gives holds for this one action: there is nothing to amend, only to withdraw and announce anew.
    """

    class Kind(models.TextChoices):
        INTENT = "intent", _("Intent")
        SPENDING = "spending", _("Spending")
        INITIATIVE = "initiative", _("Individual initiative")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OBJECTED = "objected", _("Objected to")
        ESCALATED = "escalated", _("Escalated")
        GRANTED = "granted", _("Granted")
        DONE = "done", _("Done")
        REVOKED = "revoked", _("Revoked")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RECORDED = "recorded", _("Recorded")

    class Granted(models.TextChoices):
        TIME = "time", _("The time passed")
        OWNER = "owner", _("Whoever controls it said yes")
        POLICY = "policy", _("A policy grants it")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="announcements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="announcements")
    role = models.ForeignKey(
        Role, null=True, on_delete=models.PROTECT, related_name="announcements", help_text="Announced for."
    )
    what = models.CharField(max_length=WHAT_LENGTH, help_text="The one action, in a line.")
    why = models.TextField(blank=True, max_length=WORDS_LENGTH)
    crossed = models.TextField(
        blank=True, max_length=WORDS_LENGTH, help_text="The rules or domains an initiative went past (§4.3)."
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    asked_of = models.ForeignKey(
        Role,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The role that controls the money (§4.1.3).",
    )
    state = models.CharField(max_length=10, choices=State.choices)
    announced_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        null=True, help_text="From this instant on it is granted, unless somebody stands against it."
    )
    working_days = models.PositiveSmallIntegerField(null=True)
    policy = models.ForeignKey(
        Policy,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The policy that sets the time, or grants it; none: the usual time.",
    )
    granted = models.CharField(max_length=6, choices=Granted.choices, blank=True)
    granted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(
        blank=True, max_length=WORDS_LENGTH, help_text="What was done, or why it was ended."
    )
    told_at = models.DateTimeField(null=True, help_text="When its author was written to about how it ended.")
    form_key = models.CharField(max_length=40, blank=True)

    # While it is in one of these, somebody may still stand against it
    OPEN: ClassVar[tuple[str, ...]] = ("waiting", "objected", "escalated")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["author", "form_key"], condition=~models.Q(form_key=""), name="announced_once"
            ),
        )
        indexes = (
            models.Index(fields=["organization", "-announced_at"], name="announcement_latest"),
            models.Index(fields=["organization", "state"], name="announcement_state"),
        )

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def stands(self) -> str:
        """The state it is in at this very moment: the time grants it, whether or not the worker has come."""
        late = self.due_at is not None and timezone.now() >= self.due_at
        return str(self.State.GRANTED) if self.state == self.State.WAITING and late else self.state

    @property
    def is_initiative(self) -> bool:
        return self.kind == self.Kind.INITIATIVE


class Touched(models.Model):
    """A domain an intent would impact, in the words it had, with the role that held it; or a role an initiative
    affected. ``permitted_by`` is whoever controls that domain and said yes at once."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="touched")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="touched_by")
    # No constraint: the domain may go, the announcement stays
    domain = models.CharField(max_length=10, blank=True)
    text = models.TextField(blank=True, max_length=LINE_LENGTH)
    permitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    permitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["announcement", "role", "domain"], name="touched_once"),
        )

    def __str__(self) -> str:
        return self.text or str(self.role)


class Recipient(models.Model):
    """Somebody an announcement was sent to, and the roles they were reached through."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="recipients")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField(default=list, help_text="The identifiers of these roles.")
    mailed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True, help_text="When they said that they let it pass.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["announcement", "person"], name="reached_once"),)
        indexes = (models.Index(fields=["person", "noted_at"], name="announcement_awaits"),)

    def __str__(self) -> str:
        return f"{self.person_id} on {self.announcement_id}"


class Reply(models.Model):
    """What somebody says against an announcement, or asks for after an initiative. It stands until it is ended."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("Objection")
        ESCALATION = "escalation", _("Escalation")
        RESTORE = "restore", _("Put something right")
        REFRAIN = "refrain", _("Refrain from the like")

    class State(models.TextChoices):
        STANDING = "standing", _("Stands")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVERSED = "reversed", _("Reversed")
        ANSWERED = "answered", _("Answered")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="replies")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(
        Role, null=True, on_delete=models.PROTECT, related_name="+", help_text="Whom they speak for."
    )
    domain = models.TextField(blank=True, max_length=LINE_LENGTH, help_text="Its domain, in its words.")
    words = models.TextField(max_length=WORDS_LENGTH)
    said_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STANDING)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True, max_length=WORDS_LENGTH)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "replies"
        indexes = (models.Index(fields=["announcement", "state"], name="announcement_replies"),)

    def __str__(self) -> str:
        return self.words[:60]
