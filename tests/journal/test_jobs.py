from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from journal import jobs, tasks
from journal.actions import queue_job, retry_job
from journal.models import Job
from people.models import Person

RunJobs = Callable[[], list[str]]


class Diary:
    """What the test's job was called with, and what it is to do when it is called."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.then: Callable[[], object] = lambda: None

    def __call__(self, *args: object) -> None:
        self.calls.append(args)
        self.then()


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Diary:
    monkeypatch.setattr(jobs, "_jobs", {})
    diary = Diary()
    jobs.job("test.write")(diary)
    return diary


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that Celery was told about."""
    messages: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", messages.append)
    return messages


def queue(person: Person, *args: object, key: str = "", due: dt.datetime | None = None) -> Job:
    with transaction.atomic():
        return queue_job("test.write", *args, organization=person.organization, key=key, due=due)


def let_pass(job: Job, **time: float) -> None:
    """Move everything that is to happen to this job ``time`` (as timedelta) nearer."""
    job.refresh_from_db()
    passed = dt.timedelta(**time)
    job.due -= passed
    job.locked_until = job.locked_until and job.locked_until - passed
    job.save()


def test_a_job_runs_once(ada: Person, diary: Diary, run_jobs: RunJobs) -> None:
    queue(ada, "a", 1)
    assert run_jobs() == ["test.write"]
    assert run_jobs() == []
    assert diary.calls == [("a", 1)]


@pytest.mark.django_db(transaction=True)
def test_celery_is_told_after_the_commit(ada: Person, diary: Diary, sent: list[int]) -> None:
    with transaction.atomic():
        job = queue_job("test.write", organization=ada.organization)
        queue_job("test.write", organization=ada.organization, due=timezone.now() + dt.timedelta(hours=1))
        assert sent == []
    assert sent == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_a_job_is_lost_with_its_act(ada: Person, diary: Diary, sent: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_job("test.write", organization=ada.organization)
        raise ZeroDivisionError
    assert sent == []
    assert not Job.objects.exists()


def test_unknown_jobs_are_refused(ada: Person) -> None:
    with transaction.atomic(), pytest.raises(KeyError):
        queue_job("test.unheard-of", organization=ada.organization)


def test_what_is_not_due_waits(ada: Person, diary: Diary, run_jobs: RunJobs) -> None:
    job = queue(ada, due=timezone.now() + dt.timedelta(hours=1))
    tasks.run_job(job.pk)
    assert run_jobs() == []
    let_pass(job, hours=1)
    assert run_jobs() == ["test.write"]


def test_the_same_key_is_one_job_at_the_earlier_time(ada: Person, diary: Diary, run_jobs: RunJobs) -> None:
    now = timezone.now()
    first = queue(ada, key="k", due=now + dt.timedelta(hours=2))
    assert queue(ada, key="k", due=now + dt.timedelta(hours=1)).pk == first.pk
    assert queue(ada, key="k", due=now + dt.timedelta(hours=3)).pk == first.pk
    assert queue(ada, key="other").pk != first.pk
    first.refresh_from_db()
    assert first.due == now + dt.timedelta(hours=1)
    run_jobs()
    let_pass(first, hours=1)
    run_jobs()
    assert queue(ada, key="k").pk != first.pk


def test_a_job_asked_for_while_it_runs_runs_again(ada: Person, diary: Diary, sent: list[int]) -> None:
    """The run under way may have looked before the act was committed."""
    job = queue(ada, key="k")
    diary.then = lambda: queue(ada, key="k")
    tasks.run_job(job.pk)
    assert sent[-1] == job.pk
    diary.then = lambda: None
    tasks.run_job(job.pk)
    tasks.run_job(job.pk)
    assert len(diary.calls) == 2
    assert Job.objects.get().done_at is not None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_the_job(ada: Person, diary: Diary) -> None:
    ids = [queue(ada, number).pk for number in range(20)]
    together = threading.Barrier(6)

    def work() -> None:
        together.wait()
        for job_id in ids:
            tasks.run_job(job_id)
        connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work) for _ in range(6)]:
            done.result()
    assert sorted(diary.calls) == [(number,) for number in range(20)]


@pytest.mark.django_db(transaction=True)
def test_many_acts_at_once_share_one_keyed_job(ada: Person, diary: Diary) -> None:
    together = threading.Barrier(8)

    def act() -> None:
        together.wait()
        queue(ada, key="k")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(act) for _ in range(8)]:
            done.result()
    assert Job.objects.filter(key="k").count() == 1


def test_a_lost_message_is_sent_again(ada: Person, diary: Diary, sent: list[int]) -> None:
    job = queue(ada)
    later = queue(ada, due=timezone.now() + dt.timedelta(hours=1))
    sent.clear()  # the broker was killed
    tasks.sweep_jobs()
    assert sent == [job.pk]
    tasks.run_job(job.pk)
    sent.clear()
    tasks.sweep_jobs()
    assert sent == []
    let_pass(later, hours=1)
    tasks.sweep_jobs()
    assert sent == [later.pk]


@pytest.mark.django_db(transaction=True)
def test_an_act_succeeds_while_the_broker_is_away(
    ada: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    def refuse(job_id: int) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.run_job, "delay", refuse)
    queue(ada)
    assert run_jobs() == ["test.write"]


