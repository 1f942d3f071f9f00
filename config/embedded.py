"""Web and worker in one process, over SQLite if nothing else is said: ``python -m config.embedded``.

Brings the database up to date, loads the sample organization on a first start, and serves until it is told
to stop. Celery's worker and beat are threads of this process; the job rows in the database are the same as
with a worker of its own, so that nothing is lost however this process ends.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any

import django
import uvicorn
from django.conf import settings

WEB_STOPS_WITHIN = 2
WORKER_STOPS_WITHIN = 2.5


class Server(uvicorn.Server):
    """uvicorn, which says where to open it, and does not wait for pages that keep a live stream open."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Tensegrity is running. Open {settings.SITE_URL} (Ctrl-C stops it).", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from journal.live import end_streams

        end_streams()
        super().handle_exit(sig, frame)


class Worker:
    """Celery's worker and beat, as threads."""

    def __init__(self) -> None:
        from celery.beat import EmbeddedService

        from config.celery import app

        quiet: Any = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
        self._controller: Any = app.WorkController(pool="threads", **quiet)
        self._thread = threading.Thread(target=self._controller.start, name="worker", daemon=True)
        # Beat as a process of its own could not reach a broker that lives in this one.
        self._beat: Any = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)

    def start(self) -> None:
        self._thread.start()
        self._beat.start()

    def stop(self, within: float) -> bool:
        """Finish what is running, for at most ``within`` seconds; return whether everything has ended."""
        stopping = threading.Thread(target=self._stop, name="stopping", daemon=True)
        stopping.start()
        stopping.join(within)
        return not stopping.is_alive()

    def _stop(self) -> None:
        self._controller.stop()
        self._beat.stop()
        self._thread.join()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to this address. Exits with a plain sentence where that cannot be done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        sys.exit(f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another port with PORT=…")
    return bound


def prepare() -> None:
    """Bring the database up to date, load the sample organization on a first start, and pick up lost jobs."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from journal.models import Job
    from journal.tasks import sweep_jobs
    from people.models import Organization

    # Asking costs a tenth of what the command takes to find that there is nothing to do
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO and not Organization.objects.exists():
        print("Loading the sample organization …", flush=True)
        call_command("load_sample", verbosity=0)
    if not settings.REDIS_URL:
        # No other process can be working on these: whoever held a lease here is gone.
        Job.objects.filter(done_at=None).update(locked_until=None)
    sweep_jobs()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # they are for developers and take a second
    django.setup()
    bound = listen(settings.HOST, settings.PORT)
    prepare()
    worker = Worker()
    server = Server(
        uvicorn.Config(
            "config.asgi:application",
            log_config=None,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=WEB_STOPS_WITHIN,
        )
    )
    # uvicorn raises the signal once more when it has shut down; by default that would end the process here
    # and then, with the worker still running.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    worker.start()
    server.run(sockets=[bound])
    if not worker.stop(within=WORKER_STOPS_WITHIN):
        # A job that hangs is left to the next start; its row says that it is not done.
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
