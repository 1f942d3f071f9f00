"""Elections by API: to read, to call, and one's own ballot to give, change or keep."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.access import get_role
from circles.api import RoleName
from circles.structure import Structure
from governance import elections
from governance.access import get_election
from governance.actions import elections as actions
from governance.models import REASON_LENGTH, Election
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
from people.ids import is_id
from people.models import Person
from people.refusals import Malformed

State = Election.State


class ElectionItem(serializers.Serializer[Any]):
    """An election. ``state`` says at which step it is; ``due_at`` when that closes by itself, if it does.

    ``called_by`` is null where a term expired and the program called it. ``candidate`` is who is proposed, in the
    end who was elected; ``decision`` the number of the entry in the record.
    """

    id = serializers.CharField()
    seat = serializers.ChoiceField(Election.Seat.choices)
    state = serializers.ChoiceField(Election.State.choices)
    circle = RoleName()
    called_by = PersonName(allow_null=True)
    facilitator = PersonName(allow_null=True)
    term_ends = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    meeting = serializers.CharField(help_text="Its identifier; empty where it is held asynchronously.")
    candidate = PersonName(allow_null=True)
    called_at = serializers.DateTimeField()
    step_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    ended_reason = serializers.CharField()
    decision = serializers.IntegerField(source="decision.number", allow_null=True)


class AskedItem(serializers.Serializer[Any]):
    """Somebody who is asked in the present step; never what they answered."""

    person = PersonName()
    answered = serializers.BooleanField()
    excluded = serializers.BooleanField(
        help_text="They let the time limit pass and are left out of the rest."
    )


class NominationItem(serializers.Serializer[Any]):
    """One nomination, as everybody sees it once they are shared."""

    voter = PersonName()
    candidate = PersonName(help_text="Whom the voter nominated at first.")
    reason = serializers.CharField()
    stands_for = PersonName(help_text="For whom the nomination counts now.")
    change_reason = serializers.CharField()


class DiscardedItem(serializers.Serializer[Any]):
    person = PersonName()
    declined = serializers.BooleanField()
    reason = serializers.CharField()


class TieItem(serializers.Serializer[Any]):
    """A tie that was resolved: the identifiers of who was tied, the way, and who was picked."""

    tied = serializers.ListField(child=serializers.CharField())
    way = serializers.ChoiceField(Election.TieBreak.choices)
    picked = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class BallotItem(serializers.Serializer[Any]):
    """One's own ballot. ``candidate`` is null before one has given it."""

    candidate = PersonName(allow_null=True)
    reason = serializers.CharField()
    stands_for = PersonName(allow_null=True)
    answered = serializers.BooleanField(help_text="In the change round: one has changed or kept it.")


class ElectionDetail(ElectionItem):
    candidates = PersonName(many=True, help_text="Who is eligible as things stand.")
    roll = AskedItem(many=True)
    ballot = BallotItem(help_text="One’s own.")
    nominations = NominationItem(
        many=True, allow_null=True, help_text="Null until they are shared, all at the same time."
    )
    discarded = DiscardedItem(many=True)
    ties = TieItem(many=True)
    proposal = serializers.CharField(allow_null=True, help_text="The proposal to elect the candidate.")


class Call(serializers.Serializer[Any]):
    circle = Text(help_text="The circle that elects.")
    seat = serializers.ChoiceField(Election.Seat.choices)
    replaces = Text(
        required=False, allow_null=True, help_text="Whose term it is about, where a circle has several reps."
    )


class Nominate(serializers.Serializer[Any]):
    """Whom one nominates and why; in the change round whom one changes to and why, or ``keep`` alone."""

    candidate = Text(required=False, allow_null=True)
    reason = Text(required=False, allow_blank=True, max_length=REASON_LENGTH)
    keep = serializers.BooleanField(required=False, default=False)


