"""What every page of an organization shows around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pages.shell import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell`: the sidebar of the page, read only where a template uses it.

    Outside an organization (signing in, choosing an organization) there is none, and the dictionary is empty.
    """
    person = getattr(request, "person", None)
    organization = getattr(request, "organization", None)
    if person is None or organization is None:
        return {}
    return {
        "organization": organization,
        "person": person,
        "shell": SimpleLazyObject(lambda: Shell(request, organization, person)),
    }
