"""Living through the past: what the sample organization has done has its time on the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone


class Clock:
    """What time it is while the past is lived through; ``now`` is aware."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def tick(self, minutes: float = 1) -> None:
        self.now += dt.timedelta(minutes=minutes)


@contextmanager
def living_at(clock: Clock) -> Iterator[None]:
    """Let ``django.utils.timezone.now`` answer with the clock's time: every act takes its time from there.

    For the whole process, so only for a command that does nothing else at the time.
    """

    class Then(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Then:
            return cls.fromtimestamp(clock.now.timestamp(), tz)

    was = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = Then  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = was  # type: ignore[attr-defined]
