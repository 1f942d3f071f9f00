"""``python -m config.embedded`` as a real process: what ``make run`` starts."""

from __future__ import annotations

import http.client
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.test_settings import ROOT, environment

Start = Callable[[], "subprocess.Popen[str]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded"],
            cwd=ROOT,
            env=environment(tmp_path, TENSEGRITY_DEMO="0", PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said_first(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def answer(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    answered = response.status, response.read().decode()
    connection.close()
    return answered


def stop(process: subprocess.Popen[str], how: signal.Signals) -> None:
    process.send_signal(how)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in out + err


def test_it_serves_until_told_to_stop(start: Start, port: int) -> None:
    process = start()
    assert said_first(process) == f"Tensegrity is running. Open http://127.0.0.1:{port} (Ctrl-C stops it).\n"
    assert answer(port, "/healthz") == (200, "ok\n")
    assert answer(port, "/live/nowhere/meeting-2222222222/")[0] == 404
    stop(process, signal.SIGTERM)


def test_a_second_start_finds_what_the_first_left(start: Start, port: int, tmp_path: Path) -> None:
    """How long it takes is for `make bench` to say."""
    for _ in range(2):
        process = start()
        assert said_first(process).startswith("Tensegrity is running.")
        assert answer(port, "/healthz")[0] == 200
        stop(process, signal.SIGINT)
    tables = sqlite3.connect(tmp_path / "tensegrity.sqlite3").execute(
        "SELECT count(*) FROM django_migrations"
    )
    assert tables.fetchone()[0] > 0


def test_a_port_that_is_taken_is_named(start: Start, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = start()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.strip() == (
        f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Choose another port with PORT=…"
    )
