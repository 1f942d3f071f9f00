"""From a draft to a decision: what the proposer and the circle’s members do, and what follows from it (§5.3).

People’s own moves are recorded in the request that made them; ``settle``, which adopts, is run by the worker.
"""

from governance.actions.proposals.answering import answer, ask_for_meeting
from governance.actions.proposals.common import authority_of, end, lock, require_facilitator, tell
from governance.actions.proposals.facilitating import discard, drop
from governance.actions.proposals.objections import (
    ask_for_test,
    drop_objection,
    object_to,
    test_criterion,
    withdraw_objection,
)
from governance.actions.proposals.proposing import (
    amend,
    discard_draft,
    propose,
    save_draft,
    start_draft,
    withdraw,
)
from governance.actions.proposals.roll import mark_seen
from governance.actions.proposals.settling import adopt_when_free, settle
from governance.actions.proposals.texts import examine, read_text, write_text

__all__ = [
    "adopt_when_free",
    "amend",
    "answer",
    "ask_for_meeting",
    "ask_for_test",
    "authority_of",
    "discard",
    "discard_draft",
    "drop",
    "drop_objection",
    "end",
    "examine",
    "lock",
    "mark_seen",
    "object_to",
    "propose",
    "read_text",
    "require_facilitator",
    "save_draft",
    "settle",
    "start_draft",
    "tell",
    "test_criterion",
    "withdraw",
    "withdraw_objection",
    "write_text",
]
