"""Moving roles and policies between circles (§5.2c, d): their identity stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.structure import DomainRow, PolicyRow, RoleRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.back import way_back
from governance.changes.base import (
    Change,
    Edit,
    Names,
    boolean,
    clean,
    identifier,
    optional_identifier,
    small_number,
)
from governance.changes.settle import (
    appear_constitutional_roles,
    is_invitation,
    leave_circle,
    settle_links,
    settle_rep_seats,
    vanish_constitutional_roles,
)
from governance.rules import places as structural
from governance.rules import structure as rules
from people.ids import is_id
from people.refusals import Conflict, Malformed, Refused, RuleBroken

MOVERS = frozenset({by.PROPOSAL, by.RATIFIERS, by.IMPORT, by.ADMIN, by.STRIKE})
REASON_LENGTH = 1000


def moved_meanwhile(structure: Structure, name: str, was: str, to: RoleRow, now: str) -> Conflict:
    """A conflict with another move: the role or policy lies elsewhere since this was drafted."""
    rows = structure.get_many(RoleRow, [was, now])
    return Conflict(
        _("“%(role)s” has been moved to another circle since this was drafted.") % {"role": name},
        field="circle",
        drafted_from=rows[was].shown_name if was in rows else "",
        drafted=to.shown_name,
        now=rows[now].shown_name,
    )


@dataclass(frozen=True)
class MoveRole(Change):
    """Move a role, with everything inside it, from one circle into another; its identity stays (§5.2c).

    ``domains`` restates how its domains are granted in the new circle, by identifier: within which of that circle's
    own, or as internal (§1.3.2).
    """

    kind: ClassVar[str] = "move_role"
    label = gettext_lazy("Move a role")
    authorities = MOVERS

    role: str
    circle: str
    was: str
    reason: str = ""
    domains: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # Back out of a circle that was brought in with no roles inside: it stays one
    leaves_circle: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> MoveRole:
        domains = data.get("domains") or {}
        if not isinstance(domains, Mapping) or not all(
            is_id(i) and isinstance(grant, Mapping) for i, grant in domains.items()
        ):
            raise Malformed(_("Say for each domain how it is granted."), field="domains")
        return cls(
            identifier(data, "role"),
            identifier(data, "circle"),
            identifier(data, "from"),
            clean(data.get("reason"), "reason", most=REASON_LENGTH, multiline=True),
            {
                i: {
                    "within": optional_identifier(grant, "within"),
                    "internal": boolean(grant, "internal", False),
                }
                for i, grant in sorted(domains.items())
            },
            boolean(data, "leaves_circle", False),
        )

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {"role": self.role, "circle": self.circle, "from": self.was}
        if self.reason:
            data["reason"] = self.reason
        if self.domains:
            data["domains"] = {i: dict(grant) for i, grant in self.domains.items()}
        if self.leaves_circle:
            data["leaves_circle"] = True
        return data

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role = structure.get(RoleRow, self.role)
        if role is None:
            yield Conflict(_("The role has been removed since this was drafted."), field="role")
            return
        circle = structure.get(RoleRow, self.circle)
        if circle is None:
            yield Conflict(_("The circle has been removed since this was drafted."), field="circle")
            return
        yield from rules.anchor_stays_1_3_3(role)
        yield from rules.constitutional_role_does_not_move(role)
        yield from rules.holds_roles_1_3_1(circle)
        yield from rules.not_inside_itself_1_3(structure, role, circle)
        if self.leaves_circle:
            yield from rules.circle_by_first_role_1_3_1(authority)
        if role.circle is None or role.is_constitutional:
            return
        if role.circle == self.circle:
            message = _("“%(role)s” lies in this circle already.") % {"role": role.shown_name}
            yield Conflict(message, field="circle")
        elif role.circle != self.was:
            yield moved_meanwhile(structure, role.shown_name, self.was, circle, role.circle)
        else:
            yield from structural.linked_role_stays_1_3_4(structure, role, authority)
            yield from structural.moves_5_2(
                structure, role.shown_name, self.was, self.circle, self.reason, authority
            )
            yield from rules.distinct_name(structure, role.id, self.circle, role.name, authority)
            for domain, within, internal in self._granted(structure, circle):
                yield from structural.domain_granted_1_3_2(
                    structure, self.circle, domain.text, within, internal
                )

    def _granted(self, structure: Structure, circle: RoleRow) -> Iterator[tuple[DomainRow, str | None, bool]]:
        """Yield the role's domains with how they are granted in the new circle: as this says, else as before."""
        for domain in structure.lines(DomainRow, self.role):
            if domain.by is not None:
                continue
            grant = self.domains.get(domain.id)
            if grant is not None:
                yield domain, grant["within"], grant["internal"]
            elif circle.circle is None and domain.within is not None:
                # The anchor circle holds every domain: there is nothing to name
                yield domain, None, domain.internal
            else:
                yield domain, domain.within, domain.internal

    def apply(self, structure: Structure) -> None:
        circle = structure.role(self.circle)
        for domain, within, internal in list(self._granted(structure, circle)):
            # What the former circle says about this domain, it can say only about its own from now on
            for policy in structure.find(PolicyRow, "domain", [domain.id]):
                if policy.role == self.was:
                    wider = structure.get(DomainRow, domain.within)
                    structure.amend(
                        policy, domain=wider.id if wider is not None and wider.role == self.was else None
                    )
            if (domain.within, domain.internal) != (within, internal):
                structure.amend(domain, within=within, internal=internal)
        structure.amend(structure.role(self.role), circle=self.circle)
        leave_circle(structure, self.role, self.was)
        appear_constitutional_roles(structure, self.circle)
        if not self.leaves_circle:
            vanish_constitutional_roles(structure, self.was)
        settle_links(structure)
        # An unfilled role is led by the leads of the circle it lies in (§1.4.2): these are others now
        settle_rep_seats(structure, self.role)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Move role %(role)s from %(was)s to %(circle)s") % {
            "role": names.role(self.role),
            "was": names.role(self.was),
            "circle": names.role(self.circle),
        }


