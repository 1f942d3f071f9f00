"""The form that asks for a special meeting (§5.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from circles.structure import PolicyRow, RoleRow
from meetings.actions.sessions import LONGEST, SHORTEST
from meetings.actions.special import INTENT_LENGTH
from meetings.forms import at_field
from meetings.limits import TENSION_LENGTH


class SpecialForm(forms.Form):
    """What a special meeting is for, and what alone it may change. The secretary may schedule it at once."""

    intent = forms.CharField(
        label=_("What it is for"),
        max_length=INTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say what the meeting is for.")},
    )
    tension = forms.CharField(
        label=_("One tension alone"),
        max_length=TENSION_LENGTH,
        required=False,
        help_text=_("Leave it empty if it is not about one tension."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles it may change"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose roles of this circle.")},
    )
    policies = forms.MultipleChoiceField(
        label=_("Policies it may change"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose policies of this circle.")},
    )
    at = at_field()
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=SHORTEST, max_value=LONGEST, initial=60, required=False
    )

    def __init__(
        self, *args: Any, roles: list[RoleRow], policies: list[PolicyRow], schedules: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("roles", [(r.id, r.shown_name) for r in roles]),
            ("policies", [(p.id, p.title) for p in policies]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
            field.choices = choices
            if not choices:
                del self.fields[name]
        if not schedules:
            del self.fields["at"], self.fields["minutes"]
