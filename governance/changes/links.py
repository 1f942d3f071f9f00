"""Linking roles into other circles, and opting out (§1.3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.structure import LinkRow, RoleRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.back import way_back
from governance.changes.base import Change, Names, fresh_identifier, identifier
from governance.changes.settle import unlink
from governance.rules import places as rules
from people.refusals import Conflict, Refused

LINKERS = frozenset({by.ROLE_LEAD, by.RATIFIERS, by.IMPORT, by.ADMIN})


@dataclass(frozen=True)
class LinkRole(Change):
    """Make a role part of the governance of another circle that has invited it (§1.3.4)."""

    kind: ClassVar[str] = "link_role"
    label = gettext_lazy("Link a role into a circle")
    authorities = LINKERS

    id: str
    role: str
    circle: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> LinkRole:
        return cls(fresh_identifier(data), identifier(data, "role"), identifier(data, "circle"))

    def payload(self) -> dict[str, Any]:
        return {"id": self.id, "role": self.role, "circle": self.circle}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        role, circle = structure.get(RoleRow, self.role), structure.get(RoleRow, self.circle)
        if role is None:
            yield Conflict(_("The role has been removed."), field="role")
            return
        if circle is None:
            yield Conflict(_("The circle has been removed."), field="circle")
            return
        yield from rules.leads_source_1_3_4(structure, role, authority)
        yield from rules.can_link_1_3_4(structure, role, circle)
        if rules.is_linked_into(structure, role.id, circle.id) or structure.get(LinkRow, self.id) is not None:
            yield Conflict(
                _("%(role)s is linked into %(circle)s already.")
                % {"role": role.shown_name, "circle": circle.shown_name},
                field="circle",
            )

    def apply(self, structure: Structure) -> None:
        structure.put(LinkRow(self.id, self.role, self.circle))

    def inverse(self, before: Structure) -> Sequence[Change]:
        return [UnlinkRole(self.id, self.role, self.circle)]

    def sentence(self, names: Names) -> str:
        return _("Link role %(role)s into %(circle)s") % {
            "role": names.role(self.role),
            "circle": names.role(self.circle),
        }


@dataclass(frozen=True)
class UnlinkRole(Change):
    """Take a role out of a circle it had linked into; what that circle had added to it goes too (§1.3.4)."""

    kind: ClassVar[str] = "unlink_role"
    label = gettext_lazy("Take a role out of a circle it links into")
    authorities = LINKERS

    link: str
    role: str
    circle: str

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> UnlinkRole:
        return cls(identifier(data, "link"), identifier(data, "role"), identifier(data, "circle"))

    @classmethod
    def of(cls, row: LinkRow) -> UnlinkRole:
        return cls(row.id, row.role, row.circle)

    def payload(self) -> dict[str, Any]:
        return {"link": self.link, "role": self.role, "circle": self.circle}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        link = structure.get(LinkRow, self.link)
        if link is None or (link.role, link.circle) != (self.role, self.circle):
            yield Conflict(_("This link has ended already."), field="link")
            return
        role = structure.role(link.role)
        yield from rules.leads_source_1_3_4(structure, role, authority)
        yield from rules.link_stays_1_3_4(structure, role, authority)

    def apply(self, structure: Structure) -> None:
        link = structure.get(LinkRow, self.link)
        if link is not None:
            unlink(structure, link)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return way_back(before, self)

    def sentence(self, names: Names) -> str:
        return _("Take role %(role)s out of %(circle)s, which it had linked into") % {
            "role": names.role(self.role),
            "circle": names.role(self.circle),
        }
