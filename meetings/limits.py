"""What a special meeting may change, and what policies ask of a meeting before it begins (§5.4, §5.4.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from circles.effects import NOTICE, QUORUM, policy_words
from circles.structure import PolicyRow, RoleRow, RowChange, Structure
from governance.changes.base import clean
from meetings.models import Meeting
from people.refusals import Malformed, RuleBroken

TENSION_LENGTH = 400


def clean_limits(structure: Structure, circle_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a special meeting in their one form: ``roles`` and ``policies`` (identifiers) that alone
    may be changed, and the ``tension`` it is about; what is empty is left out.

    Raises Malformed where a role or policy is not of the circle.
    """
    roles = sorted({str(r) for r in data.get("roles") or ()})
    policies = sorted({str(p) for p in data.get("policies") or ()})
    inside = {r.id for r in structure.inside(circle_id)}
    held = {p.id for p in structure.lines(PolicyRow, circle_id)}
    if not set(roles) <= inside:
        raise Malformed(_("Choose roles that lie in this circle."), field="roles")
    if not set(policies) <= held:
        raise Malformed(_("Choose policies of this circle."), field="policies")
    tension = clean(data.get("tension"), "tension", most=TENSION_LENGTH)
    return {k: v for k, v in (("roles", roles), ("policies", policies), ("tension", tension)) if v}


def names_of(structure: Structure, limits: Mapping[str, Any]) -> list[str]:
    """Return the roles and policies a special meeting may change, by name, as they are called now."""
    roles = structure.get_many(RoleRow, limits.get("roles", ()))
    policies = structure.get_many(PolicyRow, limits.get("policies", ()))
    return sorted([r.shown_name for r in roles.values()] + [p.title for p in policies.values()])


def within_limits_5_4(
    structure: Structure, meeting: Meeting, row_changes: Sequence[RowChange]
) -> Iterator[RuleBroken]:
    """§5.4: a special meeting makes only changes within the limits it was asked for with.

    A change is within them if all it writes is one of the named roles or policies, or belongs to one.
    """
    allowed = {*meeting.limits.get("roles", ()), *meeting.limits.get("policies", ())}
    if not meeting.is_special or not allowed:
        return
    if any(not _touched(change, meeting.circle_id) & allowed for change in row_changes):
        yield RuleBroken(
            "5.4",
            _(
                "This special meeting may change %(names)s alone, and this changes something else. Take that out, or "
                "bring it to another meeting."
            )
            % {
                "names": ", ".join(names_of(structure, meeting.limits))
                or _("what has been removed meanwhile")
            },
            field="changes",
        )


def _touched(change: RowChange, circle_id: str) -> set[str]:
    """What a written row is, and what it belongs to; the meeting's own circle does not count."""
    found = {str(change.id)}
    for row in (change.before, change.after):
        for name in ("role", "circle"):
            found.add(str(getattr(row, name, None)))
    return found - {"None", circle_id}


# -- what policies ask -------------------------------------------------------------------------------------------


def quorum_5_4_2(structure: Structure, circle_id: str, here: Collection[str]) -> Iterator[RuleBroken]:
    """§5.4.2: no quorum is needed, unless a policy sets one; then so many circle members are in the room."""
    found = structure.effect(circle_id, QUORUM)
    if found is None:
        return
    policy, effect = found
    present = len(structure.members(circle_id) & set(here))
    if present < effect["members"]:
        yield RuleBroken(
            "5.4.2",
            ngettext(
                "It begins with at least %(members)d circle member in the room, %(policy)s; %(present)d so far.",
                "It begins with at least %(members)d circle members in the room, %(policy)s; %(present)d so far.",
                effect["members"],
            )
            % {"members": effect["members"], "present": present, "policy": whose(structure, policy)},
        )


def notice_5_4_2(
    structure: Structure, circle_id: str, at: dt.datetime, now: dt.datetime
) -> Iterator[RuleBroken]:
    """§5.4.2: what notice is reasonable is for people to judge, unless a policy sets so many hours."""
    found = structure.effect(circle_id, NOTICE)
    if found is None:
        return
    policy, effect = found
    if at - now < dt.timedelta(hours=effect["hours"]):
        yield RuleBroken(
            "5.4.2",
            ngettext(
                "Meetings are announced at least %(hours)d hour before, %(policy)s. Schedule it for later.",
                "Meetings are announced at least %(hours)d hours before, %(policy)s. Schedule it for later.",
                effect["hours"],
            )
            % {"hours": effect["hours"], "policy": whose(structure, policy)},
            field="at",
        )


def whose(structure: Structure, policy: PolicyRow) -> str:
    """By which policy of which circle."""
    return policy_words(policy.title, structure.role(policy.role).shown_name)
