"""The form of a change: what every entry of the catalogue can do."""

from __future__ import annotations

import datetime as dt
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from circles.structure import Structure
from governance.authority import Authority
from people.ids import is_id, new_id
from people.refusals import Malformed, Refused

MAX_LINES = 200


class Names(Protocol):
    """Finds what roles, policies and people are called, also those that have gone."""

    def role(self, role_id: str | None) -> str: ...

    def policy(self, policy_id: str | None) -> str: ...

    def person(self, person_id: str | None) -> str: ...


class Change(ABC):
    """One change of structure. Changes are values: parsed, checked, applied and inverted, never edited."""

    kind: ClassVar[str]
    label: ClassVar[Promise]
    authorities: ClassVar[frozenset[str]]

    @classmethod
    @abstractmethod
    def parse(cls, data: Mapping[str, Any]) -> Change:
        """Build the change from plain data. Raises Malformed (with the field) where that has not its form."""

    @abstractmethod
    def payload(self) -> dict[str, Any]:
        """Return the change as plain data; ``parse`` of it gives the change again."""

    @abstractmethod
    def check(self, structure: Structure, authority: Authority) -> Iterator[Refused]:
        """Yield every reason why it cannot be done in ``structure`` as it is: RuleBroken with its clause, or
        Conflict where what it was drafted against has changed. The authority's kind is checked by the engine."""

    @abstractmethod
    def apply(self, structure: Structure) -> None:
        """Make the change in ``structure``, unwritten. Only called where ``check`` yielded nothing."""

    @abstractmethod
    def inverse(self, before: Structure) -> Sequence[Change]:
        """Return the changes that undo it, seen from the structure before it was applied."""

    @abstractmethod
    def sentence(self, names: Names) -> str:
        """Return the change in a sentence, as people read it in lists."""

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.payload()}


# -- reading plain data -------------------------------------------------------------------------------------------


def clean(value: object, field: str, *, most: int, multiline: bool = False, required: bool = False) -> str:
    """Return ``value`` as a tidy text: NFC, line ends as \\n, no spaces around, no control characters.

    Raises Malformed where it is no text, is longer than ``most`` characters, or is missing while ``required``.
    """
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Malformed(_("This must be a text."), field=field)
    if len(value) > 4 * most + 100:
        raise Malformed(_("This is far too long: at most %(most)d characters.") % {"most": most}, field=field)
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not multiline:
        text = " ".join(text.split())
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise Malformed(_("This contains characters that cannot be shown."), field=field)
    if len(text) > most:
        raise Malformed(
            _("This has %(length)d characters; at most %(most)d fit. Shorten it.")
            % {"length": len(text), "most": most},
            field=field,
        )
    if required and not text:
        raise Malformed(_("This must not be empty."), field=field)
    return text


def identifier(data: Mapping[str, Any], field: str) -> str:
    """Return the identifier in ``data[field]``; Malformed where there is none."""
    value = data.get(field)
    if not is_id(value):
        raise Malformed(_("Choose one from the list."), field=field)
    return str(value)


def optional_identifier(data: Mapping[str, Any], field: str) -> str | None:
    """Return the identifier in ``data[field]``, or None where it is empty; Malformed where it is none."""
    return None if data.get(field) in (None, "") else identifier(data, field)


def fresh_identifier(data: Mapping[str, Any], field: str = "id") -> str:
    """Return the identifier in ``data[field]``, or a new one where none is given."""
    return optional_identifier(data, field) or new_id()


def date_text(data: Mapping[str, Any], field: str) -> str | None:
    """Return the date in ``data[field]`` as ISO 8601, or None where it is empty; Malformed where it is none."""
    value = data.get(field)
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise Malformed(_("Write the date as year-month-day, such as 2026-09-30."), field=field) from error


def boolean(data: Mapping[str, Any], field: str, default: bool) -> bool:
    """Return ``data[field]``, or ``default`` where it is missing; Malformed where it is no boolean."""
    value = data.get(field, default)
    if not isinstance(value, bool):
        raise Malformed(_("This must be yes or no."), field=field)
    return value


def small_number(data: Mapping[str, Any], field: str) -> int | None:
    """Return the number in ``data[field]``, such as a position, or None where it is missing; else Malformed."""
    value = data.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**6:
        raise Malformed(_("A position is a small number."), field=field)
    return value


def sequence(data: Mapping[str, Any], field: str) -> list[Any]:
    """Return the list in ``data[field]``, empty where it is missing; Malformed where it is none or too long."""
    value = data.get(field) or []
    if not isinstance(value, list | tuple):
        raise Malformed(_("This must be a list."), field=field)
    if len(value) > MAX_LINES:
        raise Malformed(_("At most %(most)d fit here.") % {"most": MAX_LINES}, field=field)
    return list(value)


@dataclass(frozen=True)
class Edit:
    """A value as it was when the change was drafted, and as it is to become."""

    was: Any
    to: Any

    def payload(self) -> dict[str, Any]:
        return {"from": self.was, "to": self.to}

    @classmethod
    def parse(cls, data: object, field: str) -> tuple[Any, Any]:
        if not isinstance(data, Mapping) or set(data) != {"from", "to"}:
            raise Malformed(_("An edit has “from” and “to”."), field=field)
        return data["from"], data["to"]
