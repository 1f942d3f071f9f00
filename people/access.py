"""Who may come in. Every page, stream and API call finds its organization and its person here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from people.models import Account, Organization, Person
from people.refusals import NotAllowed

P = ParamSpec("P")


class OrganizationRequest(HttpRequest):
    """A request whose sender is known to be a person of ``organization``."""

    organization: Organization
    person: Person
    user: Account
    if TYPE_CHECKING:
        htmx: Any


def person_in(account: Any, slug: str) -> Person:
    """Return the person that ``account`` is in the organization called ``slug``.

    Raises Http404 where there is none: nobody learns that an organization exists (design, "Who may").
    """
    person = (
        Person.objects.present()
        .select_related("organization", "account")
        .filter(organization__slug=slug, account=account)
        .first()
        if getattr(account, "is_authenticated", False)
        else None
    )
    if person is None:
        raise Http404
    return person


def in_organization(
    view: Callable[Concatenate[OrganizationRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let only people of the organization in the address through, and tell the view who they are.

    Anonymous visitors are sent to sign in; others get 404. ``timezone`` is set to the reader's zone.
    """

    @wraps(view)
    def wrapper(
        request: OrganizationRequest, organization: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        request.person = person_in(request.user, organization)
        request.organization = request.person.organization
        with timezone.override(request.person.tz):
            return view(request, *args, **kwargs)

    return login_required(wrapper)


def in_organization_as_admin(
    view: Callable[Concatenate[OrganizationRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """As ``in_organization``, for admins alone; other people of the organization get 404."""

    def wrapper(request: OrganizationRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.person.admin:
            raise Http404
        return view(request, *args, **kwargs)

    return wraps(view)(in_organization(wrapper))


def get_person(viewer: Person, person_id: str) -> Person:
    """Return somebody of the viewer's own organization, departed or not; Http404 for anybody else."""
    person = Person.objects.filter(organization=viewer.organization, id=person_id).first()
    if person is None:
        raise Http404
    person.organization = viewer.organization
    return person


def require_admin(actor: Person) -> None:
    """Raise NotAllowed unless ``actor`` is an admin who is present."""
    from django.utils.translation import gettext as _

    if not (actor.admin and actor.present):
        raise NotAllowed(_("Only an admin of the organization can do this."))


def may_found(account: Any) -> bool:
    """Tell whether whoever asks may found an organization.

    On an empty installation everybody may, with the first account; afterwards whoever is signed in, unless the
    setting FOUNDING keeps it to the first organization.
    """
    if not getattr(account, "is_authenticated", False):
        return not Account.objects.exists()
    return settings.FOUNDING == "open" or not Organization.objects.exists()


def ref_id(ref: str) -> str:
    """Return the identifier at the end of an address part such as ``customer-love-7hq2k9xdmp``."""
    return ref.rpartition("-")[2]
