"""What people's pages ask for. Forms read; the rules are in the actions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from circles.constitution import POLICY_KINDS
from circles.effect_form import typed_in
from circles.effects import MAX_WORKING_DAYS
from circles.models import BODY_LENGTH, FOCUS_LENGTH, NAME_LENGTH, PURPOSE_LENGTH
from people.models import Organization, Person
from people.refusals import Conflict, Refused, RuleBroken

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip
REASON_LENGTH = 2_000


@lru_cache(maxsize=1)
def _zones() -> dict[str, list[str]]:
    by_region: dict[str, list[str]] = {region: [] for region in (*REGIONS, "")}
    for zone in sorted(available_timezones()):
        region = zone.partition("/")[0]
        by_region[region if region in REGIONS else ""].append(zone)
    return by_region


def zone_choices(empty: str = "") -> list[Any]:
    """Return every time zone there is, by region, as the choices of a select; ``empty`` words the choice of none."""
    choices: list[Any] = [("", empty)] if empty else []
    for region, zones in _zones().items():
        if region:
            choices.append((region, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones]))
        else:
            choices.append((_("Other"), [(zone, zone) for zone in zones]))
    return choices


class ZoneField(forms.ChoiceField):
    """A time zone, chosen by region and place."""

    def __init__(self, *, empty: str = "", **kwargs: Any) -> None:
        super().__init__(choices=lambda: zone_choices(str(empty)), **kwargs)


class Lines(forms.CharField):
    """Several short texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]


def put_into(form: forms.Form, field: str, text: str) -> None:
    """Show ``text`` in a field of a form that was sent, instead of what was typed there."""
    data = QueryDict(mutable=True)
    for name, values in form.data.lists() if isinstance(form.data, QueryDict) else ():
        data.setlist(name, values)
    data[field] = text
    form.data = data


def refuse(form: forms.Form, refused: Refused) -> None:
    """Show at the field, with its clause, why something cannot be done; what was typed stays."""
    message = refused.message
    if isinstance(refused, Conflict) and refused.now:
        message = _("%(message)s It now says: “%(now)s”") % {"message": message, "now": refused.now}
    code = refused.clause if isinstance(refused, RuleBroken) else "refused"
    field = refused.field if refused.field in form.fields else None
    error = ValidationError(message, code=code)
    if field is not None or refused.field is None or refused.field not in getattr(form, "line_errors", {}):
        form.add_error(field, error)
    else:
        form.line_errors[refused.field].append(error)  # type: ignore[attr-defined]
        form.add_error(None, error)


