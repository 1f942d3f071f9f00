"""The door: signing in, choosing or founding an organization, accepting an invitation."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.actions.set_up import (
    accept_invitation,
    accept_with_new_account,
    found_organization,
    found_with_new_account,
)
from people.access import may_found
from people.forms import FoundForm, NewAccountForm, refuse
from people.limits import limit
from people.models import Account, Invitation, Organization, Person
from people.refusals import Refused
from people.views.demo import demo_account, demo_people

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def home_of(organization: Organization) -> str:
    """Where the pages of an organization begin."""
    return f"/{organization.slug}/"


def _people_of(account: Account) -> list[Person]:
    people = Person.objects.present().filter(account=account).select_related("organization")
    return list(people.order_by("organization__name", "pk"))


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """Lead everybody to where they can go on: their organization, a choice of several, signing in, or founding."""
    if isinstance(request.user, Account):
        people = _people_of(request.user)
        return redirect(home_of(people[0].organization) if len(people) == 1 else "people:organizations")
    return redirect("people:found" if may_found(request.user) else settings.LOGIN_URL)


class SignIn(LoginView):  # type: ignore[misc]
    """Signing in, with the people of the sample organization beside it in demo mode."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        picked, others = demo_people() if settings.DEMO else ([], [])
        return {**context, "demo_people": picked, "demo_others": others}


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Step into the place of somebody in the sample organization; 404 except in demo mode."""
    account = demo_account(request.POST.get("person", "")) if settings.DEMO else None
    if account is None:
        raise Http404
    login(request, account, backend=BACKEND)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if target and safe else "people:root")


@login_required
@require_GET
def organizations(request: HttpRequest) -> HttpResponse:
    """The organizations one belongs to; where there is none, what to do about it."""
    people = _people_of(cast("Account", request.user))
    return render(
        request,
        "people/organizations.html",
        {"places": [(p, home_of(p.organization)) for p in people], "may_found": may_found(request.user)},
    )


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """Found an organization; on an empty installation, with the first account."""
    first_account = not isinstance(request.user, Account)
    if not may_found(request.user):
        return redirect(
            f"{reverse(settings.LOGIN_URL)}?next={request.path}" if first_account else "people:organizations"
        )
    initial = {"anchor_lead": True, "limit": True, "working_days": 3, "zone": "Europe/Berlin"}
    form = FoundForm(
        request.POST if request.method == "POST" else None, first_account=first_account, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        details = {
            **{
                key: data[key]
                for key in ("name", "slug", "zone", "ratifiers", "purpose", "founder_name", "anchor_lead")
            },
            "time_limit": data["working_days"] if data["limit"] else None,
        }
        try:
            limit(request, "found")
            if isinstance(request.user, Account):
                founder = found_organization(account=request.user, **details)
            else:
                founder = found_with_new_account(email=data["email"], password=data["password"], **details)
                login(request, founder.account, backend=BACKEND)
            return redirect("people:setup", founder.organization.slug)
        except Refused as refused:
            refuse(form, refused)
    status = 422 if form.errors else 200
    return render(request, "people/found.html", {"form": form, "first_account": first_account}, status=status)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation, with the account one is signed in with or a new one, and agree to the Constitution."""
    found = Invitation.find(secret)
    if found is None or found.person.account_id is not None or not found.person.present:
        return render(request, "people/invitation_gone.html", status=410)
    account = request.user if isinstance(request.user, Account) else None
    form = NewAccountForm(
        request.POST if request.method == "POST" else None,
        fixed_email=found.person.email,
        signed_in=account is not None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            limit(request, "accept_invitation")
            if account is not None:
                person = accept_invitation(found, account=account)
            else:
                email, password = form.cleaned_data["email"], form.cleaned_data["password"]
                person = accept_with_new_account(found, email=email, password=password)
                login(request, person.account, backend=BACKEND)
            return redirect(home_of(person.organization))
        except Refused as refused:
            refuse(form, refused)
    context = {
        "invitation": found,
        "organization_name": found.organization.name,
        "form": form,
        "account": account,
        "known": account is None and Account.objects.filter(email__iexact=found.person.email).exists()
        if found.person.email
        else False,
        "sign_in": f"{reverse(settings.LOGIN_URL)}?next={request.path}",
        "title": _("Join %(organization)s") % {"organization": found.organization.name},
    }
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)
