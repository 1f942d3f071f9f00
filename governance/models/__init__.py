"""How structure comes to change: proposals and what people answer, and the decisions that are the record."""

from governance.models.breakdown import Breakdown, Review
from governance.models.calendar import CircleCalendar
from governance.models.elections import (
    REASON_LENGTH,
    Ballot,
    Discarded,
    Election,
    ElectionAsked,
    Excluded,
    NominationChange,
)
from governance.models.imports import Import, ImportedNumber
from governance.models.proposals import TEXT_LENGTH, Amendment, Objection, Proposal, Response
from governance.models.record import AppendOnly, Decision, DecisionText, Record, RowVersion
from governance.models.representation import Guest, Permission, StandIn
from governance.models.rulings import Ruling, StrikeNotice

__all__ = [
    "REASON_LENGTH",
    "TEXT_LENGTH",
    "Amendment",
    "AppendOnly",
    "Ballot",
    "Breakdown",
    "CircleCalendar",
    "Decision",
    "DecisionText",
    "Discarded",
    "Election",
    "ElectionAsked",
    "Excluded",
    "Guest",
    "Import",
    "ImportedNumber",
    "NominationChange",
    "Objection",
    "Permission",
    "Proposal",
    "Record",
    "Response",
    "Review",
    "RowVersion",
    "Ruling",
    "StandIn",
    "StrikeNotice",
]
