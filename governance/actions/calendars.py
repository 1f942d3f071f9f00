"""A circle's calendar: kept by its acting secretary, used by every time limit that begins from then on (§5.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from circles.constitution import SECRETARY
from circles.models import Role
from circles.structure import Structure
from governance.changes.base import clean
from governance.facilitation import acting
from governance.models import CircleCalendar
from journal.actions import record
from people.models import Person, validate_zone
from people.refusals import Malformed, NotAllowed, Refused

MOST_DAYS_OFF = 100
NAME_MOST = 80


def keep_calendar(
    circle: Role,
    *,
    actor: Person,
    zone: str,
    weekdays: Collection[int],
    opens: dt.time | None,
    closes: dt.time | None,
    days_off: Iterable[tuple[dt.date, str]],
) -> CircleCalendar:
    """Set when a circle works, as its acting secretary, and return its calendar.

    ``weekdays`` counts from Monday, 0; ``opens`` and ``closes`` are the working hours, or neither for whole days;
    ``days_off`` are dates with a name. Time limits that run already keep their instant.
    Raises NotAllowed, Malformed at the field.
    """
    _require_secretary(circle, actor)
    try:
        validate_zone(zone)
    except ValidationError as error:
        raise Malformed(error.messages[0], field="zone") from error
    days = sorted(set(weekdays))
    if not days or not set(days) <= set(range(7)):
        raise Malformed(_("Choose at least one weekday on which the circle works."), field="weekdays")
    if (opens is None) != (closes is None):
        raise Malformed(
            _("Give both hours, or neither: then whole days count."), field="closes" if opens else "opens"
        )
    if opens is not None and closes is not None and opens >= closes:
        raise Malformed(_("Work ends after it begins. Swap the hours."), field="closes")
    off = {
        day: clean(name, "days_off", most=NAME_MOST) or str(_("Day off"))
        for day, name in sorted(days_off, key=lambda one: one[0])
    }
    if len(off) > MOST_DAYS_OFF:
        raise Malformed(
            _("Keep at most %(most)d days off. Remove those that are past.") % {"most": MOST_DAYS_OFF},
            field="days_off",
        )
    with transaction.atomic():
        Role.objects.select_for_update(no_key=True).get(pk=circle.pk)
        calendar, _new = CircleCalendar.objects.update_or_create(
            circle=circle,
            defaults={
                "organization": circle.organization,
                "zone": zone,
                "weekdays": days,
                "opens": opens,
                "closes": closes,
                "days_off": [[day.isoformat(), name] for day, name in off.items()],
                "changed_at": timezone.now(),
                "changed_by": actor,
            },
        )
        _record(circle, actor, kept=True)
    return calendar


def share_calendar(circle: Role, *, actor: Person) -> None:
    """Keep no calendar of a circle's own any more, as its acting secretary: it shares that of the circles around it.

    Raises NotAllowed, Refused where it has none of its own.
    """
    _require_secretary(circle, actor)
    with transaction.atomic():
        gone, _rows = CircleCalendar.objects.filter(circle=circle).delete()
        if not gone:
            raise Refused(_("This circle keeps no calendar of its own."))
        _record(circle, actor, kept=False)


def _require_secretary(circle: Role, actor: Person) -> None:
    if actor.pk not in acting(Structure.of(circle.organization_id), circle.pk, SECRETARY).people:
        raise NotAllowed(_("The acting secretary of the circle keeps its calendar."))


def _record(circle: Role, actor: Person, *, kept: bool) -> None:
    record(
        organization=circle.organization,
        kind="governance.calendar_kept",
        actor=actor,
        circle_id=circle.pk,
        kept=kept,
    )
