"""The pages that gather from several apps: what awaits somebody, the whole structure, people, and the clauses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from circles import queries as circles
from circles.access import get_role
from circles.structure import Structure
from circles.views import at_its_address
from governance import queries as governance
from governance.awaiting import asked_of
from governance.clause_places import places_of
from governance.clauses import OFFICIAL_TEXT, group
from pages import queries
from people.access import OrganizationRequest, get_person, in_organization, ref_id
from people.queries import absences
from tensions.queries import open_tensions

LATELY = 5
TOLD_FOR = dt.timedelta(days=14)  # how long everybody is told of an admin's edit
TENSIONS_SHOWN = 6
PEOPLE_PER_PAGE = 100
# Up to so many roles the whole tree is sent, so that the browser's own search finds everything in it
WHOLE_TREE = 300
OPEN_LEVELS = 2


@require_safe
@in_organization
def home(request: OrganizationRequest) -> HttpResponseBase:
    """What awaits the reader: answers they owe, meetings, tensions they hold, drafts, and their roles."""
    person = request.person
    held = list(open_tensions(person)[: TENSIONS_SHOWN + 1])
    drafts, for_meeting = governance.in_hand(person)
    context = {
        "now": timezone.now(),
        "awaiting": list(governance.awaiting(person)),
        "asked": asked_of(person),
        "tensions": held[:TENSIONS_SHOWN],
        "more_tensions": len(held) > TENSIONS_SHOWN,
        "drafts": drafts,
        "for_meeting": for_meeting,
        "held": queries.roles_of(person),
        "edits": governance.admins_edits(request.organization, timezone.now() - TOLD_FOR),
    }
    return render(request, "pages/home.html", context)


# -- the whole structure -----------------------------------------------------------------------------------------


@require_safe
@in_organization
def structure(request: OrganizationRequest) -> HttpResponseBase:
    """Every role of the organization as a nested list."""
    return _tree(request, None)


@require_safe
@in_organization
def branch(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """The part of the structure below one circle: a page, or the list alone where the tree asks for it."""
    role = get_role(request.person, ref)
    elsewhere = at_its_address(request, role.ref)
    if elsewhere is not None:
        return elsewhere
    if not role.present or role.is_constitutional:
        raise Http404
    return _tree(request, role.pk)


def _tree(request: OrganizationRequest, top: str | None) -> HttpResponse:
    organization = request.organization
    node = circles.tree(
        organization,
        top=top,
        whole=0 if request.htmx else WHOLE_TREE,
        depth=1 if request.htmx else OPEN_LEVELS,
    )
    if node is not None:
        circles.fill(organization, circles.flatten(node))
    context: dict[str, Any] = {"node": node, "open_levels": 0 if request.htmx else OPEN_LEVELS}
    if request.htmx:
        return render(request, "pages/_branch.html", context)
    if top is not None:
        context["crumbs"] = list(reversed(Structure.of(organization.id).path(top)))
    return render(request, "pages/structure.html", context)


# -- people ------------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def people(request: OrganizationRequest) -> HttpResponseBase:
    """Everybody of the organization, with the roles they fill."""
    words = request.GET.get("q", "").strip()[:100]
    found = queries.people_of(request.organization, words)
    page = Paginator(found.filter(until=None), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    roles = queries.roles_by_person(shown)
    context = {
        "page": page,
        "people": [{"who": person, "roles": roles.get(person.pk, [])} for person in shown],
        "departed": found.filter(until__isnull=False)[:PEOPLE_PER_PAGE],
        "words": words,
    }
    return render(request, "pages/people.html", context)


@require_safe
@in_organization
def person(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Somebody's page: roles, circles and why, and what they proposed and decided lately."""
    somebody = get_person(request.person, ref_id(ref))
    if somebody.since is None:
        raise Http404
    elsewhere = at_its_address(request, somebody.ref)
    if elsewhere is not None:
        return elsewhere
    organization = request.organization
    lately = governance.decisions(organization).filter(governance.touching_person(somebody))
    left = lately.filter(number=somebody.until).first() if somebody.until else None
    context = {
        "somebody": somebody,
        "left": left,
        "held": queries.roles_of(somebody),
        "memberships": circles.memberships(Structure.of(organization.id), somebody.pk)
        if somebody.present
        else [],
        "entries": governance.entries(organization, lately[:LATELY]),
        "proposals": governance.proposals_by(somebody)[:LATELY],
        "there": timezone.localtime(timezone=somebody.tz),
        "absences": absences(somebody) if somebody.present else [],
    }
    return render(request, "pages/person.html", context)


# -- the Constitution --------------------------------------------------------------------------------------------


@require_safe
def clause(request: HttpRequest, number: str) -> HttpResponseBase:
    """What the program does about a clause of the Constitution. For everybody, signed in or not."""
    base, own, below = group(number)
    if not own and not below:
        raise Http404
    parents = [".".join(base.split(".")[: n + 1]) for n in range(base.count("."))]
    context = {
        "number": base,
        "asked": number,
        "own": [(row, places_of(row.id)) for row in own],
        "below": below,
        "parents": [p for p in parents if any(group(p)[1:])],
        "official_text": OFFICIAL_TEXT,
    }
    return render(request, "pages/clause.html", context)
