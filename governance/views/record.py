"""The record as people read it: the list of decisions, and the page of one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from circles.access import get_role
from circles.models import Role
from circles.queries import circles_of
from circles.structure import Structure
from governance import authority as by
from governance import queries
from governance.access import get_decision
from governance.actions.rulings import see_strike
from governance.diffs import SubjectDiff, describe
from governance.models import Decision
from governance.names import NameBook
from governance.record import canonical, entry_of
from governance.rules.rulings import secretaries_circles
from people.access import OrganizationRequest, get_person, in_organization, ref_id
from people.models import Person

PER_PAGE = 25
ROLES_PER_PAGE = 50

TEXTS: dict[str, Promise] = {
    "tension": gettext_lazy("Tension"),
    "example": gettext_lazy("Example"),
    "how_helped": gettext_lazy("How it would have helped"),
    "reason": gettext_lazy("Reason"),
    "ratifiers": gettext_lazy("Ratifiers"),
}


@require_safe
@in_organization
def record(request: OrganizationRequest) -> HttpResponseBase:
    """Every decision of the organization, newest first; of one circle, role or person where asked for."""
    organization, viewer = request.organization, request.person
    wanted = request.GET.get("number", "").strip().lstrip("#")
    if (
        wanted.isdecimal()
        and Decision.objects.filter(organization=organization, number=int(wanted[:9])).exists()
    ):
        return redirect("governance:decision", organization.slug, int(wanted[:9]))
    chosen: Q = Q()
    filters: list[dict[str, Any]] = []
    circle: Role | None = None
    if request.GET.get("circle"):
        circle = get_role(viewer, request.GET["circle"])
        chosen &= queries.touching_circle(circle)
    if request.GET.get("role"):
        role = get_role(viewer, request.GET["role"])
        chosen &= queries.touching_role(role)
        filters.append({"role": role, "without": _without(request, "role")})
    if request.GET.get("person"):
        person = get_person(viewer, ref_id(request.GET["person"]))
        chosen &= queries.touching_person(person)
        filters.append({"person": person, "without": _without(request, "person")})
    page = Paginator(queries.decisions(organization).filter(chosen), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "entries": queries.entries(organization, page),
        "circles": circles_of(organization),
        "circle": circle,
        "filters": filters,
        "number": wanted,
        "head": queries.head(organization),
        "filtered": bool(circle or filters),
    }
    return render(request, "governance/record.html", context)


def _without(request: OrganizationRequest, key: str) -> str:
    """The address of this list without one of its filters."""
    query = request.GET.copy()
    query.pop(key, None)
    query.pop("page", None)
    address = reverse("governance:record", args=[request.organization.slug])
    return f"{address}?{query.urlencode()}" if query else address


@require_safe
@in_organization
def decision(request: OrganizationRequest, number: int) -> HttpResponseBase:
    """One decision: what it changed, why, who decided, and where it stands in the chain."""
    organization = request.organization
    found = get_decision(request.person, number)
    if found.authority == by.STRIKE:
        see_strike(found, actor=request.person)
    entry = queries.entries(organization, [found])[0]
    checked: bool | None = None
    if not entry.many or "check" in request.GET:
        checked = queries.fits(found)
    counts: dict[str, int] = {}
    roles: Page[Role] | None = None
    subjects: list[SubjectDiff] = entry.subjects
    if entry.many:
        counts = found.counts
        roles = Paginator(queries.roles_touched(organization, number), ROLES_PER_PAGE).get_page(
            request.GET.get("page")
        )
        rows = queries.rows_of(organization, number, [role.pk for role in roles])
        subjects = queries.with_refs(describe(rows, NameBook(organization)))
        subjects.sort(key=lambda s: (s.kind != "role", s.name.casefold()))
    context = {
        "decision": found,
        "entry": entry,
        "subjects": subjects,
        "counts": _in_words(counts),
        "page": roles,
        "texts": [(TEXTS.get(kind, kind), text) for kind, text in sorted(entry.texts.items(), key=_order)],
        "erased": len(found.digests) - len(entry.texts),
        "checked": checked,
        "strike_link": f"decision:{number}" if may_strike(request.person, found) else "",
        "earlier": number - 1 if number > 1 else None,
        "later": number + 1 if (head := queries.head(organization)) and number < head.number else None,
    }
    return render(request, "governance/record_decision.html", context)


def may_strike(person: Person, decision: Decision) -> bool:
    """Tell whether somebody acts as secretary where a decision of a proposal belongs (§4.2.2)."""
    if decision.circle_id is None or decision.authority != by.PROPOSAL:
        return False
    structure = Structure.of(decision.organization_id)
    return bool(secretaries_circles(structure, decision.circle_id, person.pk))


def _order(text: tuple[str, str]) -> int:
    return list(TEXTS).index(text[0]) if text[0] in TEXTS else len(TEXTS)


def _in_words(counts: dict[str, int]) -> list[tuple[str, int]]:
    words = {
        "role": _("Roles"),
        "accountability": _("Accountabilities"),
        "domain": _("Domains"),
        "policy": _("Policies"),
        "assignment": _("Assignments"),
        "person": _("People"),
    }
    return [(label, counts[table]) for table, label in words.items() if counts.get(table)]


@require_safe
@in_organization
def decision_as_json(request: OrganizationRequest, number: int) -> HttpResponseBase:
    """The entry of one decision, byte for byte as its hash covers it: the file's sha256 is the hash."""
    return HttpResponse(
        canonical(entry_of(get_decision(request.person, number))), content_type="application/json"
    )
