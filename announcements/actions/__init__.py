"""What people do with announcements: make them, stand against them, let them pass, act on them."""

from announcements.actions.announcing import announce_intent, announce_spending, record_initiative
from announcements.actions.ending import report_done, revoke, withdraw
from announcements.actions.granting import permit, settle
from announcements.actions.replying import (
    answer,
    ask,
    end_reply,
    escalate,
    mark_seen,
    object_to,
    take_note,
)

__all__ = [
    "announce_intent",
    "announce_spending",
    "answer",
    "ask",
    "end_reply",
    "escalate",
    "mark_seen",
    "object_to",
    "permit",
    "record_initiative",
    "report_done",
    "revoke",
    "settle",
    "take_note",
    "withdraw",
]
