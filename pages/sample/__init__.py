"""The words of a sample organization, as data.

Everything refers to everything else by readable keys: people by first name (``maya``), circles by their
own name (``storefront``), roles by circle and name (``storefront.copywriter``), policies by the role or
circle that holds them (``northwind.time_limit``). Days are counted from the day the sample is loaded, so
that it never grows old. Nothing here touches the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal

PolicyKind = Literal["constraint", "grant", "domain", "default"]
Way = Literal["asynchronous", "meeting"]


@dataclass(frozen=True)
class Person:
    """Somebody in the organization; ``zone`` is an IANA zone name."""

    key: str
    name: str
    zone: str
    partner: bool = True
    admin: bool = False

    @property
    def email(self) -> str:
        """The address they sign in with."""
        return f"{self.key}@northwind.example"


@dataclass(frozen=True)
class Domain:
    """Something a role controls.

    ``within`` is the domain of the containing circle it lies in (§1.3.2); it stays empty where it is relevant
    inside the circle only (``internal``), and in the anchor circle, which holds every domain.
    """

    name: str
    within: str = ""
    internal: bool = False


@dataclass(frozen=True)
class Policy:
    """A policy of the role or circle that holds it.

    ``effect`` is what a program can act upon; a role in it is named by its key.
    """

    key: str
    title: str
    body: str
    kinds: tuple[PolicyKind, ...]
    in_sub_circles: bool = True
    domain: str = ""
    effect: dict[str, Any] | None = None


@dataclass(frozen=True)
class Filling:
    """A person in a role, with an optional focus."""

    person: str
    focus: str = ""


@dataclass(frozen=True)
class Elected:
    """A person elected to a constitutional role, and for how many days from the loading on."""

    person: str
    days: int


@dataclass(frozen=True)
class Role:
    """A role; with ``roles`` inside it is also a circle, led by those who fill it (§1.4)."""

    key: str
    name: str
    purpose: str = ""
    accountabilities: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()
    policies: tuple[Policy, ...] = ()
    filled_by: tuple[Filling, ...] = ()
    roles: tuple[Role, ...] = ()
    rep: Elected | None = None
    facilitator: Elected | None = None
    secretary: Elected | None = None
    strategy: str = ""


@dataclass(frozen=True)
class Tension:
    """What somebody senses, from one of their roles, and how many days ago they captured it."""

    key: str
    person: str
    role: str
    title: str
    text: str = ""
    days_ago: int = 0


@dataclass(frozen=True)
class AddRole:
    """A role for the proposal's circle; those in ``role.filled_by`` are assigned by its lead afterwards."""

    role: Role


@dataclass(frozen=True)
class AmendRole:
    """What becomes different in a role; ``None`` and empty leave things as they are.

    To a role that links into the proposal's circle, accountabilities are added by that circle (§1.3.4).
    """

    role: str
    name: str | None = None
    purpose: str | None = None
    add_accountabilities: tuple[str, ...] = ()
    amend_accountabilities: tuple[tuple[str, str], ...] = ()
    remove_accountabilities: tuple[str, ...] = ()
    add_domains: tuple[Domain, ...] = ()
    remove_domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoveRole:
    """A role that goes, with what it holds."""

    role: str


@dataclass(frozen=True)
class AddPolicy:
    """A policy for the role or circle with key ``holder``."""

    holder: str
    policy: Policy


@dataclass(frozen=True)
class AmendPolicy:
    """New words for a policy; ``None`` leaves them as they are."""

    policy: str
    title: str | None = None
    body: str | None = None


@dataclass(frozen=True)
class RemovePolicy:
    """A policy that goes."""

    policy: str


Change = AddRole | AmendRole | RemoveRole | AddPolicy | AmendPolicy | RemovePolicy


@dataclass(frozen=True)
class Proposal:
    """What a person proposes for one of their roles in a circle (§5.3.1), with the changes in order.

    ``helped`` says how the example would have gone with the proposal in force. ``role`` is an ordinary role
    of the circle, the circle itself for its lead, or ``<sub-circle>.rep`` for that circle's rep.
    ``answered`` names those who have no objection so far.
    """

    key: str
    title: str
    circle: str
    proposer: str
    role: str
    tension: str
    example: str
    helped: str
    changes: tuple[Change, ...]
    way: Way = "asynchronous"
    days_ago: int = 0
    answered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Led:
    """What a circle lead set for a circle (§1.4.3): all its strategies from then on, and what comes first."""

    circle: str
    days_ago: int
    strategies: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linked:
    """A role that whoever leads it linked into a circle that invites it (§1.3.4)."""

    person: str
    role: str
    circle: str
    days_ago: int


