"""From a draft to a decision: what the proposer and the circle’s members do, and what follows from it (§5.3).

People’s own moves are recorded in the request that made them; ``settle``, which adopts, is run by the worker.
"""

from governance.actions.proposals.amendments import (
    accept_amendment,
    argue_against,
    draft_amendment,
    offer_amendment,
    take_back_amendment,
)
from governance.actions.proposals.answering import answer, ask_for_meeting
from governance.actions.proposals.common import authority_of, end, lock, require_facilitator, tell
from governance.actions.proposals.facilitating import discard, drop
from governance.actions.proposals.limits import away_at, waited_for
from governance.actions.proposals.objections import (
    ask_for_ruling,
    ask_for_test,
    drop_objection,
    object_to,
    rule_on,
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
    "accept_amendment",
    "adopt_when_free",
    "amend",
    "answer",
    "argue_against",
    "ask_for_meeting",
    "ask_for_ruling",
    "ask_for_test",
    "authority_of",
    "away_at",
    "discard",
    "discard_draft",
    "draft_amendment",
    "drop",
    "drop_objection",
    "end",
    "examine",
    "lock",
    "mark_seen",
    "object_to",
    "offer_amendment",
    "propose",
    "read_text",
    "require_facilitator",
    "rule_on",
    "save_draft",
    "settle",
    "start_draft",
    "take_back_amendment",
    "tell",
    "test_criterion",
    "waited_for",
    "withdraw",
    "withdraw_objection",
    "write_text",
]
