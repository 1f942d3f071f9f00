"""What the worker has to do, and what it had to give up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal.actions import retry_job
from journal.models import Job


class Command(BaseCommand):
    help = "List the jobs that wait and those that were given up, or try one of these again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--retry", metavar="ID", type=int, help="try this job again, which was given up")

    def handle(self, *args: Any, retry: int | None, **options: Any) -> None:
        if retry is not None:
            if not retry_job(retry):
                raise CommandError(f"There is no job {retry} that was given up.")
            self.stdout.write(f"Job {retry} is due again.")
            return
        waiting = Job.objects.filter(done_at=None).order_by("due")
        given_up = Job.objects.exclude(done_at=None).exclude(failed="").order_by("done_at")
        self.stdout.write(f"{waiting.count()} waiting")
        for job in waiting[:50]:
            state = f", failed {job.attempts} times" if job.failed else ""
            self.stdout.write(
                f"  {job.pk}  {job.task}({', '.join(map(str, job.args))})  due {job.due:%F %T} UTC{state}"
            )
        self.stdout.write(f"{given_up.count()} given up")
        for job in given_up[:50]:
            self.stdout.write(
                f"  {job.pk}  {job.task}({', '.join(map(str, job.args))})  {job.done_at:%F %T} UTC"
            )
            self.stdout.write(f"      {job.failed.strip().splitlines()[-1]}")
