"""The bus between processes: Redis publish/subscribe. Loaded only where Redis is used."""

from __future__ import annotations

import logging
import threading
import time

import redis

from journal.bus import Bus, Wake

logger = logging.getLogger(__name__)

CHANNEL = "tensegrity:live:"
RECONNECT_AFTER = 1.0


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
                with client.pubsub() as pubsub:
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
