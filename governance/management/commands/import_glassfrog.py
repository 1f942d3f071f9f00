"""``manage.py import_glassfrog FOLDER --organization NAME``"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.glassfrog import Problem
from governance.importing import Imported, import_glassfrog
from people.refusals import Refused


class Command(BaseCommand):
    help = (
        "Founds an organization from a folder with the bodies of GlassFrog's API v3: circles.json, roles.json, "
        "people.json, assignments.json. All of it becomes one decision on the record, or nothing happens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--organization", required=True, metavar="NAME", help="what it is to be called")
        parser.add_argument("--slug", default="", help="its address; made of the name unless given")
        parser.add_argument(
            "--zone", default="UTC", help="its time zone, such as Europe/Berlin (default: UTC)"
        )
        parser.add_argument(
            "--anchor-lead",
            default="",
            metavar="PERSON",
            help="e-mail address or GlassFrog number of somebody to lead the anchor circle, if nobody does",
        )
        parser.add_argument(
            "--admin",
            default="",
            metavar="EMAIL",
            help="who is to be admin: among the people, or somebody new",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = import_glassfrog(
                options["folder"],
                name=options["organization"],
                slug=options["slug"],
                zone=options["zone"],
                anchor_lead=options["anchor_lead"],
                admin=options["admin"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if result.counts:
            self.say_what_was_done(result)
        else:
            self.stdout.write(
                _("This folder has been imported as “%(name)s” (/%(slug)s/) already. Nothing was changed.")
                % {"name": result.organization.name, "slug": result.organization.slug}
            )
        self.say_who_administers(result)

    def say_what_was_done(self, result: Imported) -> None:
        names = {
            "circle": _("circles"),
            "role": _("roles (with those of the Constitution)"),
            "accountability": _("accountabilities"),
            "domain": _("domains"),
            "policy": _("policies"),
            "person": _("people"),
            "assignment": _("assignments"),
        }
        counts = ", ".join(f"{result.counts.get(kind, 0)} {name}" for kind, name in names.items())
        self.stdout.write(
            _("Imported “%(name)s” as /%(slug)s/: %(counts)s.")
            % {"name": result.organization.name, "slug": result.organization.slug, "counts": counts}
        )
        self.list(_("Left out, or refers to nothing"), result.problems)
        self.list(_("Against a rule; came in as it is, and is judged when next amended"), result.warnings)
        self.list(_("Read otherwise than it stands"), result.notes)

    def list(self, title: str, problems: Sequence[Problem]) -> None:
        if problems:
            self.stdout.write(f"\n{title} ({len(problems)}):")
            for problem in problems:
                self.stdout.write(f"  {problem}")

    def say_who_administers(self, result: Imported) -> None:
        if result.admin is None:
            if result.counts:
                self.stdout.write(
                    "\n" + _("It has no admin yet. Run this again with --admin EMAIL to name one.")
                )
        elif result.secret:
            self.stdout.write(
                "\n"
                + _("%(name)s is admin. To set a password, open within 14 days: %(url)s")
                % {
                    "name": result.admin.name,
                    "url": settings.SITE_URL + reverse("people:invitation", args=[result.secret]),
                }
            )
        else:
            self.stdout.write(
                "\n" + _("%(name)s is admin and can sign in already.") % {"name": result.admin.name}
            )
