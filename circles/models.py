"""The structure as it stands: one tree of roles, with what each holds and who fills it.

These tables are written by ``governance.enact`` alone. The inside of every role is a circle (§1.3.1), so there
is one table for both: a role is shown as a circle once an ordinary role lies inside it.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from circles.constitution import (
    CIRCLE_LEAD,
    CIRCLE_REP,
    CONSTITUTIONAL_ROLES,
    FACILITATOR,
    ORDINARY,
    SECRETARY,
)
from people.fields import IdField
from people.models import Organization, Person

NAME_LENGTH = 120
LINE_LENGTH = 1000
PURPOSE_LENGTH = 1000
BODY_LENGTH = 20_000
FOCUS_LENGTH = 200


M = TypeVar("M", bound=models.Model)


def role_ref(name: str, kind: str, role_id: str) -> str:
    """The last part of a role's address: a readable name and the identifier."""
    return f"{slugify(name or kind.replace('_', '-')) or 'role'}-{role_id}"


def policy_ref(title: str, policy_id: str) -> str:
    """The last part of a policy's address."""
    return f"{slugify(title) or 'policy'}-{policy_id}"


class RowQuerySet(models.QuerySet[M]):
    """Rows that stay after they were removed: ``since`` and ``until`` are numbers of decisions."""

    def present(self) -> RowQuerySet[M]:
        return self.filter(since__isnull=False, until__isnull=True)


class Role(models.Model):
    """A role, and with it the circle inside it (§1.1, §1.3.1). ``circle`` is empty for the anchor circle."""

    class Kind(models.TextChoices):
        ORDINARY = ORDINARY, _("Role")
        CIRCLE_LEAD = CIRCLE_LEAD, _("Circle Lead")
        CIRCLE_REP = CIRCLE_REP, _("Circle Rep")
        FACILITATOR = FACILITATOR, _("Facilitator")
        SECRETARY = SECRETARY, _("Secretary")

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="roles")
    circle = models.ForeignKey("self", null=True, on_delete=models.DO_NOTHING, related_name="inside")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ORDINARY)
    name = models.CharField(max_length=NAME_LENGTH)
    purpose = models.TextField(blank=True, max_length=PURPOSE_LENGTH)
    former = models.TextField(
        blank=True,
        default="",
        max_length=PURPOSE_LENGTH,
        help_text="The anchor circle's purpose before a policy of its own changed it (§1.3.3).",
    )
    since = models.PositiveIntegerField(null=True, blank=True, editable=False)
    until = models.PositiveIntegerField(null=True, blank=True, editable=False)

    objects = RowQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(circle=None, until=None),
                name="role_one_anchor",
            ),
            models.UniqueConstraint(
                fields=["circle", "kind"],
                condition=~models.Q(kind=ORDINARY) & models.Q(until=None),
                name="role_one_of_each_constitutional_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ORDINARY) | models.Q(circle__isnull=False),
                name="role_constitutional_in_a_circle",
            ),
        )
        indexes = (models.Index(fields=["organization", "circle", "name"], name="role_in_circle"),)

    def __str__(self) -> str:
        return self.shown_name

    @property
    def present(self) -> bool:
        return self.since is not None and self.until is None

    @property
    def is_anchor(self) -> bool:
        return self.circle_id is None

    @property
    def is_constitutional(self) -> bool:
        return self.kind != ORDINARY

    @property
    def shown_name(self) -> str:
        """The name as people read it; constitutional roles have it in their own language."""
        return str(CONSTITUTIONAL_ROLES[self.kind].name) if self.is_constitutional else self.name

    @property
    def ref(self) -> str:
        """The last part of this role's address: a readable name and the identifier."""
        return role_ref(self.name, self.kind, self.id)


class RoleLine(models.Model):
    """A line of a role's definition; its identity outlives changes of its words."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=LINE_LENGTH)
    position = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        Role,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        help_text="The circle that added it, where the role links into it (§1.3.4).",
    )

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class Accountability(RoleLine):
    """An ongoing activity of a role (§1.1c)."""

    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="accountabilities")

    class Meta(RoleLine.Meta):
        abstract = False
        verbose_name_plural = "accountabilities"


class Domain(RoleLine):
    """What a role exclusively controls (§1.1b), granted by its circle within one of the circle's own (§1.3.2)."""

    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="domains")
    within = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="grants"
    )
    internal = models.BooleanField(default=False, help_text="Relevant only inside the circle (§1.3.2).")

    class Meta(RoleLine.Meta):
        abstract = False


class Policy(models.Model):
    """A grant or constraint of authority, or a special rule, held by the inside of a role (§1.1, §5.2.1)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="policies")
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="policies")
    title = models.CharField(max_length=NAME_LENGTH)
    body = models.TextField(blank=True, max_length=BODY_LENGTH)
    kinds = models.JSONField(default=list, help_text="Which of the four kinds it is (§5.2.1a–d).")
    effect = models.JSONField(null=True, help_text="What the program does because of it; none: it is text.")
    # No constraint: a removed policy keeps its row when the domain it was about has gone
    domain = models.ForeignKey(
        Domain, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="policies"
    )
    inside = models.BooleanField(
        default=True, help_text="Applies in sub-circles as well, recursively (§5.2.1)."
    )
    overridable = models.BooleanField(default=True, help_text="A sub-circle may override it (§5.2.1).")
    position = models.PositiveIntegerField(default=0)
    since = models.PositiveIntegerField(null=True, blank=True, editable=False)
    until = models.PositiveIntegerField(null=True, blank=True, editable=False)

    objects = RowQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.title

    @property
    def present(self) -> bool:
        return self.since is not None and self.until is None

    @property
    def ref(self) -> str:
        return policy_ref(self.title, self.id)


class Assignment(models.Model):
    """A person in a role, with an optional focus (§1.4.1) and, where elected, a term (§5.3.5)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.DO_NOTHING, related_name="assignments")
    focus = models.CharField(max_length=FOCUS_LENGTH, blank=True)
    term_ends = models.DateField(null=True, help_text="Last day of the elected term.")
    position = models.PositiveIntegerField(default=0, help_text="Rises with each assignment of the role.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["role", "person", "focus"], name="assignment_once_per_focus"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.role_id}"


class Link(models.Model):
    """A role that is part of the governance of a further circle, which had invited it (§1.3.4)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="links")
    circle = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="linked")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["role", "circle"], name="link_once"),)

    def __str__(self) -> str:
        return f"{self.role_id} in {self.circle_id}"


class Strategy(models.Model):
    """A heuristic by which a circle judges what comes first (§1.4.3)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="strategies")
    text = models.TextField(max_length=LINE_LENGTH)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        verbose_name_plural = "strategies"

    def __str__(self) -> str:
        return self.text


class Priority(models.Model):
    """The place of a role in the order in which its circle's roles come (§1.4.3)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="priorities")
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        verbose_name_plural = "priorities"
        constraints = (models.UniqueConstraint(fields=["circle", "role"], name="priority_once"),)

    def __str__(self) -> str:
        return f"{self.role_id} in {self.circle_id}"


class Route(models.Model):
    """To which role of a circle outside references to the circle, or to one of its roles, go (§1.4.4)."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="routes")
    role = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="+")
    to = models.ForeignKey(Role, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["circle", "role"], name="route_once"),)

    def __str__(self) -> str:
        return f"{self.role_id} to {self.to_id}"
