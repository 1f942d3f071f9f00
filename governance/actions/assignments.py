"""Who fills which role: the circle lead's and everybody's own acts (§1.4.1)."""

from __future__ import annotations

from circles.models import Assignment, Role
from governance import authority as by
from governance.authority import Authority
from governance.changes import Assign, Resign, Unassign
from governance.changes.base import clean
from governance.enactment import Enacted, enact
from people.ids import new_id
from people.models import Person


def _leads_authority(role: Role, actor: Person) -> Authority:
    return Authority(by.CIRCLE_LEAD, actor=actor.id, circle=role.circle_id or role.id)


def assign_role(role: Role, person: Person, *, actor: Person, focus: str = "") -> Enacted:
    """Let a circle lead put ``person`` into ``role`` (§1.4.1).

    Raises RuleBroken (§1.4.1, §1.4, §5.1.1, §5.1.2) and Conflict where they fill it already.
    """
    change = Assign(new_id(), role.id, person.id, clean(focus, "focus", most=200))
    return enact(actor.organization, [change], authority=_leads_authority(role, actor))


def unassign_role(assignment: Assignment, *, actor: Person) -> Enacted:
    """Let a circle lead end an assignment (§1.4.1). Raises RuleBroken, and Conflict where it has ended already."""
    change = Unassign(assignment.id, assignment.role_id, assignment.person_id)
    return enact(actor.organization, [change], authority=_leads_authority(assignment.role, actor))


def resign(assignment: Assignment, *, actor: Person) -> Enacted:
    """Let somebody resign from a role of their own, elected ones included (§1.4.1)."""
    change = Resign(assignment.id, assignment.role_id, assignment.person_id)
    authority = Authority(by.PERSON, actor=actor.id, circle=assignment.role.circle_id)
    return enact(actor.organization, [change], authority=authority)
