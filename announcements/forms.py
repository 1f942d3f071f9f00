"""The forms of announcements. Whom they concern is found by name, and chosen from what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from announcements import queries
from announcements.models import WHAT_LENGTH
from circles.models import Domain, Role
from circles.structure import RoleRow, Structure
from people.models import Person
from people.refusals import Refused

Choices = list[tuple[str, Any]]
SHORT = forms.Textarea(attrs={"rows": 2})
LONG = forms.Textarea(attrs={"rows": 4})


def name_of(role: RoleRow, structure: Structure) -> str:
    """A role by its name, and a core role with its circle."""
    circle = structure.get(RoleRow, role.circle) if role.is_constitutional else None
    return f"{role.shown_name}, {circle.shown_name}" if circle else role.shown_name


class AnnouncementForm(forms.Form):
    """What every announcement is made of. ``found`` shows that more could be chosen than the form offers."""

    role = forms.ChoiceField(label=gettext_lazy("For which of your roles?"))
    what = forms.CharField(
        label=gettext_lazy("What exactly are you going to do?"), widget=SHORT, max_length=WHAT_LENGTH
    )
    why = forms.CharField(label=gettext_lazy("Why?"), widget=LONG, required=False)
    form_key = forms.CharField(widget=forms.HiddenInput, required=False)

    more = False

    def __init__(self, *args: Any, person: Person, led: Sequence[RoleRow], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "announce-%s")
        super().__init__(*args, **kwargs)
        self.person, self.led = person, led
        self.structure = Structure.of(person.organization_id)
        self.structure.find(RoleRow, "id", [r.circle for r in led if r.is_constitutional])
        own: Choices = [(r.id, name_of(r, self.structure)) for r in led]
        if len(own) != 1:
            own.insert(0, ("", _("Choose a role")))
        self._choices("role", own)
        for name, text in (
            ("role", gettext_lazy("Choose the role you act for.")),
            ("what", gettext_lazy("Name the one action it is about.")),
        ):
            if name in self.fields:
                self.fields[name].error_messages["required"] = text

    def _choices(self, name: str, choices: Iterable[Any]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = list(choices)

    def _now(self, name: str) -> Any:
        """What a field holds at the moment, as sent or as it began; not looked into yet."""
        if self.is_bound:
            data = self.data
            return data.getlist(name) if hasattr(data, "getlist") else data.get(name)
        return self.initial.get(name)

    def _chosen(self, name: str) -> list[str]:
        held = self._now(name)
        return [held] if isinstance(held, str) else [str(h) for h in held or ()]

    def _words(self) -> str:
        return " ".join(self._chosen("find")).strip()[:100]

    def add_refusal(self, refused: Refused) -> None:
        """Show why it was refused, with its clause, at the field it belongs to; what was typed stays."""
        name = refused.field if refused.field in self.fields else None
        self.add_error(name, ValidationError(refused.message, code=getattr(refused, "clause", None)))


class IntentForm(AnnouncementForm):
    """An intent to do something that touches domains of others (§4.1.2)."""

    find = forms.CharField(label=gettext_lazy("Find a domain"), required=False)
    domains = forms.MultipleChoiceField(
        label=gettext_lazy("Which domains does it touch?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("One of these domains is there no longer. Choose again.")
        },
    )

    field_order = ("role", "what", "why", "find", "domains")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found, self.more = queries.domains_to_choose(self.person, self._words(), self._chosen("domains"))
        self._choices("domains", [(d.pk, self.domain_label(d)) for d in found])

    @staticmethod
    def domain_label(domain: Domain) -> str:
        """A domain by its words and who holds it."""
        return f"{domain.text} · {domain.role.shown_name}"


class SpendingForm(AnnouncementForm):
    """An intent to spend money that another role controls (§4.1.3)."""

    asked_of = forms.ChoiceField(
        label=gettext_lazy("Which role controls the money?"),
        error_messages={"required": gettext_lazy("Choose the role you ask.")},
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the amount.")},
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        initial="EUR",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 4}),
    )

    field_order = ("role", "what", "amount", "currency", "why", "asked_of")

    def __init__(self, *args: Any, also: RoleRow | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].label = _("What is it to be spent on?")
        self.fields["why"].label = _("For what reason?")
        asked = queries.asked_of_choices(self.structure, self.led, also)
        groups = (
            (_("Control spending by a policy"), asked.by_policy),
            (_("Circles around your roles"), asked.circles),
            (_("Roles in these circles"), asked.roles),
        )
        choices: Choices = [("", _("Choose a role"))]
        choices += [(words, [(r.id, r.shown_name) for r in roles]) for words, roles in groups if roles]
        self._choices("asked_of", choices)


class InitiativeForm(AnnouncementForm):
    """Something done beyond the authority of one's roles, told afterwards (§4.3)."""

    crossed = forms.CharField(
        label=gettext_lazy("Which rules or domains did it go past?"), widget=SHORT, required=False
    )
    find = forms.CharField(label=gettext_lazy("Find a role"), required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Which roles did it affect?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("One of these roles has been removed. Choose again.")},
    )

    field_order = ("what", "why", "crossed", "find", "roles", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].label = _("What did you do?")
        self.fields["what"].error_messages["required"] = _("Say in a line what you did.")
        self.fields["why"].label = _("Explain it: why, and what may follow from it")
        self.fields["role"].label = _("Which role was it meant to serve?")
        self.fields["role"].required = False
        found, self.more = queries.roles_to_choose(self.person, self._words(), self._chosen("roles"))
        self._choices("roles", [(r.pk, self.role_label(r)) for r in found])
        own: Choices = [(r.id, name_of(r, self.structure)) for r in self.led]
        self._choices("role", [("", _("None of mine")), *own])

    @staticmethod
    def role_label(role: Role) -> str:
        """A role by its name and the circle it lies in."""
        return f"{role.shown_name} · {role.circle.shown_name}" if role.circle else role.shown_name
