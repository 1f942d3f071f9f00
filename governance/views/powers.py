"""Pages on which people let others speak for their roles, and name who acts in their seat (§5.3, §5.3.6)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from circles.access import get_role
from circles.forms import add_refusal
from circles.models import Role
from circles.structure import Structure
from governance.access import get_permission
from governance.actions import representation, stand_ins
from governance.facilitation import SEATS
from governance.facilitation import stand_ins as standing_in
from governance.forms.powers import UntilForm
from governance.models import StandIn
from governance.representation import circles_around, permissions_for
from people.access import OrganizationRequest, in_organization
from people.refusals import Refused


def _present(request: OrganizationRequest, ref: str) -> Role:
    role = get_role(request.person, ref)
    if not role.present:
        raise Http404
    return role


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def represent(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Who may represent a role in governance besides its leads; its leads let somebody, and withdraw it (§5.3)."""
    role = _present(request, ref)
    structure = Structure.of(request.organization.id)
    row = structure.role(role.pk)
    leads = structure.role_leads(row.id)
    members: set[str] = set()
    for circle in circles_around(structure, row):
        members |= structure.members(circle)
    form = UntilForm(
        request.POST if request.POST.get("do") == "grant" else None,
        organization=request.organization,
        among=members,
        without=leads,
    )
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "withdraw":
                permission = get_permission(request.person, request.POST.get("permission", ""))
                if permission.role_id != role.pk:
                    raise Http404
                representation.withdraw_permission(permission, actor=request.person)
                messages.success(
                    request,
                    _("%(name)s may no longer represent %(role)s.")
                    % {"name": permission.person.name, "role": role.shown_name},
                )
                return redirect("circles:role", request.organization.slug, role.ref)
            if request.person.pk not in leads:
                # Said before the form is looked at: to others it offers nobody
                representation.let_represent(role, request.person, actor=request.person)
            if form.is_valid():
                person = form.cleaned_data["person"]
                representation.let_represent(
                    role, person, actor=request.person, until=form.cleaned_data["until"]
                )
                messages.success(
                    request,
                    _("%(name)s may represent %(role)s now.")
                    % {"name": person.name, "role": role.shown_name},
                )
                return redirect("circles:role", request.organization.slug, role.ref)
        except Refused as reason:
            refused = reason
            if form.is_bound:
                form.is_valid()
                add_refusal(form, reason)
    context = {
        "role": row,
        "crumbs": list(reversed(structure.path(row.id))),
        "form": form,
        "permissions": permissions_for(structure, row.id),
        "leads": request.person.pk in leads,
        "refused": None if form.is_bound else refused,
    }
    status = 422 if refused or form.errors else 200
    return render(request, "governance/represent.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def stand_in(request: OrganizationRequest, ref: str) -> HttpResponseBase:
    """Who acts in place of a circle's elected facilitator or secretary; they name somebody, and end it (§5.3.6)."""
    seat = _present(request, ref)
    if seat.kind not in SEATS or seat.circle_id is None:
        raise Http404
    structure = Structure.of(request.organization.id)
    elected = {a.person for a in structure.fillers(seat.pk)}
    form = UntilForm(
        request.POST if request.POST.get("do") == "name" else None,
        organization=request.organization,
        without=[request.person.pk],
    )
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                stand_ins.end_stand_in(seat, actor=request.person)
                messages.success(request, _("Nobody acts in that place any more."))
                return redirect("circles:role", request.organization.slug, seat.ref)
            if form.is_valid():
                person = form.cleaned_data["person"]
                stand_ins.name_stand_in(seat, person, actor=request.person, until=form.cleaned_data["until"])
                messages.success(request, _("%(name)s acts in your place now.") % {"name": person.name})
                return redirect("circles:role", request.organization.slug, seat.ref)
        except Refused as reason:
            refused = reason
            if form.is_bound:
                add_refusal(form, reason)
    found = [
        s
        for s in standing_in(structure, seat.circle_id)
        if s.kind == seat.kind and s.why == StandIn.Why.NAMED
    ]
    context = {
        "role": structure.role(seat.pk),
        "crumbs": list(reversed(structure.path(seat.pk))),
        "form": form,
        "standing_in": found[0] if found else None,
        "elected": request.person.pk in elected,
        "ends": request.person.pk in elected or any(s.person_id == request.person.pk for s in found),
        "refused": None if form.is_bound else refused,
    }
    status = 422 if refused or form.errors else 200
    return render(request, "governance/stand_in.html", context, status=status)
