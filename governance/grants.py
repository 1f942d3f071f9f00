"""How a circle grants a domain (§1.3.2), as forms have it: within one of its own, or inside the circle alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from circles.structure import DomainRow, RoleRow, Structure
from people.ids import is_id

INTERNAL = "internal"


def granted(choice: str) -> dict[str, Any]:
    """Return how a domain is granted as a change has it, from what was chosen: a domain, INTERNAL, or nothing."""
    return {"within": choice if is_id(choice) else None, "internal": choice == INTERNAL}


def chosen(data: Mapping[str, Any]) -> str:
    """Return what is chosen where a change or a row grants a domain like this; the other way round."""
    return INTERNAL if data.get("internal") else str(data.get("within") or "")


def restated(was: str, to: str) -> dict[str, dict[str, Any]]:
    """Return the edits of ``within`` and ``internal`` that lead from one choice to another."""
    before, after = granted(was), granted(to)
    return {k: {"from": before[k], "to": after[k]} for k in after if before[k] != after[k]}


def grant_choices(structure: Structure, circle_id: str | None) -> list[tuple[str, str]]:
    """Return how a circle may grant a domain to a role, for a list to choose from; empty in the anchor circle,
    which holds every domain, and in a circle that has gone."""
    circle = structure.get(RoleRow, circle_id)
    if circle is None or circle_id is None or circle.circle is None:
        return []
    own = _within(structure, circle_id)
    return [("", _("Say where it comes from")), *own, (INTERNAL, _("Relevant in this circle alone"))]


def moved_choices(structure: Structure, circle_id: str | None) -> list[tuple[str, str]]:
    """Return how a domain may be granted in the circle its role moves to, for a list to choose from; None: where it
    moves to is not known yet."""
    own = _within(structure, circle_id) if circle_id is not None else []
    return [("", _("As it is")), *own, (INTERNAL, _("Relevant in that circle alone"))]


def _within(structure: Structure, circle_id: str) -> list[tuple[str, str]]:
    rows = structure.lines(DomainRow, circle_id)
    return [(row.id, _("Within “%(domain)s”") % {"domain": row.text}) for row in rows]
