"""Reads of announcements: what awaits somebody, lists, what concerns a role, and what can be chosen in a form."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from announcements import reach
from announcements.models import Announcement, Recipient, Reply, Touched
from circles.constitution import ORDINARY
from circles.models import Domain, Role
from circles.structure import RoleRow, Structure
from people.models import Person

T = TypeVar("T", Domain, Role)
Kind, State = Announcement.Kind, Announcement.State

# What a state is called of each kind, and the pill it is shown as
WORDS: dict[tuple[str, str], tuple[str, str | Promise]] = {
    ("intent", "waiting"): ("waiting", _("Waiting for objections")),
    ("intent", "objected"): ("objection", _("Objected to")),
    ("intent", "granted"): ("adopted", _("Permitted")),
    ("intent", "done"): ("done", _("Taken")),
    ("spending", "waiting"): ("waiting", _("Waiting for escalations")),
    ("spending", "escalated"): ("objection", _("Escalated")),
    ("spending", "granted"): ("adopted", _("Authorized")),
    ("spending", "done"): ("done", _("Spent")),
    ("spending", "revoked"): ("discarded", _("Revoked")),
    ("initiative", "recorded"): ("done", _("Recorded")),
}
CHOICES_SHOWN = 24
MOST_ROLES_ASKED = 300


def state_words(announcement: Announcement) -> tuple[str, str | Promise]:
    """Return the pill and the words for the state an announcement is in at this moment."""
    return WORDS.get((announcement.kind, announcement.stands), ("withdrawn", _("Withdrawn")))


def announcements(viewer: Person) -> QuerySet[Announcement]:
    """Return every announcement of the viewer's organization, latest first."""
    return (
        Announcement.objects.filter(organization=viewer.organization_id)
        .select_related("author", "role__circle", "asked_of__circle")
        .order_by("-announced_at", "pk")
    )


def awaiting(person: Person) -> QuerySet[Announcement]:
    """Return what waits for somebody, that which closes first first: announcements they were sent and neither let
    pass nor answered, and initiatives of theirs after which somebody asks for something."""
    sent = Recipient.objects.filter(announcement=OuterRef("pk"), person=person, noted_at=None)
    asked = Reply.objects.filter(announcement=OuterRef("pk"), state=Reply.State.STANDING)
    waits = Q(state=State.WAITING, due_at__gt=timezone.now()) | Q(state__in=(State.ESCALATED, State.RECORDED))
    return (
        Announcement.objects.filter(
            (waits & Exists(sent)) | (Q(author=person, kind=Kind.INITIATIVE) & Exists(asked)),
            organization=person.organization_id,
        )
        .select_related("author", "role__circle", "asked_of__circle")
        .order_by("due_at", "announced_at", "pk")
    )


def concerning(role_id: str) -> Q:
    """Tell announcements that concern a role: made for it, asked of it, or touching it or its domains."""
    touched = Touched.objects.filter(announcement=OuterRef("pk"), role=role_id)
    return Q(role=role_id) | Q(asked_of=role_id) | Q(Exists(touched))


def of_role(role_id: str) -> QuerySet[Announcement]:
    """Return what concerns a role, latest first; what was withdrawn is left out."""
    return (
        Announcement.objects.filter(concerning(role_id))
        .exclude(state=State.WITHDRAWN)
        .select_related("author", "role__circle", "asked_of__circle")
        .order_by("-announced_at", "pk")
    )


@dataclass
class Row:
    """An announcement as lists show it."""

    announcement: Announcement
    pill: str
    words: str | Promise
    domains: list[str]


def rows(found: Iterable[Announcement]) -> list[Row]:
    """Return announcements as lists show them, with the domains or roles they touch. One query."""
    found = list(found)
    touched: dict[str, list[str]] = {}
    lines = Touched.objects.filter(announcement__in=[a.pk for a in found]).select_related("role")
    for line in lines.order_by("text", "pk"):
        touched.setdefault(line.announcement_id, []).append(line.text or line.role.shown_name)
    return [Row(a, *state_words(a), touched.get(a.pk, [])) for a in found]


# -- what can be chosen -------------------------------------------------------------------------------------------


def domains_to_choose(person: Person, words: str, chosen: Collection[str]) -> tuple[list[Domain], bool]:
    """Return the domains that a form offers: those with ``words`` in them or in their role's name, up to a number,
    and those chosen; and whether there are more."""
    found = (
        Domain.objects.filter(organization=person.organization_id)
        .select_related("role__circle")
        .order_by("text", "pk")
    )
    matching = found.filter(Q(text__icontains=words) | Q(role__name__icontains=words)) if words else found
    return _chosen_first(found, matching, chosen)


def roles_to_choose(person: Person, words: str, chosen: Collection[str]) -> tuple[list[Role], bool]:
    """Return the roles that a form offers: those with ``words`` in their names, up to a number, and those chosen;
    and whether there are more."""
    found = (
        Role.objects.present()
        .filter(organization=person.organization_id, kind=ORDINARY)
        .select_related("circle")
        .order_by("name", "pk")
    )
    matching = found.filter(Q(name__icontains=words) | Q(purpose__icontains=words)) if words else found
    return _chosen_first(found, matching, chosen)


def _chosen_first(found: QuerySet[T], matching: QuerySet[T], chosen: Collection[str]) -> tuple[list[T], bool]:
    kept: list[T] = list(found.filter(pk__in=chosen)) if chosen else []
    offered: list[T] = list(matching.exclude(pk__in=[row.pk for row in kept])[: CHOICES_SHOWN + 1])
    return kept + offered[:CHOICES_SHOWN], len(offered) > CHOICES_SHOWN


@dataclass
class Asked:
    """Roles that can be asked for money, by how near they are."""

    by_policy: list[RoleRow]
    circles: list[RoleRow]
    roles: list[RoleRow]


def asked_of_choices(structure: Structure, led: Iterable[RoleRow], also: RoleRow | None) -> Asked:
    """Return whom the leads of these roles may ask for money (§4.1.3): roles that control it by a policy, the
    circles around their own, and the roles in those; ``also`` is one more."""
    own = [r.id for r in led]
    structure.load_paths(own)
    circles: dict[str, RoleRow] = {}
    for role_id in own:
        circles |= {r.id: r for r in structure.path(role_id)[1:] if r.kind == ORDINARY}
    named = structure.get_many(RoleRow, reach.controllers_named(structure, list(circles)))
    inside = [r for r in structure.find(RoleRow, "circle", list(circles)) if r.kind == ORDINARY]
    further = {r.id: r for r in inside if r.id not in circles and r.id not in named}
    if len(further) > MOST_ROLES_ASKED:
        further = {}
    if also is not None and also.id not in (circles.keys() | named.keys()):
        further[also.id] = also
    return Asked(_by_name(named.values()), list(circles.values()), _by_name(further.values()))


def _by_name(rows: Iterable[RoleRow]) -> list[RoleRow]:
    return sorted(rows, key=lambda r: (r.shown_name.casefold(), r.id))
