"""Meetings people hold: who is there, the agenda, whose turn it is, and what became of each item (§5.4)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.models import Role
from governance.models import Election, Guest, Objection, Proposal
from people.fields import IdField
from people.models import Organization, Person
from tensions.models import Tension

LABEL_LENGTH = 120
NOTE_LENGTH = 1_000


class Meeting(models.Model):
    """A governance meeting of a circle, from being scheduled until its minutes."""

    class Kind(models.TextChoices):
        GOVERNANCE = "governance", gettext_lazy("Governance meeting")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", gettext_lazy("Scheduled")
        RUNNING = "running", gettext_lazy("Under way")
        CLOSED = "closed", gettext_lazy("Held")

    class Step(models.TextChoices):
        CHECK_IN = "check_in", gettext_lazy("Check-in round")
        AGENDA = "agenda", gettext_lazy("Agenda")
        CLOSING = "closing", gettext_lazy("Closing round")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="meetings")
    circle = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.GOVERNANCE)
    intent = models.CharField(
        max_length=400, blank=True, help_text="What a special meeting is for (§5.4); empty for a regular one."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.CHECK_IN)
    scheduled_for = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(help_text="The duration it is scheduled for (§5.4.2).")
    scheduled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who asked for this special meeting (§5.4); empty for a regular one.",
    )
    limits = models.JSONField(
        default=dict, help_text="What a special meeting may change: roles, policies, tension (§5.4)."
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    agenda_at = models.DateTimeField(null=True)
    closing_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    facilitator = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    secretary = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    facilitator_why = models.CharField(
        max_length=10,
        blank=True,
        help_text="The clause by which a surrogate acts; empty for the elected one.",
    )
    secretary_why = models.CharField(max_length=10, blank=True)
    time_out_asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    time_out_since = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["organization", "state", "scheduled_for"], name="meeting_by_state"),
            models.Index(fields=["circle", "scheduled_for"], name="meeting_of_circle"),
        )

    def __str__(self) -> str:
        return _("%(circle)s governance") % {"circle": self.circle.shown_name}

    @property
    def is_special(self) -> bool:
        return self.requested_by_id is not None

    @property
    def is_scheduled(self) -> bool:
        return self.state == self.State.SCHEDULED

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def ends_at(self) -> dt.datetime:
        """When its time is over: counted from when it began, else from when it is scheduled for."""
        return (self.started_at or self.scheduled_for) + dt.timedelta(minutes=self.minutes)

    @property
    def minutes_left(self) -> int:
        """Whole minutes until its time is over; negative once it is."""
        return int((self.ends_at - timezone.now()).total_seconds() // 60)


class MeetingRequest(models.Model):
    """A circle member's request for a special meeting, until the secretary has scheduled it (§5.4)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    intent = models.CharField(max_length=400)
    limits = models.JSONField(default=dict)
    meeting = models.OneToOneField(Meeting, null=True, on_delete=models.SET_NULL, related_name="request")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "pk"]
        indexes = (models.Index(fields=["circle", "taken_back_at"], name="meeting_request_waiting"),)

    def __str__(self) -> str:
        return self.intent


