"""The whole site as one ASGI application of two parts.

Live streams wait most of the time and belong on the event loop. Pages ask the database and belong on a few
threads that keep their connection: Django's own ASGI handler would open one per request.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

streams = get_asgi_application()
pages = WSGIMiddleware(cast("Any", get_wsgi_application()), workers=settings.WEB_THREADS)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer one connection: ``/live/…`` as a stream, all else as a page."""
    is_stream = scope["type"] == "http" and scope["path"].startswith("/live/")
    await (streams if is_stream else pages)(scope, receive, send)
