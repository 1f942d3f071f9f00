"""The worker's side of job rows: claim one, run it, mark it; and sweeps that make up for what was lost."""

from __future__ import annotations

import datetime as dt
import logging
import traceback

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config.celery import app
from journal import jobs
from journal.actions import queue_job, send_job
from journal.models import Job, LiveChange

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
KEEP_CHANGES = dt.timedelta(days=2)
KEEP_JOBS = dt.timedelta(days=30)
SWEEP_SIZE = 500


def _claimable(now: dt.datetime) -> QuerySet[Job]:
    return Job.objects.filter(Q(locked_until=None) | Q(locked_until__lte=now), done_at=None, due__lte=now)


def _back_off(attempts: int) -> dt.timedelta:
    """Return how long to wait after so many failures: 2 s, 4 s, 8 s … up to an hour."""
    return dt.timedelta(seconds=min(2**attempts, 3600))


def claim(job_id: int) -> Job | None:
    """Take the job for the length of a lease and return it; None if it is not due, done or somebody else's.

    It is one conditional UPDATE: of any number of workers, exactly one gets the job.
    """
    now = timezone.now()
    lease = now + dt.timedelta(seconds=settings.JOB_LEASE)
    claimed = _claimable(now).filter(pk=job_id).update(locked_until=lease, attempts=F("attempts") + 1)
    return Job.objects.get(pk=job_id) if claimed else None


def run_claimed(job: Job) -> None:
    """Run a job that was claimed, and mark what became of it. Errors are kept on the job, not raised."""
    # Only the holder of the lease may say what became of the job.
    mine = Job.objects.filter(pk=job.pk, locked_until=job.locked_until, done_at=None)
    try:
        if job.attempts > MAX_ATTEMPTS:
            raise RuntimeError(job.failed or "The worker was lost every time it ran this job.")
        jobs.function_of(job.task)(*job.args)
    except Exception:
        _mark_failed(job, mine)
        return
    if mine.filter(again=None).update(done_at=timezone.now(), locked_until=None, failed=""):
        return
    if mine.exclude(again=None).update(due=F("again"), again=None, locked_until=None, attempts=0, failed=""):
        send_job(job.pk)


def _mark_failed(job: Job, mine: QuerySet[Job]) -> None:
    now = timezone.now()
    error = traceback.format_exc()[-4000:]
    if job.attempts >= MAX_ATTEMPTS:
        logger.error(
            "Job %s (%s) failed %s times and is given up.\n%s", job.pk, job.task, job.attempts, error
        )
        mine.update(done_at=now, locked_until=None, failed=error)
    else:
        logger.warning("Job %s (%s) failed, attempt %s.\n%s", job.pk, job.task, job.attempts, error)
        mine.update(due=now + _back_off(job.attempts), locked_until=None, failed=error)


@app.task(name="journal.run_job")
def run_job(job_id: int) -> None:
    """Run one job, if it is due and nobody else has it."""
    job = claim(job_id)
    if job is not None:
        run_claimed(job)


@app.task(name="journal.sweep_jobs")
def sweep_jobs() -> None:
    """Send every job that is due: those that came due by time, and those whose message or worker was lost."""
    due = _claimable(timezone.now()).order_by("due").values_list("pk", flat=True)
    for job_id in due[:SWEEP_SIZE]:
        send_job(job_id)


@app.task(name="journal.queue_hourly")
def queue_hourly() -> None:
    """Queue the jobs that run every hour; one that has not run yet is not queued twice."""
    for name in jobs.hourly():
        with transaction.atomic():
            queue_job(name, organization=None, key=f"hourly:{name}")


@app.task(name="journal.prune_live")
def prune_live() -> None:
    """Forget what nobody will ask for: live changes after two days, finished jobs after thirty."""
    now = timezone.now()
    LiveChange.objects.filter(at__lt=now - KEEP_CHANGES).delete()
    Job.objects.filter(done_at__lt=now - KEEP_JOBS, failed="").delete()
