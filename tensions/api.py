"""One's own tensions by API: list them, read one, capture one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.api import RoleName
from people.access import ref_id
from people.api import LIMIT, OFFSET, OrganizationView, Text, one_of, page_of, refusals, sent
from people.ids import is_id
from people.refusals import Malformed
from tensions import queries
from tensions.access import get_tension
from tensions.actions import capture
from tensions.models import TENSION_LENGTH, Tension


class TensionItem(serializers.Serializer[Any]):
    """A tension of one's own. ``outcome`` says in a few words where it went."""

    id = serializers.CharField()
    text = serializers.CharField()
    role = RoleName(allow_null=True, help_text="The role it is sensed from (§1.2.1).")
    state = serializers.ChoiceField(Tension.State.choices)
    outcome = serializers.CharField()
    sensed_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class Capture(serializers.Serializer[Any]):
    """What is sensed. ``role`` is one of the roles you lead; the same words with the same ``key`` count once."""

    text = Text(allow_blank=True, max_length=TENSION_LENGTH)
    role = Text(required=False, allow_null=True, max_length=200)
    key = Text(required=False, allow_blank=True, max_length=200)


class TensionsView(OrganizationView):
    @extend_schema(
        operation_id="tensions_list",
        tags=["tensions"],
        parameters=[LIMIT, OFFSET, OpenApiParameter("state", enum=Tension.State.values)],
        responses={200: page_of(TensionItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """One's own tensions, newest first."""
        found = queries.tensions_of(self.person)
        if state := one_of(request, "state", Tension.State.values):
            found = found.filter(state=state)
        return self.page(found, TensionItem)

    @extend_schema(
        operation_id="tensions_capture",
        tags=["tensions"],
        request=Capture,
        responses={201: TensionItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str) -> Response:
        """Capture a tension in one's own name."""
        given = sent(request, Capture)
        role = ref_id(given.get("role") or "")
        if role and not is_id(role):
            raise Malformed(_("This is no identifier: those have ten characters."), field="role")
        tension = capture(
            actor=self.person, text=given["text"], role_id=role or None, form_key=given.get("key", "")
        )
        address = reverse("api:tension", args=[self.organization.slug, tension.id])
        return Response(TensionItem(tension).data, status=201, headers={"Location": address})


class TensionView(OrganizationView):
    @extend_schema(
        operation_id="tensions_read", tags=["tensions"], responses={200: TensionItem, **refusals()}
    )
    def get(self, request: Request, organization: str, tension: str) -> Response:
        """One tension of one's own."""
        return Response(TensionItem(get_tension(self.person, tension)).data)
