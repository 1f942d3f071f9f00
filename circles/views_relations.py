"""Where a role links, and what a circle's leads set besides assignments: strategies, priorities and routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles import relations
from circles.access import get_link, get_role
from circles.constitution import ORDINARY
from circles.effects import LINK_STAYS, PRIORITIES, STRATEGIES
from circles.forms import LinkForm, PrioritiesForm, RouteForm, StrategiesForm, add_refusal
from circles.models import Role
from circles.structure import PolicyRow, RoleRow, Structure
from circles.views import at_its_address
from governance.actions.leading import reroute, set_priorities, set_strategies
from governance.actions.linking import link_role, unlink_role
from governance.rules.places import leads_of_function
from people.access import OrganizationRequest, in_organization
from people.refusals import Refused


class Sheet:
    """What these pages share: the role or circle, where it lies, and what stands."""

    def __init__(self, request: OrganizationRequest, role: Role) -> None:
        self.request, self.role = request, role
        self.structure = Structure.of(request.organization.id)
        self.path = self.structure.path(role.pk)
        self.row = self.path[0]

    def context(self, **more: Any) -> dict[str, Any]:
        return {
            "role": self.row,
            "holder": self.path[1] if len(self.path) > 1 else None,
            "crumbs": list(reversed(self.path)),
            **more,
        }

    def done(self, message: str) -> HttpResponse:
        messages.success(self.request, message)
        return redirect("circles:role", self.request.organization.slug, self.row.ref)


def _present(request: OrganizationRequest, ref: str, *, circle: bool) -> Sheet:
    """The role of an address that stands, a circle where it must be one. Raises Http404."""
    found = get_role(request.person, ref)
    if not found.present:
        raise Http404
    sheet = Sheet(request, found)
    if (circle and not sheet.structure.is_circle(found.pk)) or sheet.row.kind != ORDINARY:
        raise Http404
    return sheet


# -- links -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def links(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Where a role links (§1.3.4): its lead links it into circles that invite it, and takes it out again."""
    sheet = _present(request, ref, circle=False)
    structure, row = sheet.structure, sheet.row
    invited = relations.invited_into(structure, request.organization, row)
    form = LinkForm(
        request.POST if request.method == "POST" else None, circles=[one.circle for one in invited]
    )
    if request.method == "POST" and form.is_valid():
        circle = get_role(request.person, form.cleaned_data["circle"])
        try:
            link_role(sheet.role, circle, actor=request.person)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            words = {"role": row.name, "circle": circle.name}
            return sheet.done(_("%(role)s is part of the governance of %(circle)s now.") % words)
    elif request.method != "POST":
        elsewhere = at_its_address(request, row.ref)
        if elsewhere is not None:
            return elsewhere
    stays = structure.effect(row.circle, LINK_STAYS, role=row.id) if row.circle else None
    context = sheet.context(
        form=form,
        links=relations.links_of(structure, row.id),
        invited=invited,
        stays=stays[0] if stays else None,
        leads=request.person.id in structure.role_leads(row.id),
    )
    return render(request, "circles/links.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def unlink(request: OrganizationRequest, link: str) -> HttpResponseBase:
    """Take a role out of a circle it had linked into (§1.3.4), after asking once."""
    found = get_link(request.person, link)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            unlink_role(found, actor=request.person)
        except Refused as reason:
            refused = reason
        else:
            words = {"role": found.role.name, "circle": found.circle.name}
            messages.success(request, _("%(role)s is no longer linked into %(circle)s.") % words)
            return redirect("circles:role", request.organization.slug, found.role.ref)
    structure = Structure.of(request.organization.id)
    context = {
        "link": next(x for x in relations.links_of(structure, found.role_id) if x.link.id == found.pk),
        "role": found.role,
        "crumbs": [r for r in (found.role.circle, found.role) if r],
        "refused": refused,
        "clause": getattr(refused, "clause", ""),
    }
    return render(request, "circles/unlink.html", context, status=422 if refused else 200)


# -- what comes first --------------------------------------------------------------------------------------------


def _may(sheet: Sheet, function: str) -> tuple[bool, PolicyRow | None]:
    """Whether the reader has a function of the circle lead here, and the policy that gave it away, if one did."""
    people, policy = leads_of_function(sheet.structure, sheet.row.id, function)
    return sheet.request.person.id in people, policy


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def strategies(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Set the strategies of a circle (§1.4.3): for its circle leads, or whoever a policy gives that to."""
    sheet = _present(request, ref, circle=True)
    now = [one.text for one in relations.strategies(sheet.structure, sheet.row.id)]
    form = StrategiesForm(
        request.POST if request.method == "POST" else None,
        initial={"strategies": "\n".join(now), "was": "\n".join(now)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_strategies(
                sheet.role,
                form.texts("strategies"),
                actor=request.person,
                was=form.texts("was"),
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return sheet.done(_("The strategies stand on the circle’s page."))
    may, policy = _may(sheet, STRATEGIES)
    context = sheet.context(form=form, may=may, policy=policy, now=now)
    return render(request, "circles/strategies.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def priorities(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Put the roles of a circle into the order in which they come (§1.4.3)."""
    sheet = _present(request, ref, circle=True)
    structure, circle = sheet.structure, sheet.row
    now = [role.id for role in relations.priorities(structure, circle.id)]
    roles: Sequence[RoleRow] = [*structure.ordinary_inside(circle.id), *structure.linked_into(circle.id)]
    form = PrioritiesForm(request.POST if request.method == "POST" else None, roles=roles, order=now)
    if request.method == "POST" and form.is_valid():
        try:
            set_priorities(
                sheet.role, form.order(), actor=request.person, was=form.cleaned_data["was"].split()
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return sheet.done(_("What comes first stands on the circle’s page."))
    may, policy = _may(sheet, PRIORITIES)
    context = sheet.context(form=form, may=may, policy=policy, roles=roles)
    return render(request, "circles/priorities.html", context, status=422 if form.errors else 200)


# -- references from outside -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def routes(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Let what refers from outside to a circle or one of its roles go to another of its roles (§1.4.4)."""
    sheet = _present(request, ref, circle=True)
    structure, circle = sheet.structure, sheet.row
    roles = structure.ordinary_inside(circle.id)
    form = RouteForm(request.POST if request.method == "POST" else None, circle=circle, roles=roles)
    if request.method == "POST" and form.is_valid():
        role = get_role(request.person, form.cleaned_data["role"])
        to = get_role(request.person, form.cleaned_data["to"]) if form.cleaned_data["to"] else None
        try:
            reroute(sheet.role, role, to, actor=request.person)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            words = {"role": role.shown_name, "to": to.shown_name if to else ""}
            message = (
                _("References from outside to %(role)s go to %(to)s now.")
                if to
                else _("References from outside to %(role)s go to it again.")
            )
            messages.success(request, message % words)
            return redirect("circles:routes", request.organization.slug, circle.ref)
    context = sheet.context(
        form=form,
        routes=relations.routes_in(structure, circle.id),
        may=request.person.id in structure.circle_leads(circle.id),
    )
    return render(request, "circles/routes.html", context, status=422 if form.errors else 200)
