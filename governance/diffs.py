"""Differences of structure as people read them: by role, policy and person, field by field, line by line.

The same function describes a draft's preview, a decision on the record, and the distance between two moments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from circles.constitution import CONSTITUTIONAL_ROLES, ORDINARY, POLICY_KINDS
from circles.effects import describe_effect, named_roles
from governance.names import NameBook


class LineDiff(TypedDict):
    state: str  # add, remove, amend, same
    before: str
    after: str


class FieldDiff(TypedDict):
    label: str
    before: str | None
    after: str | None
    lines: list[LineDiff]


@dataclass
class SubjectDiff:
    """What happened to one role, policy or person: ``verb`` is add, amend or remove."""

    kind: str
    id: str
    name: str
    verb: str
    ref: str = ""
    circle: str = ""
    fields: list[FieldDiff] = field(default_factory=list)

    @property
    def title(self) -> str:
        titles = {
            ("role", "add"): _("Add role"),
            ("role", "amend"): _("Amend role"),
            ("role", "remove"): _("Remove role"),
            ("policy", "add"): _("Add policy"),
            ("policy", "amend"): _("Amend policy"),
            ("policy", "remove"): _("Remove policy"),
            ("person", "add"): _("Admit"),
            ("person", "amend"): _("Change of"),
            ("person", "remove"): _("Leaves:"),
        }
        return titles[self.kind, self.verb]


Entry = Sequence[Any]

# Rows that are shown with the circle they belong to; all others with their role
OF_CIRCLE = frozenset({"strategy", "priority", "route"})


def describe(
    entries: Iterable[Entry], names: NameBook, *, unchanged: Mapping[tuple[str, str], int] | None = None
) -> list[SubjectDiff]:
    """Describe rows of the record ([table, id, before, after]) as differences by subject.

    ``unchanged`` tells, by ("accountability" or "domain", role id), how many further lines stay as they are;
    they are then mentioned. Constitutional roles that merely appear or go with their circle are left out.
    """
    entries = list(entries)
    _learn(entries, names)
    subjects: dict[tuple[str, str], SubjectDiff] = {}

    def subject(kind: str, row_id: str) -> SubjectDiff:
        if (kind, row_id) not in subjects:
            name = {"role": names.role, "policy": names.policy, "person": names.person}[kind](row_id)
            subjects[kind, row_id] = SubjectDiff(kind, row_id, name, "amend", ref=row_id)
        return subjects[kind, row_id]

    for table, row_id, before, after in entries:
        stands: Mapping[str, Any] = after or before
        if table == "role":
            if stands["kind"] != ORDINARY and (before is None or after is None):
                continue
            item = subject("role", row_id)
            item.verb = _verb(before, after)
            item.circle = stands["circle"] or ""
            _field(item, _("Name"), before, after, "name", skip_new=True)
            _field(item, _("Purpose"), before, after, "purpose")
            if before and after and before["circle"] != after["circle"]:
                _words(item, _("Circle"), names.role(before["circle"]), names.role(after["circle"]))
        elif table == "policy":
            item = subject("policy", row_id)
            item.verb = _verb(before, after)
            item.circle = stands["role"]
            _policy_fields(item, before, after, names)
        elif table == "person":
            item = subject("person", row_id)
            item.verb = _verb(before, after)
            if after is None or before is None or before["partner"] != after["partner"]:
                _words(item, _("Partner"), _yes_no(before), _yes_no(after))
    for label, table in (
        (_("Domains"), "domain"),
        (_("Accountabilities"), "accountability"),
        (_("Filled by"), "assignment"),
        (_("Linked into"), "link"),
        (_("Strategies"), "strategy"),
        (_("Priorities"), "priority"),
        (_("References from outside"), "route"),
    ):
        by_role: dict[str, list[LineDiff]] = {}
        positions: dict[int, int] = {}
        for name, _row_id, before, after in entries:
            if name != table:
                continue
            stands = after or before
            line = _line(table, before, after, names)
            if line["before"] != line["after"]:
                of = "circle" if table in OF_CIRCLE else "role"
                lines = by_role.setdefault(stands[of], [])
                positions[id(line)] = stands.get("position", 0)
                lines.append(line)
        for role_id, lines in by_role.items():
            lines.sort(key=lambda x: positions[id(x)])
            same = (unchanged or {}).get((table, role_id), 0)
            if same:
                text = (
                    _("%(count)d more stay as they are") % {"count": same}
                    if same > 1
                    else _("1 more stays as it is")
                )
                lines.append({"state": "same", "before": text, "after": text})
            subject("role", role_id).fields.append(
                {"label": label, "before": None, "after": None, "lines": lines}
            )
    order = {"role": 0, "policy": 1, "person": 2}
    return sorted(
        (s for s in subjects.values() if s.fields or s.verb != "amend"), key=lambda s: order[s.kind]
    )


def _learn(entries: Sequence[Entry], names: NameBook) -> None:
    roles: dict[str, str] = {}
    policies: dict[str, str] = {}
    people: set[str] = set()
    wanted: set[str] = set()
    domains: set[str] = set()
    for table, row_id, before, after in entries:
        stands = after or before
        if table == "role":
            roles[row_id] = (
                stands["name"]
                if stands["kind"] == ORDINARY
                else str(CONSTITUTIONAL_ROLES[stands["kind"]].name)
            )
            wanted.add(stands["circle"] or "")
        elif table == "policy":
            policies[row_id] = stands["title"]
            wanted |= named_roles(row["effect"] for row in (before, after) if row)
        elif table == "person":
            people.add(row_id)
        else:
            people.add(stands.get("person", ""))
        for row in (before, after):
            if row is not None:
                wanted |= {row.get(key) or "" for key in ("role", "by", "to", "circle")}
                domains.add(row.get("within") or (row["domain"] if table == "policy" else "") or "")
    own = {i: (after or before)["text"] for table, i, before, after in entries if table == "domain"}
    names.learn(roles=wanted | roles.keys(), people=people, domains=domains - own.keys())
    names.add(domains=own)
    # As the rows call them, which may be a name that does not stand in the tables (yet)
    names.add(roles={i: n for i, n in roles.items() if i not in wanted or n}, policies=policies)


def _verb(before: object, after: object) -> str:
    return "add" if before is None else "remove" if after is None else "amend"


def _yes_no(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else _("yes") if row["partner"] else _("no")


def _words(item: SubjectDiff, label: str, before: str | None, after: str | None) -> None:
    if before != after:
        item.fields.append({"label": label, "before": before, "after": after, "lines": []})


def _field(
    item: SubjectDiff,
    label: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    key: str,
    *,
    skip_new: bool = False,
) -> None:
    if skip_new and (before is None or after is None):
        return
    _words(item, label, (before[key] or None) if before else None, (after[key] or None) if after else None)


def _policy_fields(
    item: SubjectDiff, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, names: NameBook
) -> None:
    def kinds(row: Mapping[str, Any] | None) -> str | None:
        return ", ".join(str(POLICY_KINDS[k][0]) for k in row["kinds"] if k in POLICY_KINDS) if row else None

    def effect(row: Mapping[str, Any] | None) -> str | None:
        return describe_effect(row["effect"], names.role) if row and row["effect"] else None

    def reach(row: Mapping[str, Any] | None) -> str | None:
        if row is None:
            return None
        words = [_("applies in sub-circles") if row["inside"] else _("applies in this circle alone")]
        if row["inside"] and not row["overridable"]:
            words.append(_("cannot be overridden there"))
        return ", ".join(words)

    if before and after and before["role"] != after["role"]:
        _words(item, _("Circle"), names.role(before["role"]), names.role(after["role"]))
    _field(item, _("Title"), before, after, "title", skip_new=True)
    _field(item, _("Text"), before, after, "body")
    _words(item, _("Kind"), kinds(before), kinds(after))
    about = [names.domain(row["domain"]) if row and row["domain"] else None for row in (before, after)]
    _words(item, _("Domain"), *about)
    _words(item, _("Effect"), effect(before), effect(after))
    _words(item, _("Reach"), reach(before), reach(after))


def _line(
    table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, names: NameBook
) -> LineDiff:
    def words(row: Mapping[str, Any] | None) -> str:
        if row is None:
            return ""
        if table == "link":
            return names.role(row["circle"])
        if table == "priority":
            return f"{row['position'] + 1}. {names.role(row['role'])}"
        if table == "route":
            return _("%(role)s: to %(to)s") % {"role": names.role(row["role"]), "to": names.role(row["to"])}
        if table != "assignment":
            return _text(row, names)
        text = names.person(row["person"])
        if row["focus"]:
            text = _("%(person)s, focus %(focus)s") % {"person": text, "focus": row["focus"]}
        if row["term_ends"]:
            text = _("%(person)s, until %(date)s") % {
                "person": text,
                "date": date_format(
                    dt.date.fromisoformat(row["term_ends"]), pgettext("a day, as a date format", "j F Y")
                ),
            }
        return text

    return {"state": _verb(before, after), "before": words(before), "after": words(after)}


def _text(row: Mapping[str, Any], names: NameBook) -> str:
    """A line's words, with how a domain is granted (§1.3.2) and which circle added it (§1.3.4)."""
    text = str(row["text"])
    if row.get("within"):
        text = _("%(text)s (within %(domain)s)") % {"text": text, "domain": names.domain(row["within"])}
    elif row.get("internal"):
        text = _("%(text)s (inside the circle only)") % {"text": text}
    if row.get("by"):
        text = _("%(text)s, added by %(circle)s") % {"text": text, "circle": names.role(row["by"])}
    return text
