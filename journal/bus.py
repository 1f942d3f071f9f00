"""How a change reaches the processes that hold streams open. The bus carries only a topic and a number.

Nothing depends on a message arriving: streams read the numbered changes from the database, and look there
every few seconds anyway. The bus only makes it quick.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache

from django.conf import settings

Wake = Callable[[int], None]


def address(organization_id: str, topic: str) -> str:
    """Return what a topic is called on the bus, where topics of all organizations meet."""
    return f"{organization_id}/{topic}"


class Bus:
    """Wakes the subscribers in this process. Any thread may publish and subscribe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: defaultdict[str, set[Wake]] = defaultdict(set)

    def subscribe(self, address: str, wake: Wake) -> None:
        """Call ``wake(number)`` from whatever thread publishes, until ``unsubscribe``."""
        with self._lock:
            self._subscribers[address].add(wake)

    def unsubscribe(self, address: str, wake: Wake) -> None:
        with self._lock:
            self._subscribers[address].discard(wake)
            if not self._subscribers[address]:
                del self._subscribers[address]

    def publish(self, address: str, number: int) -> None:
        """Tell every subscriber of ``address`` that it is now at ``number``."""
        with self._lock:
            subscribers = list(self._subscribers.get(address, ()))
        for wake in subscribers:
            wake(number)

    def wake_all(self) -> None:
        """Make every subscriber look for what it may have missed."""
        with self._lock:
            subscribers = [wake for wakes in self._subscribers.values() for wake in wakes]
        for wake in subscribers:
            wake(0)


@cache
def bus() -> Bus:
    """Return this process's bus."""
    if not settings.REDIS_URL:
        return Bus()
    from journal.redis_bus import RedisBus

    return RedisBus(settings.REDIS_URL)
