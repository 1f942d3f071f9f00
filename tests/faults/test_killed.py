"""Kill -9 at any point of an adoption, with real processes: adopted exactly once, and the record verifies.

The last of six answers is posted to the running site; a moment later, at another point each time, a process is
killed and started again, as a service manager would. The answer is posted until the site has taken it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings

from tests.config.test_embedded import free_port
from tests.config.test_settings import ROOT, environment
from tests.conftest import NO_POSTGRES

TIMES = 20
PATIENCE = 60  # seconds until an act that was interrupted must have come to its end


class Site:
    """Processes that make up a running site, each of which can be killed and started again."""

    def __init__(self, folder: Path, *, database: str, redis: bool) -> None:
        self.port = free_port()
        self.folder = folder
        values = {"PORT": str(self.port), "TENSEGRITY_DEMO": "0", "DATABASE_URL": database}
        values |= {"TENSEGRITY_JOB_LEASE": "3", "TENSEGRITY_JOB_SWEEP": "1", "TENSEGRITY_LOG_LEVEL": "ERROR"}
        self.commands: dict[str, list[str]] = {}
        if redis:
            broker = free_port()
            values["REDIS_URL"] = f"redis://127.0.0.1:{broker}/0"
            celery = [sys.executable, "-m", "celery", "--app=config"]
            self.commands["broker"] = [
                "redis-server",
                "--port",
                str(broker),
                "--save",
                "",
                "--appendonly",
                "no",
            ]
            self.commands["web"] = [
                *(sys.executable, "-m", "uvicorn", "config.asgi:application", "--lifespan=off"),
                *("--host=127.0.0.1", f"--port={self.port}", "--log-level=error"),
            ]
            self.commands["worker"] = [
                *celery,
                "worker",
                "--loglevel=ERROR",
                "--without-gossip",
                "--without-mingle",
            ]
            self.commands["beat"] = [
                *celery,
                "beat",
                "--loglevel=ERROR",
                "--pidfile=",
                f"--schedule={folder}/beat",
            ]
        else:
            self.commands["everything"] = [sys.executable, "-m", "config.embedded"]
        self.environment = environment(folder, **values)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.log = (folder / "log").open("wb")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        # The whole group: a pool's children must not go on where their parent was killed
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def end(self) -> None:
        for name, process in self.running.items():
            if process.poll() is None:
                self.kill(name)
        self.log.close()


@pytest.fixture(params=["embedded", "spread"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site on SQLite in one process; and one on PostgreSQL and Redis in four."""
    if request.param == "embedded":
        made = Site(tmp_path, database=f"sqlite:///{tmp_path}/site.sqlite3", redis=False)
        yield made
        made.end()
        return
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip(NO_POSTGRES)
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not here: install it (Debian: apt-get install redis-server)")
    own = settings.DATABASES["default"]
    name = f"killed_{uuid.uuid4().hex[:8]}"
    access = {
        "host": own["HOST"],
        "port": own["PORT"] or 5432,
        "user": own["USER"],
        "password": own["PASSWORD"],
    }
    server = psycopg2.connect(**access, dbname="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    secret = f":{urllib.parse.quote(access['password'])}" if access["password"] else ""
    made = Site(
        tmp_path,
        database=f"postgres://{access['user']}{secret}@{access['host'] or '127.0.0.1'}:{access['port']}/{name}",
        redis=True,
    )
    yield made
    made.end()
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


class LastAnswer:
    """Maya's session: she has the last answer to every proposal."""

    def __init__(self, site: Site, scene: dict[str, Any]) -> None:
        self.site = site
        self.cookie = f"{scene['cookie']}={scene['session']}"
        self.answered = threading.Event()

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=5)
        token = "a" * 32
        headers = {"Cookie": f"{self.cookie}; {settings.CSRF_COOKIE_NAME}={token}", "X-CSRFToken": token}
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        connection.request(method, path, urllib.parse.urlencode(form or {}), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def give(self, proposal: dict[str, Any]) -> None:
        """Post the answer until the site has taken it, however often that takes."""
        self.answered.clear()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, _body = self.request(
                    "POST",
                    f"/northwind/proposals/{proposal['id']}/",
                    {"do": "no_objection", "text_version": str(proposal["text_version"])},
                )
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status < 500:
                self.answered.set()
                return
            time.sleep(0.05)


@pytest.mark.long
def test_killed_at_any_point_of_an_adoption_it_happens_once(site: Site) -> None:
    chance = random.Random(20)
    built = site.run("-m", "tests.faults.scene", str(TIMES))
    assert built.returncode == 0, built.stderr
    scene = json.loads(built.stdout.splitlines()[-1])
    for name in site.commands:
        site.start(name)
    maya = LastAnswer(site, scene)
    victims = [name for name in site.commands if name != "beat"]
    for n, proposal in enumerate(scene["proposals"]):
        wait_until_ready(maya)
        answering = threading.Thread(target=maya.give, args=[proposal])
        answering.start()
        if n % 2:
            maya.answered.wait(PATIENCE)  # the adoption itself is under way, rather than the answer
        time.sleep(chance.uniform(0, 0.12))
        victim = victims[n % len(victims)]
        site.kill(victim)
        site.start(victim)
        answering.join()
        assert maya.answered.is_set(), f"the answer was never taken after {victim} was killed"
        wait_until_adopted(maya, proposal["id"], victim)
    checked = site.run("manage.py", "verify_record", "northwind")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    counted = site.run("-m", "tests.faults.count", *(p["id"] for p in scene["proposals"]))
    assert json.loads(counted.stdout.splitlines()[-1]) == {"decisions": TIMES, "once": TIMES, "lines": TIMES}


def wait_until_ready(maya: LastAnswer) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if maya.request("GET", "/healthz")[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise AssertionError("the site did not come up again")


def wait_until_adopted(maya: LastAnswer, proposal: str, victim: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            status, body = maya.request("GET", f"/api/v1/northwind/proposals/{proposal}/")
            if status == 200 and json.loads(body)["state"] == "adopted":
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not adopted after {victim} was killed")
