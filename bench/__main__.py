"""``python -m bench``: measure on a database of its own, print a line a figure, write build/bench.json."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django


def main() -> int:
    """Measure everything; return 1 if a goal was missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from bench.figures import all_figures
    from bench.measure import Figure, save

    setup_test_environment(debug=False)
    settings.CELERY_BROKER_URL = "memory://"
    databases = setup_databases(verbosity=0, interactive=False)
    figures: list[Figure] = []
    try:
        print(f"On {connection.vendor}:")
        for figure in all_figures():
            figures.append(figure)
            print(figure.line(), flush=True)
    finally:
        teardown_databases(databases, verbosity=0)
    path = Path(settings.BASE_DIR) / "build" / "bench.json"
    save(figures, path)
    print(f"Written to {path.relative_to(settings.BASE_DIR)}")
    return 0 if all(f.kept for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
