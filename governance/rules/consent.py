"""The rules of answering, objecting and integrating (§5.3–5.3.4): small, pure, each with its clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from governance.models import Amendment, Objection
from people.refusals import RuleBroken

# Why the facilitator deems a proposal dropped: the lines of §5.3.4 that say so
QUESTIONS = "5.3.4c"
ARGUMENT = "5.3.4d"
DROP_GROUNDS = (QUESTIONS, ARGUMENT)

# What a proposal lacks that the facilitator discards: the lines of §5.3.1
DISCARD_GROUNDS = ("5.3.1a", "5.3.1b", "5.3.1c")
# In a process breakdown alone: what was argued for the proposal is not logical, or beside the point
WEAK = "5.5.2a"


def tested_first_5_3_4(standing: Iterable[Objection]) -> Iterator[RuleBroken]:
    """§5.3.4a: an objection that somebody asked to be tested is tested before the proposal goes on."""
    if any(objection.awaits_test for objection in standing):
        yield RuleBroken(
            "5.3.4",
            _("A test was asked for. The facilitator tests the objection first; then the proposal goes on."),
        )


def judges_arguments_5_3_3(holds: bool | None, in_breakdown: bool) -> Iterator[RuleBroken]:
    """§5.3.3, §5.5.2a: judged is whether an argument was given, and only in a breakdown whether it holds."""
    if holds is False and not in_breakdown:
        yield RuleBroken(
            "5.3.3",
            _(
                "The facilitator says whether an argument was given, not whether it is right. Only in a process "
                "breakdown are logic and relevance judged too."
            ),
        )


def claim_stands_5_3_3(objection: Objection, given: bool) -> Iterator[RuleBroken]:
    """§5.3.3b: a claim that a rule would be violated is dismissed by the secretary's ruling alone."""
    if not objection.rule:
        yield RuleBroken("5.3.2", _("This objection names no rule. Test its four criteria."))
    elif not given:
        yield RuleBroken(
            "5.3.3",
            _("Only the secretary can rule that no rule would be violated. Ask the secretary to rule."),
        )


def rules_when_asked_5_3_3(objection: Objection) -> Iterator[RuleBroken]:
    """§5.3.3b: the secretary rules on a claimed violation that the facilitator asks about."""
    if not objection.rule:
        yield RuleBroken("5.3.3", _("There is no claim of a violation to rule on: no rule was named."))
    elif objection.ruling_asked_by_id is None:
        yield RuleBroken(
            "5.3.3",
            _("The facilitator has not asked for a ruling. Ask the facilitator to test the objection."),
        )


def amended_proposal_5_3_4(reason: str) -> Iterator[RuleBroken]:
    """§5.3.4d: an amended proposal comes with why it should resolve the proposer's tension."""
    if not reason.strip():
        yield RuleBroken("5.3.4", _("Say why it should answer the proposer’s tension."), field="how_helped")


def drop_5_3_4(
    ground: str, standing: Iterable[Objection], amendments: Iterable[Amendment]
) -> Iterator[RuleBroken]:
    """§5.3.4c, d: a proposal is deemed dropped while an objection is being resolved, for one of two reasons."""
    if ground not in DROP_GROUNDS:
        yield RuleBroken(
            "5.3.4", _("Choose why it is dropped: the rules of integration give two reasons."), field="ground"
        )
    elif not any(True for _objection in standing):
        yield RuleBroken(
            "5.3.4",
            _(
                "A proposal is dropped only while an objection to it is being resolved. One that lacks what a "
                "proposal needs is discarded instead."
            ),
            field="ground",
        )
    elif ground == ARGUMENT and not any(True for _amendment in amendments):
        yield RuleBroken(
            "5.3.4",
            _(
                "No amended proposal was put beside it, so there was nothing to argue against. Choose another reason."
            ),
            field="ground",
        )
