"""What a secretary may be asked about, and what striking it takes away today (§4.2.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    PolicyRow,
    RoleRow,
    Structure,
)
from governance import authority as by
from governance.changes import AmendRole, Change, LineEdit, RemovePolicy, RemoveRole
from governance.models import Decision, Ruling
from governance.queries import began
from governance.rebase import TODAY, Clash, clashes, rebase
from governance.undo import Left, built_on, later_decisions, undoing
from people.models import Organization
from people.refusals import Refused

About = Ruling.About
LINES = frozenset({About.ACCOUNTABILITY, About.DOMAIN})


@dataclass(frozen=True)
class Thing:
    """What a question to a secretary is about: ``circle`` is the one whose governance it is (None for a clause),
    ``said`` its words today, ``role`` and ``policy`` the ones it concerns."""

    about: str
    id: str
    name: str
    circle: str | None
    said: str = ""
    role: RoleRow | None = None
    policy: PolicyRow | None = None
    decision: Decision | None = None


def thing(structure: Structure, organization: Organization, about: str, about_id: str) -> Thing | None:
    """Return what ``about`` and ``about_id`` name, as it stands today; None where there is no such thing."""
    if about == About.ROLE:
        role = structure.get(RoleRow, about_id)
        if role is None:
            return None
        return Thing(about, role.id, role.shown_name, role.circle or role.id, wording(structure, role), role)
    if about == About.POLICY:
        policy = structure.get(PolicyRow, about_id)
        if policy is None:
            return None
        said = f"{policy.title}\n{policy.body}".strip()
        holder = structure.get(RoleRow, policy.role)
        return Thing(about, policy.id, policy.title, policy.role, said, holder, policy)
    if about in LINES:
        line: AccountabilityRow | DomainRow | None = (
            structure.get(AccountabilityRow, about_id)
            if about == About.ACCOUNTABILITY
            else structure.get(DomainRow, about_id)
        )
        role = structure.get(RoleRow, line.role) if line is not None else None
        if line is None or role is None:
            return None
        return Thing(about, line.id, line.text, role.circle or role.id, line.text, role)
    if about == About.DECISION and about_id.isdecimal():
        decision = Decision.objects.filter(organization=organization, number=int(about_id[:9])).first()
        if decision is None:
            return None
        name = _("Decision %(number)d") % {"number": decision.number}
        return Thing(about, str(decision.number), name, decision.circle_id, decision=decision)
    if about == About.CLAUSE:
        return Thing(about, about_id[:20], f"§{about_id[:20]}", None)
    return None


def wording(structure: Structure, role: RoleRow) -> str:
    """Return what defines a role, in words: to see later whether that has changed."""
    lines = [role.shown_name, role.purpose]
    lines += [f"{_('Domain')}: {row.text}" for row in structure.lines(DomainRow, role.id)]
    lines += [row.text for row in structure.lines(AccountabilityRow, role.id)]
    return "\n".join(line for line in lines if line)


# -- striking -----------------------------------------------------------------------------------------------------


@dataclass
class Strike:
    """What striking something would do today: the changes, the circles whose governance they are in, what of it
    stays because later decisions changed it, and what no strike can take back."""

    thing: Thing
    changes: list[Change] = field(default_factory=list)
    circles: set[str] = field(default_factory=set)
    stays: list[Clash] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def circle(self) -> str | None:
        """The circle whose record this is."""
        return self.thing.circle or next(iter(sorted(self.circles)), None)


def striking(structure: Structure, struck: Thing) -> Strike:
    """Return what striking a decision, role, policy or single line takes away today. Reads only.

    A decision is taken back as far as what it did still stands as it left it. Raises Refused where it is too large
    to be undone as one.
    """
    result = Strike(struck)
    if struck.circle is not None:
        result.circles = {struck.circle}
    if struck.about == About.ROLE:
        result.changes = [RemoveRole(struck.id)]
    elif struck.about == About.POLICY:
        result.changes = [RemovePolicy(struck.id)]
    elif struck.about in LINES and struck.role is not None:
        removed = (LineEdit("remove", struck.id, struck.said),)
        lines = (removed, ()) if struck.about == About.ACCOUNTABILITY else ((), removed)
        result.changes = [AmendRole(struck.role.id, None, None, *lines)]
    elif struck.decision is not None:
        plan = undoing(struck.decision)
        result.left = plan.left
        carried = [c for part in plan.parts for c in part.changes if by.STRIKE in c.authorities]
        result.circles = {part.circle.id for part in plan.parts}
        result.stays = clashes(carried, structure)
        taken = {clash.key: (TODAY, "") for clash in result.stays}
        result.changes = rebase(carried, structure, taken)
    else:
        raise Refused(_("Only governance can be struck: a decision, a role, a policy, or a line of one."))
    return result


def since_then(organization: Organization, struck: Thing) -> list[Decision]:
    """Return the decisions that built on what is to be struck, latest first."""
    if struck.decision is not None:
        return built_on(struck.decision)
    table = {About.ROLE: "role", About.POLICY: "policy"}.get(struck.about, struck.about)  # type: ignore[call-overload]
    first = began(organization, str(table), [struck.id]).get(struck.id)
    if first is None:
        return []
    roles = [struck.id] if struck.about == About.ROLE else []
    return later_decisions(organization.pk, after=first.number, rows=[struck.id], roles=roles)


def partners_in(structure: Structure, circle_ids: Collection[str]) -> set[str]:
    """Return the partners who fill roles in these circles, their circle leads included (§4.2.2)."""
    people: set[str] = set()
    for circle_id in circle_ids:
        roles = [r.id for r in structure.find(RoleRow, "circle", [circle_id])]
        people |= {a.person for a in structure.find(AssignmentRow, "role", roles)}
        people |= structure.circle_leads(circle_id)
    return structure.partners_among(people)


def circles_above(structure: Structure, circle_id: str) -> list[str]:
    """Return a circle and every circle around it, nearest first; of a role that is none yet, those around it."""
    path = [r.id for r in structure.path(circle_id) if r.kind == ORDINARY]
    circles = structure.circles_among(path)
    return [i for i in path if i in circles]
