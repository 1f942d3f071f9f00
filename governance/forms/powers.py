"""Forms about who speaks for a role or acts in a seat, and about process breakdowns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import TEXT_LENGTH, Proposal, Review
from people.models import Organization, Person


class _PersonForm(forms.Form):
    """Somebody of the organization, those who come into question first of all."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Person"),
        empty_label=_("Choose somebody"),
        error_messages={"required": _("Choose somebody."), "invalid_choice": _("Choose one from the list.")},
    )

    def __init__(
        self,
        *args: Any,
        organization: Organization,
        among: Collection[str] | None = None,
        without: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.present().filter(organization=organization, partner=True)
        if among is not None:
            people = people.filter(pk__in=among)
        field = cast("forms.ModelChoiceField[Person]", self.fields["person"])
        field.queryset = people.exclude(pk__in=without).order_by("name", "pk")


class UntilForm(_PersonForm):
    """Somebody, until a day; without one until it is withdrawn."""

    until = forms.DateField(
        label=_("Until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it empty to let it hold until it is withdrawn."),
    )


class LeadForm(_PersonForm):
    """The circle lead to be added."""


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few words.")},
    )


class DeclareForm(forms.Form):
    """Why a process breakdown is declared, the proposal that got nowhere, and the request for a review it answers."""

    reasons = _words(
        _("What goes against the rules"), _("Name what happened, and the rules. Everybody here reads it.")
    )
    proposal = forms.ModelChoiceField(
        Proposal.objects.none(),
        label=_("Because a proposal got nowhere"),
        required=False,
        empty_label=_("No: a pattern against the rules"),
    )
    review = forms.ModelChoiceField(
        Review.objects.none(), required=False, label=_("It answers a request"), empty_label=_("None")
    )

    def __init__(
        self, *args: Any, proposals: Collection[str] = (), reviews: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, model, found in (("proposal", Proposal, proposals), ("review", Review, reviews)):
            if found:
                field = cast("forms.ModelChoiceField[Any]", self.fields[name])
                field.queryset = model.objects.filter(pk__in=found)
            else:
                del self.fields[name]


class ReviewForm(forms.Form):
    """What to look at."""

    words = _words(_("What should be looked at"), _("What you have seen, and where."))


class AnswerForm(forms.Form):
    """What was found."""

    answer = _words(_("What you found"))


class EndForm(forms.Form):
    """How due process was restored."""

    words = _words(_("How due process was restored"), _("Everybody in the circle reads it."))