class Participant(models.Model):
    """Somebody who has been in a meeting; ``left_at`` is empty while they are in the room."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["joined_at", "pk"]
        constraints = (models.UniqueConstraint(fields=["meeting", "person"], name="participant_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.meeting_id}"

    @property
    def here(self) -> bool:
        return self.left_at is None


class AgendaItem(models.Model):
    """A label on the agenda (§5.4.4), and the item once it is processed."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        PROCESSING = "processing", gettext_lazy("Being processed")
        DONE = "done", gettext_lazy("Done")
        DROPPED = "dropped", gettext_lazy("Dropped")
        PARKED = "parked", gettext_lazy("Parked")

    class Outcome(models.TextChoices):
        NONE = "", ""
        ADOPTED = "adopted", gettext_lazy("Adopted")
        SETTLED = "settled", gettext_lazy("Needed no proposal")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
        DISCARDED = "discarded", gettext_lazy("Discarded")
        DROPPED = "dropped", gettext_lazy("Dropped")
        UNFINISHED = "unfinished", gettext_lazy("Not finished")
        NOT_REACHED = "not_reached", gettext_lazy("Not reached")
        NO_RESULT = "no_result", gettext_lazy("Nobody elected")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    label = models.CharField(max_length=LABEL_LENGTH)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agenda_items")
    tension = models.ForeignKey(Tension, null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    step = models.CharField(max_length=12, default="present", help_text="Of integrative decision-making.")
    round = models.PositiveSmallIntegerField(default=0, help_text="Counts the rounds held in this item.")
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.SET_NULL, related_name="agenda_items")
    seat = models.CharField(
        max_length=12,
        choices=Election.Seat.choices,
        blank=True,
        default="",
        help_text="The elected role that this item calls an election for; empty for anything else.",
    )
    goes_first = models.BooleanField(
        default=False, help_text="Somebody asked that the election goes before all other items (§5.4.4)."
    )
    election = models.ForeignKey(Election, null=True, on_delete=models.SET_NULL, related_name="agenda_items")
    guest = models.ForeignKey(
        Guest,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Whose tension this is, where a circle rep has invited somebody for it (§5.4.1).",
    )
    in_hand = models.ForeignKey(
        Objection, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Being integrated."
    )
    reason = models.TextField(blank=True, help_text="Why it was discarded, dropped or parked.")
    began_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True, help_text="Since when it is being processed this time.")
    seconds = models.PositiveIntegerField(default=0, help_text="What it took before ``since``.")
    ended_at = models.DateTimeField(null=True)
    # A form sent twice (a double click, a retry after a lost connection) adds one label
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints = (
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(state="processing"), name="agenda_one_item_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["meeting", "form_key"],
                condition=~models.Q(form_key=""),
                name="agenda_label_added_once",
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def is_processing(self) -> bool:
        return self.state == self.State.PROCESSING

    @property
    def is_open(self) -> bool:
        """Whether it can be chosen: it waits, or was put aside for later."""
        return self.state in (self.State.WAITING, self.State.PARKED)

    @property
    def presented(self) -> Proposal | None:
        """The proposal that everybody in the room may see: one that was brought in, not a draft yet to come."""
        return (
            self.proposal if self.proposal is not None and self.proposal.meeting == self.meeting_id else None
        )

    @property
    def outcome_words(self) -> str:
        """What became of it, in words; of an election, who was elected."""
        if self.seat and self.outcome == self.Outcome.ADOPTED and self.election and self.election.candidate:
            return _("%(name)s elected") % {"name": self.election.candidate.name}
        return str(self.get_outcome_display())

    @property
    def spent(self) -> int:
        """Seconds this item has taken so far."""
        running = (timezone.now() - self.since).total_seconds() if self.since else 0
        return self.seconds + int(running)

    @property
    def minutes_spent(self) -> int:
        return round(self.spent / 60)


class Turn(models.Model):
    """Somebody's place in a round, and what they said when it came."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        SPEAKING = "speaking", gettext_lazy("Has the floor")
        DONE = "done", gettext_lazy("Spoke")
        PASSED = "passed", gettext_lazy("Passed")
        SKIPPED = "skipped", gettext_lazy("Left")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="turns")
    item = models.ForeignKey(AgendaItem, null=True, on_delete=models.CASCADE, related_name="turns")
    step = models.CharField(
        max_length=12, help_text="Which round: check_in, reactions, objections, share, change or closing."
    )
    round = models.PositiveSmallIntegerField(default=1)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    note = models.TextField(blank=True, max_length=NOTE_LENGTH, help_text="What was captured.")
    objection = models.ForeignKey(Objection, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints = (
            models.UniqueConstraint(
                fields=["meeting", "item", "step", "round", "person"], name="turn_once_per_round"
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(state="speaking"), name="turn_one_speaks_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.WAITING, self.State.SPEAKING)
