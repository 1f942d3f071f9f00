"""Forms about who fills which role."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from circles.models import FOCUS_LENGTH
from people.models import Organization, Person
from people.refusals import Refused


class AssignForm(forms.Form):
    """Whom to assign to a role, and with which focus (§1.4.1)."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Person"),
        empty_label=_("Choose somebody"),
        error_messages={
            "required": _("Choose who is to fill the role."),
            "invalid_choice": _("Choose one from the list."),
        },
    )
    focus = forms.CharField(
        label=_("Focus"),
        max_length=FOCUS_LENGTH,
        required=False,
        help_text=_(
            "What part of the role this person looks after. Leave it empty where they fill all of it."
        ),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Person]", self.fields["person"])
        field.queryset = Person.objects.present().filter(organization=organization).order_by("name", "pk")


def add_refusal(form: forms.Form, refused: Refused) -> None:
    """Show why an act was refused, with its clause, at the field it belongs to; what was typed stays."""
    name = refused.field if refused.field in form.fields else None
    form.add_error(name, ValidationError(refused.message, code=getattr(refused, "clause", None)))
