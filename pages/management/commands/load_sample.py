"""``manage.py load_sample``"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from pages.sample.load import load
from pages.sample.northwind import NORTHWIND


class Command(BaseCommand):
    help = (
        "Builds the sample organization, once. In demo mode one signs in as any of its people; otherwise the "
        "first of its admins gets a password, which is said here and nowhere else."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        said = options["verbosity"] > 0
        password = secrets.token_urlsafe(12) if said and not settings.DEMO else None
        organization = load(NORTHWIND, password=password)
        if not said:
            return
        words = {"name": NORTHWIND.name, "slug": NORTHWIND.slug}
        if organization is None:
            self.stdout.write(_("“%(name)s” (/%(slug)s/) is there already. Nothing was changed.") % words)
            return
        self.stdout.write(_("Built “%(name)s” as /%(slug)s/.") % words)
        if password is not None:
            founder = next(person for person in NORTHWIND.people if person.admin)
            self.stdout.write(
                _("Sign in as %(email)s with the password %(password)s")
                % {"email": founder.email, "password": password}
            )
