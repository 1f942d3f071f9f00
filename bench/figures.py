"""The figures themselves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from bench.measure import Figure, milliseconds, milliseconds_in_turn
from bench.organizations import Made, make
from governance.actions import proposals


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: what every page costs at the least."""
    return HttpResponse("")


def with_empty_view() -> None:
    """Add the empty view to the addresses of this process."""
    from config import urls

    urls.urlpatterns.insert(0, path("bench-empty", empty))


def pages(made: Made) -> Iterator[Figure]:
    """Pages of a large organization against an empty view behind the same middleware."""
    client = Client()
    client.force_login(made.person.account)  # type: ignore[arg-type]

    def visit(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")

    floor = milliseconds(lambda: visit("/bench-empty"))
    slug = made.organization.slug
    roles = made.organization.roles.filter(kind="ordinary").count()
    yield Figure("an empty view", floor, "ms")
    for name, address in (
        ("role page", reverse("circles:role", args=[slug, made.role.ref])),
        ("circle page", reverse("circles:role", args=[slug, made.circle.ref])),
        ("home page", reverse("pages:home", args=[slug])),
        ("record", reverse("governance:record", args=[slug])),
    ):
        taken = milliseconds(lambda address=address: visit(address))  # type: ignore[misc]
        yield Figure(f"{name}, {roles} roles, against an empty view", taken, "ms", floor)
        yield Figure(f"{name}, {roles} roles", taken, "ms", goal=100)


def whole_structure(made: Made) -> Iterator[Figure]:
    """The whole structure as JSON against bare SQL and orjson on the same database."""
    from circles.queries import structure_document
    from circles.structure import TABLES

    def bare() -> bytes:
        document: dict[str, Any] = {}
        with connection.cursor() as cursor:
            for name, table in TABLES.items():
                columns = [*table.columns, "name"] if name == "person" else [*table.columns]
                chosen = ", ".join(f'"{table.attname(column)}"' for column in columns)
                present = "AND since IS NOT NULL AND until IS NULL" if table.kept else ""
                cursor.execute(
                    f"SELECT {chosen} FROM {table.model._meta.db_table} WHERE organization_id = %s {present}",  # noqa: S608
                    [made.organization.id],
                )
                document[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return orjson.dumps(document)

    floor = milliseconds(bare)
    taken = milliseconds(lambda: orjson.dumps(structure_document(made.organization)))
    goal = 1.5 if connection.vendor == "postgresql" else 2
    yield Figure("whole structure as JSON, against bare SQL and orjson", taken, "ms", floor, goal)


def adoptions(made: Made) -> Callable[[], None]:
    """Return a function that drafts a proposal in a circle, proposes it, has everybody confirm that they have no
    objection, and adopts it: everything from the first word to the decision."""
    number = count()

    def adopt() -> None:
        n = next(number)
        change = {
            "kind": "amend_role",
            "role": made.role.pk,
            "accountabilities": [{"op": "add", "text": f"Taking care of matter {n}"}],
        }
        draft = proposals.start_draft(
            made.circle,
            actor=made.person,
            role=made.role.pk,
            title=f"Matter {n}",
            tension="t",
            example="e",
            how_helped="h",
            changes=[change],
        )
        proposal = proposals.propose(draft, actor=made.person)
        for response in proposal.responses.filter(answer="").select_related("person"):
            response.person.organization = made.organization
            proposals.answer(proposal, actor=response.person, text_version=proposal.text_version)
        if not proposals.settle(proposal.pk):
            proposal.refresh_from_db()
            raise SystemExit(f"Not adopted: {proposal.settled_reason or proposal.state}")

    return adopt


def bare_transaction(made: Made) -> float:
    """Return the time in ms of one bare transaction that writes about as many rows as an adoption does."""

    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for _ in range(8):
                cursor.execute(
                    "INSERT INTO journal_event (organization_id, at, kind, circle_id, payload)"
                    " VALUES (%s, %s, %s, %s, %s)",
                    [made.organization.id, timezone.now(), "bench", "", "{}"],
                )

    return milliseconds(write, times=30)


def second_start() -> Iterator[Figure]:
    """How long ``make run`` takes to answer when there is a database already, and to end on Ctrl-C."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = os.environ | {"TENSEGRITY_DATA_DIR": folder, "TENSEGRITY_DEMO": "0", "PORT": str(port)}
        environment = {k: v for k, v in environment.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        for _turn in range(2):
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "config.embedded"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.PIPE,
            )
            if process.stdout is not None:
                process.stdout.readline()
            started = time.perf_counter() - began
            process.send_signal(signal.SIGINT)
            process.wait(20)
            ended = time.perf_counter() - began - started
        yield Figure("a second start until it answers", started, "s", goal=3)
        yield Figure("Ctrl-C until everything has ended", ended, "s", goal=5)


def all_figures() -> Iterator[Figure]:
    """Make the organizations and yield every figure."""
    yield from second_start()
    with_empty_view()
    began = time.perf_counter()
    huge = make(50_000)
    yield Figure(
        "loading 50,000 roles and verifying their record", time.perf_counter() - began, "s", goal=180
    )
    small, large = make(500), make(5000, people=1500)
    yield from pages(large)
    yield from whole_structure(large)
    floor = bare_transaction(small)
    in_small, in_huge = milliseconds_in_turn([adoptions(small), adoptions(huge)], times=25)
    yield Figure("an adoption in 500 roles, against a bare transaction of 8 rows", in_small, "ms", floor)
    yield Figure("an adoption in 50,000 roles, against a bare transaction", in_huge, "ms", floor)
    yield Figure("an adoption in 50,000 roles, against one in 500", in_huge, "ms", in_small, 1.2)