def test_a_lost_worker_is_replaced_when_its_lease_ends(ada: Person, diary: Diary, sent: list[int]) -> None:
    job = queue(ada)
    lost = tasks.claim(job.pk)
    assert lost is not None
    assert tasks.claim(job.pk) is None
    sent.clear()
    tasks.sweep_jobs()
    assert sent == []
    let_pass(job, seconds=61)
    tasks.sweep_jobs()
    assert sent == [job.pk]
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.done_at is not None


def test_who_lost_the_lease_has_no_say(ada: Person, diary: Diary) -> None:
    job = queue(ada)
    slow = tasks.claim(job.pk)
    assert slow is not None
    let_pass(job, seconds=61)
    other = tasks.claim(job.pk)
    assert other is not None
    tasks.run_claimed(slow)
    job.refresh_from_db()
    assert job.done_at is None
    assert job.locked_until == other.locked_until
    tasks.run_claimed(other)
    job.refresh_from_db()
    assert job.done_at is not None


def test_a_failing_job_is_tried_later_and_later_and_then_given_up(ada: Person, diary: Diary) -> None:
    def fail() -> None:
        raise ZeroDivisionError("nothing to divide by")

    diary.then = fail
    job = queue(ada, key="k")
    waits = []
    for _attempt in range(tasks.MAX_ATTEMPTS - 1):
        tasks.run_job(job.pk)
        job.refresh_from_db()
        assert "nothing to divide by" in job.failed
        assert job.done_at is None
        waits.append(round((job.due - timezone.now()).total_seconds()))
        let_pass(job, seconds=waits[-1] + 1)
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert waits[-1] <= 3600
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.done_at is not None
    assert "nothing to divide by" in job.failed
    diary.then = lambda: None
    assert queue(ada, key="k").pk != job.pk


def test_what_was_given_up_is_listed_and_can_be_tried_again(
    ada: Person, diary: Diary, run_jobs: RunJobs, capsys: pytest.CaptureFixture[str]
) -> None:
    done = queue(ada, "done")
    run_jobs()
    Job.objects.create(task="test.write", args=["later"], due=timezone.now() + dt.timedelta(hours=1))
    given_up = Job.objects.create(
        task="test.write",
        args=["x"],
        done_at=timezone.now(),
        failed="Traceback …\nZeroDivisionError: nothing",
        key="k",
    )
    call_command("jobs")
    listed = capsys.readouterr().out
    assert "1 waiting" in listed
    assert "test.write(later)" in listed
    assert "1 given up" in listed
    assert "ZeroDivisionError: nothing" in listed
    with pytest.raises(CommandError):
        call_command("jobs", "--retry", str(done.pk))
    call_command("jobs", "--retry", str(given_up.pk))
    assert run_jobs() == ["test.write"]
    assert diary.calls == [("done",), ("x",)]


def test_what_has_been_queued_anew_is_not_tried_twice(ada: Person, diary: Diary) -> None:
    given_up = Job.objects.create(task="test.write", done_at=timezone.now(), failed="lost", key="k")
    queue(ada, key="k")
    assert not retry_job(given_up.pk)


def test_a_job_that_takes_every_worker_down_is_given_up(ada: Person, diary: Diary) -> None:
    job = queue(ada)
    for _attempt in range(tasks.MAX_ATTEMPTS):
        assert tasks.claim(job.pk) is not None
        let_pass(job, seconds=61)
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.done_at is not None
    assert "worker was lost" in job.failed
    assert diary.calls == []


def test_a_failure_in_between_leaves_no_trace(ada: Person, diary: Diary, run_jobs: RunJobs) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    diary.then = fail
    job = queue(ada)
    tasks.run_job(job.pk)
    diary.then = lambda: None
    let_pass(job, seconds=3)
    assert run_jobs() == ["test.write"]
    job.refresh_from_db()
    assert job.failed == ""


def test_finished_jobs_are_forgotten_after_a_month_but_failures_are_kept(ada: Person, diary: Diary) -> None:
    old = timezone.now() - dt.timedelta(days=31)
    Job.objects.create(task="test.write", done_at=old)
    failed = Job.objects.create(task="test.write", done_at=old, failed="ZeroDivisionError")
    fresh = Job.objects.create(task="test.write", done_at=timezone.now())
    waiting = Job.objects.create(task="test.write", due=old)
    tasks.prune_live()
    assert set(Job.objects.all()) == {failed, fresh, waiting}


@pytest.mark.usefixtures("worker")
@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_what_was_queued(ada: Person, diary: Diary) -> None:
    written = threading.Event()
    diary.then = written.set
    queue(ada, "hello")
    assert written.wait(10), "no worker came"
    assert diary.calls == [("hello",)]


@pytest.mark.django_db
def test_an_hourly_job_is_queued_once_until_it_has_run(
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(jobs, "_hourly", [])
    diary = Diary()
    jobs.job("test.look", every_hour=True)(diary)
    jobs.job("test.write")(diary)
    for _ in range(2):
        tasks.queue_hourly()
    assert run_jobs() == ["test.look"]
    tasks.queue_hourly()
    assert run_jobs() == ["test.look"]
    assert diary.calls == [(), ()]
