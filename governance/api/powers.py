"""Who may represent a role besides its leads (§5.3), and process breakdowns (§5.5), by API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.access import get_role
from circles.api import RoleName
from circles.structure import Structure
from governance.access import get_breakdown
from governance.actions.breakdowns import declare
from governance.actions.representation import let_represent
from governance.models import TEXT_LENGTH, Breakdown
from governance.representation import permissions_for
from people.access import get_person, ref_id
from people.api import LIMIT, OFFSET, OrganizationView, PersonName, page_of, reference, refusals, sent
from people.ids import is_id
from people.refusals import Malformed


def _identifier(text: str, field: str) -> str:
    found = ref_id(text)
    if not is_id(found):
        raise Malformed(_("This is no identifier: those have ten characters."), field=field)
    return found


class RepresentativeItem(serializers.Serializer[Any]):
    """Somebody who may represent a role by a lead's leave, until the end of the day ``until`` or withdrawn."""

    id = serializers.CharField()
    person = PersonName()
    granted_by = PersonName()
    granted_at = serializers.DateTimeField()
    until = serializers.DateField(allow_null=True)


class Representing(serializers.Serializer[Any]):
    """Whom a lead lets represent the role, and until when."""

    person = serializers.CharField()
    until = serializers.DateField(required=False, allow_null=True)


class RepresentativesView(OrganizationView):
    @extend_schema(
        operation_id="representatives_list",
        tags=["structure"],
        responses={200: RepresentativeItem(many=True), **refusals()},
    )
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """Who may represent a role in governance besides its leads (§5.3)."""
        role = get_role(self.person, ref)
        found = permissions_for(Structure.of(self.organization.id), role.pk) if role.present else []
        return Response(RepresentativeItem(found, many=True).data)

    @extend_schema(
        operation_id="representatives_let",
        tags=["structure"],
        request=Representing,
        responses={201: RepresentativeItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, ref: str) -> Response:
        """Let a circle member represent a role that one leads."""
        role, given = get_role(self.person, ref), sent(request, Representing)
        if not role.present:
            raise Malformed(_("This role has been removed."), field="ref")
        person = get_person(self.person, _identifier(given["person"], "person"))
        permission = let_represent(role, person, actor=self.person, until=given.get("until"))
        return Response(RepresentativeItem(permission).data, status=201)


class BreakdownItem(serializers.Serializer[Any]):
    """A process breakdown of ``circle``; it stands while ``ended_at`` is null."""

    id = serializers.CharField()
    circle = RoleName()
    why = serializers.ChoiceField(Breakdown.Why.choices)
    reasons = serializers.CharField()
    declared_by = PersonName(allow_null=True)
    declared_at = serializers.DateTimeField()
    lead = PersonName(allow_null=True, help_text="The circle lead added for its duration.")
    ended_by = PersonName(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_words = serializers.CharField(help_text="How due process was restored.")


class Declaring(serializers.Serializer[Any]):
    """In which circle a breakdown is declared, and why."""

    circle = serializers.CharField()
    reasons = serializers.CharField(max_length=TEXT_LENGTH)


class BreakdownsView(OrganizationView):
    @extend_schema(
        operation_id="breakdowns_list",
        tags=["breakdowns"],
        parameters=[LIMIT, OFFSET, OpenApiParameter("circle", description="Only those of this circle.")],
        responses={200: page_of(BreakdownItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """Process breakdowns, the last one first."""
        found = Breakdown.objects.filter(organization=self.organization).select_related(
            "circle", "declared_by", "lead", "ended_by"
        )
        if ref := reference(request, "circle"):
            found = found.filter(circle=get_role(self.person, ref))
        return self.page(found, BreakdownItem)

    @extend_schema(
        operation_id="breakdowns_declare",
        tags=["breakdowns"],
        request=Declaring,
        responses={201: BreakdownItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str) -> Response:
        """Declare a process breakdown, as facilitator or secretary of the circle or of the one around it (§5.5)."""
        given = sent(request, Declaring)
        circle = get_role(self.person, _identifier(given["circle"], "circle"))
        found = declare(circle, actor=self.person, reasons=given["reasons"])
        return Response(BreakdownItem(found).data, status=201)


class BreakdownView(OrganizationView):
    @extend_schema(
        operation_id="breakdowns_read", tags=["breakdowns"], responses={200: BreakdownItem, **refusals()}
    )
    def get(self, request: Request, organization: str, breakdown: str) -> Response:
        """One process breakdown."""
        return Response(BreakdownItem(get_breakdown(self.person, breakdown)).data)
