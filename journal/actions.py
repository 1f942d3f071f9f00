"""Keeping the journal: what happened, what is to be done, what open pages are to read again.

All three are written in the transaction of the act they belong to, and lost with it.
"""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from journal import jobs
from journal.bus import address, bus
from journal.events import kind_of
from journal.models import Event, Job, LiveChange, LiveTopic
from people.models import Organization, Person

logger = logging.getLogger(__name__)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("The journal is written in the transaction of an act.")


def record(
    *,
    organization: Organization,
    kind: str,
    actor: Person | None,
    circle_id: str | None = None,
    **payload: Any,
) -> Event:
    """Write down that something happened, and return the event.

    ``kind`` must be registered (KeyError otherwise). ``actor`` is who did it, None where the program did.
    ``payload`` holds identifiers and short texts (JSON).
    Raises TransactionManagementError outside a transaction.
    """
    _require_transaction()
    kind_of(kind)
    return Event.objects.create(
        organization=organization, kind=kind, actor=actor, circle_id=circle_id or "", payload=payload
    )


def queue_job(
    task_name: str,
    *args: Any,
    organization: Organization | None,
    due: dt.datetime | None = None,
    key: str = "",
) -> Job:
    """Have the worker run the job ``task_name`` with ``args`` (JSON) once this transaction has committed.

    ``due`` is the instant it may run at the earliest (aware; now if omitted). Jobs of the same ``key`` that
    have not run yet are one job, due at the earliest of the times asked for; one that is running at the
    moment runs again afterwards, because it may not have seen what this act has written.
    Returns the job. Raises KeyError for an unknown job, TransactionManagementError outside a transaction.
    """
    _require_transaction()
    jobs.function_of(task_name)
    due = due or timezone.now()
    if key:
        job = _join(key, due)
        while job is None:
            new = Job(task=task_name, args=list(args), organization=organization, due=due, key=key)
            Job.objects.bulk_create([new], ignore_conflicts=True)
            job = _join(key, due)
    else:
        job = Job.objects.create(task=task_name, args=list(args), organization=organization, due=due)
    if due <= timezone.now():
        transaction.on_commit(partial(send_job, job.pk))
    return job


def _join(key: str, due: dt.datetime) -> Job | None:
    """Ask for the waiting job of this key by ``due``; None if there is none."""
    job = Job.objects.select_for_update(no_key=True).filter(key=key, done_at=None).first()
    if job is None:
        return None
    if job.locked_until is None:
        job.due = min(job.due, due)
    else:
        job.again = min(job.again or due, due)
    job.save(update_fields=["due", "again"])
    return job


def send_job(job_id: int) -> None:
    """Tell the worker about a job. Where the broker cannot be reached, the sweep will tell it later."""
    from journal.tasks import run_job

    try:
        run_job.delay(job_id)
    except OperationalError as error:
        logger.warning("The broker did not take job %s, the sweep will send it: %s", job_id, error)


def retry_job(job_id: int) -> bool:
    """Have a job that was given up tried again from the start; return whether there is such a job."""
    given_up = Job.objects.filter(pk=job_id, done_at__isnull=False).exclude(failed="")
    with transaction.atomic():
        again = given_up.select_for_update(no_key=True).first()
        if again is None:
            return False
        if again.key and Job.objects.filter(key=again.key, done_at=None).exists():
            return False  # what it was to do is queued anew already
        again.done_at, again.attempts, again.failed, again.due = None, 0, "", timezone.now()
        again.save()
        transaction.on_commit(partial(send_job, again.pk))
    return True


def announce(*, organization: Organization, topic: str, fragment: str) -> int:
    """Tell whoever watches ``topic`` that ``fragment`` of it has changed, and return the change's number.

    Numbers of a topic grow by one without gaps, in the order in which the acts commit: the topic's row stays
    locked until then. Raises TransactionManagementError outside a transaction.
    """
    _require_transaction()
    topics = LiveTopic.objects.filter(organization=organization, name=topic)
    if not topics.update(number=F("number") + 1):
        LiveTopic.objects.bulk_create(
            [LiveTopic(organization=organization, name=topic)], ignore_conflicts=True
        )
        topics.update(number=F("number") + 1)
    row = topics.get()
    LiveChange.objects.create(topic=row, number=row.number, fragment=fragment)
    transaction.on_commit(partial(bus().publish, address(organization.pk, topic), row.number))
    return row.number
