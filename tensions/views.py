"""The pages of tensions: capturing one, the inbox, and one of them with the ways it can go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles.structure import Structure
from governance.drafting import places
from people.access import OrganizationRequest, in_organization
from people.ids import new_id
from people.refusals import Refused, RuleBroken
from tensions import actions, queries
from tensions.access import get_tension
from tensions.models import TENSION_LENGTH, Tension

PER_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def capture(request: OrganizationRequest) -> HttpResponseBase:
    """Capture a tension. Every page's dialog and the home page send here; ``next`` is where to go on."""
    sent = request.POST
    refused: Refused | None = None
    if request.method == "POST":
        try:
            tension = actions.capture(
                actor=request.person,
                text=sent.get("text", ""),
                role_id=sent.get("role") or None,
                form_key=sent.get("form_key", "")[:100],
            )
            address = reverse("tensions:tension", args=[request.organization.slug, tension.pk])
            messages.success(
                request, format_html('{} <a href="{}">{}</a>', _("Captured."), address, _("Open it"))
            )
            onward = sent.get("next", "")
            if not url_has_allowed_host_and_scheme(onward, allowed_hosts=None):
                onward = reverse("tensions:inbox", args=[request.organization.slug])
            return redirect(onward)
        except Refused as error:
            refused = error
    context = {
        "text": sent.get("text", ""),
        "role": sent.get("role") or request.GET.get("role", ""),
        "roles": queries.roles_led(Structure.of(request.organization.id), request.person.pk),
        "form_key": sent.get("form_key") or new_id(),
        "onward": sent.get("next", ""),
        **_refusal(refused),
    }
    return render(request, "tensions/capture.html", context, status=422 if refused else 200)


def _refusal(refused: Refused | None) -> dict[str, Any]:
    return {
        "refused": refused,
        "refused_clause": refused.clause if isinstance(refused, RuleBroken) else "",
        "refused_field": refused.field if refused else "",
        "most": TENSION_LENGTH,
    }


@require_safe
@in_organization
def inbox(request: OrganizationRequest) -> HttpResponseBase:
    """The tensions the reader holds, and those they held."""
    past = request.GET.get("state") == "past"
    found = queries.past_tensions(request.person) if past else queries.open_tensions(request.person)
    page = Paginator(found.prefetch_related("proposals"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "past": past,
        "held": queries.open_tensions(request.person).count() if past else page.paginator.count,
        "roles": [] if past else queries.roles_led(Structure.of(request.organization.id), request.person.pk),
        "form_key": new_id(),
    }
    return render(request, "tensions/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def tension(request: OrganizationRequest, tension: str) -> HttpResponseBase:
    """One tension of the reader's: its words, and the ways it can go. ``do`` names which way it goes."""
    found = get_tension(request.person, tension)
    refused: Refused | None = None
    sent = request.POST
    if request.method == "POST":
        try:
            messages.success(request, _act(request, found))
            if sent.get("do") in ("amend", "reopen"):
                return redirect("tensions:tension", request.organization.slug, found.pk)
            return redirect("tensions:inbox", request.organization.slug)
        except Refused as error:
            refused = error
    structure = Structure.of(request.organization.id)
    is_open = found.state == Tension.State.OPEN
    context = {
        "tension": found,
        "is_open": is_open,
        "places": places(structure, request.person.pk, role_id=found.role_id) if is_open else [],
        "roles": queries.roles_led(structure, request.person.pk) if is_open else [],
        "proposals": list(found.proposals.select_related("circle").order_by("created_at", "pk")),
        "do": sent.get("do", ""),
        "text": sent.get("text", found.text) if sent.get("do") == "amend" else found.text,
        "role": sent.get("role", "") if sent.get("do") == "amend" else found.role_id,
        "outcome": sent.get("outcome", ""),
        **_refusal(refused),
    }
    return render(request, "tensions/tension.html", context, status=422 if refused else 200)


def _act(request: OrganizationRequest, tension: Tension) -> str:
    """Do with a tension what was sent, and say that it is done. Raises Refused."""
    sent, person = request.POST, request.person
    do = sent.get("do")
    if do == "amend":
        actions.amend(tension, actor=person, text=sent.get("text", ""), role_id=sent.get("role") or None)
        return _("Saved.")
    if do == "settle":
        actions.settle(tension, actor=person, outcome=sent.get("outcome", ""))
        return _("Settled. You find it among your past tensions.")
    if do == "let_go":
        actions.let_go(tension, actor=person, outcome=sent.get("outcome", ""))
        return _("Let go. You find it among your past tensions.")
    if do == "reopen":
        actions.reopen(tension, actor=person)
        return _("It is with you again.")
    raise Refused(_("Choose which way it goes."))
