"""The way back: the changes that undo what a change does, with everything that followed by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from circles.constitution import CIRCLE_REP, ORDINARY
from circles.structure import (
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    PriorityRow,
    RoleRow,
    RowChange,
    StrategyRow,
    Structure,
)
from governance.changes.base import Change, Edit
from governance.changes.lines import LineEdit, NewLine

FIELD_OF = {"accountability": "accountabilities", "domain": "domains"}
POLICY_FIELDS = ("title", "body", "kinds", "effect", "inside", "overridable")


def way_back(before: Structure, change: Change) -> list[Change]:
    """Return the changes that bring the structure back to ``before`` once ``change`` has been made in it.

    Found from the rows that the change writes and not from its words, so that what follows by itself (seats that
    end, links that fall, domains let go) comes back too.
    """
    after = before.branch()
    change.apply(after)
    return between(after, before, after.changes_since(before))


def electable_order(structure: Structure, assignments: Iterable[AssignmentRow]) -> list[AssignmentRow]:
    """Return assignments so that each may be made in turn: whoever is elected must be a circle member first, and
    a rep may be one only by another seat, or as rep of a circle further inside (§5.1.1)."""

    def key(assignment: AssignmentRow) -> tuple[bool, bool, int, str]:
        role = structure.role(assignment.role)
        depth = len(structure.path(role.id)) if role.kind == CIRCLE_REP else 0
        return role.is_constitutional, role.kind == CIRCLE_REP, -depth, assignment.id

    return sorted(assignments, key=key)


def between(now: Structure, then: Structure, row_changes: Iterable[RowChange]) -> list[Change]:
    """Return changes that lead from ``now`` to ``then``, where ``row_changes`` lead from ``then`` to ``now``: what was
    added goes first, then roles come back before what they hold, and people last."""
    from governance.changes.leads import AmendStrategies, Reroute, SetPriorities
    from governance.changes.links import LinkRole, UnlinkRole
    from governance.changes.moves import MovePolicy, MoveRole
    from governance.changes.people import Admit, Assign, ChangePartnerStatus, Depart, Unassign
    from governance.changes.policies import AddPolicy, AmendPolicy, RemovePolicy
    from governance.changes.roles import AddRole, RemoveRole

    rows: dict[str, list[RowChange]] = {}
    for c in row_changes:
        rows.setdefault(c.table, []).append(c)

    def came(table: str) -> list[Any]:
        return [c.after for c in rows.get(table, ()) if c.before is None]

    def went(table: str) -> list[Any]:
        return [c.before for c in rows.get(table, ()) if c.after is None]

    def altered(table: str) -> list[tuple[Any, Any]]:
        return [
            (c.before, c.after) for c in rows.get(table, ()) if c.before is not None and c.after is not None
        ]

    def depth(role_id: str) -> tuple[int, str]:
        return len(then.path(role_id)), role_id

    ordinary = [r for r in came("role") if r.kind == ORDINARY]
    changes: list[Change] = [UnlinkRole(x.id, x.role, x.circle) for x in came("link")]
    # Assignments to roles that go again go with them
    new_roles = {r.id for r in came("role")}
    new_people = {p.id for p in came("person")}
    changes += [
        Unassign.of(a) for a in came("assignment") if a.role not in new_roles and a.person not in new_people
    ]
    changes += [RemovePolicy(p.id) for p in came("policy") if p.role not in new_roles]
    for role in sorted(ordinary, key=lambda r: -len(now.path(r.id))):
        changes.append(RemoveRole(role.id, leaves_circle=_was_empty_circle(then, role.circle)))

    moved = [(was, is_) for was, is_ in altered("role") if was.circle != is_.circle]
    restated: set[str] = set()
    for was, is_ in moved:
        granted = {
            d.id: {"within": d.within, "internal": d.internal}
            for d in then.find(DomainRow, "role", [was.id])
            if d.by is None
        }
        restated |= granted.keys()
        leaves = _was_empty_circle(then, is_.circle)
        changes.append(
            MoveRole(was.id, was.circle or "", is_.circle or "", "", granted, leaves_circle=leaves)
        )
    for was, is_ in altered("policy"):
        if was.role != is_.role:
            changes.append(
                MovePolicy(was.id, was.role, is_.role, "", Edit(is_.domain, was.domain), was.position)
            )

    changes += [Admit(p.id, p.partner) for p in went("person")]
    changes += [ChangePartnerStatus(was.id, was.partner) for was, _is in altered("person")]
    back = sorted((r for r in went("role") if r.kind == ORDINARY), key=lambda r: depth(r.id))
    new = {r.id for r in back}
    for role in back:
        accountabilities = [x for x in then.lines(AccountabilityRow, role.id) if x.by is None]
        domains = [x for x in then.lines(DomainRow, role.id) if x.by is None]
        changes.append(
            AddRole(
                role.id,
                role.circle,
                role.name,
                role.purpose,
                tuple(NewLine.of(x) for x in accountabilities),
                tuple(NewLine.of(x) for x in domains),
                broken_down=_was_empty_circle(then, role.id),
            )
        )
    own, added = _line_edits(rows, new, new_roles, restated)
    # The anchor circle's purpose follows its policy, which comes back by itself (§1.3.3)
    words = {was.id: (was, is_) for was, is_ in altered("role") if not (was.former or is_.former)}
    for role_id in sorted({*own, *words}, key=depth):
        change = _amended(role_id, words.get(role_id), own.get(role_id, {}))
        changes += [change] if change is not None else []

    late_domains = {e.id for edits in added.values() for e in edits.get("domains", ())}
    late: list[Change] = []
    for policy in sorted(went("policy"), key=lambda p: (depth(p.role), p.position)):
        add = AddPolicy.of(policy)
        if policy.domain in late_domains:
            late.append(AmendPolicy(policy.id, {"domain": Edit(None, policy.domain)}))
            add = AddPolicy.of(policy, domain=None)
        changes.append(add)
    for was, is_ in altered("policy"):
        edits: dict[str, Edit] = {
            f: Edit(getattr(is_, f), getattr(was, f))
            for f in POLICY_FIELDS
            if getattr(is_, f) != getattr(was, f)
        }
        if is_.domain != was.domain and is_.role == was.role:
            late.append(AmendPolicy(was.id, {"domain": Edit(is_.domain, was.domain)}))
        changes += [AmendPolicy(was.id, edits)] if edits else []
    changes += [LinkRole(x.id, x.role, x.circle) for x in went("link")]
    for role_id in sorted(added, key=depth):
        change = _amended(role_id, None, added[role_id])
        changes += [change] if change is not None else []
    changes += late

    changes += [Assign.of(a) for a in electable_order(then, went("assignment"))]
    changes += [Depart(p.id) for p in came("person")]
    for circle in _circles(rows, "strategy"):
        changes.append(AmendStrategies(circle, _texts(now, circle), _texts(then, circle)))
    for circle in _circles(rows, "priority"):
        changes.append(SetPriorities(circle, _order(now, circle), _order(then, circle)))
    for c in rows.get("route", ()):
        row = c.before or c.after
        changes.append(
            Reroute(row.circle, row.role, c.after.to if c.after else None, c.before.to if c.before else None)
        )
    return [c for c in changes if not _of_a_gone_circle(c, then)]


def _of_a_gone_circle(change: Change, then: Structure) -> bool:
    # What lay in a circle or role that goes again went with it
    circle = (
        getattr(change, "circle", None)
        if change.kind in ("amend_strategies", "set_priorities", "reroute")
        else None
    )
    return circle is not None and then.get(RoleRow, circle) is None


def _was_empty_circle(then: Structure, circle_id: str | None) -> bool:
    """Whether a role was shown as a circle with no ordinary role inside, as an import may bring it in."""
    return circle_id is not None and then.is_circle(circle_id) and not then.ordinary_inside(circle_id)


def _line_edits(
    rows: Mapping[str, list[RowChange]], new: set[str], gone: set[str], restated: set[str]
) -> tuple[dict[str, dict[str, list[LineEdit]]], dict[str, dict[str, list[LineEdit]]]]:
    """Return the edits of lines by role and field: those of the role's own circle, and those of circles it links
    into that must wait for the link."""
    own: dict[str, dict[str, list[LineEdit]]] = {}
    added: dict[str, dict[str, list[LineEdit]]] = {}
    for table, field in FIELD_OF.items():
        for c in rows.get(table, ()):
            was, is_ = c.before, c.after
            row = was or is_
            if row.role in gone or (row.role in new and row.by is None):
                continue
            edit: LineEdit | None
            if is_ is None:
                edit = LineEdit("add", was.id, new=NewLine.of(was))
            elif was is None:
                edit = LineEdit("remove", is_.id, is_.text)
            else:
                edit = _amend_line(was, is_, was.id in restated)
                if edit is None:
                    continue
            chosen = added if row.by is not None and is_ is None else own
            chosen.setdefault(row.role, {}).setdefault(field, []).append(edit)
    return own, added


def _amend_line(was: Any, is_: Any, restated: bool) -> LineEdit | None:
    grant: dict[str, Edit | None] = {"within": None, "internal": None}
    if isinstance(was, DomainRow) and not restated:
        grant = {
            name: Edit(getattr(is_, name), getattr(was, name))
            if getattr(is_, name) != getattr(was, name)
            else None
            for name in grant
        }
    if was.text == is_.text and not any(grant.values()):
        return None
    return LineEdit("amend", was.id, is_.text, was.text, within=grant["within"], internal=grant["internal"])


def _amended(
    role_id: str, words: tuple[RoleRow, RoleRow] | None, lines: Mapping[str, list[LineEdit]]
) -> Change | None:
    from governance.changes.roles import AmendRole

    edits: dict[str, Edit | None] = {"name": None, "purpose": None}
    if words is not None:
        was, is_ = words
        for field in edits:
            if getattr(was, field) != getattr(is_, field):
                edits[field] = Edit(getattr(is_, field), getattr(was, field))
    if not lines and not any(edits.values()):
        return None
    return AmendRole(
        role_id,
        edits["name"],
        edits["purpose"],
        tuple(lines.get("accountabilities", ())),
        tuple(lines.get("domains", ())),
    )


def _circles(rows: Mapping[str, list[RowChange]], table: str) -> list[str]:
    return sorted({(c.before or c.after).circle for c in rows.get(table, ())})


def _texts(structure: Structure, circle: str) -> tuple[tuple[str, str], ...]:
    found = structure.find(StrategyRow, "circle", [circle])
    return tuple((x.id, x.text) for x in sorted(found, key=lambda x: x.position))


def _order(structure: Structure, circle: str) -> tuple[str, ...]:
    found = structure.find(PriorityRow, "circle", [circle])
    return tuple(x.role for x in sorted(found, key=lambda x: x.position))
