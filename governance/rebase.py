"""Drafts that age: what a draft changes, laid over the structure as it is today (design, §3).

A change remembers what it was drafted against. What nobody else touched merges by itself; what has changed meanwhile
clashes, and its proposer chooses: what the draft says, what stands today, or other words. All of it is pure: changes
and a structure go in, changes come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from circles.models import BODY_LENGTH, LINE_LENGTH, NAME_LENGTH, PURPOSE_LENGTH
from circles.structure import DomainRow, PolicyRow, RoleRow, Structure
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendPolicy,
    AmendRole,
    Change,
    Edit,
    LineEdit,
    MovePolicy,
    MoveRole,
    NewLine,
    RemovePolicy,
    RemoveRole,
)
from governance.changes.base import clean
from governance.changes.lines import LINE_FIELDS
from governance.changes.policies import FIELDS
from people.ids import derived_id

MINE, TODAY, TEXT = "mine", "today", "text"

# What a choice may be: to keep the draft's words, to take those of today, or other ones, which stand beside it
Choice = tuple[str, str]
TEXT_LENGTHS = {"name": NAME_LENGTH, "purpose": PURPOSE_LENGTH, "title": NAME_LENGTH, "body": BODY_LENGTH}
LONG = frozenset({"purpose", "body"})


@dataclass(frozen=True)
class Clash:
    """One field that the draft touches and that has changed since it was drafted.

    ``key`` names it among the choices; ``number`` is that of its change (from 0), ``subject`` the role or policy.
    ``was`` is what it was drafted from, ``mine`` what the draft says, ``now`` what stands there (None: it has gone).
    ``is_text`` says that other words can be written; ``whole`` that it is about the change itself: what it would
    change is there no longer, or has been added already.
    """

    key: str
    number: int
    subject: str
    field: str
    was: Any
    mine: Any
    now: Any
    is_text: bool = True
    whole: bool = False


def clashes(changes: Sequence[Change], structure: Structure) -> list[Clash]:
    """Return every field in which ``changes`` clash with the structure as it is, in the order of the changes."""
    merge = Merge(structure.branch(), {})
    merge.run(changes)
    return merge.clashes


def rebase(changes: Sequence[Change], structure: Structure, choices: Mapping[str, Choice]) -> list[Change]:
    """Return ``changes`` as they are to be made in the structure as it is today.

    ``choices`` says by the key of each clash what is to count; where it is silent, the draft does. What the draft
    asks for and what stands already is left out; a change to what has gone stays as it is unless today's is chosen.
    Raises Malformed where other words are too long.
    """
    merge = Merge(structure.branch(), choices)
    return merge.run(changes)


@dataclass
class Merge:
    """One walk through the changes; ``structure`` is as those before have left it."""

    structure: Structure
    choices: Mapping[str, Choice]
    clashes: list[Clash] = field(default_factory=list)
    number: int = 0

    def run(self, changes: Sequence[Change]) -> list[Change]:
        result: list[Change] = []
        for self.number, change in enumerate(changes):
            merged = self.merged(change)
            if merged is None:
                continue
            result.append(merged)
            if self.applies(merged):
                merged.apply(self.structure)
        return result

    def merged(self, change: Change) -> Change | None:
        """A change as it is to be made today; None where it stands already or is given up."""
        if isinstance(change, AmendRole):
            return self.amend_role(change)
        if isinstance(change, AmendPolicy):
            return self.amend_policy(change)
        if isinstance(change, AddRole):
            return self.add_role(change)
        if isinstance(change, AddPolicy):
            return self.add_policy(change)
        if isinstance(change, RemoveRole):
            return change if self.structure.get(RoleRow, change.role) is not None else None
        if isinstance(change, RemovePolicy):
            return change if self.structure.get(PolicyRow, change.policy) is not None else None
        if isinstance(change, MoveRole):
            return self.move_role(change)
        if isinstance(change, MovePolicy):
            return self.move_policy(change)
        return change

    def applies(self, change: Change) -> bool:
        """Whether what a change needs is there, so that those after it can be read against it."""
        data = change.payload()
        wanted = [
            data.get("role"),
            data.get("circle") if change.kind != "add_role" or data["circle"] else None,
        ]
        policy = data.get("policy")
        return all(self.structure.get(RoleRow, i) is not None for i in wanted if isinstance(i, str)) and (
            not isinstance(policy, str) or self.structure.get(PolicyRow, policy) is not None
        )

    def clash(
        self, where: str, subject: str, name: str, was: Any, mine: Any, now: Any, **more: Any
    ) -> Choice:
        """Note a clash and return what is to count."""
        key = f"{self.number}.{where}" if where else str(self.number)
        self.clashes.append(Clash(key, self.number, subject, name, was, mine, now, **more))
        return self.choices.get(key, (MINE, ""))

    def gone(self, change: Change, subject: str, name: str) -> Change | None:
        """What a change is about has gone: the change stays as drafted, or is given up."""
        chosen, _text = self.clash("", subject, name, None, change, None, is_text=False, whole=True)
        return None if chosen == TODAY else change

    def edited(
        self, where: str, subject: str, name: str, edit: Edit, now: Any, *, is_text: bool
    ) -> Edit | None:
        """A field's edit as it is to be made today; None where it stands already, or today's is chosen."""
        if now == edit.to:
            return None
        if now == edit.was:
            return edit
        chosen, text = self.clash(where, subject, name, edit.was, edit.to, now, is_text=is_text)
        if chosen == TODAY:
            return None
        if chosen == TEXT and is_text:
            to = clean(text, name, most=TEXT_LENGTHS[name], multiline=name in LONG)
            return Edit(now, to) if to != now else None
        return Edit(now, edit.to)

    # -- roles ----------------------------------------------------------------------------------------------------

    def amend_role(self, change: AmendRole) -> Change | None:
        role = self.structure.get(RoleRow, change.role)
        if role is None:
            return self.gone(change, change.role, "role")
        fields: dict[str, Any] = {"name": None, "purpose": None}
        fields |= {
            name: self.edited(name, role.id, name, edit, getattr(role, name), is_text=True)
            for name in fields
            if (edit := getattr(change, name)) is not None
        }
        fields |= {
            name: tuple(
                kept
                for line in getattr(change, name)
                if (kept := self.line(line, name, row_type, role.id)) is not None
            )
            for name, row_type in LINE_FIELDS.items()
        }
        return replace(change, **fields) if any(fields.values()) else None

    def line(self, line: LineEdit, name: str, row_type: type[Any], role_id: str) -> LineEdit | None:
        row = self.structure.get(row_type, line.id)
        where = f"{name}.{line.id}"
        if line.new is not None:
            if row is None:
                return line
            if row.role != role_id:
                return _renamed(line)
            if row.text == line.new.text:
                return None
            chosen = self.clash(where, role_id, name, "", line.new.text, row.text)
            return self.reworded(line.id, chosen, line.new.text, row.text, name)
        if line.op == "remove":
            if row is None:
                return None
            if row.text == line.was:
                return line
            chosen = self.clash(where, role_id, name, line.was, "", row.text)
            if chosen[0] == TODAY:
                return None
            if chosen[0] == TEXT and chosen[1].strip():
                return self.reworded(line.id, chosen, "", row.text, name)
            return LineEdit("remove", line.id, row.text)
        if row is None:
            chosen = self.clash(where, role_id, name, line.was, line.to, None)
            if chosen[0] == TODAY:
                return None
            text = clean(chosen[1], name, most=LINE_LENGTH) if chosen[0] == TEXT else line.to
            new = NewLine(
                line.id,
                text,
                within=line.within.to if line.within is not None else None,
                internal=bool(line.internal.to) if line.internal is not None else False,
            )
            return LineEdit("add", line.id, new=new) if text else None
        grants: dict[str, Any] = {
            grant: self.granted(f"{where}.{grant}", role_id, grant, edit, getattr(row, grant))
            for grant in ("within", "internal")
            if (edit := getattr(line, grant)) is not None
        }
        reworded: LineEdit | None = None
        if row.text == line.was != line.to:
            reworded = replace(line, within=None, internal=None)
        elif line.was != line.to and row.text not in (line.was, line.to):
            chosen = self.clash(where, role_id, name, line.was, line.to, row.text)
            reworded = self.reworded(line.id, chosen, line.to, row.text, name)
        if reworded is not None and reworded.op == "remove":
            return reworded
        if not any(edit is not None for edit in grants.values()):
            return reworded
        return replace(reworded or LineEdit("amend", line.id, row.text, row.text), **grants)

    def granted(self, where: str, role_id: str, name: str, edit: Edit, now: Any) -> Edit | None:
        """How a domain is granted, as it is to be restated today (§1.3.2); None where that stands already."""
        if now == edit.to:
            return None
        if now == edit.was:
            return edit
        chosen, _text = self.clash(where, role_id, name, edit.was, edit.to, now, is_text=False)
        return None if chosen == TODAY else Edit(now, edit.to)

    def reworded(self, line_id: str, chosen: Choice, mine: str, now: str, name: str) -> LineEdit | None:
        if chosen[0] == TODAY:
            return None
        to = clean(chosen[1], name, most=LINE_LENGTH) if chosen[0] == TEXT else mine
        if not to:
            return LineEdit("remove", line_id, now)
        return LineEdit("amend", line_id, now, to) if to != now else None

    def add_role(self, change: AddRole) -> Change | None:
        if change.circle is not None and self.structure.get(RoleRow, change.circle) is None:
            return self.gone(change, change.circle, "circle")
        role = self.structure.get(RoleRow, change.id)
        if role is None:
            return self.unused(change)
        # It has been added meanwhile: what this draft says of it becomes an amendment of what stands
        amended = AmendRole(
            role.id,
            Edit(role.name, change.name) if change.name != role.name else None,
            Edit(role.purpose, change.purpose) if change.purpose != role.purpose else None,
            *(
                self.turned(getattr(change, name), row_type, role.id)
                for name, row_type in LINE_FIELDS.items()
            ),
        )
        if not (amended.name or amended.purpose or amended.accountabilities or amended.domains):
            return None
        chosen, _text = self.clash("", role.id, "role", None, change, role, is_text=False, whole=True)
        return None if chosen == TODAY else amended

    def turned(self, lines: Sequence[NewLine], row_type: type[Any], role_id: str) -> tuple[LineEdit, ...]:
        """New lines of a role that stands already, as edits of it."""
        edits: list[LineEdit] = []
        for line in lines:
            row = self.structure.get(row_type, line.id)
            if row is None or row.role != role_id:
                added = LineEdit("add", line.id, new=line)
                edits.append(added if row is None else _renamed(added))
            elif row.text != line.text:
                edits.append(LineEdit("amend", line.id, row.text, line.text))
        return tuple(edits)

    def unused(self, change: AddRole) -> AddRole:
        """A role to be added whose lines have identifiers that nothing else has."""

        def free(lines: tuple[NewLine, ...], row_type: type[Any]) -> tuple[NewLine, ...]:
            taken = self.structure.get_many(row_type, [line.id for line in lines])
            return tuple(_fresh(line) if line.id in taken else line for line in lines)

        lines: dict[str, Any] = {
            name: free(getattr(change, name), row_type) for name, row_type in LINE_FIELDS.items()
        }
        return replace(change, **lines)

    def move_role(self, change: MoveRole) -> Change | None:
        role = self.structure.get(RoleRow, change.role)
        if role is None:
            return self.gone(change, change.role, "role")
        if self.structure.get(RoleRow, change.circle) is None:
            return self.gone(change, change.circle, "circle")
        if role.circle == change.circle:
            return None
        if role.circle in (change.was, None):
            return change
        chosen, _text = self.clash(
            "circle", role.id, "circle", change.was, change.circle, role.circle, is_text=False
        )
        return None if chosen == TODAY else replace(change, was=role.circle)

    # -- policies -------------------------------------------------------------------------------------------------

    def amend_policy(self, change: AmendPolicy) -> Change | None:
        policy = self.structure.get(PolicyRow, change.policy)
        if policy is None:
            return self.gone(change, change.policy, "policy")
        edits = {
            name: kept
            for name, edit in change.fields.items()
            if (
                kept := self.edited(
                    name, policy.id, name, edit, getattr(policy, name), is_text=name in TEXT_LENGTHS
                )
            )
            is not None
        }
        return replace(change, fields=edits) if edits else None

    def move_policy(self, change: MovePolicy) -> Change | None:
        policy = self.structure.get(PolicyRow, change.policy)
        if policy is None:
            return self.gone(change, change.policy, "policy")
        if self.structure.get(RoleRow, change.circle) is None:
            return self.gone(change, change.circle, "circle")
        if policy.role == change.circle:
            return None
        if policy.role == change.was:
            return change
        chosen, _text = self.clash(
            "circle", policy.id, "circle", change.was, change.circle, policy.role, is_text=False
        )
        return None if chosen == TODAY else replace(change, was=policy.role)

    def add_policy(self, change: AddPolicy) -> Change | None:
        if self.structure.get(RoleRow, change.circle) is None:
            return self.gone(change, change.circle, "circle")
        policy = self.structure.get(PolicyRow, change.id)
        if policy is None:
            if change.domain is not None and self.structure.get(DomainRow, change.domain) is None:
                self.clash("domain", change.id, "domain", change.domain, change.domain, None, is_text=False)
                return replace(change, domain=None)
            return change
        edits = {
            name: Edit(getattr(policy, name), getattr(change, name))
            for name in FIELDS
            if getattr(policy, name) != getattr(change, name)
        }
        if not edits:
            return None
        chosen, _text = self.clash("", policy.id, "policy", None, change, policy, is_text=False, whole=True)
        return None if chosen == TODAY else AmendPolicy(policy.id, edits)


def _fresh(line: NewLine) -> NewLine:
    return replace(line, id=derived_id(line.id, "again"))


def _renamed(line: LineEdit) -> LineEdit:
    """An addition whose identifier another role's line has: the same words under another one."""
    if line.new is None:
        return line
    fresh = _fresh(line.new)
    return replace(line, id=fresh.id, new=fresh)
