"""Where every address leads. An organization's own pages begin with its slug."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, register_converter
from django.views.decorators.http import require_safe

from pages.api import documentation
from people.converters import IdConverter, RefConverter
from people.views.door import SignIn

register_converter(IdConverter, "id")
register_converter(RefConverter, "ref")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database does; health checks ask for this without signing in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/login/", SignIn.as_view(), name="account_login"),
    path("accounts/", include("allauth.urls")),
    path("live/", include("journal.urls")),
    path("api/", documentation, name="api_documentation"),
    path("api/v1/", include("pages.api_urls")),
    path("", include("people.urls")),
    path("", include("circles.urls")),
    path("", include("tensions.urls")),
    path("", include("governance.urls")),
    path("", include("announcements.urls")),
    path("", include("meetings.urls")),
    path("", include("pages.urls")),
]
