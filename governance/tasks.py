"""What follows from governance: run by the worker, safe to run twice or late."""

from __future__ import annotations

from journal.jobs import job


@job("governance.after_decision")
def after_decision(decision_id: str) -> None:
    """Do what follows from a decision: rolls of open proposals follow changed membership."""
