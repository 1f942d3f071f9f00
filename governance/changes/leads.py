"""What circle leads do besides assigning: strategies and priorities (§1.4.3), and routes for what comes from outside
(§1.4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.effects import PRIORITIES, STRATEGIES
from circles.models import LINE_LENGTH
from circles.relations import priorities, strategies
from circles.structure import PriorityRow, RoleRow, RouteRow, StrategyRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes.base import (
    Change,
    Names,
    clean,
    fresh_identifier,
    identifier,
    optional_identifier,
    sequence,
)
from governance.rules import places as rules
from people.ids import derived_id, is_id
from people.refusals import Conflict, Malformed, Refused, RuleBroken

LEADERS = frozenset({by.CIRCLE_LEAD, by.RATIFIERS, by.IMPORT, by.ADMIN})
MAX_STRATEGIES = 20

Texts = tuple[tuple[str, str], ...]


def priorities_of(structure: Structure, circle: str) -> list[str]:
    """Return the roles of a circle that have been put into an order, first what comes first."""
    return [role.id for role in priorities(structure, circle)]


def circle_holds(structure: Structure, circle_id: str, clause: str) -> Iterator[Refused]:
    """Yield what stands in the way where a circle is not there, or no circle any more."""
    circle = structure.get(RoleRow, circle_id)
    if circle is None:
        yield Conflict(_("The circle has been removed."), field="circle")
    elif not structure.is_circle(circle_id):
        yield RuleBroken(
            clause, _("%(role)s has no roles inside.") % {"role": circle.shown_name}, field="circle"
        )


@dataclass(frozen=True)
class AmendStrategies(Change):
    """Set the strategies of a circle: heuristics by which it judges what comes first (§1.4.3)."""

    kind: ClassVar[str] = "amend_strategies"
    label = gettext_lazy("Set the strategies of a circle")
    authorities = LEADERS

    circle: str
    was: Texts
    to: Texts

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> AmendStrategies:
        return cls(identifier(data, "circle"), cls._texts(data, "from"), cls._texts(data, "to"))

    @staticmethod
    def _texts(data: Mapping[str, Any], field: str) -> Texts:
        texts = []
        for one in sequence(data, field):
            line = {"text": one} if isinstance(one, str) else one
            if not isinstance(line, Mapping):
                raise Malformed(_("A strategy is a text."), field=field)
            text = clean(line.get("text"), field, most=LINE_LENGTH, required=True)
            texts.append((fresh_identifier(line), text))
        if len(texts) > MAX_STRATEGIES:
            raise Malformed(
                _("At most %(most)d strategies: more of them guide nobody.") % {"most": MAX_STRATEGIES},
                field=field,
            )
        return tuple(texts)

    def payload(self) -> dict[str, Any]:
        return {
            "circle": self.circle,
            "from": [{"id": i, "text": text} for i, text in self.was],
            "to": [{"id": i, "text": text} for i, text in self.to],
        }

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        missing = list(circle_holds(structure, self.circle, "1.4.3"))
        if missing:
            yield from missing
            return
        if authority.kind == by.CIRCLE_LEAD:
            yield from rules.who_leads_function(structure, self.circle, STRATEGIES, authority.actor)
        now = tuple((row.id, row.text) for row in strategies(structure, self.circle))
        if now not in (self.was, self.to):
            yield Conflict(
                _("The strategies have been changed meanwhile. Look at them again."),
                field="to",
                drafted_from="\n".join(text for _id, text in self.was),
                drafted="\n".join(text for _id, text in self.to),
                now="\n".join(text for _id, text in now),
            )
        ids = [i for i, _text in self.to]
        elsewhere = structure.get_many(StrategyRow, ids).values()
        if len(set(ids)) != len(ids) or any(row.circle != self.circle for row in elsewhere):
            yield Malformed(_("One strategy stands here twice."), field="to")

    def apply(self, structure: Structure) -> None:
        kept = {i for i, _text in self.to}
        structure.drop_all(row for row in strategies(structure, self.circle) if row.id not in kept)
        for position, (row_id, text) in enumerate(self.to):
            row = StrategyRow(row_id, self.circle, text, position)
            if structure.get(StrategyRow, row_id) != row:
                structure.put(row)

    def inverse(self, before: Structure) -> Sequence[Change]:
        was = tuple((row.id, row.text) for row in strategies(before, self.circle))
        return [AmendStrategies(self.circle, self.to, was)]

    def sentence(self, names: Names) -> str:
        return _("Set the strategies of %(circle)s") % {"circle": names.role(self.circle)}


@dataclass(frozen=True)
class SetPriorities(Change):
    """Put roles of a circle into the order in which they come (§1.4.3); roles left out have none."""

    kind: ClassVar[str] = "set_priorities"
    label = gettext_lazy("Set the priorities of a circle")
    authorities = LEADERS

    circle: str
    was: tuple[str, ...]
    to: tuple[str, ...]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> SetPriorities:
        return cls(identifier(data, "circle"), cls._roles(data, "from"), cls._roles(data, "to"))

    @staticmethod
    def _roles(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
        roles = sequence(data, field)
        if not all(is_id(role) for role in roles):
            raise Malformed(_("Choose roles from the list."), field=field)
        return tuple(roles)

    def payload(self) -> dict[str, Any]:
        return {"circle": self.circle, "from": list(self.was), "to": list(self.to)}

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        missing = list(circle_holds(structure, self.circle, "1.4.3"))
        if missing:
            yield from missing
            return
        if authority.kind == by.CIRCLE_LEAD:
            yield from rules.who_leads_function(structure, self.circle, PRIORITIES, authority.actor)
        now = tuple(priorities_of(structure, self.circle))
        if now not in (self.was, self.to):
            yield Conflict(_("The priorities have been changed meanwhile. Look at them again."), field="to")
        if len(set(self.to)) != len(self.to):
            yield Malformed(_("One role stands here twice."), field="to")
        within = {r.id for r in structure.ordinary_inside(self.circle)}
        within |= {r.id for r in structure.linked_into(self.circle)}
        if not set(self.to) <= within:
            yield RuleBroken(
                "1.4.3",
                _("Only roles of %(circle)s have a place here.")
                % {"circle": structure.role(self.circle).shown_name},
                field="to",
            )

    def apply(self, structure: Structure) -> None:
        structure.drop_all(
            row for row in structure.find(PriorityRow, "circle", [self.circle]) if row.role not in self.to
        )
        for position, role in enumerate(self.to):
            row = PriorityRow(derived_id(self.circle, "priority", role), self.circle, role, position)
            if structure.get(PriorityRow, row.id) != row:
                structure.put(row)

    def inverse(self, before: Structure) -> Sequence[Change]:
        return [SetPriorities(self.circle, self.to, tuple(priorities_of(before, self.circle)))]

    def sentence(self, names: Names) -> str:
        return _("Set the priorities of %(circle)s") % {"circle": names.role(self.circle)}


@dataclass(frozen=True)
class Reroute(Change):
    """Let references from outside to a circle, or to one of its roles, go to another role of the circle (§1.4.4).

    No change of governance: what refers to the role keeps its words. ``to`` is empty where a route ends.
    """

    kind: ClassVar[str] = "reroute"
    label = gettext_lazy("Route references from outside")
    authorities = LEADERS

    circle: str
    role: str
    was: str | None
    to: str | None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Reroute:
        return cls(
            identifier(data, "circle"),
            identifier(data, "role"),
            optional_identifier(data, "from"),
            optional_identifier(data, "to"),
        )

    def payload(self) -> dict[str, Any]:
        return {"circle": self.circle, "role": self.role, "from": self.was, "to": self.to}

    @property
    def id(self) -> str:
        return derived_id(self.circle, "route", self.role)

    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        circle = structure.get(RoleRow, self.circle)
        missing = list(circle_holds(structure, self.circle, "1.4.4"))
        if missing or circle is None:
            yield from missing
            return
        yield from rules.routes_1_4_4(structure, self.circle, authority)
        yield from rules.of_the_circle_1_4_4(structure, circle, self.role, self.to)
        route = structure.get(RouteRow, self.id)
        if (route.to if route else None) not in (self.was, self.to):
            yield Conflict(_("This has been routed otherwise meanwhile. Look at it again."), field="to")

    def apply(self, structure: Structure) -> None:
        route = structure.get(RouteRow, self.id)
        if self.to is not None:
            structure.put(RouteRow(self.id, self.circle, self.role, self.to))
        elif route is not None:
            structure.drop(route)

    def inverse(self, before: Structure) -> Sequence[Change]:
        route = before.get(RouteRow, self.id)
        return [Reroute(self.circle, self.role, self.to, route.to if route else None)]

    def sentence(self, names: Names) -> str:
        words = {"role": names.role(self.role), "to": names.role(self.to)}
        if self.to is None:
            return _("References from outside to %(role)s go to it again") % words
        return _("References from outside to %(role)s go to %(to)s") % words
