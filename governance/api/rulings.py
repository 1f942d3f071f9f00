"""Questions to secretaries and their rulings by API, to read and to ask; and undoing a decision as a proposal."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.access import get_role
from circles.api import RoleName
from governance.access import get_decision, get_proposal
from governance.actions import rulings as actions
from governance.actions.undo import start_undo
from governance.api.proposals import ProposalText
from governance.models import Ruling
from governance.rulings import get_ruling, visible_rulings
from people.access import get_person, ref_id
from people.api import (
    LIMIT,
    OFFSET,
    OrganizationView,
    PersonName,
    Text,
    one_of,
    page_of,
    reference,
    refusals,
    sent,
)


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


class Question(serializers.Serializer[Any]):
    """What a secretary is asked. ``about_id`` is a role, policy, accountability or domain, the number of a decision,
    or a clause, as ``about`` says."""

    circle = Text(help_text="Whose acting secretary is asked.")
    question = Text()
    kind = serializers.ChoiceField(Ruling.Kind.choices, default=Ruling.Kind.INTERPRETATION)
    about = serializers.ChoiceField(Ruling.About.choices, default="", allow_blank=True)
    about_id = Text(default="")
    reading = Text(default="", help_text="How you read it.")
    other = Text(default="", help_text="Who reads it differently.")
    other_reading = Text(default="")


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

    @extend_schema(
        operation_id="rulings_ask",
        tags=["rulings"],
        request=Question,
        responses={201: RulingDetail, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str) -> Response:
        """Ask the acting secretary of a circle how something is to be read, or whether it is valid (§4.2)."""
        given = sent(request, Question)
        circle = get_role(self.person, given.pop("circle"))
        other = get_person(self.person, ref_id(name)) if (name := given.pop("other")) else None
        ruling = actions.ask(circle, actor=self.person, other=other, **given)
        address = reverse("api:ruling", args=[self.organization.slug, ruling.pk])
        detail = RulingDetail(get_ruling(self.person, ruling.pk)).data
        return Response(detail, status=201, headers={"Location": address})


class RulingView(OrganizationView):
    @extend_schema(operation_id="rulings_read", tags=["rulings"], responses={200: RulingDetail, **refusals()})
    def get(self, request: Request, organization: str, ruling: str) -> Response:
        """One question with both readings, and the ruling on it with its reasoning."""
        return Response(RulingDetail(get_ruling(self.person, ruling)).data)


class Undo(serializers.Serializer[Any]):
    circle = Text(
        default="", help_text="The circle whose part of it is undone; empty: the first that stands."
    )


class UndoView(OrganizationView):
    @extend_schema(
        operation_id="decisions_undo",
        tags=["record"],
        request=Undo,
        responses={201: ProposalText, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, number: int) -> Response:
        """Begin a draft that takes a decision back, against today’s structure, and answer with it."""
        decision = get_decision(self.person, number)
        circle = sent(request, Undo)["circle"]
        draft = start_undo(decision, actor=self.person, circle=ref_id(circle) if circle else None)
        found = get_proposal(self.person, draft.pk)
        address = reverse("api:proposal", args=[self.organization.slug, found.pk])
        return Response(ProposalText(found).data, status=201, headers={"Location": address})
