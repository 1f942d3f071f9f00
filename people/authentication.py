"""Signing in to the API with a personal key: ``Authorization: Bearer tns_…``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from people.models import Account, ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

SEEN_EVERY = dt.timedelta(minutes=1)


class WrongKeys(SimpleRateThrottle):
    """How often one address may try keys that are none; right ones are never counted."""

    scope = "wrong_keys"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Count by address alone: who the sender is, is just being found out."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class TokenAuthentication(BaseAuthentication):
    """Finds who a key belongs to: ``request.user`` is their account, ``request.auth`` the ``ApiToken``.

    The token carries the rights of its person in its one organization: ``request.auth.person``.
    """

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Account, ApiToken] | None:
        """Return account and token, or None where no key was sent.

        Raises AuthenticationFailed for a key that is none, or none any more, and Throttled after too many of them.
        """
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != self.keyword.lower().encode():
            return None
        try:
            token = ApiToken.find(secret.strip().decode("ascii")) if len(secret) < 200 else None
        except UnicodeDecodeError:
            token = None
        account = token.person.account if token is not None else None
        if token is None or account is None or not account.is_active:
            # The framework's views import this module themselves
            from rest_framework.views import APIView

            limit = WrongKeys()
            if not limit.allow_request(request, APIView()):
                raise Throttled(limit.wait())
            raise AuthenticationFailed(_("This key is unknown, or it has been revoked."))
        now = timezone.now()
        ApiToken.objects.filter(
            Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY), pk=token.pk
        ).update(last_used_at=now)
        return account, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description tells of keys."""

    target_class = TokenAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": _("A personal key, from one’s profile page."),
        }