class FoundForm(forms.Form):
    """A new organization, and the first account where there is none yet."""

    name = forms.CharField(label=gettext_lazy("Name of the organization"), max_length=120)
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Small letters, digits and hyphens. Left empty, it follows from the name."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Time limits run in it; everybody sees times in their own."),
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=PURPOSE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "The deepest potential the organization can express in the world. It can wait."
        ),
    )
    ratifiers = Lines(
        label=gettext_lazy("Ratifiers, one a line"),
        max_length=10_000,
        help_text=gettext_lazy(
            "Who has the power today and puts it under the Constitution: owners, directors, all of you."
        ),
    )
    founder_name = forms.CharField(
        label=gettext_lazy("Your own name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    anchor_lead = forms.BooleanField(
        label=gettext_lazy("The anchor circle has a circle lead, at first you"),
        required=False,
        help_text=gettext_lazy("Otherwise nobody can assign its roles until a policy says who."),
    )
    limit = forms.BooleanField(
        label=gettext_lazy("Answers to proposals close after a time limit"),
        required=False,
        help_text=gettext_lazy("Otherwise one person who does not answer holds a proposal up for good."),
    )
    working_days = forms.IntegerField(
        label=gettext_lazy("Working days"), min_value=1, max_value=MAX_WORKING_DAYS, initial=3, required=False
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("A password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters, and not a common one."),
    )

    def __init__(self, *args: Any, first_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not first_account:
            del self.fields["email"], self.fields["password"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("slug") and data.get("name"):
            data["slug"] = slugify(data["name"])[:40].strip("-")
            if not data["slug"]:
                self.add_error("slug", _("No address follows from this name. Choose one."))
        if data.get("limit") and data.get("working_days") is None and "working_days" not in self.errors:
            self.add_error("working_days", _("After how many working days?"))
        return data


class NewAccountForm(forms.Form):
    """A password for the address that was invited, or the address one will sign in with."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=gettext_lazy("You sign in with it."),
    )
    password = forms.CharField(
        label=gettext_lazy("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters, and not a common one."),
    )
    agree = forms.BooleanField(
        label=gettext_lazy("I agree to the Constitution, and to work by it in this organization"),
        error_messages={"required": gettext_lazy("Nobody joins without agreeing to the Constitution.")},
    )

    def __init__(self, *args: Any, fixed_email: str = "", signed_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if signed_in:
            del self.fields["email"], self.fields["password"]
        elif fixed_email:
            self.fields["email"].disabled = True
            self.fields["email"].initial = fixed_email
            self.fields["email"].help_text = _("The address this invitation went to. You sign in with it.")


class OrganizationForm(forms.Form):
    """What an organization is called, where its clock stands, and, until adoption, who ratifies."""

    name = forms.CharField(label=gettext_lazy("Name of the organization"), max_length=120)
    zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Time limits run in it; everybody sees times in their own."),
    )
    ratifiers = Lines(
        label=gettext_lazy("Ratifiers, one a line"),
        max_length=10_000,
        help_text=gettext_lazy("Who has the power today and puts it under the Constitution."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organization.is_set_up:
            del self.fields["ratifiers"]


class PersonForm(forms.Form):
    """Somebody's name and zone; their address only where an admin may set it."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Where the invitation goes."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    zone = ZoneField(
        label=gettext_lazy("Time zone"),
        required=False,
        empty=gettext_lazy("As the organization"),  # type: ignore[arg-type]
    )

    def __init__(self, *args: Any, with_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_email:
            del self.fields["email"]


class AwayForm(forms.Form):
    """From which day until which somebody is away."""

    first_day = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("Until, that day included"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class TokenForm(forms.Form):
    """A key for the API."""

    label = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("Such as “Reports on the office screen”."),
    )


class ActForm(forms.Form):
    """An admin's edit of the structure: ``reason`` is asked for once the Constitution is adopted.

    ``line_errors`` holds what refuses single lines, such as accountabilities, by the name of their list.
    """

    reason = forms.CharField(
        label=gettext_lazy("Why, for the record"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everyone sees it beside your name."),
    )

    def __init__(self, *args: Any, adopted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_errors: dict[str, list[ValidationError]] = {"accountabilities": [], "domains": []}
        if adopted:
            self.fields["reason"] = self.fields.pop("reason")
        else:
            del self.fields["reason"]


class ReasonForm(ActForm):
    """An act that needs no more than a reason."""


class LeaveForm(forms.Form):
    """Why somebody leaves."""

    reason = forms.CharField(
        label=gettext_lazy("Why, for the record"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RoleForm(ActForm):
    """A role as it is to be. ``drafted`` is what it was when the form was opened; lines come beside the form."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH, required=False)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=PURPOSE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    drafted = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500_000)

    def __init__(self, *args: Any, constitutional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if constitutional:
            del self.fields["name"], self.fields["purpose"]


class AssignForm(ActForm):
    """Who is to fill a role, with which focus and, in an elected seat, until when."""

    person = forms.ChoiceField(label=gettext_lazy("Person"))
    focus = forms.CharField(
        label=gettext_lazy("Focus"),
        max_length=FOCUS_LENGTH,
        required=False,
        help_text=gettext_lazy("If this person fills the role for a part of it only."),
    )
    term_ends = forms.DateField(
        label=gettext_lazy("Last day of the term"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, people: list[Person], elected: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", _("Choose somebody")), *((p.id, p.name) for p in people)]  # type: ignore[attr-defined]
        del self.fields["focus" if elected else "term_ends"]


class MoveForm(ActForm):
    """Into which circle a role is to move, and how each of its domains is granted there (§1.3.2)."""

    to = forms.ChoiceField(label=gettext_lazy("Into"))
    was = forms.CharField(widget=forms.HiddenInput, max_length=10)

    def __init__(
        self,
        *args: Any,
        circles: list[tuple[str, str]],
        domains: list[tuple[str, str]],
        grants: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("Choose a circle or role")), *circles]  # type: ignore[attr-defined]
        self.domains = {f"domain_{domain}": domain for domain, _text in domains}
        for domain, text in domains:
            label = _("Its domain “%(domain)s” there") % {"domain": text}
            self.fields[f"domain_{domain}"] = forms.ChoiceField(label=label, choices=grants, required=False)

    @property
    def domain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.domains]

    def granted(self) -> dict[str, str]:
        """What was chosen for each domain that is to be granted in another way, by its identifier."""
        return {i: grant for name, i in self.domains.items() if (grant := self.cleaned_data.get(name))}


class PolicyForm(ActForm):
    """A policy as it is to be. ``drafted`` is what it was when the form was opened."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=NAME_LENGTH)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=BODY_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(key, words) for key, (words, _clause) in POLICY_KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    domain = forms.ChoiceField(label=gettext_lazy("About the domain"), required=False)
    inside = forms.BooleanField(label=gettext_lazy("Applies in sub-circles as well"), required=False)
    overridable = forms.BooleanField(label=gettext_lazy("A sub-circle may override it"), required=False)
    drafted = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500_000)

    def __init__(self, *args: Any, domains: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].choices = [("", _("No domain")), *domains]  # type: ignore[attr-defined]
        if not domains:
            del self.fields["domain"]

    @property
    def typed_effect(self) -> dict[str, str]:
        """The effect as it was typed, or as it stands while nothing was sent."""
        typed: dict[str, str] = typed_in(self.data) if self.is_bound else self.initial.get("effect", {})
        return typed
