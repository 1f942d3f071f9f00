from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections, transaction
from django.test import AsyncClient, Client
from django.utils import timezone

from journal import live, tasks, topics
from journal.actions import announce
from journal.bus import bus
from journal.models import LiveChange, LiveTopic
from people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

Allowed = set[tuple[str, str]]


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Allowed]:
    """Who may follow which room: pairs of the person's name and the room."""
    pairs = {("Ada", "room"), ("Otto", "attic")}
    monkeypatch.setattr(topics, "_topics", {})
    topics.register_topic("test", lambda person, id_: (person.name, id_) in pairs)
    yield pairs
    live.thread.submit(connections.close_all).result()


def change(person: Person, fragment: str, topic: str = "test-room") -> int:
    with transaction.atomic():
        return announce(organization=person.organization, topic=topic, fragment=fragment)


def client_of(person: Person) -> AsyncClient:
    client = AsyncClient()
    assert person.account is not None
    client.force_login(person.account)
    return client


async def messages(response: Any) -> AsyncIterator[tuple[int, str, str]]:
    """Yield (id, event, fragment) of each message of a stream."""
    async for chunk in response.streaming_content:
        text = chunk.decode()
        if text.startswith("id:"):
            fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
            yield int(fields["id"]), fields["event"], json.loads(fields["data"]).get("fragment", "")


async def hear(response: Any, count: int) -> list[tuple[int, str, str]]:
    heard: list[tuple[int, str, str]] = []
    stream = messages(response)
    async with asyncio.timeout(10):
        async for message in stream:
            heard.append(message)
            if len(heard) == count:
                break
    await stream.aclose()  # type: ignore[attr-defined]
    await response.streaming_content.aclose()
    return heard


def test_changes_are_numbered_without_gaps_however_many_act_at_once(ada: Person) -> None:
    together = threading.Barrier(6)

    def act() -> list[int]:
        together.wait()
        numbers = [change(ada, "agenda") for _ in range(10)]
        connections.close_all()
        return numbers

    with ThreadPoolExecutor(6) as pool:
        numbers = [number for done in [pool.submit(act) for _ in range(6)] for number in done.result()]
    assert sorted(numbers) == list(range(1, 61))
    assert LiveTopic.objects.get().number == 60
    assert list(LiveChange.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 61))


def test_a_change_is_lost_with_its_act(ada: Person) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        announce(organization=ada.organization, topic="test-room", fragment="agenda")
        raise ZeroDivisionError
    assert not LiveChange.objects.exists()
    assert change(ada, "agenda") == 1


def test_who_was_away_hears_what_came_since(ada: Person) -> None:
    for fragment in ("one", "two", "three"):
        change(ada, fragment)
    client = client_of(ada)

    async def listen() -> None:
        reconnecting = await client.get("/live/northwind/test-room/?after=0", headers={"Last-Event-ID": "1"})
        assert reconnecting.status_code == 200
        assert reconnecting.headers["Content-Type"] == "text/event-stream"
        assert reconnecting.headers["Cache-Control"] == "no-store"
        assert await hear(reconnecting, 2) == [(2, "change", "two"), (3, "change", "three")]
        first = await client.get("/live/northwind/test-room/?after=0")
        assert [number for number, *_ in await hear(first, 3)] == [1, 2, 3]

    async_to_sync(listen)()
    assert live._readers == {}


def test_open_streams_hear_changes_at_once(ada: Person) -> None:
    change(ada, "before")
    client = client_of(ada)

    async def listen() -> None:
        responses = [await client.get("/live/northwind/test-room/") for _ in range(3)]
        hearing = [asyncio.ensure_future(hear(response, 2)) for response in responses]
        while len(live._readers) == 0 or len(next(iter(live._readers.values())).queues) < 3:
            await asyncio.sleep(0.01)
        reader = next(iter(live._readers.values()))
        await reader.ready
        await sync_to_async(change)(ada, "agenda")
        await sync_to_async(change)(ada, "step")
        await sync_to_async(change)(ada, "elsewhere", topic="test-other")
        assert len(live._readers) == 1
        for heard in await asyncio.gather(*hearing):
            assert heard == [(2, "change", "agenda"), (3, "change", "step")]

    started = timezone.now()
    async_to_sync(listen)()
    assert timezone.now() - started < dt.timedelta(seconds=5)


