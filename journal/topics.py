"""What people can watch live. A topic is called ``<prefix>-<id>``, such as ``meeting-7hq2k9xdmp``.

Each app registers its prefixes in its ``events.py``, with who may follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from people.models import Person

CanFollow = Callable[["Person", str], bool]

_topics: dict[str, CanFollow] = {}


def register_topic(prefix: str, can_follow: CanFollow) -> None:
    """Let people follow topics called ``<prefix>-<id>``.

    ``can_follow(person, id)`` tells whether this person may; it reads the database and is asked again every
    minute while the stream is open. Raises ValueError if the prefix is taken.
    """
    if prefix in _topics:
        raise ValueError(f"The topic “{prefix}” is registered twice.")
    _topics[prefix] = can_follow


def topic_name(prefix: str, id_: str) -> str:
    """Return the name of the topic of one thing; KeyError if nobody registered ``prefix``."""
    if prefix not in _topics:
        raise KeyError(prefix)
    return f"{prefix}-{id_}"


def may_follow(person: Person, topic: str) -> bool:
    """Tell whether ``person`` may follow the topic of this name; False where there is none."""
    prefix, _, id_ = topic.rpartition("-")
    can_follow = _topics.get(prefix)
    return can_follow is not None and can_follow(person, id_)
