"""Who may be elected to what: computed from the structure alone (§5.1.1, §5.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from circles.constitution import CIRCLE_REP
from circles.effects import CANDIDATES, REP_BY_LEAD, REP_COUNT
from circles.structure import AssignmentRow, PersonRow, PolicyRow, RoleRow, Structure
from people.ids import derived_id


def candidates(structure: Structure, circle_id: str, seat: str) -> set[str]:
    """Return who may be elected as ``seat`` (circle_rep, facilitator, secretary) of a circle as things stand.

    Partners who are circle members, more or fewer where a policy of the circle or one around it says so (§5.1.2).
    As rep: circle members by something other than the rep seat who are no circle lead of it; nobody may be added
    to these (§5.1.1).
    """
    if structure.get(RoleRow, circle_id) is None:
        return set()
    seats = structure.seats(circle_id)
    policies = [effect for _policy, effect in structure.effects(circle_id, CANDIDATES, seat=seat)]
    found = set(seats)
    for effect in policies:
        if effect["mode"] == "add":
            found |= _people(structure, effect)
    for effect in policies:
        if effect["mode"] == "limit":
            found &= _people(structure, effect)
    if seat == CIRCLE_REP:
        rep = derived_id(circle_id, CIRCLE_REP)
        found &= {person for person, why in seats.items() if any(s.role != rep for s in why)}
        found -= structure.circle_leads(circle_id)
    return structure.partners_among(found)


def _people(structure: Structure, effect: Mapping[str, Any]) -> set[str]:
    if effect.get("people") == "role":
        return {a.person for a in structure.fillers(effect.get("role") or "")}
    return {p.id for p in structure.all(PersonRow) if p.partner}


def reps_at_most(structure: Structure, circle_id: str) -> int:
    """Return how many people may be rep of a circle at a time: one, or what a policy of a circle that contains it
    allows (§5.1.1)."""
    circle = structure.role(circle_id)
    if circle.circle is None:
        return 1
    allowed = structure.effect(circle.circle, REP_COUNT, role=circle_id)
    return max(1, int(allowed[1]["most"])) if allowed else 1


def rep_by_lead(structure: Structure, circle_id: str) -> PolicyRow | None:
    """Return the policy by which the circle lead appoints the rep instead of an election, if one is in force."""
    policy = structure.effect(circle_id, REP_BY_LEAD)
    return policy[0] if policy else None


def seats_at_most(structure: Structure, circle_id: str, seat: str) -> int:
    """Return how many people may hold an elected seat at a time."""
    return reps_at_most(structure, circle_id) if seat == CIRCLE_REP else 1


def leaving(
    structure: Structure, circle_id: str, seat: str, *, elected: str, replaces: str | None
) -> list[AssignmentRow]:
    """Return the assignments that end when ``elected`` takes the seat: the former term, whoever holds it, or where
    several may be rep, that of ``replaces`` alone."""
    holders = structure.fillers(derived_id(circle_id, seat))
    if seats_at_most(structure, circle_id, seat) == 1:
        return holders
    return [a for a in holders if a.person in (elected, replaces)]


def first_to_end(structure: Structure, circle_id: str, seat: str) -> str | None:
    """Return who holds the seat whose term ends first where several may hold one and all are taken, else None.

    An election that nobody said more about is about that seat.
    """
    holders = structure.fillers(derived_id(circle_id, seat))
    most = seats_at_most(structure, circle_id, seat)
    if most == 1 or len({a.person for a in holders}) < most:
        return None
    return min(holders, key=lambda a: (a.term_ends is None, a.term_ends or "", a.id)).person
