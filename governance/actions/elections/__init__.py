"""Elections of a circle's rep, facilitator and secretary, from the call to the decision (§5.3.5).

A page, the API, the meeting's room and the worker all call these. Each takes the election as it was read, locks it,
and takes care of who acts: the meeting's facilitator while it is held in one, else whoever acts for the circle.
"""

from governance.actions.elections.calling import (
    begin_nominations,
    call_election,
    call_for_expired,
    end_of_term,
    withdraw_election,
)
from governance.actions.elections.counting import break_tie, count, decline, discard_candidate
from governance.actions.elections.following import follow_membership, step, sweep_terms
from governance.actions.elections.meeting import bring, hand_back, outside_meetings, set_present
from governance.actions.elections.nominating import (
    change_nomination,
    close_nominations,
    give_reason,
    keep_nomination,
    nominate,
    open_changes,
)

__all__ = [
    "begin_nominations",
    "break_tie",
    "bring",
    "call_election",
    "call_for_expired",
    "change_nomination",
    "close_nominations",
    "count",
    "decline",
    "discard_candidate",
    "end_of_term",
    "follow_membership",
    "give_reason",
    "hand_back",
    "keep_nomination",
    "nominate",
    "open_changes",
    "outside_meetings",
    "set_present",
    "step",
    "sweep_terms",
    "withdraw_election",
]
