"""Writing to somebody by e-mail: the one way for whatever the worker tells people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation

from people.models import Person


@contextmanager
def worded_for(person: Person) -> Iterator[None]:
    """Put into words what is put into words meanwhile in the language of e-mails, and times in somebody's zone."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(person.tz):
        yield


def write_to(person: Person, subject: str, template: str, path: str, **context: Any) -> None:
    """Send somebody one e-mail: ``template`` in their zone, with ``person``, ``context``, and in ``url`` the address of
    the page at ``path`` of this site. Raises what sending raises."""
    with worded_for(person):
        text = render_to_string(template, {**context, "person": person, "url": f"{settings.SITE_URL}{path}"})
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [person.email])


@contextmanager
def claimed(give_back: Callable[[], object]) -> Iterator[None]:
    """Send what has been claimed before, so that a second run finds it claimed; a failed sending gives it back."""
    try:
        yield
    except Exception:
        give_back()
        raise
