"""The kinds of events there are. Each app registers its own in its ``events.py``, which is read at start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from journal.models import Event
    from people.models import Person

Sentence = str | Promise | Callable[["Event"], str]
Audience = Callable[["Event"], Iterable["Person"]]


def nobody(event: Event) -> Iterable[Person]:
    """The audience of events that are only kept, not told."""
    return ()


@dataclass(frozen=True)
class EventKind:
    """A kind of event: its name (``tensions.captured``), what people read, and who is to be told."""

    kind: str
    sentence: Sentence
    audience: Audience = nobody


_kinds: dict[str, EventKind] = {}


def register(kind: str, sentence: Sentence, *, audience: Audience = nobody) -> EventKind:
    """Make a kind of event known and return it.

    ``sentence`` is a translatable text whose ``%(name)s`` places are filled from the payload and ``actor``
    (the name of who did it), or a function of the event that returns the text. ``audience`` returns the
    people who are to be told. Raises ValueError if the kind is known already.
    """
    if kind in _kinds:
        raise ValueError(f"The kind of event “{kind}” is registered twice.")
    _kinds[kind] = EventKind(kind, sentence, audience)
    return _kinds[kind]


def kind_of(kind: str) -> EventKind:
    """Return the registered kind of this name; KeyError if there is none."""
    return _kinds[kind]


def kinds() -> list[EventKind]:
    """Return every registered kind, by name."""
    return [_kinds[kind] for kind in sorted(_kinds)]


def sentence_for(event: Event) -> str:
    """Return what people read about this event, in the active language."""
    sentence = kind_of(event.kind).sentence
    if callable(sentence) and not isinstance(sentence, Promise):
        return sentence(event)
    values: dict[str, Any] = {**event.payload, "actor": event.actor.name if event.actor else _("Tensegrity")}
    return str(sentence) % values
