"""Adding, amending and removing policies (§5.2b)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.effects import EFFECTS, parse_effect
from circles.models import BODY_LENGTH, NAME_LENGTH
from circles.structure import PolicyRow, RoleRow, Structure
from governance.authority import Authority
from governance.changes.back import way_back
from governance.changes.base import (
    Change,
    Edit,
    Names,
    boolean,
    clean,
    fresh_identifier,
    identifier,
    optional_identifier,
    sequence,
)
from governance.changes.roles import DEFINERS, gone
from governance.changes.settle import anchor_defined, define_anchor, is_invitation, settle_links
from governance.rules import places as structural
from governance.rules import structure as rules
from people.refusals import Conflict, Malformed, Refused, RuleBroken

FIELDS = ("title", "body", "kinds", "effect", "domain", "inside", "overridable")


def parse_field(field: str, data: Mapping[str, Any]) -> Any:
    """Return one field of a policy in its canonical form; raises Malformed or RuleBroken."""
    if field == "title":
        return clean(data.get(field), field, most=NAME_LENGTH)
    if field == "body":
        return clean(data.get(field), field, most=BODY_LENGTH, multiline=True)
    if field == "kinds":
        return tuple(sorted({clean(k, field, most=20) for k in sequence(data, field)}))
    if field == "effect":
        return parse_effect(data.get(field))
    if field == "domain":
        return optional_identifier(data, field)
    return boolean(data, field, True)


def plain(value: Any) -> Any:
    """Return a field of a policy as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def policy_stands(
    structure: Structure, policy: PolicyRow, circle: RoleRow, authority: Authority
) -> Iterator[Refused]:
    """Yield what §5.2.1 and §1.3.2 say against a policy as it would stand. What is brought in may speak of a role
    that has gone since."""
    if not policy.title:
        yield Malformed(_("A policy needs a title."), field="title")
    yield from rules.policy_kinds_5_2_1(policy.kinds, policy.effect)
    if not authority.founding:
        yield from rules.effect_role_5_2_1(structure, circle, policy.effect)
    yield from structural.policy_domain_1_3_2(structure, circle, policy.domain)
    if policy.effect is not None and EFFECTS[policy.effect["kind"]].anchor_only and circle.circle is not None:
        yield RuleBroken(
            EFFECTS[policy.effect["kind"]].clause,
            _("Only the anchor circle can have a policy with this effect."),
            field="effect",
        )


@dataclass(frozen=True)
class AddPolicy(Change):
    """Define a policy in a circle."""

    kind: ClassVar[str] = "add_policy"
    label = gettext_lazy("Add a policy")
    authorities = DEFINERS

    id: str
    circle: str
    title: str
    body: str = ""
    kinds: tuple[str, ...] = ()
    effect: Mapping[str, Any] | None = None
    domain: str | None = None
    inside: bool = True
    overridable: bool = True
    position: int | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AddPolicy:
        position = data.get("position")
        if position is not None and (
            isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < 10**6
        ):
            raise Malformed(_("A position is a small number."), field="position")
        fields: dict[str, Any] = {f: parse_field(f, data) for f in FIELDS}
        # A change of a default applies inside only where it says so; grants and constraints unless they say not
        fields["inside"] = boolean(data, "inside", "default" not in fields["kinds"])
        return cls(fresh_identifier(data), identifier(data, "circle"), **fields, position=position)

    @classmethod
    def of(cls, row: PolicyRow, **instead: Any) -> AddPolicy:
        fields: dict[str, Any] = {f: getattr(row, f) for f in FIELDS} | instead
        return cls(row.id, row.role, **fields, position=row.position)

    def payload(self) -> dict[str, Any]:
        data = {"id": self.id, "circle": self.circle, **{f: plain(getattr(self, f)) for f in FIELDS}}
        if self.position is not None:
            data["position"] = self.position
        return data

    def row(self, position: int) -> PolicyRow:
        at = self.position if self.position is not None else position
        fields: dict[str, Any] = {f: getattr(self, f) for f in FIELDS}
        return PolicyRow(self.id, self.circle, **fields, position=at)

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        circle = structure.get(RoleRow, self.circle)
        if circle is None:
            yield gone(_("The circle"), field="circle")
            return
        yield from rules.holds_roles_1_3_1(circle)
        yield from rules.own_circle_5_2(self.circle, authority, self.title)
        if structure.get(PolicyRow, self.id) is not None:
            yield Conflict(
                _("“%(title)s” has been added already.") % {"title": self.title},
                field="title",
                drafted=self.title,
            )
        yield from policy_stands(structure, self.row(0), circle, authority)

    def apply(self, structure: Structure) -> None:
        last = max((p.position for p in structure.find(PolicyRow, "role", [self.circle])), default=-1)
        defined = anchor_defined(structure, self.circle)
        structure.put(self.row(last + 1))
        define_anchor(structure, self.circle, defined)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Add policy “%(policy)s” to %(circle)s") % {
            "policy": self.title,
            "circle": names.role(self.circle),
        }


