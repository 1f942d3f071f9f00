"""Who acts as facilitator and secretary of a circle, surrogates included (§5.3.6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from circles.constitution import FACILITATOR, SECRETARY
from circles.structure import Structure
from people.ids import derived_id

ELECTED = "elected"
OTHER = "5.3.6b"
LEAD = "5.3.6c"
MEMBER = "5.3.6d"


@dataclass(frozen=True)
class Acting:
    """Who may act in a circle as facilitator or secretary, and why: ``elected``, or the line of §5.3.6 that
    makes them surrogates. Of several the first one to say so acts."""

    people: frozenset[str]
    why: str

    @property
    def surrogate(self) -> bool:
        return self.why != ELECTED


def acting(structure: Structure, circle_id: str, kind: str, *, here: Collection[str] | None = None) -> Acting:
    """Return who acts as ``kind`` (facilitator or secretary) of a circle, in the clause's order of precedence.

    ``here`` limits the question to those who are available, such as those present in a meeting; None asks for
    everybody. Precedence (§5.3.6): the elected one; the acting holder of the other role; the circle leads;
    any circle member.
    """
    other = SECRETARY if kind == FACILITATOR else FACILITATOR

    def available(people: Collection[str]) -> frozenset[str]:
        return frozenset(p for p in people if here is None or p in here)

    for why, people in (
        (ELECTED, {a.person for a in structure.fillers(derived_id(circle_id, kind))}),
        (OTHER, {a.person for a in structure.fillers(derived_id(circle_id, other))}),
        (LEAD, structure.partners_among(structure.circle_leads(circle_id))),
    ):
        found = available(people)
        if found:
            return Acting(found, why)
    return Acting(available(structure.members(circle_id)), MEMBER)
