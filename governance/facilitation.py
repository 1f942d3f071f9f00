"""Who acts as facilitator and secretary of a circle, surrogates included (§5.3.6), also in a breakdown (§5.5.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import PersonRow, Structure
from governance.models import StandIn
from governance.representation import is_over
from governance.under_way import may_be_in
from people.ids import derived_id

TAKEN_OVER = "5.5.2c"
NAMED = "5.3.6a"
ELECTED = "elected"
OTHER = "5.3.6b"
LEAD = "5.3.6c"
MEMBER = "5.3.6d"

SEATS = (FACILITATOR, SECRETARY)

# What was read for a structure, which is how things stood when it was read, lives as long as it does
_read: WeakKeyDictionary[Structure, list[StandIn]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Acting:
    """Who may act in a circle as facilitator or secretary, and why: ``elected``, or the clause that puts somebody
    else in their place. Of several the first one to say so acts."""

    people: frozenset[str]
    why: str

    @property
    def surrogate(self) -> bool:
        return self.why != ELECTED

    @property
    def at_once(self) -> bool:
        """Whether they act without having to say so: the elected one, and whoever was named or has taken over."""
        return self.why in (ELECTED, NAMED, TAKEN_OVER)


def acting(structure: Structure, circle_id: str, kind: str, *, here: Collection[str] | None = None) -> Acting:
    """Return who acts as ``kind`` (facilitator or secretary) of a circle, in the clause's order of precedence.

    ``here`` limits the question to those who are available, such as those present in a meeting; None asks for
    everybody. Whoever has taken over in a process breakdown comes first (§5.5.2c); then whom the elected one has
    named in their place (§5.3.6a); the elected one; the acting holder of the other role; the circle leads; any
    circle member.
    """
    named = stand_ins(structure, circle_id)
    for why, people in (
        *_in_the_seat(structure, circle_id, kind, named),
        (OTHER, _acts_in(structure, circle_id, SECRETARY if kind == FACILITATOR else FACILITATOR, named)),
        (LEAD, structure.partners_among(structure.circle_leads(circle_id))),
    ):
        found = frozenset(p for p in people if here is None or p in here)
        if found:
            return Acting(found, why)
    members = structure.members(circle_id)
    return Acting(frozenset(p for p in members if here is None or p in here), MEMBER)


def _in_the_seat(
    structure: Structure, circle_id: str, kind: str, named: Collection[StandIn]
) -> tuple[tuple[str, set[str]], ...]:
    """Who acts in a seat by right, the one who comes first first."""
    of_kind = [s for s in named if s.kind == kind]
    return (
        (TAKEN_OVER, {s.person_id for s in of_kind if s.why == StandIn.Why.BREAKDOWN}),
        (NAMED, {s.person_id for s in of_kind if s.why == StandIn.Why.NAMED}),
        (ELECTED, {a.person for a in structure.fillers(derived_id(circle_id, kind))}),
    )


def _acts_in(structure: Structure, circle_id: str, kind: str, named: Collection[StandIn]) -> set[str]:
    return next((people for _why, people in _in_the_seat(structure, circle_id, kind, named) if people), set())


def stand_ins(structure: Structure, circle_id: str) -> list[StandIn]:
    """Return who stands in for a circle's facilitator and secretary now.

    Whom somebody named stands in until their last day, and while whoever named them fills the seat still; whoever
    took over, until the breakdown ends. Only partners who are present do.
    """
    if not may_be_in(structure, StandIn):
        return []
    if structure not in _read:
        # Those of the whole organization, who are few: a page asks about several seats and circles
        of_all = StandIn.objects.filter(organization__roles=circle_id, ended_at=None)
        _read[structure] = list(of_all.select_related("organization", "person", "named_by"))
    found = [s for s in _read[structure] if s.circle_id == circle_id]
    if not found:
        return []
    present = structure.get_many(PersonRow, {s.person_id for s in found})
    return [
        s
        for s in found
        if s.person_id in present
        and present[s.person_id].partner
        and (
            s.why == StandIn.Why.BREAKDOWN
            or (
                not is_over(s.until, s.organization)
                and s.named_by_id in {a.person for a in structure.fillers(derived_id(circle_id, s.kind))}
            )
        )
    ]
