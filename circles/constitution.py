"""What the Constitution itself fixes about roles: data of the standard, kept as constants, never as rows.

Purposes and accountabilities in quotation are from the Holacracy Constitution 5.0 (HolacracyOne, LLC),
licensed CC BY-SA 4.0, clauses 1.3.5, 5.1.1 and 5.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ORDINARY = "ordinary"
CIRCLE_LEAD = "circle_lead"
CIRCLE_REP = "circle_rep"
FACILITATOR = "facilitator"
SECRETARY = "secretary"

CONSTITUTIONAL_KINDS = (CIRCLE_LEAD, CIRCLE_REP, FACILITATOR, SECRETARY)
ELECTED_KINDS = (CIRCLE_REP, FACILITATOR, SECRETARY)


@dataclass(frozen=True)
class ConstitutionalRole:
    """A role that every circle has by the Constitution."""

    kind: str
    name: Promise
    clause: str
    purpose: str
    accountabilities: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


CONSTITUTIONAL_ROLES = {
    role.kind: role
    for role in (
        ConstitutionalRole(CIRCLE_LEAD, _("Circle Lead"), "1.4", ""),
        ConstitutionalRole(
            CIRCLE_REP,
            _("Circle Rep"),
            "5.1.1",
            "Tensions relevant to process in a broader Circle channeled out and resolved",
            (
                "Seeking to understand Tensions conveyed by Role Leads within the Circle",
                "Discerning Tensions appropriate to process within a broader Circle that holds the Circle",
                "Processing Tensions within a broader Circle to remove constraints on the Circle",
            ),
        ),
        ConstitutionalRole(
            FACILITATOR,
            _("Facilitator"),
            "1.3.5",
            "Circle governance and operational practices aligned with the Constitution",
            (
                "Facilitating the Circle's Governance Process",
                "Triggering new elections for the Circle's elected Roles after each election term expires",
            ),
        ),
        ConstitutionalRole(
            SECRETARY,
            _("Secretary"),
            "1.3.5",
            "Stabilize the Circle’s constitutionally-required records and meetings",
            (
                "Capturing and publishing the outputs of the Circle's Governance Process",
                "Scheduling the Circle's Governance Meetings",
            ),
            ("The Circle's governance records",),
        ),
    )
}

# The four kinds of policy (§5.2.1a–d): key, what people read, and the clause
POLICY_KINDS = {
    "constraint": (_("Constraint on authority"), "5.2.1a"),
    "grant": (_("Grant of authority"), "5.2.1b"),
    "domain": (_("Access to a domain"), "5.2.1c"),
    "default": (_("Change of a default rule"), "5.2.1d"),
}
