"""The form that schedules a meeting or opens one now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.models import Role
from circles.queries import circles_of
from meetings.actions.sessions import LONGEST, SHORTEST
from people.models import Organization


def at_field() -> forms.DateTimeField:
    """When a meeting is to begin, in the reader's zone."""
    return forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )


class MeetingForm(forms.Form):
    """Which circle, when (in the reader's zone) and for how many minutes. ``at`` is for scheduling alone."""

    circle = forms.ModelChoiceField(
        Role.objects.none(),
        label=_("Circle"),
        empty_label=None,
        error_messages={"required": _("Choose a circle."), "invalid_choice": _("Choose a circle.")},
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    at = at_field()

    def __init__(self, *args: Any, organization: Organization, circles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["circle"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        # Circles one takes part in come first; to others the act says why not (§5.4.1)
        field.queryset = (
            circles_of(organization).filter(pk__in=circles) if circles else circles_of(organization)
        )
