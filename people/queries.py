"""Reads of people: everybody of an organization as admins see them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from people.models import Absence, ApiToken, Invitation, Organization, Person

SHOWN = {"all", "invited", "admins", "left"}


def everybody(organization: Organization, which: str = "all", wanted: str = "") -> QuerySet[Person]:
    """Return the people of an organization by name, with ``waiting`` (an invitation can still be accepted),
    ``invited_at`` (the latest invitation, if any) and nothing else read.

    ``which`` is "all" (those present), "invited" (present, not here yet), "admins" or "left"; ``wanted`` is part
    of a name or an address.
    """
    standing = Invitation.objects.filter(
        person=OuterRef("pk"), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    latest = Invitation.objects.filter(person=OuterRef("pk")).order_by("-created_at")
    people = Person.objects.filter(organization=organization, since__isnull=False)
    people = people.filter(until__isnull=which != "left")
    if which == "invited":
        people = people.filter(account=None)
    elif which == "admins":
        people = people.filter(admin=True)
    if wanted:
        people = people.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted))
    return people.annotate(
        waiting=Exists(standing), invited_at=Subquery(latest.values("created_at")[:1])
    ).order_by("name", "pk")


def people_counts(organization: Organization) -> dict[str, int]:
    """Return how many are here, not here yet, admins, and gone."""
    present = Q(until=None)
    return Person.objects.filter(organization=organization, since__isnull=False).aggregate(
        all=Count("pk", filter=present),
        invited=Count("pk", filter=present & Q(account=None)),
        admins=Count("pk", filter=present & Q(admin=True)),
        left=Count("pk", filter=~present),
    )


def tokens(person: Person) -> QuerySet[ApiToken]:
    """Return the keys of somebody that can still be used, newest first."""
    return ApiToken.objects.filter(person=person, revoked_at=None).order_by("-created_at", "pk")


def absences(person: Person) -> list[Absence]:
    """Return when somebody is away, now and in days to come, soonest first."""
    today = timezone.localdate(timezone=person.tz)
    return list(Absence.objects.filter(person=person, last_day__gte=today).order_by("first_day", "pk"))


def names_of(people: Collection[str]) -> str:
    """Return the names of people (identifiers), as a list to be read."""
    names = Person.objects.filter(pk__in=people).order_by("name").values_list("name", flat=True)
    return ", ".join(names)
