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


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_told_to_stop_and_starts_again_quickly(
    start: Start, port: int, how: signal.Signals
) -> None:
    process = start()
    assert said_first(process) == f"Tensegrity is running. Open http://127.0.0.1:{port} (Ctrl-C stops it).\n"
    assert answer(port, "/healthz") == (200, "ok\n")
    assert answer(port, "/live/nowhere/meeting-2222222222/")[0] == 404
    began = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    assert "Traceback" not in out + err

    assert min(seconds_to_start(start, port, how) for _ in range(3)) < 3


def seconds_to_start(start: Start, port: int, how: signal.Signals) -> float:
    began = time.monotonic()
    process = start()
    assert "running" in said_first(process)
    assert answer(port, "/healthz")[0] == 200
    seconds = time.monotonic() - began
    process.send_signal(how)
    process.wait(20)
    return seconds


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
