"""Loading a whole structure at once into an empty organization.

The one exception to ``enact``: thousands of roles are written in bulk, as the one decision of the ratifiers, and
the record of it verifies like any other. Used for measuring and for large imports.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_KINDS, ORDINARY
from circles.structure import (
    TABLE_OF,
    AccountabilityRow,
    AssignmentRow,
    PersonRow,
    PolicyRow,
    RoleRow,
    Row,
    RowChange,
)
from governance.authority import Authority
from governance.enactment import lock_record, seal, write_rows
from governance.models import Decision
from people.ids import derived_id
from people.models import Organization, Person
from people.refusals import Refused


def load(
    organization: Organization, rows: Sequence[Row], *, authority: Authority, at: dt.datetime | None = None
) -> Decision:
    """Write ``rows`` as the whole structure of an empty organization and seal them as one decision.

    People must exist as (not yet admitted) Person rows. Constitutional roles are expected among ``rows`` for
    every role with ordinary roles inside. Raises Refused where there is a structure already.
    """
    with transaction.atomic():
        lock_record(organization)
        if organization.adopted_at is not None or organization.roles.exists():
            raise Refused(_("Only an empty organization can be loaded in bulk."))
        write_rows(organization, [RowChange(TABLE_OF[type(row)].name, row.id, None, row) for row in rows], 1)
        return seal(organization, authority=authority, at=at)


def generate(organization: Organization, *, roles: int, people: int, lines: int = 4) -> list[Row]:
    """Return the rows of a made-up structure of about ``roles`` ordinary roles, and create its people.

    Circles of ten roles each are nested as deep as it takes; every role has ``lines`` accountabilities, and all
    but each seventeenth is filled. Identifiers are derived from the organization's, so that two runs agree.
    """
    staff = [
        Person(
            id=derived_id(organization.id, "person", str(n)),
            organization=organization,
            name=f"Person {n:05d}",
            email=f"person{n}@{organization.slug}.example",
        )
        for n in range(people)
    ]
    Person.objects.bulk_create(staff, batch_size=500)
    rows: list[Row] = [PersonRow(p.id, True) for p in staff]
    ids = [derived_id(organization.id, "role", str(n)) for n in range(roles + 1)]
    rows.append(RoleRow(ids[0], None, ORDINARY, organization.name, "Everything works"))
    rows.append(
        PolicyRow(
            derived_id(organization.id, "policy"),
            ids[0],
            "The anchor circle has a circle lead",
            "",
            ("default",),
            {"kind": "anchor_circle_lead"},
            None,
            False,
            True,
            0,
        )
    )
    rows.append(AssignmentRow(derived_id(organization.id, "assignment", "0"), ids[0], staff[0].id, "", None))
    circles: set[str] = set()
    for n in range(1, roles + 1):
        circle = ids[(n - 1) // 10]
        circles.add(circle)
        rows.append(RoleRow(ids[n], circle, ORDINARY, f"Role {n:05d}", f"What role {n} is for"))
        rows += [
            AccountabilityRow(
                derived_id(ids[n], "line", str(k)), ids[n], f"Taking care of matter {k} of role {n}", k
            )
            for k in range(lines)
        ]
        if n % 17:
            person = staff[n % people].id
            rows.append(AssignmentRow(derived_id(ids[n], "assignment"), ids[n], person, "", None))
    for circle in sorted(circles):
        rows += [RoleRow(derived_id(circle, kind), circle, kind, "", "") for kind in CONSTITUTIONAL_KINDS]
    return rows
