"""How structure comes to change: proposals and what people answer, and the decisions that are the record."""

from governance.models.imports import Import, ImportedNumber
from governance.models.proposals import TEXT_LENGTH, Objection, Proposal, Response
from governance.models.record import AppendOnly, Decision, DecisionText, Record, RowVersion

__all__ = [
    "TEXT_LENGTH",
    "AppendOnly",
    "Decision",
    "DecisionText",
    "Import",
    "ImportedNumber",
    "Objection",
    "Proposal",
    "Record",
    "Response",
    "RowVersion",
]