def test_a_message_the_bus_lost_is_made_up_for(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.2)
    monkeypatch.setattr(type(bus()), "publish", lambda *args: None)
    client = client_of(ada)

    async def listen() -> None:
        response = await client.get("/live/northwind/test-room/?after=0")
        hearing = asyncio.ensure_future(hear(response, 1))
        await asyncio.sleep(0.3)
        await sync_to_async(change)(ada, "agenda")
        assert await hearing == [(1, "change", "agenda")]

    async_to_sync(listen)()


def test_who_was_away_for_days_is_told_to_read_everything(ada: Person) -> None:
    change(ada, "one")
    change(ada, "two")
    LiveChange.objects.update(at=timezone.now() - dt.timedelta(days=3))
    tasks.prune_live()
    assert not LiveChange.objects.exists()
    client = client_of(ada)

    async def listen(after: int) -> list[tuple[int, str, str]]:
        return await hear(await client.get(f"/live/northwind/test-room/?after={after}"), 1)

    assert async_to_sync(listen)(1) == [(2, "stale", "")]
    change(ada, "three")
    assert async_to_sync(listen)(2) == [(3, "change", "three")]


def test_nobody_follows_what_they_may_not(ada: Person, otto: Person) -> None:
    change(ada, "agenda")
    for person, address in (
        (None, "/live/northwind/test-room/"),
        (otto, "/live/northwind/test-room/"),
        (otto, "/live/elsewhere/test-room/"),
        (ada, "/live/northwind/test-attic/"),
        (ada, "/live/northwind/unheardof-room/"),
        (ada, "/live/northwind/room/"),
        (ada, "/live/nowhere/test-room/"),
    ):
        client = client_of(person) if person else AsyncClient()
        assert async_to_sync(client.get)(address).status_code == 404, (person, address)


def test_nonsense_is_refused(ada: Person) -> None:
    client = client_of(ada)
    for after in ("x", "-1", "٣", "9" * 30):
        assert async_to_sync(client.get)("/live/northwind/test-room/", {"after": after}).status_code == 400
    assert async_to_sync(client.post)("/live/northwind/test-room/").status_code == 405


@pytest.mark.parametrize("how", ["taken from the list", "signed out"])
def test_a_stream_ends_when_access_is_lost(
    ada: Person, allowed: Allowed, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    monkeypatch.setattr(live, "RECHECK_EVERY", 0.1)
    client = client_of(ada)

    async def listen() -> None:
        response: Any = await client.get("/live/northwind/test-room/")
        chunks = response.streaming_content
        await anext(chunks)
        if how == "signed out":
            await client.alogout()
        else:
            allowed.clear()
        async with asyncio.timeout(10):
            async for _chunk in chunks:
                pass

    async_to_sync(listen)()
    assert live._readers == {}


def test_streams_end_when_the_server_stops(ada: Person) -> None:
    client = client_of(ada)

    async def listen() -> None:
        response: Any = await client.get("/live/northwind/test-room/")
        chunks = response.streaming_content
        await anext(chunks)
        live.end_streams()
        async with asyncio.timeout(2):
            async for _chunk in chunks:
                pass

    async_to_sync(listen)()


def test_the_site_serves_streams_and_pages(ada: Person, site: str) -> None:
    """Over a real connection: the two halves of the ASGI application, and a change made meanwhile."""
    import http.client
    from urllib.parse import urlsplit

    client = Client()
    assert ada.account is not None
    client.force_login(ada.account)
    cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    host = urlsplit(site).netloc
    pages = http.client.HTTPConnection(host, timeout=10)
    pages.request("GET", "/healthz")
    assert pages.getresponse().read() == b"ok\n"
    stream = http.client.HTTPConnection(host, timeout=10)
    stream.request("GET", "/live/northwind/test-room/", headers=cookie)
    response = stream.getresponse()
    assert response.status == 200
    assert response.readline() == b"retry: 2000\n"
    change(ada, "agenda")
    lines = [response.readline() for _ in range(4)]
    assert lines[1:] == [b"id: 1\n", b"event: change\n", b'data: {"fragment": "agenda", "number": 1}\n']
    pages.close()
    stream.close()
