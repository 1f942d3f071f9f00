"""What goes along with a change by itself: seats, constitutional roles, links, priorities and routes follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from circles.constitution import CIRCLE_REP, CONSTITUTIONAL_KINDS, ORDINARY
from circles.effects import INVITE_LINK
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    LinkRow,
    PolicyRow,
    PriorityRow,
    RoleRow,
    RouteRow,
    StrategyRow,
    Structure,
)
from governance.changes.lines import release_domain
from governance.rules import places as rules
from people.ids import derived_id


def settle_rep_seats(structure: Structure, role_id: str) -> None:
    """End the rep seats of those who have become circle leads (§5.1.1), here and in unfilled circles inside."""
    level = [role_id]
    while level:
        circles = structure.circles_among(level)
        for circle in sorted(circles):
            leads = structure.circle_leads(circle)
            for assignment in structure.fillers(derived_id(circle, CIRCLE_REP)):
                if assignment.person in leads:
                    structure.drop(assignment)
        inside = structure.find(RoleRow, "circle", circles)
        filled = {a.role for a in structure.find(AssignmentRow, "role", [r.id for r in inside])}
        level = [r.id for r in inside if r.kind == ORDINARY and r.id not in filled]


def appear_constitutional_roles(structure: Structure, circle_id: str) -> None:
    """Let a circle's constitutional roles appear with the first ordinary role inside it (§1.3.5, §1.4, §5.1.1)."""
    if structure.is_circle(circle_id):
        return
    for kind in CONSTITUTIONAL_KINDS:
        structure.put(RoleRow(derived_id(circle_id, kind), circle_id, kind, "", ""))


def vanish_constitutional_roles(structure: Structure, circle_id: str) -> None:
    """Let a circle's constitutional roles go with the last ordinary role inside it, elected seats included, and what
    only a circle has: strategies, and roles linked into it."""
    if structure.ordinary_inside(circle_id):
        return
    for constitutional in structure.inside(circle_id):
        clear_role(structure, constitutional)
    clear_circle(structure, circle_id)


def clear_circle(structure: Structure, circle_id: str) -> None:
    """Take away what lies in a circle besides roles: links into it, strategies, priorities and routes."""
    for link in structure.find(LinkRow, "circle", [circle_id]):
        unlink(structure, link)
    structure.drop_all(structure.find(StrategyRow, "circle", [circle_id]))
    structure.drop_all(structure.find(PriorityRow, "circle", [circle_id]))
    structure.drop_all(structure.find(RouteRow, "circle", [circle_id]))


def prefetch_clearing(structure: Structure, role_ids: Iterable[str]) -> None:
    """Read at once what taking away several roles asks for one by one."""
    ids = set(role_ids)
    of_roles: tuple[type[Any], ...] = (AccountabilityRow, DomainRow, PolicyRow, AssignmentRow)
    of_both: tuple[type[Any], ...] = (LinkRow, PriorityRow, RouteRow)
    for row_type in (*of_roles, *of_both):
        structure.find(row_type, "role", ids)
    structure.find(StrategyRow, "circle", ids)
    for row_type in of_both:
        structure.find(row_type, "circle", ids)
    structure.find(RouteRow, "to", ids)
    domains = [d.id for d in structure.find(DomainRow, "role", ids)]
    structure.find(PolicyRow, "domain", domains)
    structure.find(DomainRow, "within", domains)


def clear_role(structure: Structure, role: RoleRow) -> None:
    """Take away one role with its lines, policies, assignments and links, not what is inside it."""
    clear_circle(structure, role.id)
    for link in structure.find(LinkRow, "role", [role.id]):
        unlink(structure, link)
    for domain in structure.find(DomainRow, "role", [role.id]):
        release_domain(structure, domain)
        structure.drop(domain)
    structure.drop_all(structure.find(AccountabilityRow, "role", [role.id]))
    invites = False
    for policy in structure.find(PolicyRow, "role", [role.id]):
        invites |= is_invitation(policy)
        structure.drop(policy)
    structure.drop_all(structure.find(AssignmentRow, "role", [role.id]))
    for circle in (role.circle, role.id):
        leave_circle(structure, role.id, circle)
    structure.drop(role)
    if invites:
        settle_links(structure)


def leave_circle(structure: Structure, role_id: str, circle_id: str | None) -> None:
    """Let a role that is no longer part of a circle leave its priorities and its routes."""
    if circle_id is None:
        return
    for route in structure.find(RouteRow, "circle", [circle_id]):
        if role_id in (route.role, route.to):
            structure.drop(route)
    order = sorted(structure.find(PriorityRow, "circle", [circle_id]), key=lambda row: row.position)
    if any(row.role == role_id for row in order):
        structure.drop_all(row for row in order if row.role == role_id)
        for at, row in enumerate(row for row in order if row.role != role_id):
            if row.position != at:
                structure.amend(row, position=at)


def is_invitation(policy: PolicyRow) -> bool:
    """Whether a policy invites roles to link (§1.3.4)."""
    return policy.effect is not None and policy.effect["kind"] == INVITE_LINK


def unlink(structure: Structure, link: LinkRow) -> None:
    """End a link, and with it what the circle linked into had added to the role (§1.3.4)."""
    for domain in structure.find(DomainRow, "role", [link.role]):
        if domain.by == link.circle:
            release_domain(structure, domain)
            structure.drop(domain)
    lines = structure.find(AccountabilityRow, "role", [link.role])
    structure.drop_all(line for line in lines if line.by == link.circle)
    leave_circle(structure, link.role, link.circle)
    structure.drop(link)


def settle_links(structure: Structure) -> None:
    """End the links that nothing invites any more, or whose role has come to lie where it was linked (§1.3.4)."""
    for link in sorted(structure.all(LinkRow), key=lambda link: link.id):
        role, circle = structure.get(RoleRow, link.role), structure.get(RoleRow, link.circle)
        if role is None or circle is None or any(rules.can_link_1_3_4(structure, role, circle)):
            unlink(structure, link)


def anchor_defined(structure: Structure, circle_id: str) -> bool:
    """Whether a policy of the anchor circle says what its purpose is (§1.3.3)."""
    return structure.anchor_definition(circle_id) is not None


def define_anchor(structure: Structure, circle_id: str, defined: bool) -> None:
    """Let the anchor circle's purpose follow its policy, and come back when that goes (§1.3.3). ``defined`` says
    whether there was such a policy before."""
    found = structure.anchor_definition(circle_id)
    if found is not None:
        anchor = structure.role(circle_id)
        former = anchor.former if defined else anchor.purpose
        structure.amend(anchor, purpose=found["purpose"], former=former)
    elif defined:
        anchor = structure.role(circle_id)
        structure.amend(anchor, purpose=anchor.former or anchor.purpose, former="")
