"""What happened, what is to be done about it, and what open pages have been told."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.models import Organization, Person


class AppendOnly(Exception):
    """Somebody tried to change or delete what has happened."""


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **fields: Any) -> NoReturn:
        raise AppendOnly("Events are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Events are never deleted.")


class Event(models.Model):
    """Something that happened in an organization. Written by ``journal.actions.record``, never changed."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=80)
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    circle_id = models.CharField(max_length=10, blank=True, default="")
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["organization", "-id"], name="event_latest"),
            models.Index(fields=["organization", "circle_id", "-id"], name="event_of_circle"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Events are never deleted.")


class Job(models.Model):
    """Something the worker is to do, once, as soon as it is due.

    ``due`` is when it may run next, ``locked_until`` until when somebody is running it, and ``again`` when it
    is to run once more because it was asked for while it ran. ``done_at`` is set when it is finished with;
    ``failed`` holds the last error, and together with ``done_at`` says that it was given up.
    """

    task = models.CharField(max_length=80)
    args = models.JSONField(default=list)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=160, blank=True, default="")
    due = models.DateTimeField(default=timezone.now)
    again = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed = models.TextField(blank=True, default="")
    queued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key"], condition=Q(done_at__isnull=True) & ~Q(key=""), name="job_key_once"
            ),
        )
        indexes = (
            models.Index(fields=["due"], condition=Q(done_at__isnull=True), name="job_due"),
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="job_done"),
        )

    def __str__(self) -> str:
        return f"{self.task} {self.pk}"


class LiveTopic(models.Model):
    """Something people watch while it changes, such as a meeting, and the number of its latest change."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "name"], name="live_topic_once"),)

    def __str__(self) -> str:
        return self.name


class LiveChange(models.Model):
    """One numbered change of a topic: which part of the page is to be read again."""

    topic = models.ForeignKey(LiveTopic, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveBigIntegerField()
    fragment = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["topic", "number"], name="live_change_once"),)
        indexes = (models.Index(fields=["at"], name="live_change_at"),)

    def __str__(self) -> str:
        return f"{self.topic_id} {self.number} {self.fragment}"
