"""Questions to secretaries and their rulings by API, to read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.access import get_role
from circles.api import RoleName
from governance.models import Ruling
from governance.rulings import get_ruling, visible_rulings
from people.api import LIMIT, OFFSET, OrganizationView, PersonName, one_of, page_of, reference, refusals


class RulingItem(serializers.Serializer[Any]):
    """A question to the secretary of ``circle`` and the ruling on it (§4.2). ``about`` and ``about_id`` say what it
    is about; ``state`` whether it is in force; ``struck`` is the decision by which it was struck."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(Ruling.Kind.choices)
    state = serializers.ChoiceField(Ruling.State.choices)
    circle = RoleName()
    about = serializers.ChoiceField(Ruling.About.choices, allow_blank=True)
    about_id = serializers.CharField()
    question = serializers.CharField()
    asker = PersonName()
    asked_at = serializers.DateTimeField()
    text = serializers.CharField(help_text="The ruling; empty while it is awaited.")
    ruled_by = PersonName(allow_null=True)
    ruled_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    struck = serializers.IntegerField(source="struck.number", allow_null=True)
    appeal_of = serializers.CharField(source="appeal_of_id", allow_null=True)


class RulingDetail(RulingItem):
    reading = serializers.CharField(help_text="How the asker reads it.")
    other = PersonName(allow_null=True)
    other_reading = serializers.CharField()
    logic = serializers.CharField(help_text="The reasoning behind the ruling.")
    said = serializers.CharField(help_text="What it is about, as it was worded when ruled on.")
    overrules = serializers.BooleanField(allow_null=True, help_text="Of an appeal.")
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_reason = serializers.CharField()


class RulingsView(OrganizationView):
    @extend_schema(
        operation_id="rulings_list",
        tags=["rulings"],
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("state", enum=Ruling.State.values),
            OpenApiParameter("circle", description="Only those of this circle’s secretary."),
            OpenApiParameter("role", description="Only those that concern this role."),
        ],
        responses={200: page_of(RulingItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The questions and rulings one may see, latest first: published ones, and those one is concerned by."""
        found = visible_rulings(self.person)
        if state := one_of(request, "state", Ruling.State.values):
            found = found.filter(state=state)
        if ref := reference(request, "circle"):
            found = found.filter(circle=get_role(self.person, ref))
        if ref := reference(request, "role"):
            found = found.filter(role=get_role(self.person, ref))
        return self.page(found, RulingItem)


class RulingView(OrganizationView):
    @extend_schema(operation_id="rulings_read", tags=["rulings"], responses={200: RulingDetail, **refusals()})
    def get(self, request: Request, organization: str, ruling: str) -> Response:
        """One question with both readings, and the ruling on it with its reasoning."""
        return Response(RulingDetail(get_ruling(self.person, ruling)).data)
