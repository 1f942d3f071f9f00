"""What people see when something is not there, not theirs, or broken. These pages must not fail themselves."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from django.views import defaults
from django.views.csrf import csrf_failure


def text(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.fixture
def get() -> HttpRequest:
    return RequestFactory().get("/nowhere/")


def test_each_says_what_happened_and_how_to_go_on(get: HttpRequest) -> None:
    for response, status, words in (
        (defaults.bad_request(get, ValueError()), 400, "could not be read"),
        (defaults.permission_denied(get, PermissionError()), 403, "Not yours to do"),
        (csrf_failure(get), 403, "send it again"),
        (defaults.page_not_found(get, LookupError()), 404, "Nothing here"),
        (defaults.server_error(get), 500, "Something broke"),
    ):
        assert response.status_code == status
        assert words in text(response)
        assert 'href="/"' in text(response)


def test_a_missing_page_tells_nothing_of_what_was_asked(get: HttpRequest) -> None:
    assert "nowhere" not in text(defaults.page_not_found(get, LookupError("northwind")))
    assert "northwind" not in text(defaults.page_not_found(get, LookupError("northwind")))


def test_a_form_without_its_token_gets_that_page() -> None:
    request = RequestFactory(enforce_csrf_checks=True).post("/accounts/login/")
    middleware = CsrfViewMiddleware(lambda request: HttpResponse())
    refused = middleware.process_view(request, lambda request: HttpResponse(), (), {})
    assert refused is not None
    assert "send it again" in text(refused)
