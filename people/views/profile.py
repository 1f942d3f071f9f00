"""What somebody says about themselves in an organization, their keys for the API, and leaving by oneself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.actions.absences import be_away, take_back_absence
from governance.actions.people import describe_person, issue_token, revoke_token
from people.access import OrganizationRequest, in_organization
from people.forms import AwayForm, PersonForm, TokenForm, refuse
from people.limits import limit
from people.models import Absence, ApiToken
from people.queries import absences, tokens
from people.refusals import Refused
from people.views.members import leaving

FRESH = "fresh_token"


@never_cache
@in_organization
@require_http_methods(["GET", "POST"])
def profile(request: OrganizationRequest) -> HttpResponse:
    """One's name and zone here, when one is away, one's keys for the API, and the ways out."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    person = request.person
    form = PersonForm(
        request.POST if act == "describe" else None,
        with_email=False,
        initial={"name": person.name, "zone": person.zone},
    )
    token_form = TokenForm(request.POST if act == "token" else None)
    away_form = AwayForm(request.POST if act == "away" else None)
    back_to_away = f"{reverse('people:profile', args=[request.organization.slug])}#away"
    try:
        if act == "away" and away_form.is_valid():
            be_away(actor=person, **away_form.cleaned_data)
            messages.success(request, _("Noted. Whoever waits for your answer sees it."))
            return redirect(back_to_away)
        if act == "back":
            absence = Absence.objects.filter(person=person, pk=request.POST.get("absence", "")).first()
            if absence is None:
                raise Http404
            take_back_absence(absence, actor=person)
            return redirect(back_to_away)
        if act == "describe" and form.is_valid():
            describe_person(
                person, actor=person, name=form.cleaned_data["name"], zone=form.cleaned_data["zone"]
            )
            messages.success(request, _("Saved."))
            return redirect("people:profile", request.organization.slug)
        if act == "token" and token_form.is_valid():
            limit(request, "issue_token")
            token, secret = issue_token(actor=person, label=token_form.cleaned_data["label"])
            request.session[FRESH] = {"id": token.id, "secret": secret}
            return redirect(f"{reverse('people:profile', args=[request.organization.slug])}#keys")
    except Refused as refused:
        refuse({"describe": form, "away": away_form}.get(act, token_form), refused)
    fresh = request.session.pop(FRESH, None)
    keys = list(tokens(person))
    context = {
        "form": form,
        "token_form": token_form,
        "away_form": away_form,
        "absences": absences(person),
        "tokens": keys,
        # Only on the page of the organization it is for
        "fresh": fresh if fresh and any(t.id == fresh["id"] for t in keys) else None,
    }
    refused_any = form.errors or token_form.errors or away_form.errors
    return render(request, "people/profile.html", context, status=422 if refused_any else 200)


@in_organization
@require_POST
def revoke(request: OrganizationRequest, token: str) -> HttpResponse:
    """Revoke a key of one's own."""
    found = ApiToken.objects.filter(person=request.person, pk=token).first()
    if found is None:
        raise Http404
    revoke_token(found, actor=request.person)
    messages.success(request, _("The key “%(label)s” opens nothing any more.") % {"label": found.label})
    return redirect(f"{reverse('people:profile', args=[request.organization.slug])}#keys")


@in_organization
@require_http_methods(["GET", "POST"])
def leave(request: OrganizationRequest) -> HttpResponse:
    """Leave the organization oneself, after reading what ends."""
    back = reverse("people:profile", args=[request.organization.slug])
    return leaving(request, request.person, done=reverse("people:organizations"), back=back)
