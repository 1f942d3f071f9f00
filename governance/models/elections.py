"""Elections of a circle's rep, facilitator and secretary (§5.3.5): where one stands, and the ballots given in it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from circles.constitution import CIRCLE_REP, CONSTITUTIONAL_ROLES, FACILITATOR, SECRETARY
from circles.models import Role
from governance.models.record import Decision
from people.fields import IdField
from people.ids import derived_id
from people.models import Organization, Person

REASON_LENGTH = 2_000


class Election(models.Model):
    """One election of a circle for one of its elected roles, from the call to what came of it (§5.3.5)."""

    class Seat(models.TextChoices):
        CIRCLE_REP = CIRCLE_REP, _("Circle Rep")
        FACILITATOR = FACILITATOR, _("Facilitator")
        SECRETARY = SECRETARY, _("Secretary")

    class State(models.TextChoices):
        CALLED = "called", _("Called")
        NOMINATING = "nominating", _("Nominating")
        SHARING = "sharing", _("Sharing nominations")
        CHANGING = "changing", _("Changing nominations")
        TIED = "tied", _("Tied")
        PROPOSED = "proposed", _("Objection round")
        ELECTED = "elected", _("Elected")
        NO_RESULT = "no_result", _("Without result")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class TieBreak(models.TextChoices):
        SELF = "self", _("The only one who nominated themself")
        HOLDER = "holder", _("The person who fills the role now")
        RANDOM = "random", _("Picked blindly at random")
        AGAIN = "again", _("Ask those who nominated others to choose among the tied")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="elections")
    circle = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="elections")
    seat = models.CharField(max_length=12, choices=Seat.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CALLED)
    called_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Nobody where a term expired: then the program calls it (§5.3.5).",
    )
    replaces = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose term this is about, where several may be circle rep (§5.1.1).",
    )
    note = models.TextField(
        blank=True, max_length=REASON_LENGTH, help_text="What the facilitator tells about it."
    )
    term_ends = models.DateField(null=True, help_text="The last day of the term being elected for.")
    facilitator = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who acts as facilitator, surrogates included (§5.3.6).",
    )
    meeting = models.CharField(max_length=10, blank=True, help_text="The meeting it is being held in.")
    present = models.JSONField(default=list, help_text="Who is asked in that meeting: those here by now.")
    candidate = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who is proposed at present; in the end, who was elected.",
    )
    round = models.PositiveSmallIntegerField(
        default=0, help_text="1 in the change round; one more for each time a tie sends back to it."
    )
    ties = models.JSONField(
        default=list,
        help_text="Each tie that was resolved: who was tied, in which way, by whom, who was picked.",
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Counts every step; a step taken from a page that is behind is refused."
    )
    called_at = models.DateTimeField(default=timezone.now)
    step_at = models.DateTimeField(default=timezone.now, help_text="When the present step began.")
    due_at = models.DateTimeField(null=True, help_text="When the present step closes; never without a limit.")
    settled_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, max_length=REASON_LENGTH)
    decision = models.OneToOneField(
        Decision, null=True, on_delete=models.PROTECT, related_name="from_election"
    )

    OPEN: ClassVar[tuple[str, ...]] = ("called", "nominating", "sharing", "changing", "tied", "proposed")
    SECRET: ClassVar[tuple[str, ...]] = ("called", "nominating")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["circle", "seat"],
                condition=models.Q(
                    state__in=["called", "nominating", "sharing", "changing", "tied", "proposed"]
                ),
                name="election_one_at_a_time",
            ),
        )
        indexes = (models.Index(fields=["organization", "state", "due_at"], name="election_by_state"),)

    def __str__(self) -> str:
        return str(_("Election: %(seat)s of %(circle)s")) % {
            "seat": self.seat_name,
            "circle": self.circle.name,
        }

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_secret(self) -> bool:
        """Whether nobody may read others' ballots yet (§5.3.5a, b)."""
        return self.state in self.SECRET

    @property
    def role_id(self) -> str:
        """The constitutional role that is elected for."""
        return derived_id(self.circle_id, self.seat)

    @property
    def seat_name(self) -> str:
        return str(CONSTITUTIONAL_ROLES[self.seat].name)


class Ballot(models.Model):
    """Whom somebody nominates (§5.3.5b). Until nominations are shared nobody but the voter reads it.

    ``candidate`` and ``reason`` are what was shared; ``stands_for`` whom the ballot counts for now. Read others'
    ballots through ``governance.elections.revealed`` alone. Nothing here tells a candidate in words.
    """

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, max_length=REASON_LENGTH)
    stands_for = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["election", "person"], name="ballot_once_per_election"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.election_id}"


class NominationChange(models.Model):
    """What somebody said when asked whether they change their nomination (§5.3.5d): once in each round.

    ``candidate`` is empty where they keep it.
    """

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="changes")
    round = models.PositiveSmallIntegerField()
    candidate = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, max_length=REASON_LENGTH)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["ballot", "round"], name="nomination_change_once"),)

    def __str__(self) -> str:
        return f"{self.ballot_id} in round {self.round}"


class Discarded(models.Model):
    """A candidate whose nominations are ignored from now on, and why (§5.3.5f)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="discarded")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    declined = models.BooleanField(default=False, help_text="They declined themself.")
    reason = models.TextField(blank=True, max_length=REASON_LENGTH)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["election", "person"], name="discarded_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.election_id}"


class Excluded(models.Model):
    """Somebody who did not answer within the time limit and is left out of the rest of the process (§5.3.5)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="excluded")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=10, choices=Election.State.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["election", "person"], name="excluded_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.election_id}"


class ElectionAsked(models.Model):
    """That somebody was asked by e-mail in a step of an election, so that nobody is asked twice."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=20)
    mailed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["election", "person", "step"], name="election_asked_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.election_id}: {self.step}"
