"""Proposals, what people answer to them, and objections (§5.3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import NAME_LENGTH, Role
from governance.models.elections import Election
from governance.models.record import Decision
from people.fields import IdField
from people.models import Organization, Person
from tensions.models import Tension

TEXT_LENGTH = 10_000


class Proposal(models.Model):
    """A list of changes somebody wants made, with the reasons the Constitution asks for (§5.3.1)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        OBJECTED = "objected", _("In integration")
        IN_MEETING = "in_meeting", _("In a meeting")
        ADOPTING = "adopting", _("Being adopted")
        CONFLICT = "conflict", _("In conflict")
        ADOPTED = "adopted", _("Adopted")
        ESCALATED = "escalated", _("Withdrawn for a meeting")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DISCARDED = "discarded", _("Discarded")
        DROPPED = "dropped", _("Dropped")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="proposals")
    circle = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="proposals")
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposals")
    role = models.ForeignKey(
        Role, null=True, on_delete=models.PROTECT, related_name="+", help_text="The role represented (§5.3)."
    )
    from_tension = models.ForeignKey(Tension, null=True, on_delete=models.SET_NULL, related_name="proposals")
    election = models.ForeignKey(
        Election,
        null=True,
        on_delete=models.PROTECT,
        related_name="proposals",
        help_text="The election whose candidate this proposes (§5.3.5).",
    )
    title = models.CharField(max_length=NAME_LENGTH, blank=True)
    tension = models.TextField(blank=True, max_length=TEXT_LENGTH)
    example = models.TextField(blank=True, max_length=TEXT_LENGTH)
    how_helped = models.TextField(blank=True, max_length=TEXT_LENGTH)
    changes = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    text_version = models.PositiveIntegerField(
        default=1, help_text="Counts every saved text; a stale save is refused."
    )
    round = models.PositiveSmallIntegerField(
        default=0, help_text="Each round asks every circle member again (§5.3)."
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    proposed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(
        null=True, help_text="One instant for everybody; from then on answers are refused."
    )
    limit: models.JSONField[Any, Any] = models.JSONField(
        default=dict,
        help_text="The time limit as the round began: policy, working_days, extension_days; over, once it is.",
    )
    extended_from = models.DateTimeField(
        null=True, help_text="Until when answers were asked before the one extension."
    )
    extended_for: models.JSONField[Any, Any] = models.JSONField(
        default=list, help_text="Because of whom it was extended: [person, why]."
    )
    meeting_asked_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who asked for a meeting, where a policy lets the asynchronous processing go on (§5.3).",
    )
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    settled_reason = models.TextField(blank=True, max_length=TEXT_LENGTH)
    settled_ground = models.CharField(
        max_length=8, blank=True, help_text="The line of the clause that made the facilitator end it."
    )
    beside = models.ForeignKey(
        "governance.Objection",
        null=True,
        on_delete=models.CASCADE,
        related_name="drafts",
        help_text="The objection that this draft of an amended proposal is to resolve (§5.3.4d).",
    )
    meeting = models.CharField(max_length=10, blank=True, help_text="The meeting it is being processed in.")
    facilitator = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who acts as facilitator in that meeting, surrogates included (§5.3.6).",
    )
    decision = models.OneToOneField(
        Decision, null=True, on_delete=models.PROTECT, related_name="from_proposal"
    )

    OPEN: ClassVar[tuple[str, ...]] = ("proposed", "objected", "in_meeting", "adopting", "conflict")

    class Meta:
        indexes = (
            models.Index(fields=["organization", "state", "due_at"], name="proposal_by_state"),
            models.Index(fields=["circle", "state"], name="proposal_in_circle"),
        )

    def __str__(self) -> str:
        return self.title or str(_("Untitled proposal"))

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Response(models.Model):
    """One line of the roll: who must answer in a round, and what they answered to which text."""

    class Answer(models.TextChoices):
        NONE = "", _("Not answered yet")
        NO_OBJECTION = "no_objection", _("No objection")
        OBJECTION = "objection", _("Objection")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="responses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="responses")
    round = models.PositiveSmallIntegerField()
    text_version = models.PositiveIntegerField(help_text="The version of the text this answer belongs to.")
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, help_text="When the one e-mail that asks went out.")
    half_mailed_at = models.DateTimeField(null=True, help_text="When the reminder half-way went out.")
    last_mailed_at = models.DateTimeField(null=True, help_text="When the reminder shortly before went out.")
    extended_mailed_at = models.DateTimeField(null=True, help_text="When word of the extension went out.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["proposal", "round", "person"], name="response_once_per_round"),
        )
        indexes = (models.Index(fields=["person", "answer"], name="response_awaited"),)

    def __str__(self) -> str:
        return f"{self.person_id} on {self.proposal_id}"


