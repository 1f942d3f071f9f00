"""What the API gathers from several apps: the whole structure, one person, oneself; and how it is described."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles import queries as circles
from circles.api import RoleName
from circles.constitution import CONSTITUTIONAL_KINDS
from circles.models import Assignment, Role
from circles.queries import structure_document
from circles.structure import Structure
from governance import queries as governance
from pages import markdown
from people.access import get_person, ref_id
from people.api import OrganizationView, PersonItem, refusals
from people.models import ApiToken, Organization, Person

# -- the whole structure -----------------------------------------------------------------------------------------


class OrganizationItem(serializers.Serializer[Organization]):
    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    zone = serializers.CharField(help_text="The zone of its calendar, such as Europe/Berlin.")
    adopted_at = serializers.DateTimeField(
        allow_null=True, help_text="Null while the structure is being set up."
    )


class Head(serializers.Serializer[Any]):
    """The last decision this structure follows from; number 0 while it is being set up."""

    number = serializers.IntegerField()
    hash = serializers.CharField()


class RoleRowItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    circle = serializers.CharField(
        allow_null=True, help_text="The role it sits in; null for the anchor circle."
    )
    kind = serializers.ChoiceField(Role.Kind.choices)
    name = serializers.CharField(help_text="Empty for the constitutional roles.")
    purpose = serializers.CharField()


class AccountabilityRowItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    role = serializers.CharField()
    text = serializers.CharField()
    position = serializers.IntegerField()


class DomainRowItem(AccountabilityRowItem):
    within = serializers.CharField(
        allow_null=True, help_text="The circle’s domain it was granted within (§1.3.2)."
    )
    internal = serializers.BooleanField()


class PolicyRowItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    role = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    effect = serializers.DictField(allow_null=True)
    domain = serializers.CharField(allow_null=True)
    inside = serializers.BooleanField()
    overridable = serializers.BooleanField()
    position = serializers.IntegerField()


class AssignmentRowItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    role = serializers.CharField()
    person = serializers.CharField()
    focus = serializers.CharField()
    term_ends = serializers.DateField(allow_null=True)


class PersonRowItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    partner = serializers.BooleanField()


class ConstitutionalItem(serializers.Serializer[Any]):
    name = serializers.CharField()
    clause = serializers.CharField()
    purpose = serializers.CharField()
    accountabilities = serializers.ListField(child=serializers.CharField())
    domains = serializers.ListField(child=serializers.CharField())


class Constitutional(serializers.Serializer[Any]):
    """What the Constitution gives the roles of every circle, by their kind."""

    def get_fields(self) -> dict[str, Any]:
        return {kind: ConstitutionalItem() for kind in CONSTITUTIONAL_KINDS}


class StructureDocument(serializers.Serializer[Any]):
    """The whole structure: a list for each kind of row, in no fixed order, as the record writes them."""

    organization = OrganizationItem()
    record = Head()
    roles = RoleRowItem(many=True)
    accountabilities = AccountabilityRowItem(many=True)
    domains = DomainRowItem(many=True)
    policies = PolicyRowItem(many=True)
    assignments = AssignmentRowItem(many=True)
    people = PersonRowItem(many=True)
    constitutional = Constitutional()


def _head(organization: Organization) -> dict[str, Any]:
    record = governance.head(organization)
    return {"number": record.number, "hash": record.head} if record else {"number": 0, "hash": ""}


def _tag(organization: Organization, head: dict[str, Any]) -> str:
    """Return the entity tag of an adopted structure: the head of its record, and what is not on the record, the names
    of people and of the organization."""
    people = (
        Person.objects.present().filter(organization=organization).order_by("pk").values_list("pk", "name")
    )
    beside = orjson.dumps([list(people), organization.name, organization.slug, organization.zone])
    return f'"{head["number"]}-{head["hash"][:16]}-{hashlib.sha256(beside).hexdigest()[:16]}"'


@method_decorator(gzip_page, name="dispatch")
class StructureView(OrganizationView):
    @extend_schema(
        operation_id="structure",
        tags=["structure"],
        responses={200: StructureDocument, 304: None, **refusals()},
    )
    def get(self, request: Request, organization: str) -> HttpResponse:
        """The whole structure in one answer, with an ETag: send it as If-None-Match, and 304 says nothing changed."""
        # While nothing is decided yet, changes leave no mark on the record: the answer itself is the tag then
        head = _head(self.organization)
        tag = _tag(self.organization, head) if self.organization.is_set_up else ""
        if tag:
            known = _conditional(request, HttpResponse(headers={"ETag": tag}))
            if known.status_code != HTTPStatus.OK:
                return known
        document = structure_document(self.organization)
        while (now := _head(self.organization)) != head:
            # Something was decided between two of the reads: read again, so that all of it is of one moment
            head, document = now, structure_document(self.organization)
            tag = _tag(self.organization, head)
        described = {"organization": OrganizationItem(self.organization).data, "record": head, **document}
        body = orjson.dumps(described)
        answer = HttpResponse(body, content_type="application/json")
        answer["ETag"] = tag or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return _conditional(request, answer)


def _conditional(request: Request, answer: HttpResponse) -> HttpResponse:
    """Return the answer, or 304 where the sender has it already, or 412 where they asked for another."""
    found = get_conditional_response(request._request, etag=answer["ETag"], response=answer)
    assert found is not None  # noqa: S101 - only without an answer to return
    return found


# -- one person --------------------------------------------------------------------------------------------------


class HeldRole(serializers.Serializer[Assignment]):
    """A role somebody fills: ``id`` is the assignment's."""

    id = serializers.CharField()
    role = RoleName()
    circle = RoleName(source="role.circle", allow_null=True)
    focus = serializers.CharField()
    term_ends = serializers.DateField(allow_null=True)


