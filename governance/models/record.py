"""The record: its head, the decisions that are its entries, the texts beside them, and the versions of rows."""

from __future__ import annotations

from typing import Any

from django.db import models

from circles.models import Role
from governance import authority
from people.fields import IdField
from people.models import Organization, Person


class Record(models.Model):
    """The head of an organization's record. Whoever changes structure locks this row first."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="record"
    )
    number = models.PositiveIntegerField(default=0, help_text="Number of the last decision; 0 during set-up.")
    head = models.CharField(max_length=64, blank=True, help_text="Hash of the last decision.")
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.organization_id} at {self.number}"


class AppendOnly(models.Model):
    """Rows that are written once and neither changed nor deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The record is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The record is append-only.")


class Decision(AppendOnly):
    """One entry of the record: by whose authority, which changes, and every row before and after."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="decisions")
    number = models.PositiveIntegerField()
    format = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    authority = models.CharField(max_length=12, choices=list(authority.NAMES.items()))
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    circle = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="decisions")
    proposal = models.CharField(max_length=10, blank=True)
    meeting = models.CharField(max_length=10, blank=True)
    changes = models.JSONField()
    rows = models.JSONField(help_text="Row-level before and after: [table, id, before, after].")
    counts = models.JSONField(
        default=dict, help_text="How many rows of each table: lists need not read them."
    )
    digests = models.JSONField(
        default=dict, help_text="Digest of salt and text for each text beside this entry."
    )
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "number"], name="decision_number_once"),
        )
        indexes = (models.Index(fields=["organization", "circle", "number"], name="decision_of_circle"),)

    def __str__(self) -> str:
        return f"#{self.number}"


class DecisionText(models.Model):
    """A text beside a decision: tension, example, reason. Erasing it leaves the record provable."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=20)
    salt = models.CharField(max_length=32)
    text = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["decision", "kind"], name="decision_text_once"),)

    def __str__(self) -> str:
        return self.kind


class RowVersion(models.Model):
    """A row of the structure as it stood from one decision until another; derivable from the decisions."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=16)
    row = models.CharField(max_length=10)
    role = models.CharField(max_length=10, blank=True, help_text="The role that the row is, or belongs to.")
    person = models.CharField(max_length=10, blank=True, help_text="The person that the row is, or is about.")
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)
    data = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "table", "row", "since"], name="version_once"),
        )
        indexes = (
            models.Index(fields=["organization", "role", "since"], name="version_of_role"),
            models.Index(fields=["organization", "person", "since"], name="version_of_person"),
            # What stood before a decision: the versions that it and later ones ended
            models.Index(
                fields=["organization", "table", "until"],
                name="version_ended",
                condition=models.Q(until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.row} since {self.since}"
