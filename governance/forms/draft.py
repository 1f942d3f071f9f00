"""The proposal editor's form, read both ways: a proposal's changes as blocks of fields, and such fields as changes.

Nothing here judges, and the database is asked only for what somebody wrote by name: ``DraftForm.read`` keeps every
word as it was typed, and each block says which change it makes, or why none can be read from it. A block carries
what it was drafted against, so that an amendment names only what it changes and remembers what that was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict

from django.http import QueryDict
from django.utils.translation import gettext as _

from circles.effect_form import effect_data, role_as_written, role_written, typed_in, typed_of
from circles.models import Policy, Role
from circles.structure import AccountabilityRow, DomainRow, PolicyRow, RoleRow, Structure
from governance.changes import CATALOGUE, MAX_CHANGES, parse_change
from governance.changes.policies import FIELDS, parse_field, plain
from governance.grants import chosen, granted, restated
from governance.models import Proposal
from people.ids import derived_id, is_id, new_id
from people.refusals import Malformed, Refused

TEXTS = ("title", "tension", "example", "how_helped")
ROLE_KINDS = ("add_role", "amend_role", "remove_role")
POLICY_KINDS = ("add_policy", "amend_policy", "remove_policy")
MOVES = ("move_role", "move_policy")
LINE_ROWS: dict[str, type[Any]] = {"domains": DomainRow, "accountabilities": AccountabilityRow}

YES, NO = "yes", "no"

Find = Callable[[str], str | None]


class ShownLine(TypedDict):
    """A line in the editor: its id (empty: new), its words now, and its words in force (empty: none); of a domain
    also how it is granted, as ``governance.grants`` has it."""

    id: str
    text: str
    before: str
    within: str


@dataclass
class Block:
    """One change as the editor shows it.

    ``key`` begins the names of its fields; ``target`` is the role or policy it adds, amends or removes. ``values``
    and ``lines`` are what was typed; ``base`` is what it was drafted against. ``change`` is the change it makes,
    as plain data; where none can be read from it, ``refused`` says why.
    """

    key: str
    kind: str
    target: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[ShownLine]] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] | None = None
    refused: Refused | None = None
    fresh: bool = False

    @property
    def label(self) -> str:
        return str(CATALOGUE[self.kind].label) if self.kind in CATALOGUE else self.kind

    @property
    def base_json(self) -> str:
        return json.dumps(self.base)

    @property
    def is_role(self) -> bool:
        return self.kind in ROLE_KINDS

    @property
    def is_policy(self) -> bool:
        return self.kind in POLICY_KINDS

    @property
    def is_move(self) -> bool:
        return self.kind in MOVES

    @property
    def is_known(self) -> bool:
        return self.is_role or self.is_policy or self.is_move

    @property
    def moves_role(self) -> bool:
        return self.kind == "move_role"

    @property
    def has_fields(self) -> bool:
        return self.is_known and not self.kind.startswith("remove")

    def make(self, circle: str, seed: str, find: Find) -> None:
        """Read the change from what was typed; ``circle`` is whose governance it is to change, ``find`` gives the
        identifier of a role that was written by name."""
        try:
            self.change = parse_change(self._data(circle, seed, find)).to_json()
            self.refused = None
        except Refused as refused:
            self.change, self.refused = None, refused

    def _data(self, circle: str, seed: str, find: Find) -> dict[str, Any]:
        if not self.is_known:
            return self.base
        if self.is_move:
            return self._move(circle, find)
        subject = "role" if self.is_role else "policy"
        if self.kind.startswith("remove"):
            return {"kind": self.kind, subject: self.target}
        if self.kind == "add_role":
            lines = {name: self._added(name, seed) for name in LINE_ROWS}
            words = {name: self.values.get(name, "") for name in ("name", "purpose")}
            return {
                "kind": self.kind,
                "id": self.target,
                "circle": self.base.get("circle", circle),
                **words,
                **lines,
            }
        if self.kind == "add_policy":
            data = {"kind": self.kind, "id": self.target, "circle": self.base.get("circle", circle)}
            if "position" in self.base:
                data["position"] = self.base["position"]
            return {**data, **self._policy(find)}
        if self.kind == "amend_role":
            data = {"kind": self.kind, "role": self.target}
            for name in ("name", "purpose"):
                typed, was = self.values.get(name), str(self.base.get(name, ""))
                if typed is not None and _tidy(typed) != _tidy(was):
                    data[name] = {"from": was, "to": typed}
            return {**data, **{name: self._edited(name, seed) for name in LINE_ROWS}}
        data = {"kind": self.kind, "policy": self.target}
        for name, to in self._policy(find).items():
            if name in self.base and parse_field(name, {name: to}) != parse_field(name, self.base):
                data[name] = {"from": self.base[name], "to": to}
        return data

    def _policy(self, find: Find) -> dict[str, Any]:
        typed = self.values
        return {
            "title": typed.get("title", ""),
            "body": typed.get("body", ""),
            "kinds": typed.get("kinds", []),
            "effect": effect_data(typed.get("effect") or {}, find),
            "domain": typed.get("domain") or None,
            # Not said: as is usual for its kind (§5.2.1)
            **({"inside": typed["inside"] == YES} if typed.get("inside") else {}),
            "overridable": bool(typed.get("overridable")),
        }

    def _move(self, circle: str, find: Find) -> dict[str, Any]:
        subject = "role" if self.moves_role else "policy"
        where = str(self.values.get("circle", "")).strip()
        if not self.target:
            raise Malformed(
                _("Write which role is to be moved.")
                if self.moves_role
                else _("Write which policy is to be moved."),
                field=subject,
            )
        data: dict[str, Any] = {
            "kind": self.kind,
            subject: self.target,
            "circle": where if is_id(where) else find(where) if where else None,
            "from": self.base.get("from"),
            "reason": self.values.get("reason", ""),
        }
        stated = {i: grant for i, grant in (self.values.get("domains") or {}).items() if grant}
        if self.moves_role and stated:
            data["domains"] = {i: granted(grant) for i, grant in stated.items()}
        return data

    def _new_line(self, name: str, line: ShownLine, nth: int, seed: str) -> dict[str, Any]:
        # What is sent again keeps its identity, also where the page has not learned it yet
        line_id = (
            line["id"] if is_id(line["id"]) else derived_id(seed, self.target, name, line["text"], str(nth))
        )
        data = {"id": line_id, "text": line["text"], **self._extra(line_id)}
        if name == "domains":
            data |= granted(line["within"])
        if self.base.get("by"):
            data["by"] = self.base["by"]
        return data

    def _extra(self, line_id: str) -> dict[str, Any]:
        """What a line to be added holds beside its words, such as its place."""
        found = self.base.get("extra")
        extra = found.get(line_id) if isinstance(found, Mapping) else None
        return dict(extra) if isinstance(extra, Mapping) else {}

    def _added(self, name: str, seed: str) -> list[dict[str, Any]]:
        seen: list[str] = []
        result = []
        for line in self.lines.get(name, []):
            if _tidy(line["text"]):
                result.append(self._new_line(name, line, seen.count(line["text"]), seed))
                seen.append(line["text"])
        return result

    def _edited(self, name: str, seed: str) -> list[dict[str, Any]]:
        stood, lay = self._base_lines(name), self._base_lines("within")
        edits: list[dict[str, Any]] = []
        new: list[ShownLine] = []
        for line in self.lines.get(name, []):
            if line["id"] not in stood:
                new.append(line)
                continue
            words: dict[str, Any] = {"id": line["id"], "from": stood[line["id"]]}
            was = lay.get(line["id"], "")
            if not _tidy(line["text"]):
                edits.append({"op": "remove", **words})
            elif _tidy(line["text"]) != _tidy(words["from"]) or (name == "domains" and line["within"] != was):
                edit: dict[str, Any] = {"op": "amend", **words, "to": line["text"]}
                if name == "domains" and line["within"] != was:
                    edit |= restated(was, line["within"])
                edits.append(edit)
        added = Block(self.key, self.kind, self.target, lines={name: new}, base=self.base)._added(name, seed)
        return [*edits, *({"op": "add", **line} for line in added)]

    def _base_lines(self, name: str) -> dict[str, str]:
        found = self.base.get(name)
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}


def _tidy(text: str) -> str:
    return " ".join(text.split())


@dataclass
class DraftForm:
    """A proposal's text as it stands in the editor, every word as it was typed."""

    texts: dict[str, str]
    role: str
    blocks: list[Block]
    text_version: int | None = None

    # -- from a proposal ------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, proposal: Proposal, structure: Structure) -> DraftForm:
        """The form of a proposal as it is saved; what its changes do not touch is shown as it stands now."""
        form = cls(
            {name: getattr(proposal, name) for name in TEXTS},
            proposal.role_id or "",
            [],
            proposal.text_version,
        )
        for data in proposal.changes:
            form.blocks.append(_block(form.next_key(), data, structure, proposal.circle_id))
        form.make(proposal)
        return form

    # -- from what was sent ---------------------------------------------------------------------------------------

    @classmethod
    def read(cls, sent: QueryDict, proposal: Proposal) -> DraftForm:
        """The form as it was sent. A field that was not sent is as the proposal has it. Raises Malformed where
        the form itself is damaged, never for what somebody typed."""
        texts = {name: sent.get(name, getattr(proposal, name)) or "" for name in TEXTS}
        version = sent.get("text_version", "")
        form = cls(
            texts,
            sent.get("role", proposal.role_id) or "",
            [],
            int(version) if version.isdecimal() and len(version) < 10 else None,
        )
        keys = sent.getlist("change")
        if len(keys) > MAX_CHANGES or len(keys) != len(set(keys)):
            raise Malformed(_("At most %(most)d changes fit into one proposal.") % {"most": MAX_CHANGES})
        form.blocks = [_sent_block(key[:12], sent) for key in keys]
        for block in form.blocks:
            if block.is_move and not block.target and block.values["what"].strip():
                _take_subject(block, proposal)
        form.make(proposal)
        return form

    def make(self, proposal: Proposal) -> None:
        for block in self.blocks:
            block.make(proposal.circle_id, proposal.pk, partial(role_written, proposal.organization))

    # -- what it says ---------------------------------------------------------------------------------------------

    @property
    def refused(self) -> Block | None:
        """The first block from which no change can be read."""
        return next((b for b in self.blocks if b.refused is not None), None)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes that can be read, in order."""
        return [b.change for b in self.blocks if b.change is not None]

    def data(self) -> dict[str, Any]:
        """The text as the actions take it. Raises why a block cannot be read, if one cannot."""
        block = self.refused
        if block is not None and block.refused is not None:
            raise block.refused
        return self._words() | {"changes": self.changes}

    def readable(self, saved: list[dict[str, Any]]) -> dict[str, Any]:
        """What of the text can be kept while a change cannot be read: the words, and, change by change, what was
        typed or else what was saved before. Where changes came or went meanwhile they stay as they were saved."""
        pairs = list(zip(self.blocks, saved, strict=False))
        same = len(self.blocks) == len(saved) and all(
            b.kind == one.get("kind") and b.target in (one.get("id"), one.get("role"), one.get("policy"))
            for b, one in pairs
        )
        if not same:
            return self._words()
        return self._words() | {"changes": [b.change if b.change is not None else one for b, one in pairs]}

    def _words(self) -> dict[str, Any]:
        return {**self.texts, "role": self.role if is_id(self.role) else None}

    # -- editing the list -----------------------------------------------------------------------------------------

    def next_key(self) -> str:
        numbers = [int(b.key[1:]) for b in self.blocks if b.key[1:].isdecimal()]
        return f"c{max(numbers, default=0) + 1}"

    def add(self, what: str, structure: Structure, proposal: Proposal) -> Block:
        """Add a change: ``add_role``, ``amend_role:ID`` and so on. A move may come without its subject, which is
        written in its block. Raises Malformed for anything else."""
        kind, _colon, target = what.partition(":")
        known = kind in (*ROLE_KINDS, *POLICY_KINDS, *MOVES)
        fits = kind in MOVES or bool(target) != kind.startswith("add")
        if not known or not fits or (target and not is_id(target)):
            raise Malformed(_("Choose what is to change."), field="add")
        if len(self.blocks) >= MAX_CHANGES:
            raise Malformed(
                _("At most %(most)d changes fit into one proposal.") % {"most": MAX_CHANGES}, field="add"
            )
        data: dict[str, Any] = {"kind": kind}
        if kind.startswith("add"):
            data |= {"id": new_id(), "circle": proposal.circle_id}
        else:
            data["role" if kind in (*ROLE_KINDS, "move_role") else "policy"] = target
        block = _block(self.next_key(), data, structure, proposal.circle_id)
        block.fresh = True
        block.make(proposal.circle_id, proposal.pk, partial(role_written, proposal.organization))
        self.blocks.append(block)
        return block

    def remove(self, key: str) -> None:
        self.blocks = [b for b in self.blocks if b.key != key]

    def move(self, key: str, by: int) -> None:
        """Move a change ``by`` places down (negative: up), as far as there are places."""
        at = next((n for n, b in enumerate(self.blocks) if b.key == key), None)
        if at is not None and 0 <= at + by < len(self.blocks):
            self.blocks.insert(at + by, self.blocks.pop(at))


def _block(key: str, data: Mapping[str, Any], structure: Structure, circle: str) -> Block:
    """The block that shows a change of ``circle``'s governance. For an amendment, ``base`` is what the change was
    drafted against, and what stands now where it touches nothing."""
    kind = str(data.get("kind"))
    if kind == "add_role":
        block = Block(key, kind, str(data["id"]), base={"circle": data.get("circle")})
        block.values = {name: data.get(name, "") for name in ("name", "purpose")}
        block.lines = {name: [_of_new(block, line) for line in data.get(name, [])] for name in LINE_ROWS}
        return block
    if kind in MOVES:
        return _move_block(key, data, structure)
    if kind == "add_policy":
        block = Block(key, kind, str(data["id"]), base={"circle": data.get("circle")})
        if data.get("position") is not None:
            block.base["position"] = data["position"]
        block.values = _policy_values({"overridable": True, **data}, structure)
        return block
    if kind == "amend_role":
        return _amend_role_block(key, data, structure, circle)
    if kind == "amend_policy":
        return _amend_policy_block(key, data, structure)
    if kind in ("remove_role", "remove_policy"):
        return Block(key, kind, str(data.get("role") or data.get("policy")))
    return Block(key, kind, "", base=dict(data))


def _of_new(block: Block, line: Mapping[str, Any]) -> ShownLine:
    extra = {k: v for k, v in line.items() if k not in ("id", "text", "op", "within", "internal", "by")}
    if extra:
        block.base.setdefault("extra", {})[line["id"]] = extra
    if within := chosen(line):
        block.base.setdefault("within", {})[line["id"]] = within
    return {"id": str(line["id"]), "text": str(line["text"]), "before": "", "within": within}


def _amend_role_block(key: str, data: Mapping[str, Any], structure: Structure, circle: str) -> Block:
    role_id = str(data["role"])
    role = structure.get(RoleRow, role_id)
    block = Block(key, "amend_role", role_id)
    # Of a role that links into the circle, the circle changes what it has added itself (§1.3.4)
    linked = any(into.id == circle for into in structure.links_of(role_id))
    if linked:
        block.base["by"] = circle
    else:
        for name in ("name", "purpose"):
            edit = data.get(name)
            stands = getattr(role, name, "")
            block.base[name] = edit["from"] if edit else stands
            block.values[name] = edit["to"] if edit else stands
    lay: dict[str, str] = {}
    for name, row_type in LINE_ROWS.items():
        edits = {str(e.get("id")): e for e in data.get(name, [])}
        rows = [r for r in structure.lines(row_type, role_id) if r.by == (circle if linked else None)]
        stood = {row.id: row.text for row in rows}
        stood |= {i: str(e.get("from", "")) for i, e in edits.items() if e["op"] != "add"}
        lay |= {
            row.id: chosen({"within": row.within, "internal": row.internal})
            for row in rows
            if name == "domains"
        }
        shown: list[ShownLine] = []
        for line_id, text in stood.items():
            edit = edits.get(line_id)
            if edit is not None and edit["op"] == "add":
                continue  # it stands already; shown below with what else the draft adds
            now = text if edit is None else "" if edit["op"] == "remove" else str(edit["to"])
            before = lay.get(line_id, "")
            within = before
            if edit is not None and ("within" in edit or "internal" in edit):
                was, to = (
                    {**granted(before), **{k: edit[k][side] for k in ("within", "internal") if k in edit}}
                    for side in ("from", "to")
                )
                lay[line_id], within = chosen(was), chosen(to)
            shown.append({"id": line_id, "text": now, "before": text, "within": within})
        block.base[name] = {line["id"]: line["before"] for line in shown}
        block.lines[name] = [*shown, *(_of_new(block, e) for e in edits.values() if e["op"] == "add")]
    if lay:
        block.base["within"] = {**block.base.get("within", {}), **lay}
    return block


def _move_block(key: str, data: Mapping[str, Any], structure: Structure) -> Block:
    kind = str(data["kind"])
    target = str(data.get("role") or data.get("policy") or "")
    lies: str | None
    if kind == "move_role":
        role = structure.get(RoleRow, target)
        lies = role.circle if role is not None else None
    else:
        policy = structure.get(PolicyRow, target)
        lies = policy.role if policy is not None else None
    block = Block(key, kind, target, base={"from": data.get("from") or lies})
    block.values = {
        "circle": data.get("circle") or "",
        "reason": data.get("reason") or "",
        "what": "",
        "domains": {i: chosen(grant) for i, grant in (data.get("domains") or {}).items()},
    }
    return block


def _take_subject(block: Block, proposal: Proposal) -> None:
    """Take what was written for the role or policy to be moved as the block's subject, where it names one."""
    text = block.values["what"]
    if block.moves_role:
        found = role_written(proposal.organization, text)
        lies = Role.objects.filter(pk=found).values_list("circle_id", flat=True).first() if found else None
    else:
        policies = Policy.objects.present().filter(organization=proposal.organization)
        written = policies.filter(pk=text.strip().rstrip(")/")[-10:]) or policies.filter(
            title__iexact=text.strip()
        )
        policy = written[0] if len(written) == 1 else None
        found, lies = (policy.pk, policy.role_id) if policy is not None else (None, None)
    if found is not None:
        block.target, block.base = found, {"from": lies}


