"""What every test may use: the database, the worker, the site as it is served, and a browser."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import uvicorn
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from tests.guard import watch_structure

CHROMIUM = os.environ.get("CHROMIUM") or next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
NO_CHROMIUM = "Chromium is not here: install it (Debian: apt-get install chromium), or name it in CHROMIUM"
NO_POSTGRES = "the suite is not running on PostgreSQL: set DATABASE_URL to run this"
NO_REDIS = "there is no Redis: set REDIS_URL to run this"
# Files with few tests that take long: begun first, so that no worker is left alone with one at the end
LONGEST = (
    "tests/e2e/test_every_page.py",
    "tests/config/test_embedded.py",
    "tests/test_access.py",
    "tests/api/test_schema.py",
    "tests/e2e/test_meeting.py",
    "tests/governance/test_engine_properties.py",
)


def pytest_configure(config: pytest.Config) -> None:
    watch_structure()
    # How long an example takes depends on what else the machine does
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")
    database = settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = 0  # threads of a test must not hold on to the database it leaves behind
    if "sqlite" in database["ENGINE"]:
        # A file, because threads of a test share it, and one of its own for every run.
        folder = tempfile.mkdtemp(prefix="tensegrity-test-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        database["TEST"]["NAME"] = os.path.join(folder, "test.sqlite3")
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # Tests that run at the same time must not share rate limits or queues, even if they share a Redis.
    settings.CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CELERY_BROKER_URL = "memory://localhost"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.02}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place_of_its_file)
    missing = []
    if not CHROMIUM:
        missing.append(("e2e", NO_CHROMIUM))
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        missing.append(("postgres", NO_POSTGRES))
    if not settings.REDIS_URL:
        missing.append(("redis", NO_REDIS))
    for item in items:
        for marker, reason in missing:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _place_of_its_file(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0]
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database. Once every test is over, whatever thread is slow to end no longer keeps it from being
    dropped: PostgreSQL drops none that somebody is connected to."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


@pytest.fixture
def run_jobs(db: None) -> Callable[[], list[str]]:
    """A function that does what the worker would do by now, here and in order, and returns the jobs it ran.

    It goes on until nothing is due. A job that fails fails the test.
    """
    from journal.models import Job
    from journal.tasks import claim, run_claimed

    def run() -> list[str]:
        ran: list[str] = []
        while (
            waiting := Job.objects.filter(done_at=None, due__lte=timezone.now()).order_by("due", "pk").first()
        ):
            job = claim(waiting.pk)
            assert job is not None, f"{waiting.task} is being run by somebody else"
            run_claimed(job)
            job.refresh_from_db()
            assert not job.failed, f"{job.task} failed:\n{job.failed}"
            ran.append(job.task)
        return ran

    return run


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A Celery worker and beat in threads of this process, as ``make run`` has them."""
    from config.celery import app
    from config.embedded import Worker

    app.control.purge()
    running = Worker()
    running.start()
    yield
    assert running.stop(within=10), "the worker did not stop"


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    """The site in a thread of this process, as one ASGI application, with live streams."""
    from config.asgi import application, pages
    from journal import live

    class Server(uvicorn.Server):
        def install_signal_handlers(self) -> None:
            pass

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = Server(uvicorn.Config(application, log_config=None, lifespan="off", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="site", daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the site did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    live.end_streams()
    server.should_exit = True
    thread.join(10)
    pages.executor.shutdown()


@pytest.fixture
def site(transactional_db: None, _server: str) -> Iterator[str]:
    """The address of the running site, which serves this test's database."""
    from journal import live

    yield _server
    live.end_streams()
    live.thread.submit(connections.close_all).result()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. It is closed with the module: until then Playwright occupies the thread's event loop."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """A function that opens a page of its own session, so that several people can be at work at once.

    It takes the options of Playwright's ``new_context``, such as ``viewport`` and ``color_scheme``. What goes
    wrong in a page's scripts, or is refused by its content security policy, fails the test.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def note(message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            wrong.append(message.text)

    def open_page(**options: Any) -> Any:
        context = browser.new_context(base_url=site, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """One page in one browser session."""
    return new_page()


@pytest.fixture
def is_postgres() -> bool:
    """Whether the suite runs on PostgreSQL."""
    return connection.vendor == "postgresql"
