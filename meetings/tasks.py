"""What follows from meetings: run by the worker, safe to run twice or late."""

from __future__ import annotations

from journal.jobs import job
from meetings.actions import elections, sessions


@job("meetings.proposal_settled")
def proposal_settled(meeting_id: str, proposal_id: str) -> None:
    """Let the meeting go on after its proposal was settled."""
    sessions.proposal_settled(meeting_id, proposal_id)


@job("meetings.election_settled")
def election_settled(meeting_id: str, election_id: str) -> None:
    """Let the meeting go on after the election it held ended without a result."""
    elections.election_settled(meeting_id, election_id)