@dataclass(frozen=True)
class MovePolicy(Change):
    """Move a policy from one circle into another; its identity stays (§5.2d). ``domain`` restates what it is about."""

    kind: ClassVar[str] = "move_policy"
    label = gettext_lazy("Move a policy")
    authorities = MOVERS

    policy: str
    circle: str
    was: str
    reason: str = ""
    domain: Edit | None = None
    position: int | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> MovePolicy:
        domain = None
        if "domain" in data:
            edit = data["domain"]
            if isinstance(edit, Mapping):
                was, to = Edit.parse(edit, "domain")
                domain = Edit(
                    optional_identifier({"domain": was}, "domain"),
                    optional_identifier({"domain": to}, "domain"),
                )
            else:
                domain = Edit(None, optional_identifier(data, "domain"))
        return cls(
            identifier(data, "policy"),
            identifier(data, "circle"),
            identifier(data, "from"),
            clean(data.get("reason"), "reason", most=REASON_LENGTH, multiline=True),
            domain,
            small_number(data, "position"),
        )

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {"policy": self.policy, "circle": self.circle, "from": self.was}
        if self.reason:
            data["reason"] = self.reason
        if self.domain is not None:
            data["domain"] = self.domain.payload()
        if self.position is not None:
            data["position"] = self.position
        return data

    def _moved(self, policy: PolicyRow) -> dict[str, Any]:
        return {"role": self.circle, "domain": self.domain.to if self.domain is not None else policy.domain}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        from governance.changes.policies import policy_stands

        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            yield Conflict(_("The policy has been removed since this was drafted."), field="policy")
            return
        circle = structure.get(RoleRow, self.circle)
        if circle is None:
            yield Conflict(_("The circle has been removed since this was drafted."), field="circle")
            return
        yield from rules.holds_roles_1_3_1(circle)
        if policy.role == self.circle:
            message = _("“%(role)s” lies in this circle already.") % {"role": policy.title}
            yield Conflict(message, field="circle")
            return
        if policy.role != self.was:
            yield moved_meanwhile(structure, policy.title, self.was, circle, policy.role)
            return
        yield from structural.moves_5_2(
            structure, policy.title, self.was, self.circle, self.reason, authority
        )
        moved = structure.branch().amend(policy, **self._moved(policy))
        for refusal in policy_stands(structure, moved, circle, authority):
            if isinstance(refusal, RuleBroken) and refusal.clause == "1.3.2":
                yield RuleBroken(
                    "1.3.2",
                    _(
                        "“%(policy)s” is about a domain that %(circle)s neither holds nor has granted. Choose one of "
                        "its domains, or none."
                    )
                    % {"policy": policy.title, "circle": circle.shown_name},
                    field="domain",
                )
            else:
                yield refusal

    def apply(self, structure: Structure) -> None:
        policy = structure.get(PolicyRow, self.policy)
        if policy is None:
            return
        last = max((p.position for p in structure.find(PolicyRow, "role", [self.circle])), default=-1)
        position = last + 1 if self.position is None else self.position
        structure.amend(policy, **self._moved(policy), position=position)
        if is_invitation(policy):
            settle_links(structure)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Move policy “%(policy)s” from %(was)s to %(circle)s") % {
            "policy": names.policy(self.policy),
            "was": names.role(self.was),
            "circle": names.role(self.circle),
        }
