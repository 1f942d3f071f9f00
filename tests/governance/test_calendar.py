"""Time limits are counted in the circle's calendar: working days at the same clock, hours, days off, summer time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from governance.calendar import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
WHOLE = Calendar(BERLIN)
OFFICE = Calendar(BERLIN, opens=dt.time(9), closes=dt.time(17, 30))


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("calendar", "start", "days", "end"),
    [
        # Whole days: the same clock, so many working days later; the weekend does not count
        (WHOLE, at(2026, 9, 2, 15, 30), 1, at(2026, 9, 3, 15, 30)),
        (WHOLE, at(2026, 9, 4, 15, 30), 1, at(2026, 9, 7, 15, 30)),
        (WHOLE, at(2026, 9, 5, 11), 3, at(2026, 9, 10)),
        (WHOLE, at(2026, 9, 4, 23, 59), 5, at(2026, 9, 11, 23, 59)),
        # Hours: what starts outside them starts at the next opening
        (OFFICE, at(2026, 9, 2, 15, 30), 2, at(2026, 9, 4, 15, 30)),
        (OFFICE, at(2026, 9, 2, 7), 1, at(2026, 9, 3, 9)),
        (OFFICE, at(2026, 9, 2, 17, 30), 1, at(2026, 9, 4, 9)),
        (OFFICE, at(2026, 9, 4, 20), 1, at(2026, 9, 8, 9)),
        (OFFICE, at(2026, 9, 6, 12), 1, at(2026, 9, 8, 9)),
    ],
)
def test_a_limit_falls_on_the_clock_it_began_at(
    calendar: Calendar, start: dt.datetime, days: int, end: dt.datetime
) -> None:
    due = calendar.after(start, days)
    assert due == end
    assert due.utcoffset() == dt.timedelta()


def test_days_off_and_weekdays_are_the_circles_own() -> None:
    calendar = Calendar(BERLIN, (0, 1, 2, 3), days_off={dt.date(2026, 12, 24): "Christmas Eve"})
    assert calendar.after(at(2026, 12, 23, 10), 1) == at(
        2026, 12, 28, 10
    )  # Thursday is off, Friday no weekday
    assert calendar.after(at(2026, 12, 24, 10), 1) == at(2026, 12, 29)  # begun on the day off: from Monday


def test_a_change_of_summer_time_leaves_the_clock_alone() -> None:
    spring = WHOLE.after(at(2026, 3, 27, 15, 30), 1)  # Friday, winter time; Monday, summer time
    assert spring == at(2026, 3, 30, 15, 30)
    assert spring - at(2026, 3, 27, 15, 30).astimezone(dt.UTC) == dt.timedelta(hours=71)
    autumn = WHOLE.after(at(2026, 10, 23, 15, 30), 1)
    assert autumn - at(2026, 10, 23, 15, 30).astimezone(dt.UTC) == dt.timedelta(hours=73)
    every_day = Calendar(BERLIN, tuple(range(7)))
    # 02:30 on the last Sunday of March is leapt over, and on that of October comes twice
    assert every_day.after(at(2026, 3, 28, 2, 30), 1) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert every_day.after(at(2026, 10, 24, 2, 30), 1) == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_working_time_counts_hours_alone() -> None:
    start, end = at(2026, 9, 4, 16), at(2026, 9, 8, 16)  # Friday to Tuesday
    assert OFFICE.worked(start, end) == dt.timedelta(hours=1.5 + 8.5 + 7)
    assert OFFICE.on(start, OFFICE.worked(start, end) / 2) == at(2026, 9, 7, 16)
    assert OFFICE.on(start, OFFICE.worked(start, end)) == end
    assert WHOLE.worked(start, end) == dt.timedelta(hours=48)
    assert WHOLE.on(start, dt.timedelta(hours=24)) == at(2026, 9, 7, 16)
