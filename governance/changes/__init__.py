"""The catalogue of changes: everything that can happen to the structure, one class for each kind.

The proposal form, the API, the importer, set-up and the meeting room all draw on it, and nothing else in the
program changes structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from governance.changes.base import Change, Edit, Names
from governance.changes.elections import Elect
from governance.changes.leads import AmendStrategies, Reroute, SetPriorities
from governance.changes.lines import LineEdit, NewLine
from governance.changes.links import LinkRole, UnlinkRole
from governance.changes.moves import MovePolicy, MoveRole
from governance.changes.people import Admit, Assign, ChangePartnerStatus, Depart, Resign, Unassign
from governance.changes.policies import AddPolicy, AmendPolicy, RemovePolicy
from governance.changes.roles import AddRole, AmendRole, RemoveRole
from people.refusals import Malformed

CATALOGUE: dict[str, type[Change]] = {
    c.kind: c
    for c in (
        AddRole,
        AmendRole,
        RemoveRole,
        MoveRole,
        AddPolicy,
        AmendPolicy,
        RemovePolicy,
        MovePolicy,
        LinkRole,
        UnlinkRole,
        AmendStrategies,
        SetPriorities,
        Reroute,
        Assign,
        Unassign,
        Resign,
        Admit,
        Depart,
        ChangePartnerStatus,
        Elect,
    )
}

MAX_CHANGES = 100


def parse_change(data: object) -> Change:
    """Build one change from plain data. Raises Malformed or RuleBroken."""
    if not isinstance(data, Mapping):
        raise Malformed(_("A change is a set of named values."), field="changes")
    change = CATALOGUE.get(str(data.get("kind")))
    if change is None:
        raise Malformed(_("“%(kind)s” is no kind of change.") % {"kind": data.get("kind")}, field="kind")
    return change.parse(data)


def parse_changes(data: object, *, most: int = MAX_CHANGES) -> list[Change]:
    """Build a list of changes from plain data. Raises Malformed or RuleBroken."""
    if not isinstance(data, Sequence) or isinstance(data, str | bytes):
        raise Malformed(_("Changes come as a list."), field="changes")
    if len(data) > most:
        raise Malformed(
            _("At most %(most)d changes fit into one proposal.") % {"most": most}, field="changes"
        )
    return [parse_change(x) for x in data]


__all__ = [
    "CATALOGUE",
    "AddPolicy",
    "AddRole",
    "Admit",
    "AmendPolicy",
    "AmendRole",
    "AmendStrategies",
    "Assign",
    "Change",
    "ChangePartnerStatus",
    "Depart",
    "Edit",
    "Elect",
    "LineEdit",
    "LinkRole",
    "MovePolicy",
    "MoveRole",
    "Names",
    "NewLine",
    "RemovePolicy",
    "RemoveRole",
    "Reroute",
    "Resign",
    "SetPriorities",
    "Unassign",
    "UnlinkRole",
    "parse_change",
    "parse_changes",
]
