"""The calendar that time limits of a circle are counted in (§5.3)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from circles.models import Role
from people.fields import IdField, PlainCharField
from people.models import Organization, Person, validate_zone


class CircleCalendar(models.Model):
    """When a circle works: its zone, weekdays, hours and days off. Circles inside without their own share it."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.OneToOneField(Role, on_delete=models.PROTECT, related_name="calendar")
    zone = PlainCharField(max_length=64, validators=[validate_zone])
    weekdays: models.JSONField[Any, Any] = models.JSONField(help_text="Monday is 0, Sunday 6; in order.")
    opens = models.TimeField(null=True, help_text="With ``closes`` the working hours; neither: whole days.")
    closes = models.TimeField(null=True)
    days_off: models.JSONField[Any, Any] = models.JSONField(
        default=list, help_text="Dates on which nobody works: [date, name], in order."
    )
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"calendar of {self.circle_id}"
