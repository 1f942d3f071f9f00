"""How structure comes to change: proposals and what people answer, and the decisions that are the record."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.models import NAME_LENGTH, Role
from governance import authority
from people.fields import IdField
from people.models import Organization, Person
from tensions.models import Tension

TEXT_LENGTH = 10_000


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
        )

    def __str__(self) -> str:
        return f"{self.table} {self.row} since {self.since}"


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
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    settled_reason = models.TextField(blank=True, max_length=TEXT_LENGTH)
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


class Import(models.Model):
    """What an organization was founded from: which system, and the digest of what was read."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "source"], name="import_once_per_source"),
        )

    def __str__(self) -> str:
        return f"{self.organization_id} from {self.source}"


class ImportedNumber(models.Model):
    """The number that a row has in the system it came from; others hold these numbers and ask by them.

    A circle and the role it is from above are one row here and have two numbers there, so the kind counts.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField()
    row = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organization", "source", "kind", "number"], name="imported_number_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "source", "kind", "row"], name="imported_row_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.number}"