@dataclass(frozen=True)
class AmendPolicy(Change):
    """Amend single fields of a policy."""

    kind: ClassVar[str] = "amend_policy"
    label = gettext_lazy("Amend a policy")
    authorities = DEFINERS

    policy: str
    fields: Mapping[str, Edit]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AmendPolicy:
        edits = {}
        for field in FIELDS:
            if data.get(field) is not None:
                was, to = Edit.parse(data[field], field)
                edits[field] = Edit(parse_field(field, {field: was}), parse_field(field, {field: to}))
        return cls(identifier(data, "policy"), edits)

    def payload(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            **{f: {"from": plain(e.was), "to": plain(e.to)} for f, e in self.fields.items()},
        }

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            yield gone(_("The policy"), field="policy")
            return
        if not self.fields:
            yield Malformed(
                _("This changes nothing of “%(title)s” yet.") % {"title": policy.title}, field="title"
            )
            return
        yield from rules.own_circle_5_2(policy.role, authority, policy.title)
        for field, edit in self.fields.items():
            now = getattr(policy, field)
            if now not in (edit.was, edit.to):
                yield Conflict(
                    _("“%(title)s” has changed since this was drafted.") % {"title": policy.title},
                    field=field,
                    drafted_from=str(edit.was),
                    drafted=str(edit.to),
                    now=str(now),
                )
        after = structure.branch()
        after.amend(policy, **{f: e.to for f, e in self.fields.items()})
        stands = after.get(PolicyRow, self.policy)
        if stands is not None:
            yield from policy_stands(structure, stands, structure.role(policy.role), authority)

    def apply(self, structure: Structure) -> None:
        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            return
        defined = anchor_defined(structure, policy.role)
        amended = structure.amend(policy, **{f: e.to for f, e in self.fields.items()})
        define_anchor(structure, policy.role, defined)
        if is_invitation(policy) or is_invitation(amended):
            settle_links(structure)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Amend policy “%(policy)s”") % {"policy": names.policy(self.policy)}


@dataclass(frozen=True)
class RemovePolicy(Change):
    """Remove a policy."""

    kind: ClassVar[str] = "remove_policy"
    label = gettext_lazy("Remove a policy")
    authorities = DEFINERS

    policy: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> RemovePolicy:
        return cls(identifier(data, "policy"))

    def payload(self) -> dict[str, Any]:
        return {"policy": self.policy}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            yield gone(_("The policy"), field="policy")
            return
        yield from rules.own_circle_5_2(policy.role, authority, policy.title)

    def apply(self, structure: Structure) -> None:
        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            return
        defined = anchor_defined(structure, policy.role)
        structure.drop(policy)
        define_anchor(structure, policy.role, defined)
        if is_invitation(policy):
            settle_links(structure)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Remove policy “%(policy)s”") % {"policy": names.policy(self.policy)}
