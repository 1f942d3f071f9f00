"""The sidebar: where one can go, one's circles and roles. A few queries, however large the organization."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from announcements.queries import awaiting as awaiting_announcements
from circles.constitution import CIRCLE_REP, ORDINARY
from circles.models import Assignment, Link, Role
from governance.awaiting import asked_of, may_ask
from governance.elections import awaiting_elections
from governance.models import Ruling
from governance.queries import owed
from governance.rulings import rulings_awaiting
from governance.under_way import may_have
from people.ids import new_id
from people.models import Organization, Person
from tensions.queries import open_tensions

# How many of one's roles are shown before the rest is folded away
ROLES_SHOWN = 10


@dataclass(frozen=True)
class Place:
    """An entry of the main navigation. `count` names the property of Shell that is shown behind it."""

    key: str
    words: str | Promise
    icon: str
    view: str
    count: str = ""
    admins_only: bool = False


PLACES = (
    Place("home", _("What awaits you"), "home", "pages:home", "awaiting"),
    Place("structure", _("Structure"), "map", "pages:structure"),
    Place("meetings", _("Meetings"), "meet", "meetings:list"),
    Place("tensions", _("Tensions"), "tension", "tensions:inbox", "tensions"),
    Place("announcements", _("Announcements"), "hand", "announcements:list", "announcements"),
    Place("record", _("Record"), "record", "governance:record"),
    Place("setup", _("Set-up"), "key", "people:setup", admins_only=True),
)

# The place a page belongs to: by its own name, else by its app, else by the part of the address it lies in
PLACE_OF_VIEW = {place.view: place.key for place in PLACES} | {"governance:awaiting": "home"}
PLACE_OF_PART = {"set-up": "setup"}
PLACE_OF_APP = {"meetings": "meetings", "tensions": "tensions", "announcements": "announcements"}


@dataclass(frozen=True)
class Seat:
    """A role that somebody fills, with the focus they have in it."""

    role: Role
    focus: str
    words: str


@dataclass
class Branch:
    """A circle somebody belongs to, and those of their circles that lie inside it."""

    circle: Role
    inside: list[Branch] = field(default_factory=list)


class Shell:
    """What the sidebar of a page shows to one person. Everything is read when it is first asked for."""

    def __init__(self, request: HttpRequest, organization: Organization, person: Person) -> None:
        self.request = request
        self.organization = organization
        self.person = person

    @cached_property
    def here(self) -> str:
        """The key of the place this page belongs to, or an empty text."""
        match = self.request.resolver_match
        if match is None:
            return ""
        part = match.route.removeprefix("<slug:organization>/").partition("/")[0]
        return (
            PLACE_OF_VIEW.get(match.view_name)
            or PLACE_OF_APP.get(match.app_name)
            or PLACE_OF_PART.get(part, "")
        )

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        """The main navigation: key, words, icon, address, count, and whether this page belongs there."""
        return [
            {
                "key": place.key,
                "words": place.words,
                "icon": place.icon,
                "url": url,
                "count": getattr(self, place.count) if place.count else 0,
                "current": place.key == self.here,
            }
            for place in PLACES
            if (self.person.admin or not place.admins_only) and (url := self.address(place.view))
        ]

    def address(self, view: str) -> str:
        """The address of a page of this organization; an empty text where there is no such page."""
        try:
            return reverse(view, args=[self.organization.slug])
        except NoReverseMatch:
            return ""

    @cached_property
    def capture_url(self) -> str:
        """Where a tension is captured."""
        return self.address("tensions:capture")

    @cached_property
    def form_key(self) -> str:
        """What makes this page's capture form count once, however often it is sent."""
        return new_id()

    @cached_property
    def _counts(self) -> tuple[int, int, int, bool, bool]:
        counted = Organization.objects.filter(pk=self.organization.pk).values_list(
            _count(owed(self.person)),
            _count(open_tensions(self.person)),
            _count(awaiting_announcements(self.person)),
            # Looked at closely only where there is any, which most pages of most organizations need not
            Exists(may_ask(self.person)),
            Exists(Ruling.objects.filter(organization=OuterRef("pk"), state=Ruling.State.ASKED)),
        )
        counts: tuple[int, int, int, bool, bool] = counted[0]
        return counts

    @cached_property
    def awaiting(self) -> int:
        """How many things wait for this person's answer: to proposals, in elections, to objections, to questions."""
        answers, _tensions, _announcements, asked, to_rule = self._counts
        return (
            answers
            + len(awaiting_elections(self.person))
            + (len(asked_of(self.person)) if asked else 0)
            + (len(rulings_awaiting(self.person)) if to_rule else 0)
        )

    @property
    def tensions(self) -> int:
        """How many tensions this person holds."""
        return self._counts[1]

    @property
    def announcements(self) -> int:
        """How many announcements this person has not looked at or answered."""
        return self._counts[2]

    @cached_property
    def _assignments(self) -> list[Assignment]:
        inside = Role.objects.present().filter(circle=OuterRef("role_id"), kind=ORDINARY)
        return list(
            Assignment.objects.filter(person=self.person, role__until=None)
            .select_related("role__circle__circle")
            .annotate(leads_circle=Exists(inside))
            .order_by("role__name", "role_id", "focus")
        )

    @cached_property
    def roles(self) -> list[Seat]:
        """The roles this person fills, one entry per focus (§1.4.1), elected ones with their circle."""
        seats = []
        for assignment in self._assignments:
            role = assignment.role
            words = role.shown_name
            if role.is_constitutional and role.circle is not None:
                words = f"{words}, {role.circle.shown_name}"
            seats.append(Seat(role, assignment.focus, words))
        return sorted(seats, key=lambda seat: (seat.words.casefold(), seat.focus.casefold()))

    @cached_property
    def roles_shown(self) -> list[Seat]:
        return self.roles[:ROLES_SHOWN]

    @cached_property
    def roles_folded(self) -> list[Seat]:
        return self.roles[ROLES_SHOWN:]

    @property
    def capture_roles(self) -> list[Seat]:
        """The roles a tension can be sensed from, each once."""
        return list({seat.role.id: seat for seat in self.roles}.values())

    @cached_property
    def circles(self) -> list[Branch]:
        """The circles this person belongs to through their roles (§5.1), links included (§1.3.4), as a tree."""
        circles: dict[str, Role] = {}
        for assignment in self._assignments:
            role = assignment.role
            if role.circle is not None:
                circles[role.circle.id] = role.circle
                if role.kind == CIRCLE_REP and role.circle.circle is not None:
                    circles[role.circle.circle.id] = role.circle.circle
            if assignment.leads_circle:  # type: ignore[attr-defined]
                circles[role.id] = role
        if self._assignments and may_have(self.person.organization_id, Link):
            roles = {assignment.role_id for assignment in self._assignments}
            for link in Link.objects.filter(role__in=roles).select_related("circle"):
                circles[link.circle_id] = link.circle
        by_name = sorted(circles.values(), key=lambda circle: circle.name.casefold())
        branches = {circle.id: Branch(circle) for circle in by_name}
        top: list[Branch] = []
        for branch in branches.values():
            above = branches.get(branch.circle.circle_id or "")
            (above.inside if above else top).append(branch)
        return top


def _count(rows: QuerySet[Any]) -> Subquery:
    """The number of rows, as a part of a larger query."""
    return Subquery(rows.order_by().values(n=Func(F("pk"), function="COUNT", output_field=IntegerField())))