class Objection(models.Model):
    """A concern about adopting a proposal, with its argument for each criterion (§5.3.2) and what came of it."""

    class State(models.TextChoices):
        RAISED = "raised", _("Raised")
        VALID = "valid", _("Objection")
        RESOLVED = "resolved", _("Resolved")
        NOT_VALID = "not_valid", _("Not an objection")
        DROPPED = "dropped", _("Dropped as abandoned")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Ruling(models.TextChoices):
        NONE = "", _("Not ruled on")
        VIOLATES = "violates", _("It would violate the rule")
        NO_VIOLATION = "no_violation", _("No violation")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="objections")
    objector = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="objections")
    role = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    text_version = models.PositiveIntegerField()
    concern = models.TextField(max_length=TEXT_LENGTH)
    criteria = models.JSONField(
        default=dict, help_text="Criterion a–d: the argument, and whether one was given."
    )
    rule = models.CharField(max_length=200, blank=True, help_text="The rule adopting would violate (§5.3.2).")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RAISED)
    test_asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ruling_asked_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The facilitator who asked the secretary whether adopting would violate the rule (§5.3.3).",
    )
    ruling = models.CharField(max_length=12, choices=Ruling.choices, blank=True, default="")
    ruling_reason = models.TextField(blank=True, max_length=TEXT_LENGTH)
    ruled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    objector_confirms = models.BooleanField(default=False)
    proposer_confirms = models.BooleanField(default=False)
    reason = models.TextField(blank=True, max_length=TEXT_LENGTH)
    raised_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    STANDING: ClassVar[tuple[str, ...]] = ("raised", "valid")

    class Meta:
        indexes = (models.Index(fields=["proposal", "state"], name="objection_standing"),)

    def __str__(self) -> str:
        return self.concern[:60]

    @property
    def is_standing(self) -> bool:
        return self.state in self.STANDING

    @property
    def awaits_test(self) -> bool:
        """Whether somebody asked for a test that the facilitator has not finished (§5.3.4a)."""
        return self.test_asked_by_id is not None and self.state == self.State.RAISED


class Amendment(models.Model):
    """An amended proposal that an objector put beside the proposer's, and what the proposer said to it (§5.3.4d)."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Awaits the proposer")
        ACCEPTED = "accepted", _("Accepted")
        ARGUED = "argued", _("Argued against")
        WITHDRAWN = "withdrawn", _("Taken back")
        LAPSED = "lapsed", _("Overtaken")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    objection = models.ForeignKey(Objection, on_delete=models.CASCADE, related_name="amendments")
    text_version = models.PositiveIntegerField(help_text="The version of the proposal it was put beside.")
    changes: models.JSONField[Any, Any] = models.JSONField()
    reason = models.TextField(max_length=TEXT_LENGTH, help_text="Why it should resolve the tension.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    argument = models.TextField(
        blank=True, max_length=TEXT_LENGTH, help_text="Why it would fail in one of the examples."
    )
    example = models.TextField(
        blank=True, max_length=TEXT_LENGTH, help_text="A further example that shows it."
    )
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["objection", "state"], name="amendment_of_objection"),)

    def __str__(self) -> str:
        return f"amendment of {self.objection_id}"
