"""What an organization was founded from, and the numbers its rows have in the system they came from."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from governance.models.record import Decision
from people.models import Organization


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
