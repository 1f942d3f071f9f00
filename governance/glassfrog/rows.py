"""What a reading consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from people.refusals import Malformed

FILE_OF = {
    "circle": "circles",
    "policy": "circles",
    "role": "roles",
    "accountability": "roles",
    "domain": "roles",
    "person": "people",
    "assignment": "assignments",
}
CoreKind = Literal["lead_link", "rep_link", "facilitator", "secretary"]


class FolderUnreadable(Malformed):
    """There is no folder, or nothing in it from which an organization could be built."""


@dataclass(frozen=True)
class Problem:
    """Something in a file that was not taken as it stands; ``number`` is the object's id, if it has one."""

    file: str
    kind: str
    number: int | None
    message: str

    def __str__(self) -> str:
        place = (
            f"{self.file}, {self.kind}" if self.number is None else f"{self.file}, {self.kind} {self.number}"
        )
        return f"{place}: {self.message}"


@dataclass(frozen=True)
class ReadPerson:
    """A person; ``email`` and ``external_id`` are empty where the file has none."""

    number: int
    name: str
    email: str
    external_id: str


@dataclass(frozen=True)
class ReadCircle:
    """A circle and the number of the role that supports it; ``strategy`` is plain text."""

    number: int
    role: int
    name: str
    short_name: str
    strategy: str


@dataclass(frozen=True)
class ReadRole:
    """A role: ``circle`` holds it (the anchor: ``None``), ``supporting_circle`` is what it is from above."""

    number: int
    circle: int | None
    supporting_circle: int | None
    name: str
    purpose: str
    core: CoreKind | None


@dataclass(frozen=True)
class ReadText:
    """An accountability or a domain of a role."""

    number: int
    role: int
    text: str


@dataclass(frozen=True)
class ReadPolicy:
    """A policy, the role that holds it (a circle's: its supporting role), and the domain it is on, if any."""

    number: int
    title: str
    body: str
    role: int
    domain: int | None


@dataclass(frozen=True)
class ReadAssignment:
    """A person in a role that is not a Lead Link.

    ``number`` is ``None`` where only the role names the person. ``lead_link`` is the number of the Lead Link
    assignment that says the same of the circle this role supports.
    """

    number: int | None
    person: int
    role: int
    focus: str
    elected_until: date | None
    lead_link: int | None = None


@dataclass(frozen=True)
class Reading:
    """What a folder holds. Roles stand in tree order, parents first; the anchor's role is the first one.

    ``problems`` lists what was left out or refers to nothing, ``notes`` what was read otherwise than it
    stands. ``counts`` says how many objects of each kind the files hold, ``borrowed`` which objects were read in
    another file than where they belong.
    """

    organization: str
    people: tuple[ReadPerson, ...]
    circles: tuple[ReadCircle, ...]
    roles: tuple[ReadRole, ...]
    accountabilities: tuple[ReadText, ...]
    domains: tuple[ReadText, ...]
    policies: tuple[ReadPolicy, ...]
    assignments: tuple[ReadAssignment, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    counts: Mapping[str, int]
    borrowed: Mapping[tuple[str, int | None], str]

    def file_of(self, kind: str, number: int | None) -> str:
        """Return the file in which an object of this kind and number was read."""
        return f"{self.borrowed.get((kind, number), FILE_OF[kind])}.json"
