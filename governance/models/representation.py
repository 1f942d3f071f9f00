"""Who may speak for a role, or act in a seat, that is not theirs: permissions, stand-ins and guests."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import Role
from people.fields import IdField
from people.models import Organization, Person

WORDS_LENGTH = 400


class Permission(models.Model):
    """Leave that a lead of a role gives somebody to represent it in governance, until a day or withdrawn (§5.3)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="permissions")
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    until = models.DateField(null=True, help_text="The last day it holds, in the organization's zone.")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["granted_at", "pk"]
        indexes = (
            models.Index(fields=["person", "withdrawn_at"], name="permission_of_person"),
            models.Index(fields=["role", "withdrawn_at"], name="permission_for_role"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} for {self.role_id}"


class StandIn(models.Model):
    """Somebody who acts as facilitator or secretary in place of the elected one: named by them (§5.3.6a), or
    because the super-circle's facilitator has taken over in a process breakdown (§5.5.2c)."""

    class Why(models.TextChoices):
        NAMED = "named", _("Named")
        BREAKDOWN = "breakdown", _("Taken over")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, help_text="The seat: facilitator or secretary.")
    why = models.CharField(max_length=10, choices=Why.choices, default=Why.NAMED)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Who is replaced, where named."
    )
    since = models.DateTimeField(default=timezone.now)
    until = models.DateField(null=True, help_text="The last day, in the organization's zone.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["circle", "kind", "why"],
                condition=models.Q(ended_at=None),
                name="stand_in_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} as {self.kind} of {self.circle_id}"


class Guest(models.Model):
    """A partner whom a circle rep has invited to one meeting of a circle around theirs, to aid in processing one
    tension (§5.4.1)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    meeting = models.CharField(max_length=10)
    circle = models.ForeignKey(
        Role, on_delete=models.PROTECT, related_name="+", help_text="The sub-circle that is represented."
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guest_in")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    tension = models.CharField(max_length=WORDS_LENGTH)
    invited_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, help_text="Withdrawn, or the meeting is over.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["invited_by", "circle"],
                condition=models.Q(ended_at=None),
                name="guest_one_at_a_time",
            ),
        )
        indexes = (models.Index(fields=["meeting", "ended_at"], name="guest_of_meeting"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.meeting}"
