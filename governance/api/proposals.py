"""The record and proposals by API, to read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from circles.access import get_role
from circles.api import RoleName
from governance import authority as authorities
from governance import queries
from governance import record as records
from governance.access import get_decision, get_proposal
from governance.api.consent import AnswerItem, ObjectionItem
from governance.models import Proposal
from people.api import (
    LIMIT,
    OFFSET,
    OrganizationView,
    PersonName,
    instant,
    number,
    one_of,
    page_of,
    reference,
    refusals,
)

MOST_DECISIONS = 2_000_000_000


# -- decisions ---------------------------------------------------------------------------------------------------


class DecisionItem(serializers.Serializer[Any]):
    """A decision as people read it: a sentence for each change, by whose authority, and its hash in the chain."""

    number = serializers.IntegerField(source="decision.number")
    at = serializers.DateTimeField(source="decision.at")
    authority = serializers.ChoiceField(list(authorities.NAMES.items()), source="decision.authority")
    actor = PersonName(source="decision.actor", allow_null=True)
    circle = RoleName(source="decision.circle", allow_null=True)
    proposal = serializers.CharField(
        source="decision.proposal", help_text="Its identifier; empty without one."
    )
    meeting = serializers.CharField(source="decision.meeting", help_text="Its identifier; empty without one.")
    sentences = serializers.ListField(child=serializers.CharField())
    hash = serializers.CharField(source="decision.hash")


class DecisionEntry(serializers.Serializer[Any]):
    """What the hash covers: sha256 over this object as JSON in UTF-8, keys sorted, without spaces."""

    format = serializers.IntegerField()
    organization = serializers.CharField()
    number = serializers.IntegerField()
    at = serializers.CharField()
    authority = serializers.CharField()
    actor = serializers.CharField(allow_null=True)
    circle = serializers.CharField(allow_null=True)
    proposal = serializers.CharField()
    meeting = serializers.CharField()
    changes = serializers.ListField(child=serializers.DictField())
    rows = serializers.ListField(
        child=serializers.ListField(), help_text="Every row before and after: [table, id, before, after]."
    )
    digests = serializers.DictField(
        child=serializers.CharField(), help_text="Of salt and text, for each text."
    )
    previous = serializers.CharField(help_text="The hash of the decision before.")


class DecisionDetail(DecisionItem):
    texts = serializers.DictField(
        child=serializers.CharField(), help_text="Tension, example, reason …, unless they were erased."
    )
    entry = DecisionEntry()


class DecisionPage(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="The address of the decisions before these.")
    results = DecisionItem(many=True)


class DecisionsView(OrganizationView):
    @extend_schema(
        operation_id="decisions_list",
        tags=["record"],
        parameters=[
            LIMIT,
            OpenApiParameter(
                "before",
                {"type": "integer", "minimum": 1, "maximum": MOST_DECISIONS},
                description="Only decisions before this number.",
            ),
            OpenApiParameter(
                "circle", description="Only those of this circle, or that changed it or its roles."
            ),
            OpenApiParameter("role", description="Only those that changed this role."),
            OpenApiParameter("authority", enum=list(authorities.NAMES)),
            OpenApiParameter(
                "since", description="Only those from this time, or day in the organization’s zone, on."
            ),
        ],
        responses={200: DecisionPage, **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The decisions on the record, newest first. ``next`` leads to older ones and misses none, whatever comes."""
        found = queries.decisions(self.organization)
        if ref := reference(request, "circle"):
            found = found.filter(queries.touching_circle(get_role(self.person, ref)))
        if ref := reference(request, "role"):
            found = found.filter(queries.touching_role(get_role(self.person, ref)))
        if authority := one_of(request, "authority", authorities.NAMES):
            found = found.filter(authority=authority)
        if since := instant(request, "since", self.organization):
            found = found.filter(at__gte=since)
        if before := number(request, "before", default=0, least=1, most=MOST_DECISIONS):
            found = found.filter(number__lt=before)
        limit = number(request, "limit", default=100, least=1, most=500)
        decisions = list(found[: limit + 1])
        entries = queries.entries(self.organization, decisions[:limit])
        following = None
        if len(decisions) > limit:
            following = replace_query_param(
                request.build_absolute_uri(), "before", str(decisions[limit - 1].number)
            )
        return Response({"next": following, "results": DecisionItem(entries, many=True).data})


class DecisionView(OrganizationView):
    @extend_schema(
        operation_id="decisions_read", tags=["record"], responses={200: DecisionDetail, **refusals()}
    )
    def get(self, request: Request, organization: str, number: int) -> Response:
        """One decision whole: its changes, every row before and after, the texts beside it, and the chain."""
        decision = get_decision(self.person, number)
        entry = queries.entries(self.organization, [decision])[0]
        told = DecisionItem(entry).data
        return Response({**told, "texts": entry.texts, "entry": records.entry_of(decision)})


# -- proposals ---------------------------------------------------------------------------------------------------


class ProposalItem(serializers.Serializer[Any]):
    """A proposal. ``state`` says where it is; ``due_at`` when answers close; ``decision`` what it became."""

    id = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(Proposal.State.choices)
    circle = RoleName()
    proposer = PersonName()
    role = RoleName(allow_null=True, help_text="The role the proposer represents (§5.3).")
    election = serializers.CharField(
        source="election_id", allow_null=True, help_text="The election whose candidate it proposes (§5.3.5)."
    )
    round = serializers.IntegerField()
    text_version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    extended_from = serializers.DateTimeField(
        allow_null=True, help_text="Until when answers were asked before the time limit was extended (§5.3)."
    )
    settled_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.IntegerField(source="decision.number", allow_null=True)


class ProposalText(ProposalItem):
    tension = serializers.CharField()
    example = serializers.CharField()
    how_helped = serializers.CharField()
    changes = serializers.ListField(child=serializers.DictField())
    settled_reason = serializers.CharField()
    settled_ground = serializers.CharField(
        help_text="The line of the clause that made the facilitator discard or drop it."
    )


class ProposalDetail(ProposalText):
    responses = AnswerItem(many=True, help_text="The roll of its present round.")
    objections = ObjectionItem(many=True)


class ProposalsView(OrganizationView):
    @extend_schema(
        operation_id="proposals_list",
        tags=["proposals"],
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("state", enum=Proposal.State.values),
            OpenApiParameter("circle", description="Only those in this circle."),
        ],
        responses={200: page_of(ProposalItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The proposals one may see, last changed first: all but the drafts of others."""
        found = queries.visible_proposals(self.person)
        if state := one_of(request, "state", Proposal.State.values):
            found = found.filter(state=state)
        if ref := reference(request, "circle"):
            found = found.filter(circle=get_role(self.person, ref))
        return self.page(found, ProposalItem)


class ProposalView(OrganizationView):
    @extend_schema(
        operation_id="proposals_read", tags=["proposals"], responses={200: ProposalDetail, **refusals()}
    )
    def get(self, request: Request, organization: str, proposal: str) -> Response:
        """One proposal: its text and changes, who has answered in this round, and the objections to it."""
        found = get_proposal(self.person, proposal)
        roll = (
            found.responses.filter(round=found.round).select_related("person").order_by("person__name", "pk")
        )
        objections = (
            found.objections.select_related("objector", "role")
            .prefetch_related("amendments")
            .order_by("raised_at", "pk")
        )
        told = {
            "responses": AnswerItem(roll, many=True).data,
            "objections": ObjectionItem(objections, many=True).data,
        }
        return Response({**ProposalText(found).data, **told})
