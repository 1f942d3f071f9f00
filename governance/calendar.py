"""Time limits: one instant for everybody, counted in working days of the organization's zone (§5.3)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SATURDAY = 5


def after_working_days(start: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """Return the instant ``days`` working days after ``start``, at the same hour of the clock in ``zone``.

    ``start`` is aware. Saturdays and Sundays do not count; what starts on one counts from the following Monday
    midnight. The result is aware, in UTC.
    """
    local = start.astimezone(zone)
    day, clock = local.date(), local.time()
    if day.weekday() >= SATURDAY:
        clock = dt.time(0)
        while day.weekday() >= SATURDAY:
            day += dt.timedelta(days=1)
    left = days
    while left:
        day += dt.timedelta(days=1)
        if day.weekday() < SATURDAY:
            left -= 1
    return dt.datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone).astimezone(dt.UTC)
