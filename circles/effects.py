"""What policies can do by themselves: structured effects, each changing a default the Constitution lets be changed.

A policy without an effect is text that people read. ``Structure.effect`` finds the one in force in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.refusals import Malformed, RuleBroken

ANCHOR_CIRCLE_LEAD = "anchor_circle_lead"
TIME_LIMIT = "time_limit"
ANCHOR_DEFINITION = "anchor_definition"

MAX_WORKING_DAYS = 60


@dataclass(frozen=True)
class Effect:
    """One kind of effect: its name for people, the clause that allows it, and whether only the anchor may have it."""

    kind: str
    label: Promise
    clause: str
    anchor_only: bool = False


EFFECTS = {
    e.kind: e
    for e in (
        Effect(TIME_LIMIT, gettext_lazy("Answers to proposals close after a time limit"), "5.3"),
        Effect(
            ANCHOR_CIRCLE_LEAD, gettext_lazy("The anchor circle has a circle lead"), "1.4", anchor_only=True
        ),
        Effect(ANCHOR_DEFINITION, gettext_lazy("Purpose of the anchor circle"), "1.3.3", anchor_only=True),
    )
}


def parse_effect(data: object) -> dict[str, Any] | None:
    """Return an effect in its one canonical form, or None for a policy that is text.

    Raises Malformed where a value is missing or out of range, and RuleBroken (§5.2.1) for an unknown kind: a
    default may be changed only where the Constitution allows it.
    """
    if data is None or data == {}:
        return None
    if not isinstance(data, Mapping):
        raise Malformed(_("An effect is a set of named values."), field="effect")
    kind = data.get("kind")
    if kind not in EFFECTS:
        raise RuleBroken(
            "5.2.1",
            _("“%(kind)s” is no default rule that a policy may change here.") % {"kind": kind},
            field="effect",
        )
    if kind == TIME_LIMIT:
        days = data.get("working_days")
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_WORKING_DAYS:
            raise Malformed(
                _("Give the time limit as a number of working days from 1 to %(most)d.")
                % {"most": MAX_WORKING_DAYS},
                field="working_days",
            )
        return {"kind": kind, "working_days": days}
    if kind == ANCHOR_DEFINITION:
        purpose = data.get("purpose")
        if not isinstance(purpose, str) or not purpose.strip() or len(purpose) > 1000:
            raise Malformed(
                _("Write the purpose of the anchor circle, in at most 1000 characters."), field="purpose"
            )
        return {"kind": kind, "purpose": purpose.strip()}
    return {"kind": kind}


def describe_effect(effect: Mapping[str, Any]) -> str:
    """Return what an effect does, as people read it."""
    if effect["kind"] == TIME_LIMIT:
        return _("Answers close after %(days)d working days; silence is then no objection.") % {
            "days": effect["working_days"]
        }
    if effect["kind"] == ANCHOR_DEFINITION:
        return _("The purpose of the anchor circle is: %(purpose)s") % {"purpose": effect["purpose"]}
    return str(EFFECTS[effect["kind"]].label)