@dataclass(frozen=True)
class Nomination:
    """Whom somebody nominates, and why; after the first time, to whom they change (§5.3.5b, d)."""

    person: str
    candidate: str
    reason: str


@dataclass(frozen=True)
class Election:
    """An election (§5.3.5), opened by the facilitator the day it was called, for a term of so many days from the
    loading on.

    Without ``elected`` it is under way still, in its first step, with these nominations given. Else everybody
    nominated, the ``changed`` ones changed on the day after, and nobody objected to ``elected``.
    """

    circle: str
    seat: Literal["facilitator", "secretary", "circle_rep"]
    called_by: str
    note: str
    term: int
    nominations: tuple[Nomination, ...]
    changed: tuple[Nomination, ...] = ()
    elected: str = ""
    days_ago: int = 1


@dataclass(frozen=True)
class Question:
    """What somebody asked the secretary of a circle (§4.2.1), about a policy, or an accountability of a role.

    ``other`` reads it another way. With a ``ruling`` it was answered and published the day after.
    """

    circle: str
    person: str
    question: str
    days_ago: int
    policy: str = ""
    accountability: tuple[str, str] = ("", "")
    reading: str = ""
    other: str = ""
    other_reading: str = ""
    ruling: str = ""
    logic: str = ""


@dataclass(frozen=True)
class Leave:
    """Somebody who lets somebody else represent a role of theirs (§5.3) for so many days from the loading on,
    because they are away themselves."""

    person: str
    role: str
    to: str
    days_ago: int
    days: int


@dataclass(frozen=True)
class Calendar:
    """When a circle works (§5.3), as its secretary keeps it; days off are the next working day so many days from
    the loading on."""

    circle: str
    opens: time
    closes: time
    days_off: tuple[tuple[int, str], ...]
    days_ago: int
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


Done = Led | Linked | Election | Question | Leave | Calendar


@dataclass(frozen=True)
class Meeting:
    """A governance meeting on the next such weekday (Monday is 0), in the organization's zone."""

    circle: str
    weekday: int
    starts: time
    minutes: int


@dataclass(frozen=True)
class Announced:
    """What somebody announced for a role of theirs (§4.1), or an initiative they took (§4.3), so many days ago.

    An intent names ``domains`` as (role, words), spending whom it is ``asked_of`` with the ``amount`` in euros, an
    initiative the roles it ``affected``. ``said`` is what somebody asked for after it, and ``answer`` what came of
    it; ``done`` is told the day after the time was over.
    """

    kind: Literal["intent", "spending", "initiative"]
    person: str
    role: str
    what: str
    why: str
    days_ago: int
    domains: tuple[tuple[str, str], ...] = ()
    asked_of: str = ""
    amount: str = ""
    affected: tuple[str, ...] = ()
    crossed: str = ""
    said: tuple[str, str] = ("", "")
    answer: str = ""
    done: str = ""


@dataclass(frozen=True)
class Organization:
    """A whole sample: the structure the ratifiers began with, and what has happened since.

    ``decided`` is in order of time; ``anchor`` with ``decided`` applied is the structure as it stands, but for who
    was elected. ``done`` lies between.
    """

    slug: str
    name: str
    zone: str
    ratifiers: tuple[str, ...]
    people: tuple[Person, ...]
    anchor: Role
    tensions: tuple[Tension, ...]
    decided: tuple[Proposal, ...]
    open: tuple[Proposal, ...]
    drafts: tuple[Proposal, ...]
    meetings: tuple[Meeting, ...]
    announced: tuple[Announced, ...] = ()
    done: tuple[Done, ...] = ()

    def roles(self) -> Iterator[tuple[Role, Role | None]]:
        """Every role of the first structure with the circle it sits in (the anchor: none), parents first."""
        yield self.anchor, None
        yield from _inside(self.anchor)


def _inside(circle: Role) -> Iterator[tuple[Role, Role]]:
    for role in circle.roles:
        yield role, circle
        yield from _inside(role)
