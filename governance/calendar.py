"""Time limits: one instant for everybody, counted in the working days of the circle's calendar (§5.3).

A circle keeps a calendar of its own or shares that of the nearest circle around it that keeps one; where none does,
it is the organization's zone, Monday to Friday, whole days. What is counted:

- The clock of the limit is the clock of its start. A start outside working time is moved on to the next moment
  somebody works: the opening hour of that day if it lies before it, else that of the next working day.
- From there each working day counts as one; the limit falls on the last of them, at that clock. A limit of one
  working day begun on Friday at 15:30 ends on Monday at 15:30.
- The clock is the one on the wall: a change to or from summer time in between makes the limit an hour shorter or
  longer, and the hour people read stays. A clock the change leaps over is read an hour on; one it repeats is the
  first of the two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.models import CircleCalendar
from people.models import Organization

WEEK = (0, 1, 2, 3, 4)
MIDNIGHT = dt.time(0)
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """When people of a circle work. ``kept_by`` is the circle whose secretary keeps it; None: nobody does."""

    zone: ZoneInfo
    weekdays: tuple[int, ...] = WEEK
    opens: dt.time | None = None
    closes: dt.time | None = None
    days_off: Mapping[dt.date, str] = field(default_factory=dict)
    kept_by: str | None = None

    def works_on(self, day: dt.date) -> bool:
        """Tell whether a day is a working day."""
        return day.weekday() in self.weekdays and day not in self.days_off

    def _next(self, day: dt.date) -> dt.date:
        day += ONE_DAY
        while not self.works_on(day):
            day += ONE_DAY
        return day

    def _hours(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """From when until when a working day lasts, as instants in UTC."""
        opens = self._instant(day, self.opens or MIDNIGHT)
        closes = self._instant(day, self.closes) if self.closes else self._instant(day + ONE_DAY, MIDNIGHT)
        return opens, closes

    def _instant(self, day: dt.date, clock: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, clock, tzinfo=self.zone).astimezone(dt.UTC)

    def begin(self, start: dt.datetime) -> tuple[dt.date, dt.time]:
        """Return the first working day and its clock at or after an instant at which somebody works."""
        local = start.astimezone(self.zone)
        day, clock = local.date(), local.time()
        opens = self.opens or MIDNIGHT
        if not self.works_on(day) or (self.closes is not None and clock >= self.closes):
            return self._next(day), opens
        return day, max(clock, opens)

    def after(self, start: dt.datetime, working_days: int) -> dt.datetime:
        """Return the instant so many working days after ``start`` (aware), in UTC."""
        day, clock = self.begin(start)
        for _day in range(working_days):
            day = self._next(day)
        return self._instant(day, clock)

    def worked(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return how much working time lies between two instants."""
        total = dt.timedelta()
        day = start.astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            if self.works_on(day):
                opens, closes = self._hours(day)
                total += max(min(closes, end) - max(opens, start), dt.timedelta())
            day += ONE_DAY
        return total

    def on(self, start: dt.datetime, time: dt.timedelta) -> dt.datetime:
        """Return the instant at which so much working time has passed since ``start``, in UTC."""
        day = start.astimezone(self.zone).date()
        left = time
        while True:
            if self.works_on(day):
                opens, closes = self._hours(day)
                opens = max(opens, start)
                if closes - opens >= left and closes > opens:
                    return (opens + left).astimezone(dt.UTC)
                left -= max(closes - opens, dt.timedelta())
            day += ONE_DAY


def calendar_of(structure: Structure, circle_id: str) -> Calendar:
    """Return the calendar that a circle's time limits are counted in: its own, the nearest around it, or the
    organization's zone with Monday to Friday."""
    circles = [role.id for role in structure.path(circle_id)] or [circle_id]
    kept = {row.circle_id: row for row in CircleCalendar.objects.filter(circle__in=circles)}
    for circle in circles:
        if circle in kept:
            return as_calendar(kept[circle])
    zone = Organization.objects.values_list("zone", flat=True).get(roles__pk=circle_id)
    return Calendar(ZoneInfo(zone))


def as_calendar(row: CircleCalendar) -> Calendar:
    """Return a kept calendar as time limits are counted in it."""
    return Calendar(
        zone=ZoneInfo(row.zone),
        weekdays=tuple(row.weekdays),
        opens=row.opens,
        closes=row.closes,
        days_off={dt.date.fromisoformat(day): name for day, name in row.days_off},
        kept_by=row.circle_id,
    )


def due_after(structure: Structure, circle_id: str, start: dt.datetime, working_days: int) -> dt.datetime:
    """Return the instant so many working days after ``start`` (aware) in a circle's calendar, aware and in UTC.

    Every time limit is counted by this, once, when it begins: calendars that change later leave it alone.
    """
    return calendar_of(structure, circle_id).after(start, working_days)


def after_working_days(start: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """Return the instant ``days`` working days after ``start`` in a zone, Monday to Friday, whole days."""
    return Calendar(zone).after(start, days)


def calendar_words(calendar: Calendar) -> str:
    """Return when a calendar says people work: "Monday to Friday, 09:00 to 17:00, in Europe/Berlin"."""
    names = [str(WEEKDAYS[day]) for day in calendar.weekdays]
    first, last = calendar.weekdays[0], calendar.weekdays[-1]
    if len(names) == 7:
        days = _("Every day")
    elif len(names) > 2 and last - first == len(names) - 1:
        days = _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    else:
        days = ", ".join(names)
    hours = _("whole days")
    if calendar.opens is not None and calendar.closes is not None:
        hours = _("%(opens)s to %(closes)s") % {
            "opens": f"{calendar.opens:%H:%M}",
            "closes": f"{calendar.closes:%H:%M}",
        }
    return _("%(days)s, %(hours)s, in %(zone)s") % {
        "days": days,
        "hours": hours,
        "zone": calendar.zone.key.replace("_", " "),
    }
