"""The admins' own page: what is left before adoption, adopting, and afterwards what the organization is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from circles.constitution import ORDINARY
from circles.models import Assignment, Role
from governance.actions.people import describe_organization
from governance.actions.set_up import declare_adoption
from governance.models import Decision
from people.access import OrganizationRequest, in_organization_as_admin
from people.forms import OrganizationForm, refuse
from people.models import Organization, Person
from people.refusals import Refused
from people.views.door import home_of


class AdoptForm(forms.Form):
    """Declaring adoption: whoever does it says that the ratifiers have decided."""

    decided = forms.BooleanField(
        label=gettext_lazy("The ratifiers named above have adopted the Constitution, with this structure"),
        error_messages={
            "required": gettext_lazy("Adoption is the ratifiers’ decision: confirm that they have made it.")
        },
    )


def _state(organization: Organization) -> dict[str, Any]:
    """How far a set-up has come, in a fixed number of queries."""
    roles = Role.objects.present().filter(organization=organization, kind=ORDINARY)
    within = Role.objects.present().filter(circle=OuterRef("pk"), kind=ORDINARY)
    filled = Assignment.objects.filter(role=OuterRef("pk"))
    people = Person.objects.present().filter(organization=organization)
    counts = list(
        roles.annotate(holds=Exists(within), filled=Exists(filled)).values_list("circle", "holds", "filled")
    )
    inner = [(holds, is_filled) for circle, holds, is_filled in counts if circle is not None]
    return {
        "anchor": roles.filter(circle=None).first(),
        "roles": len(inner),
        "circles": sum(holds for holds, _filled in inner),
        "unfilled": sum(not holds and not is_filled for holds, is_filled in inner),
        "people": people.count(),
        "waiting": people.filter(account=None).count(),
    }


def steps(organization: Organization) -> list[dict[str, Any]]:
    """What a set-up consists of: for each step its words, what there is, whether it is done, and where to do it."""
    state = _state(organization)
    anchor: Role | None = state["anchor"]
    at = [organization.slug]
    role_page = reverse("people:structure_role", args=[*at, anchor.ref]) if anchor else ""
    roles, unfilled, people, waiting = state["roles"], state["unfilled"], state["people"], state["waiting"]
    return [
        {
            "words": _("Say what the organization is for"),
            "done": bool(anchor and anchor.purpose),
            "state": anchor.purpose
            if anchor and anchor.purpose
            else _("The anchor circle has no purpose yet."),
            "url": role_page,
            "act": _("Edit purpose"),
            "clause": "1.3.3",
        },
        {
            "words": _("Name the ratifiers"),
            "done": bool(organization.ratifiers),
            "state": ", ".join(organization.ratifiers),
            "url": "#organization",
            "act": _("Edit"),
            "clause": "1.3.3",
        },
        {
            "words": _("Take people in"),
            "done": people > 1,
            "state": ngettext("%(count)d person", "%(count)d people", people) % {"count": people}
            + (_(", %(count)d not invited or not here yet") % {"count": waiting} if waiting else ""),
            "url": reverse("people:people", args=at),
            "act": _("People"),
            "clause": "",
        },
        {
            "words": _("Define the first roles and circles"),
            "done": roles > 0,
            "state": ngettext("%(count)d role", "%(count)d roles", roles) % {"count": roles}
            + (_(", %(count)d of them circles") % {"count": state["circles"]} if state["circles"] else ""),
            "url": reverse("people:structure_edit", args=at),
            "act": _("Structure"),
            "clause": "1.1",
        },
        {
            "words": _("Fill them"),
            "done": roles > 0 and not unfilled,
            "state": (
                _("No roles yet.")
                if not roles
                else ngettext("%(count)d role is unfilled", "%(count)d roles are unfilled", unfilled)
                % {"count": unfilled}
                if unfilled
                else _("Every role is filled.")
            ),
            "url": reverse("people:structure_edit", args=at),
            "act": _("Assign"),
            "clause": "1.4.1",
        },
    ]


@in_organization_as_admin
@require_http_methods(["GET", "POST"])
def setup(request: OrganizationRequest) -> HttpResponse:
    """What is done and what is left; adopting; what the organization is called."""
    organization = request.organization
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = OrganizationForm(
        request.POST if act == "describe" else None,
        organization=organization,
        initial={
            "name": organization.name,
            "zone": organization.zone,
            "ratifiers": "\n".join(organization.ratifiers),
        },
    )
    adopt = AdoptForm(request.POST if act == "adopt" else None)
    try:
        if act == "describe" and form.is_valid():
            data = form.cleaned_data
            describe_organization(
                organization,
                actor=request.person,
                name=data["name"],
                zone=data["zone"],
                ratifiers=data.get("ratifiers"),
            )
            messages.success(request, _("Saved."))
            return redirect("people:setup", organization.slug)
        if act == "adopt" and adopt.is_valid():
            declare_adoption(actor=request.person)
            messages.success(
                request, _("The Constitution is adopted. From now on structure changes by governance.")
            )
            return redirect(home_of(organization))
    except Refused as refused:
        refuse(form if act == "describe" else adopt, refused)
    context: dict[str, Any] = {"form": form, "adopt": adopt, "tab": "setup"}
    if organization.is_set_up:
        context |= _state(organization)
        context["edits"] = (
            Decision.objects.filter(organization=organization, authority="admin")
            .select_related("actor")
            .prefetch_related("texts")
            .defer("rows", "changes")
            .order_by("-number")[:5]
        )
    else:
        context["steps"] = steps(organization)
        context["left"] = sum(not step["done"] for step in context["steps"])
    return render(request, "people/setup.html", context, status=422 if form.errors or adopt.errors else 200)