def _amend_policy_block(key: str, data: Mapping[str, Any], structure: Structure) -> Block:
    policy_id = str(data["policy"])
    policy = structure.get(PolicyRow, policy_id)
    block = Block(key, "amend_policy", policy_id)
    now: dict[str, Any] = {}
    for name in FIELDS:
        edit = data.get(name)
        if edit:
            block.base[name], now[name] = edit["from"], edit["to"]
        elif policy is not None:
            block.base[name] = now[name] = plain(getattr(policy, name))
    block.values = _policy_values(now, structure)
    return block


def _policy_values(data: Mapping[str, Any], structure: Structure) -> dict[str, Any]:
    def as_written(role_id: str) -> str:
        role = structure.get(RoleRow, role_id)
        return role_as_written(role) if role is not None else role_id

    return {
        "title": data.get("title", ""),
        "body": data.get("body", ""),
        "kinds": list(data.get("kinds") or []),
        "effect": typed_of(data.get("effect"), as_written),
        "domain": data.get("domain") or "",
        "inside": "" if data.get("inside") is None else YES if data["inside"] else NO,
        "overridable": data.get("overridable", True),
    }


def _sent_block(key: str, sent: QueryDict) -> Block:
    def value(name: str) -> str | None:
        return sent.get(f"{key}-{name}")

    block = Block(key, value("kind") or "", value("id") or "")
    try:
        base = json.loads(value("base") or "{}")
    except ValueError:
        base = None
    if not isinstance(base, dict):
        raise Malformed(_("This form is damaged. Open the page anew."))
    block.base = base
    if not block.has_fields:
        return block
    if block.is_role:
        block.values = {name: value(name) for name in ("name", "purpose") if value(name) is not None}
        for name in LINE_ROWS:
            ids, texts = sent.getlist(f"{key}-{name}-id"), sent.getlist(f"{key}-{name}-text")
            if len(ids) != len(texts):
                raise Malformed(_("This form is damaged. Open the page anew."))
            stood, lay = block._base_lines(name), block._base_lines("within")
            # Where the circle has no domains to choose from, nothing was asked and nothing changes
            within = sent.getlist(f"{key}-{name}-within") or [lay.get(i, "") for i in ids]
            if len(within) != len(ids):
                raise Malformed(_("This form is damaged. Open the page anew."))
            block.lines[name] = [
                {"id": i, "text": text, "before": stood.get(i, ""), "within": grant}
                for i, text, grant in zip(ids, texts, within, strict=True)
                if i in stood or _tidy(text)
            ]
        return block
    if block.is_move:
        block.values = {name: value(name) or "" for name in ("what", "circle", "reason")}
        stated = zip(sent.getlist(f"{key}-domain-id"), sent.getlist(f"{key}-domain-within"), strict=False)
        block.values["domains"] = {i: grant for i, grant in stated if is_id(i)}
        return block
    block.values = {name: value(name) or "" for name in ("title", "body", "domain", "inside")}
    block.values["effect"] = typed_in(sent, f"{key}-")
    block.values["overridable"] = value("overridable") is not None
    block.values["kinds"] = sent.getlist(f"{key}-kinds")
    return block
