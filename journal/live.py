"""Server-sent events: an open page hears which part of a topic changed, and reads that part again.

The stream says what changed, never what it is now: the page asks for that the ordinary way, with the ordinary
permissions. Changes are numbered rows, so that a page which was away names the last number it has seen and
misses nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.http import Http404, HttpRequest, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from journal.bus import address, bus
from journal.queries import BATCH, Change, changes_after, latest_number
from journal.topics import may_follow
from people.access import person_in

logger = logging.getLogger(__name__)

HEARTBEAT = 15.0
RECHECK_EVERY = 60.0


P = ParamSpec("P")
Result = TypeVar("Result")

# All streams of a process ask the database through this one thread, and so through one connection.
thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")


async def _ask(function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    def asking() -> Result:
        close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(thread, asking)


def organization_of_follower(session_key: str | None, slug: str, topic: str) -> str:
    """Return the id of the organization whose ``topic`` this session may follow; Http404 if it may not."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    person = person_in(get_user(request), slug)
    if not may_follow(person, topic):
        raise Http404
    return person.organization_id


class Reader:
    """Reads one topic's changes once for all the streams of this process that follow it."""

    def __init__(self, organization_id: str, topic: str) -> None:
        self.organization_id = organization_id
        self.topic = topic
        self.latest = 0
        self.queues: set[asyncio.Queue[list[Change] | None]] = set()
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        bus().subscribe(address(organization_id, topic), self._wake)
        # From here on nothing is missed: what is committed later wakes this reader, and what was committed
        # before is behind ``latest``, where every stream looks for itself.
        self.ready = asyncio.ensure_future(self._start())
        self._reading = asyncio.ensure_future(self._read_on())

    def close(self) -> None:
        bus().unsubscribe(address(self.organization_id, self.topic), self._wake)
        self._reading.cancel()

    def end_streams(self) -> None:
        """End every stream that follows this topic; the pages will reconnect. Any thread may call this."""
        for queue in tuple(self.queues):
            self._loop.call_soon_threadsafe(queue.put_nowait, None)

    def _wake(self, number: int) -> None:
        self._loop.call_soon_threadsafe(self._news.set)

    async def _start(self) -> None:
        self.latest = await _ask(latest_number, self.organization_id, self.topic)

    async def _read_on(self) -> None:
        await self.ready
        while True:
            with suppress(TimeoutError):  # looking without news makes up for a message that the bus lost
                await asyncio.wait_for(self._news.wait(), HEARTBEAT)
            self._news.clear()
            try:
                changes = await _ask(changes_after, self.organization_id, self.topic, self.latest)
            except DatabaseError:
                logger.warning("The database did not answer a live stream.", exc_info=True)
                continue
            if changes:
                self.latest = changes[-1][0]
                for queue in self.queues:
                    queue.put_nowait(changes)
            if len(changes) == BATCH:
                self._news.set()


_readers: dict[tuple[asyncio.AbstractEventLoop, str], Reader] = {}


def end_streams() -> None:
    """End all the streams of this process, so that a server which is told to stop need not wait for them."""
    for reader in tuple(_readers.values()):
        reader.end_streams()


def _message(number: int, fragment: str) -> str:
    data = json.dumps({"fragment": fragment, "number": number})
    return f"id: {number}\nevent: change\ndata: {data}\n\n"


async def follow(
    organization_id: str, topic: str, after: int | None, still_allowed: Callable[[], object]
) -> AsyncIterator[str]:
    """Yield the topic's changes after number ``after`` (None: from now on), as server-sent events, for ever.

    Ends when ``still_allowed``, which reads the database and is asked every minute, raises Http404.
    """
    key = (asyncio.get_running_loop(), address(organization_id, topic))
    reader = _readers.get(key)
    if reader is None:
        reader = _readers[key] = Reader(organization_id, topic)
    queue: asyncio.Queue[list[Change] | None] = asyncio.Queue()
    reader.queues.add(queue)
    try:
        await reader.ready
        latest = reader.latest
        # A number from the future was given out by a database that has since been restored.
        sent = latest if after is None else min(after, latest)
        yield "retry: 2000\n\n"
        missed = await _ask(changes_after, organization_id, topic, sent)
        if (missed[0][0] if missed else latest + 1) > sent + 1:
            yield f"id: {latest}\nevent: stale\ndata: {{}}\n\n"  # away so long that changes were pruned
        while missed:
            for number, fragment in missed:
                yield _message(number, fragment)
                sent = number
            missed = await _ask(changes_after, organization_id, topic, sent)
        recheck_at = time.monotonic() + RECHECK_EVERY
        while True:
            try:
                changes = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                changes = []
                yield ": still here\n\n"
            if changes is None:
                return
            if time.monotonic() >= recheck_at:
                await _ask(still_allowed)
                recheck_at = time.monotonic() + RECHECK_EVERY
            for number, fragment in changes:
                if number > sent:
                    yield _message(number, fragment)
                    sent = number
    except Http404:
        return
    finally:
        reader.queues.discard(queue)
        if not reader.queues:
            _readers.pop(key, None)
            reader.close()


@require_GET
async def stream(request: HttpRequest, organization: str, topic: str) -> HttpResponseBase:
    """Answer with the changes of ``topic`` after the header Last-Event-ID, or after ``?after=``.

    404 for whoever may not follow it, or where there is nothing to follow.
    """
    seen = request.headers.get("Last-Event-ID") or request.GET.get("after")
    if seen is not None and not (seen.isascii() and seen.isdigit() and len(seen) < 19):
        return HttpResponseBadRequest("“after” must be the number of a change.\n", content_type="text/plain")
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)

    def still_allowed() -> str:
        return organization_of_follower(session_key, organization, topic)

    organization_id = await _ask(still_allowed)
    return StreamingHttpResponse(
        follow(organization_id, topic, int(seen) if seen else None, still_allowed),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
