"""Linking a role into another circle, and opting out: acts of whoever leads the role (§1.3.4)."""

from __future__ import annotations

from circles.models import Link, Role
from governance import authority as by
from governance.authority import Authority
from governance.changes import LinkRole, UnlinkRole
from governance.enactment import Enacted, enact
from people.ids import new_id
from people.models import Person


def link_role(role: Role, circle: Role, *, actor: Person) -> Enacted:
    """Let a lead of ``role`` link it into ``circle``, which a policy there invites it to (§1.3.4).

    Raises RuleBroken (§1.3.4) where nothing invites it, or for anybody else, and Conflict where it is linked already.
    """
    authority = Authority(by.ROLE_LEAD, actor=actor.id, circle=role.circle_id)
    return enact(actor.organization, [LinkRole(new_id(), role.id, circle.id)], authority=authority)


def unlink_role(link: Link, *, actor: Person) -> Enacted:
    """Let a lead of a linked role take it out of the circle again; what that circle had added goes too (§1.3.4).

    Raises RuleBroken (§1.3.4) for anybody else and where a policy says that the role stays, Conflict where it is out.
    """
    authority = Authority(by.ROLE_LEAD, actor=actor.id, circle=link.role.circle_id)
    return enact(actor.organization, [UnlinkRole(link.id, link.role_id, link.circle_id)], authority=authority)