class PersonDetail(PersonItem):
    roles = HeldRole(many=True)
    circles = RoleName(many=True, help_text="The circles they are a member of (§5.1).")


def _described(person: Person) -> Any:
    structure = Structure.of(person.organization_id)
    held = (
        Assignment.objects.filter(organization=person.organization_id, person=person)
        .select_related("role__circle")
        .order_by("role__name", "role_id", "focus")
    )
    return {
        **{name: getattr(person, name) for name in ("id", "name", "partner", "admin", "present", "tz")},
        "roles": held,
        "circles": [m.circle for m in circles.memberships(structure, person.id)],
    }


class PersonView(OrganizationView):
    @extend_schema(operation_id="people_read", tags=["people"], responses={200: PersonDetail, **refusals()})
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """Somebody of the organization, here or departed, with the roles they fill and the circles they belong to.

        ``ref`` is their identifier, or the last part of the address of their page.
        """
        return Response(PersonDetail(_described(get_person(self.person, ref_id(ref)))).data)


class Me(serializers.Serializer[Any]):
    """Who is asking. A key opens one organization; somebody signed in sees all of theirs."""

    person = PersonDetail()
    organization = OrganizationItem()
    organizations = OrganizationItem(many=True)


class MeView(OrganizationView):
    @extend_schema(operation_id="me", tags=["people"], responses={200: Me, **refusals()})
    def get(self, request: Request, organization: str) -> Response:
        """Who one is here, with one’s roles and circles, and the organizations one can ask for."""
        organizations = [self.organization]
        if not isinstance(request.auth, ApiToken):
            people = Person.objects.present().filter(account=self.person.account)
            organizations = list(Organization.objects.filter(people__in=people).order_by("name", "pk"))
        found = {
            "person": _described(self.person),
            "organization": self.organization,
            "organizations": organizations,
        }
        return Response(Me(found).data)


# -- how to use it -----------------------------------------------------------------------------------------------


@require_safe
@login_required
def documentation(request: HttpRequest) -> HttpResponse:
    """Show how the API is used: ``docs/api.md`` as a page, for whoever is signed in."""
    _title, _, words = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8").partition("\n")
    return render(request, "pages/api.html", {"words": markdown.render(words, breaks=False)})
