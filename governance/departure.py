"""What ends and what stays behind when somebody leaves an organization, to be read before they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from circles.models import Assignment
from circles.structure import Structure
from governance.changes import Depart
from governance.models import Proposal, Response
from governance.queries import awaiting, drafts
from people.models import Person
from tensions.models import Tension


@dataclass(frozen=True)
class Departure:
    """``assignments`` and ``seats`` (elected ones) end with the leaver, and ``others``, rep seats that fall with them.

    ``answers`` are no longer waited for; ``proposals`` that are open, ``drafts`` and ``tensions`` lose their holder.
    """

    assignments: Sequence[Assignment]
    seats: Sequence[Assignment]
    others: Sequence[Assignment]
    answers: Sequence[Response]
    proposals: Sequence[Proposal]
    drafts: Sequence[Proposal]
    tensions: Sequence[Tension]

    @property
    def anything(self) -> bool:
        return any(vars(self).values())


def what_ends(person: Person) -> Departure:
    """Return what the departure of somebody present would end and leave behind. A fixed number of queries."""
    after = Structure.of(person.organization_id)
    Depart(person.id).apply(after)
    ended = [c.id for c in after.row_changes() if c.table == "assignment" and c.after is None]
    rows = list(
        Assignment.objects.filter(organization=person.organization_id, pk__in=ended)
        .select_related("role__circle", "person")
        .order_by("role__name", "role_id", "focus")
    )
    own = [a for a in rows if a.person_id == person.id]
    return Departure(
        assignments=[a for a in own if not a.role.is_constitutional],
        seats=[a for a in own if a.role.is_constitutional],
        others=[a for a in rows if a.person_id != person.id],
        answers=list(awaiting(person)),
        proposals=list(
            Proposal.objects.filter(proposer=person, state__in=Proposal.OPEN, election=None)
            .select_related("circle")
            .order_by("pk")
        ),
        drafts=list(drafts(person)),
        tensions=list(
            Tension.objects.filter(person=person, state=Tension.State.OPEN).order_by("sensed_at", "pk")
        ),
    )
