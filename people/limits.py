"""How often the same thing may be tried. The rates are in the settings, beside those of signing in."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from people.refusals import Refused


def limit(request: HttpRequest, action: str) -> None:
    """Count one try of ``action`` (a key of ACCOUNT_RATE_LIMITS). Raises Refused after too many."""
    if not ratelimit.consume(request, action=action):
        raise Refused(_("That was tried too often. Wait a while, then try again."))
