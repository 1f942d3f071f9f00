"""Reads of what secretaries were asked and ruled: who sees it, what awaits a secretary, what is in force (§4.2)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from circles.constitution import SECRETARY
from circles.models import Policy, Role
from circles.queries import memberships, prefetch_seats
from circles.structure import RoleRow, Structure
from governance.facilitation import acting
from governance.models import Decision, Ruling, StrikeNotice
from governance.strikes import circles_above
from governance.under_way import may_have
from people.models import Person

State = Ruling.State


def _concerned(viewer: Person) -> Q:
    """Choose what somebody is concerned by: they asked, were named, ruled, are a member of the circle, or answer for
    its secretary."""
    structure = Structure.of(viewer.organization_id)
    circles = [m.circle.id for m in memberships(structure, viewer.pk)]
    # Whoever acts as secretary need be no member: of a circle that has gone, the one of the circle around it answers
    others = (
        Role.objects.filter(rulings__organization=viewer.organization_id).exclude(pk__in=circles).distinct()
    )
    circles += [circle.pk for circle in others if viewer.pk in secretaries(structure, circle)]
    return (
        Q(asker=viewer)
        | Q(other=viewer)
        | Q(ruled_by=viewer)
        | Q(circle__in=circles)
        | Q(appeals__circle__in=circles)
        | Q(role__assignments__person=viewer)
    )


def visible_rulings(viewer: Person) -> QuerySet[Ruling]:
    """Return what somebody may see of questions and rulings, latest first: what is published or was struck is for
    everybody, all else for those concerned (§4.2.1)."""
    open_to_all = Q(published_at__isnull=False) | Q(state=State.STRUCK)
    seen = Ruling.objects.filter(open_to_all | _concerned(viewer), organization=viewer.organization_id)
    return (
        Ruling.objects.filter(pk__in=seen.order_by().values("pk"))
        .select_related(
            "circle", "asker", "other", "ruled_by", "role__circle", "policy", "struck", "appeal_of__circle"
        )
        .defer("struck__changes", "struck__rows")
        .order_by("-asked_at", "pk")
    )


def get_ruling(viewer: Person, ruling_id: str) -> Ruling:
    """Return a question or ruling the viewer may see; Http404 otherwise."""
    ruling = visible_rulings(viewer).filter(pk=ruling_id).first()
    if ruling is None:
        raise Http404
    ruling.organization = viewer.organization
    return ruling


def rulings_that(viewer: Person, chosen: Q) -> QuerySet[Ruling]:
    """Return those questions and rulings that somebody may see, latest first. Where there are none at all, as on
    most pages, that is one question to the database."""
    if not (
        may_have(viewer.organization_id, Ruling)
        and Ruling.objects.filter(chosen, organization=viewer.organization_id).exists()
    ):
        return Ruling.objects.none()
    return visible_rulings(viewer).filter(chosen)


def of_circle(circle: RoleRow | Role) -> Q:
    """Choose the questions to a circle's secretary, and those about the circle itself."""
    return Q(circle=circle.id) | about(circle)


def about(subject: RoleRow | Role | Policy | Decision) -> Q:
    """Choose the questions that concern a role, a policy, or a decision."""
    if isinstance(subject, Decision):
        return Q(about=Ruling.About.DECISION, about_id=str(subject.number))
    return Q(policy=subject.pk) if isinstance(subject, Policy) else Q(role=subject.id, policy=None)


def answering_circle(structure: Structure, circle: Role) -> str | None:
    """Return the circle whose secretary answers for one: itself, or the nearest around it once it is none."""
    above = circles_above(structure, circle.pk) or circles_above(structure, circle.circle_id or circle.pk)
    return above[0] if above else None


def secretaries(structure: Structure, circle: Role) -> frozenset[str]:
    """Return who acts as secretary for questions to a circle."""
    found = answering_circle(structure, circle)
    return acting(structure, found, SECRETARY).people if found is not None else frozenset()


def rulings_awaiting(person: Person) -> list[Ruling]:
    """Return the questions that await somebody as acting secretary, oldest first."""
    if not may_have(person.organization_id, Ruling):
        return []
    asked = list(
        Ruling.objects.filter(organization=person.organization_id, state=State.ASKED)
        .select_related("circle", "asker", "role__circle", "policy", "appeal_of")
        .order_by("asked_at", "pk")
    )
    if not asked:
        return []
    structure = Structure.of(person.organization_id)
    prefetch_seats(structure, {ruling.circle_id for ruling in asked})
    circles = {ruling.circle_id: ruling.circle for ruling in asked}
    mine = {pk for pk, circle in circles.items() if person.pk in secretaries(structure, circle)}
    return [ruling for ruling in asked if ruling.circle_id in mine]


def strikes_untold(person: Person) -> QuerySet[StrikeNotice]:
    """Return the strikes somebody is told of and has not read yet, latest first (§4.2.2)."""
    return (
        StrikeNotice.objects.filter(person=person, seen_at=None)
        .select_related("decision__actor", "decision__circle")
        .defer("decision__changes", "decision__rows")
        .order_by("-decision__number")
    )
