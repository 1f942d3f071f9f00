"""By whose authority structure changes. Every decision carries one."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

PROPOSAL = "proposal"
ELECTION = "election"
CIRCLE_LEAD = "circle_lead"
ROLE_LEAD = "role_lead"
PERSON = "person"
STRIKE = "strike"
BREAKDOWN = "breakdown"
RATIFIERS = "ratifiers"
IMPORT = "import"
ADMIN = "admin"

NAMES = {
    PROPOSAL: _("Proposal"),
    ELECTION: _("Election"),
    CIRCLE_LEAD: _("Circle lead"),
    ROLE_LEAD: _("Role lead"),
    PERSON: _("The person"),
    STRIKE: _("Strike"),
    BREAKDOWN: _("Process breakdown"),
    RATIFIERS: _("Ratifiers"),
    IMPORT: _("Import"),
    ADMIN: _("Admin’s edit"),
}


@dataclass(frozen=True)
class Authority:
    """What empowers a list of changes.

    ``actor`` is the identifier of the person acting, if a person does; ``circle`` the circle whose governance it
    is; ``proposal`` and ``meeting`` where it was decided. ``texts`` (tension, example, reason …) stand beside the
    decision and enter its hash as digests alone.
    """

    kind: str
    actor: str | None = None
    circle: str | None = None
    proposal: str | None = None
    meeting: str | None = None
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def founding(self) -> bool:
        """Whether this brings in structure that others decided before: judged when next amended, not now."""
        return self.kind == IMPORT

    @property
    def constituent(self) -> bool:
        """Whether this may do what no governance process can: set up, bring in, repair."""
        return self.kind in (RATIFIERS, IMPORT, ADMIN)
