"""Check the record of one organization, or of all: the chain, the replay against the tables, texts and versions."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.record import verify
from people.models import Organization


class Command(BaseCommand):
    help = "Verify the record of an organization (all of them if none is named); exit code 1 where it has faults."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="The organization's address, such as northwind")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = Organization.objects.order_by("slug")
        if options["slug"]:
            organizations = organizations.filter(slug=options["slug"])
            if not organizations:
                raise CommandError(f"There is no organization called {options['slug']}.")
        sound = True
        for organization in organizations:
            result = verify(organization)
            self.stdout.write(
                f"{organization.slug}: decision {result.number}, head {result.head or 'none'}, {result.rows} rows, "
                f"{result.erased} erased texts, {len(result.faults)} faults"
            )
            for fault in result.faults:
                self.stdout.write(f"  {fault}")
            sound = sound and result.ok
        if not sound:
            sys.exit(1)