def detail(election: Election, viewer: Person) -> dict[str, Any]:
    """Return an election as ``viewer`` may see it: before the sharing round, of all ballots their own."""
    structure = Structure.of(election.organization_id)
    eligible = elections.candidates(structure, election.circle_id, election.seat)
    people = list(Person.objects.filter(pk__in=eligible).order_by("name", "pk"))
    proposal = elections.proposal_of(election)
    discarded = election.discarded.select_related("person").order_by("at", "pk")
    shared = elections.is_shared(election)
    return {
        **ElectionItem(election).data,
        "candidates": [PersonName(p).data for p in people],
        "roll": AskedItem(elections.roll(election, structure), many=True).data,
        "ballot": own(election, viewer),
        "nominations": NominationItem(elections.revealed(election), many=True).data if shared else None,
        "discarded": DiscardedItem(list(discarded), many=True).data,
        "ties": TieItem(election.ties, many=True).data,
        "proposal": proposal.pk if proposal is not None else None,
    }


def own(election: Election, viewer: Person) -> dict[str, Any]:
    """Return the viewer's own ballot."""
    ballot = elections.own_ballot(election, viewer)
    nothing = {"candidate": None, "reason": "", "stands_for": None, "answered": False}
    return dict(BallotItem(ballot or nothing).data)


class ElectionsView(OrganizationView):
    @extend_schema(
        operation_id="elections_list",
        tags=["elections"],
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("state", enum=Election.State.values),
            OpenApiParameter("circle", description="Only those of this circle."),
        ],
        responses={200: page_of(ElectionItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The elections of the organization, last called first."""
        found = elections.visible_elections(self.person)
        if state := one_of(request, "state", Election.State.values):
            found = found.filter(state=state)
        if ref := reference(request, "circle"):
            found = found.filter(circle=get_role(self.person, ref))
        return self.page(found, ElectionItem)

    @extend_schema(
        operation_id="elections_call",
        tags=["elections"],
        request=Call,
        responses={201: ElectionDetail, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str) -> Response:
        """Call an election, as any circle member may at any time."""
        given = sent(request, Call)
        circle = get_role(self.person, _identifier(given["circle"], "circle"))
        replaces = given.get("replaces") or ""
        election = actions.call_election(
            circle,
            given["seat"],
            actor=self.person,
            replaces=get_person(self.person, _identifier(replaces, "replaces")) if replaces else None,
        )
        address = reverse("api:election", args=[self.organization.slug, election.pk])
        found = get_election(self.person, election.pk)
        return Response(detail(found, self.person), status=201, headers={"Location": address})


class ElectionView(OrganizationView):
    @extend_schema(
        operation_id="elections_read", tags=["elections"], responses={200: ElectionDetail, **refusals()}
    )
    def get(self, request: Request, organization: str, election: str) -> Response:
        """One election: who is asked, who has answered, one’s own ballot, and everybody’s once they are shared."""
        return Response(detail(get_election(self.person, election), self.person))


class BallotView(OrganizationView):
    @extend_schema(
        operation_id="elections_ballot", tags=["elections"], responses={200: BallotItem, **refusals()}
    )
    def get(self, request: Request, organization: str, election: str) -> Response:
        """One’s own ballot."""
        return Response(own(get_election(self.person, election), self.person))

    @extend_schema(
        operation_id="elections_nominate",
        tags=["elections"],
        request=Nominate,
        responses={200: BallotItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, election: str) -> Response:
        """Nominate one person, or change one’s ballot until they are shared; in the change round change or keep it."""
        found = get_election(self.person, election)
        given = sent(request, Nominate)
        candidate, reason = given.get("candidate") or "", given.get("reason", "")
        if candidate:
            candidate = _identifier(candidate, "candidate")
        with actions.outside_meetings(found):
            if found.state == State.CHANGING and given["keep"]:
                actions.keep_nomination(found, actor=self.person)
            elif found.state == State.CHANGING:
                actions.change_nomination(found, actor=self.person, candidate=candidate, reason=reason)
            else:
                actions.nominate(found, actor=self.person, candidate=candidate, reason=reason)
        return Response(own(get_election(self.person, election), self.person))


def _identifier(text: str, field: str) -> str:
    found = ref_id(text)
    if not is_id(found):
        raise Malformed(_("This is no identifier: those have ten characters."), field=field)
    return found
