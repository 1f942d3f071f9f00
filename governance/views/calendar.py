"""The page of a circle's calendar: when it works, which time limits count by it, and changing it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from circles.access import get_role
from circles.constitution import SECRETARY
from circles.effects import ELECTION_TIME_LIMIT, INTENT_WAIT, SPENDING_WAIT, TIME_LIMIT, describe_effect
from circles.models import Role
from circles.structure import Structure
from governance.actions.calendars import NAME_MOST, keep_calendar, share_calendar
from governance.calendar import Calendar, calendar_of, calendar_words
from governance.facilitation import acting
from governance.models import CircleCalendar
from people.access import OrganizationRequest, in_organization
from people.forms import ZoneField, refuse
from people.models import Person
from people.refusals import Malformed, Refused

LIMITS = (TIME_LIMIT, ELECTION_TIME_LIMIT, INTENT_WAIT, SPENDING_WAIT)
BLANKS = 3


class CalendarForm(forms.Form):
    """When a circle works; days off are read beside it (``DaysOff``)."""

    zone = ZoneField(label=gettext_lazy("Time zone"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Working days"),
        coerce=int,
        choices=lambda: list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one weekday on which the circle works.")},
    )
    opens = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    closes = forms.TimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


@dataclass
class DayOff:
    """A line of the days off as it stands in the form."""

    day: str
    name: str


def days_of(data: QueryDict) -> list[DayOff]:
    """Return the days off as they were typed, without empty lines."""
    typed = zip(data.getlist("off_day"), data.getlist("off_name"), strict=False)
    return [DayOff(day.strip(), name.strip()) for day, name in typed if day.strip() or name.strip()]


def read_days(typed: list[DayOff]) -> list[tuple[dt.date, str]]:
    """Return the days off that were typed. Raises Malformed where a line is no date."""
    try:
        return [(dt.date.fromisoformat(one.day), one.name) for one in typed]
    except ValueError as error:
        raise Malformed(_("Give the date of each day off, such as 2026-12-24."), field="days_off") from error


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def calendar(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """A circle's calendar, for everybody; its acting secretary changes it."""
    circle = get_role(request.person, ref)
    structure = Structure.of(request.organization.id)
    if not circle.present or not structure.is_circle(circle.pk):
        return redirect("circles:role", request.organization.slug, circle.ref)
    stands = calendar_of(structure, circle.pk)
    typed = days_of(request.POST)
    if request.method != "POST":
        typed = [DayOff(day.isoformat(), name) for day, name in sorted(stands.days_off.items())]
    form = CalendarForm(
        request.POST if request.POST.get("do") == "keep" else None,
        initial={
            "zone": stands.zone.key,
            "weekdays": list(stands.weekdays),
            "opens": stands.opens,
            "closes": stands.closes,
        },
    )
    try:
        if request.method == "POST" and request.POST.get("do") == "share":
            share_calendar(circle, actor=request.person)
            messages.success(request, _("It shares a calendar now. Time limits that run keep their end."))
            return redirect("governance:calendar", request.organization.slug, circle.ref)
        if form.is_bound and form.is_valid():
            keep_calendar(circle, actor=request.person, days_off=read_days(typed), **form.cleaned_data)
            messages.success(request, _("Saved. Time limits that run already keep their end."))
            return redirect("governance:calendar", request.organization.slug, circle.ref)
    except Refused as refused:
        if not form.is_bound:
            messages.error(request, str(refused.message))
            return redirect("governance:calendar", request.organization.slug, circle.ref)
        refuse(form, refused)
    return show(request, circle, structure, stands, form, typed)


def show(
    request: OrganizationRequest,
    circle: Role,
    structure: Structure,
    stands: Calendar,
    form: CalendarForm,
    typed: list[DayOff],
) -> HttpResponse:
    """Show the page of a calendar, with a form that was refused or stands as it is."""
    secretaries = acting(structure, circle.pk, SECRETARY).people
    keeper = None
    if stands.kept_by not in (None, circle.pk):
        keeper = get_role(request.person, stands.kept_by)
    today = timezone.localdate(timezone=stands.zone)
    path = structure.path(circle.pk)
    context: dict[str, Any] = {
        "role": circle,
        "crumbs": list(reversed(path[1:])),
        "words": calendar_words(stands),
        "own": CircleCalendar.objects.filter(circle=circle).select_related("changed_by").first(),
        "keeper": keeper,
        "form": form,
        "days_off": [*typed, *(DayOff("", "") for _blank in range(BLANKS))],
        "coming": [(day, name) for day, name in sorted(stands.days_off.items()) if day >= today],
        "may": request.person.pk in secretaries,
        "secretaries": Person.objects.filter(pk__in=secretaries).order_by("name"),
        "limits": limits_of(structure, circle.pk),
        "name_most": NAME_MOST,
    }
    return render(request, "governance/calendar.html", context, status=422 if form.errors else 200)


def limits_of(structure: Structure, circle_id: str) -> list[dict[str, Any]]:
    """Return the time limits in force in a circle: what they say, and by which policy."""
    found = [structure.effect(circle_id, kind) for kind in LIMITS]
    return [{"policy": one[0], "words": describe_effect(one[1])} for one in found if one is not None]
