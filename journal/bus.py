"""How a change reaches the processes that hold streams open. The bus carries only a topic and a number.

Nothing depends on a message arriving: streams read the numbered changes from the database, and look there
every few seconds anyway. The bus only makes it quick.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from redis.client import PubSub

logger = logging.getLogger(__name__)

Wake = Callable[[int], None]

CHANNEL = "tensegrity:live:"
RECONNECT_AFTER = 1.0


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


class RedisBus(Bus):
    """Reaches the subscribers of every process. One thread per process listens."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._sender = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
        self._listener: threading.Thread | None = None

    def subscribe(self, address: str, wake: Wake) -> None:
        super().subscribe(address, wake)
        with self._lock:
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, name="live-bus", daemon=True)
                self._listener.start()

    def publish(self, address: str, number: int) -> None:
        try:
            self._sender.publish(CHANNEL + address, number)
        except redis.RedisError as error:
            logger.warning("Redis did not take a live change, streams will be late: %s", error)

    def _listen(self) -> None:
        while True:
            try:
                client = redis.Redis.from_url(self._url, socket_connect_timeout=5, health_check_interval=15)
                with PubSub(client.connection_pool) as pubsub:
                    pubsub.psubscribe(CHANNEL + "*")
                    for message in pubsub.listen():
                        if message["type"] == "psubscribe":
                            self.wake_all()  # what was published before, nobody here has heard
                        elif message["type"] == "pmessage":
                            channel = message["channel"].decode().removeprefix(CHANNEL)
                            super().publish(channel, int(message["data"]))
            except redis.RedisError as error:
                logger.warning("Lost Redis, streams will be late until it is back: %s", error)
                time.sleep(RECONNECT_AFTER)


@cache
def bus() -> Bus:
    """Return this process's bus."""
    return RedisBus(settings.REDIS_URL) if settings.REDIS_URL else Bus()
