"""The fields of what a policy does by itself, for every form that has them: shown, and read back as data.

Each field is named after its effect, so that several effects can ask for the same thing in one form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from circles.constitution import ORDINARY
from circles.effects import CHOICE, EFFECTS, NUMBER, ROLE, TEXTS, Effect, Field
from circles.models import Role, role_ref
from circles.structure import RoleRow
from people.ids import is_id
from people.models import Organization
from people.refusals import Malformed

# Effects about a role that may lie anywhere in the organization: it is written, not chosen from the circle's own
ANYWHERE = frozenset({"invite_link", "candidates"})


@dataclass(frozen=True)
class ShownField:
    """A field as the form shows it: its input's name, its value, and what can be chosen, if it is chosen."""

    field: Field
    name: str
    value: str
    options: Sequence[tuple[str, str]] = ()

    @property
    def is_number(self) -> bool:
        return self.field.kind == NUMBER

    @property
    def is_choice(self) -> bool:
        return bool(self.options)

    @property
    def is_long(self) -> bool:
        return self.field.kind not in (NUMBER, CHOICE, ROLE)

    @property
    def is_role_anywhere(self) -> bool:
        return self.field.kind == ROLE and not self.options


@dataclass(frozen=True)
class ShownEffect:
    """An effect as the form shows it: whether it is chosen, and its fields."""

    effect: Effect
    chosen: bool
    fields: Sequence[ShownField]


def input_name(kind: str, field: str) -> str:
    """Return the name of an effect's field in a form."""
    return f"effect-{kind}-{field}"


def typed_of(effect: Mapping[str, Any] | None, name_role: Callable[[str], str]) -> dict[str, str]:
    """Return an effect as somebody would have typed it, by the names of the inputs."""
    found = EFFECTS.get(effect["kind"]) if effect else None
    if effect is None or found is None:
        return {}
    typed = {"effect": found.kind}
    for field in found.fields:
        value = effect.get(field.name, field.default)
        if field.kind == TEXTS:
            value = "\n".join(value or ())
        elif field.kind == ROLE and value and found.kind in ANYWHERE:
            value = name_role(value)
        typed[input_name(found.kind, field.name)] = "" if value is None else str(value)
    return typed


def typed_in(sent: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return what was sent of an effect: which one, and its own fields."""
    kind = str(sent.get(f"{prefix}effect") or "")
    typed = {"effect": kind} if kind else {}
    for field in EFFECTS[kind].fields if kind in EFFECTS else ():
        name = input_name(kind, field.name)
        typed[name] = str(sent.get(prefix + name) or "")
    return typed


def effect_data(
    typed: Mapping[str, str], find_role: Callable[[str], str | None] = lambda _text: None
) -> dict[str, Any] | None:
    """Return the effect that was typed, as ``parse_effect`` takes it; None for a policy that is text.

    ``find_role`` gives the identifier of a role by what was written for it; Malformed where it finds none. What
    else cannot be read stays as it was typed, so that ``parse_effect`` says what is wrong with it.
    """
    kind = typed.get("effect", "")
    if not kind:
        return None
    data: dict[str, Any] = {"kind": kind}
    for field in EFFECTS[kind].fields if kind in EFFECTS else ():
        text = typed.get(input_name(kind, field.name), "").strip()
        if field.kind == NUMBER:
            data[field.name] = int(text) if text.isdecimal() and len(text) < 6 else text
        elif field.kind == TEXTS:
            data[field.name] = text.splitlines()
        elif field.kind == ROLE and text and not is_id(text):
            found = find_role(text)
            if found is None:
                raise Malformed(
                    _("There is no role “%(text)s”, or more than one. Paste the address of its page.")
                    % {"text": text[:80]},
                    field=input_name(kind, field.name),
                )
            data[field.name] = found
        else:
            data[field.name] = text
    return data


def shown_effects(
    typed: Mapping[str, str],
    roles: Iterable[RoleRow],
    *,
    prefix: str = "",
    anchor: bool = False,
) -> list[ShownEffect]:
    """Return every effect that a policy of a circle may have, with its fields filled in from what was typed.

    ``roles`` are the ordinary roles of the circle; ``anchor`` tells whether it is the anchor circle.
    """
    inside = [(role.id, role.shown_name) for role in roles]
    chosen = typed.get("effect", "")
    shown = []
    for effect in EFFECTS.values():
        if effect.anchor_only and not anchor:
            continue
        fields = []
        for field in effect.fields:
            name = input_name(effect.kind, field.name)
            value = typed.get(name, "" if field.default is None else str(field.default))
            options: list[tuple[str, str]] = []
            if field.kind == CHOICE:
                options = [(key, str(words)) for key, words in field.choices]
            elif field.kind == ROLE and effect.kind not in ANYWHERE:
                options = inside
            if options or (field.kind == ROLE and effect.kind not in ANYWHERE):
                empty = field.empty or (None if field.kind == CHOICE else _("Choose a role"))
                options = [("", str(empty)), *options] if empty is not None else options
            fields.append(ShownField(field, prefix + name, value, options))
        shown.append(ShownEffect(effect, effect.kind == chosen, fields))
    return shown


WRITTEN_ID = re.compile(r"[0-9a-z]{8,}$")


def role_as_written(role: RoleRow) -> str:
    """Return a role as a form has it that lets one write any role: its name, and what finds it again."""
    return f"{role.shown_name} ({role_ref(role.name, role.kind, role.id)})"


# More roles than these are not offered beside the field: one writes which it is
MANY_ROLES = 300


def roles_to_write(organization_id: str) -> list[str]:
    """Return what can be written into a field for any role: the names, each with what finds the role again where
    several have it. None where there are too many to offer."""
    present = Role.objects.present().filter(organization=organization_id, kind=Role.Kind.ORDINARY)
    found = list(present.order_by("name", "pk").values_list("name", "pk")[: MANY_ROLES + 1])
    if len(found) > MANY_ROLES:
        return []
    names = Counter(name.casefold() for name, _pk in found)
    return [
        name if names[name.casefold()] == 1 else f"{name} ({role_ref(name, ORDINARY, pk)})"
        for name, pk in found
        if name
    ]


def role_written(organization: Organization, text: str) -> str | None:
    """Return the identifier of the ordinary role that somebody wrote: by its address, or by its name where only
    one role has it; None where there is none or there are several."""
    text = text.strip().rstrip(")/")
    present = Role.objects.present().filter(organization=organization, kind=Role.Kind.ORDINARY)
    ending = WRITTEN_ID.search(text)
    if ending is not None and is_id(ending[0]) and present.filter(pk=ending[0]).exists():
        return ending[0]
    found = [pk for pk, name in present.filter(name__iexact=text).values_list("pk", "name")[:2] if name]
    return found[0] if len(found) == 1 else None
