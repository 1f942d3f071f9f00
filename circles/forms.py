"""Forms about who fills which role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from circles.models import FOCUS_LENGTH
from circles.structure import RoleRow
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


class LinkForm(forms.Form):
    """Into which of the circles that invite it a role is to link (§1.3.4)."""

    circle = forms.ChoiceField(
        label=_("Circle"), error_messages={"required": _("Choose the circle to link into.")}
    )

    def __init__(self, *args: Any, circles: Sequence[RoleRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["circle"])
        field.choices = [("", _("Choose a circle")), *((c.id, c.shown_name) for c in circles)]


class StrategiesForm(forms.Form):
    """The strategies of a circle, one on each line (§1.4.3)."""

    strategies = forms.CharField(
        label=_("Strategies"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One on each line, the one that goes before the others first. Good ones read like “this, even over that”."
        ),
    )
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def texts(self, name: str) -> list[str]:
        return [" ".join(line.split()) for line in self.cleaned_data[name].splitlines() if line.strip()]


class PrioritiesForm(forms.Form):
    """A place for each role of a circle: the lowest number comes first, roles without one have no place (§1.4.3)."""

    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, roles: Sequence[RoleRow], order: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = sorted(roles, key=lambda r: order.index(r.id) if r.id in order else len(order))
        self.fields["was"].initial = " ".join(order)
        for role in self.roles:
            self.fields[f"place-{role.id}"] = forms.IntegerField(
                label=role.shown_name,
                required=False,
                min_value=1,
                max_value=999,
                initial=order.index(role.id) + 1 if role.id in order else None,
            )

    @property
    def places(self) -> list[tuple[RoleRow, forms.BoundField]]:
        return [(role, self[f"place-{role.id}"]) for role in self.roles]

    def order(self) -> list[str]:
        """The identifiers of the roles that were given a place, in their order; equal places as they stood."""
        placed = [(self.cleaned_data[f"place-{r.id}"], at, r.id) for at, r in enumerate(self.roles)]
        return [role_id for place, _at, role_id in sorted(p for p in placed if p[0] is not None)]


class RouteForm(forms.Form):
    """What is referred to from outside, and to which role of the circle that is to go (§1.4.4)."""

    role = forms.ChoiceField(
        label=_("What outside governance refers to"),
        error_messages={"required": _("Choose what is referred to.")},
    )
    to = forms.ChoiceField(label=_("The role it is to go to"), required=False)

    def __init__(self, *args: Any, circle: RoleRow, roles: Sequence[RoleRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inside = [(r.id, r.shown_name) for r in roles]
        whole = (circle.id, _("The circle itself: %(circle)s") % {"circle": circle.shown_name})
        cast("forms.ChoiceField", self.fields["role"]).choices = [("", _("Choose")), whole, *inside]
        cast("forms.ChoiceField", self.fields["to"]).choices = [
            ("", _("Where it says, without a detour")),
            *inside,
        ]


def add_refusal(form: forms.Form, refused: Refused) -> None:
    """Show why an act was refused, with its clause, at the field it belongs to; what was typed stays."""
    name = refused.field if refused.field in form.fields else None
    form.add_error(name, ValidationError(refused.message, code=getattr(refused, "clause", None)))
