"""Run as a process: counts what adopting the named proposals has left in the database, as one line of JSON."""

from __future__ import annotations

import json
import os
import sys

import django


def main(ids: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from circles.models import Accountability
    from governance.models import Decision

    decisions = list(Decision.objects.filter(proposal__in=ids).values_list("proposal", flat=True))
    lines = Accountability.objects.filter(text__startswith="Sending brief").count()
    print(json.dumps({"decisions": len(decisions), "once": len(set(decisions)), "lines": lines}))


if __name__ == "__main__":
    main(sys.argv[1:])
