"""``python -m config.embedded`` as a real process: what ``make run`` starts."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.test_settings import ROOT, environment

IDLE = 0.7  # seconds that ``busyness`` measures on two idle cores of 2023

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
    began = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    assert "Traceback" not in out + err


def test_it_serves_until_told_to_stop(start: Start, port: int) -> None:
    process = start()
    assert said_first(process) == f"Tensegrity is running. Open http://127.0.0.1:{port} (Ctrl-C stops it).\n"
    assert answer(port, "/healthz") == (200, "ok\n")
    assert answer(port, "/live/nowhere/meeting-2222222222/")[0] == 404
    stop(process, signal.SIGTERM)


def test_a_second_start_takes_less_than_three_seconds(start: Start, port: int) -> None:
    process = start()
    said_first(process)
    stop(process, signal.SIGINT)

    def seconds_to_start() -> float:
        began = time.monotonic()
        process = start()
        said_first(process)
        assert answer(port, "/healthz")[0] == 200
        seconds = time.monotonic() - began
        stop(process, signal.SIGINT)
        return seconds

    assert any(seconds_to_start() < 3 * busyness() for _ in range(3))


def busyness() -> float:
    """How much longer than on an idle machine things take while other tests are running; at least 1."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import celery.app.base, django.db.models"], cwd=ROOT, check=True)
    return max(1.0, (time.monotonic() - began) / IDLE)


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
