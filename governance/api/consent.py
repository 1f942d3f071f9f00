"""Answering a proposal by API: no objection, an objection, or the wish to meet (§5.3); and a circle's calendar."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles.access import get_role
from circles.api import RoleName
from circles.models import Role
from circles.structure import Structure
from governance.access import get_proposal
from governance.actions import proposals as actions
from governance.calendar import calendar_of
from governance.models import TEXT_LENGTH, Amendment, Objection, Proposal
from governance.models import Response as Answer
from people.access import ref_id
from people.api import OrganizationView, PersonName, refusals, sent
from people.refusals import Malformed

NO_OBJECTION, OBJECTION, MEETING = "no_objection", "objection", "meeting"


class AnswerItem(serializers.Serializer[Any]):
    """One line of the roll; an empty ``answer`` is one that is awaited. ``seen_at`` says since when they know it."""

    person = PersonName()
    answer = serializers.ChoiceField(Answer.Answer.choices, allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True)


class AmendmentItem(serializers.Serializer[Any]):
    """An amended proposal beside the proposer's (§5.3.4d), and what the proposer said to it."""

    id = serializers.CharField()
    state = serializers.ChoiceField(Amendment.State.choices)
    changes = serializers.ListField(child=serializers.DictField())
    reason = serializers.CharField(help_text="Why it should resolve the tension.")
    argument = serializers.CharField(help_text="Why it would fail, says the proposer.")
    example = serializers.CharField(help_text="A further example that shows it.")
    offered_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class CriterionItem(serializers.Serializer[Any]):
    argument = serializers.CharField()
    given = serializers.BooleanField(
        allow_null=True, help_text="Whether an argument was given; null: not tested."
    )


class ObjectionItem(serializers.Serializer[Any]):
    """An objection: its argument for each criterion a to d, or the rule it names and the ruling on that."""

    id = serializers.CharField()
    objector = PersonName()
    role = RoleName(allow_null=True)
    round = serializers.IntegerField()
    concern = serializers.CharField()
    criteria = serializers.DictField(child=CriterionItem())
    rule = serializers.CharField(help_text="The rule that adopting would violate; empty without one.")
    ruling = serializers.ChoiceField(Objection.Ruling.choices, allow_blank=True)
    ruling_reason = serializers.CharField()
    awaits_test = serializers.BooleanField(help_text="Whether a test was asked for and is to come (§5.3.4a).")
    state = serializers.ChoiceField(Objection.State.choices)
    amendments = AmendmentItem(many=True, source="amendments.all")
    raised_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class Answering(serializers.Serializer[Any]):
    """An answer to the text of ``text_version``. An objection comes with ``role``, ``concern`` and an argument for
    each criterion, or with the ``rule`` that adopting would violate."""

    answer = serializers.ChoiceField([NO_OBJECTION, OBJECTION, MEETING])
    text_version = serializers.IntegerField(min_value=1)
    role = serializers.CharField(required=False, max_length=200)
    concern = serializers.CharField(required=False, max_length=TEXT_LENGTH, trim_whitespace=False)
    criteria = serializers.DictField(
        required=False, child=serializers.CharField(max_length=TEXT_LENGTH, allow_blank=True)
    )
    rule = serializers.CharField(required=False, max_length=200)


class Answered(serializers.Serializer[Any]):
    """Where the proposal is once the answer is given: adopting is the worker's, and follows."""

    state = serializers.ChoiceField(Proposal.State.choices)
    objection = serializers.CharField(
        allow_null=True, help_text="The identifier of the objection, if it is one."
    )


class AnswerView(OrganizationView):
    @extend_schema(
        operation_id="proposals_answer",
        tags=["proposals"],
        request=Answering,
        responses={200: Answered, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, proposal: str) -> Response:
        """Answer a proposal as a circle member: no objection, an objection, or the wish to meet instead (§5.3)."""
        found, given = get_proposal(self.person, proposal), sent(request, Answering)
        objection: Objection | None = None
        if given["answer"] == OBJECTION:
            objection = actions.object_to(
                found,
                actor=self.person,
                text_version=given["text_version"],
                role=ref_id(given.get("role") or "") or None,
                concern=given.get("concern", ""),
                criteria=given.get("criteria", {}),
                rule=given.get("rule", ""),
            )
        elif given["answer"] == MEETING:
            actions.ask_for_meeting(found, actor=self.person)
        else:
            actions.answer(found, actor=self.person, text_version=given["text_version"])
        found.refresh_from_db(fields=["state"])
        told = {"state": found.state, "objection": objection.pk if objection else None}
        return Response(Answered(told).data)


class DayOff(serializers.Serializer[Any]):
    date = serializers.DateField()
    name = serializers.CharField()


class CalendarItem(serializers.Serializer[Any]):
    """When a circle works: what its time limits are counted in (§5.3)."""

    kept_by = RoleName(
        allow_null=True, help_text="The circle that keeps it; null: it is the organization’s zone."
    )
    zone = serializers.CharField()
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="Monday is 0.")
    opens = serializers.TimeField(allow_null=True, help_text="With ``closes`` the hours; null: whole days.")
    closes = serializers.TimeField(allow_null=True)
    days_off = DayOff(many=True)


class CalendarView(OrganizationView):
    @extend_schema(
        operation_id="calendar_read", tags=["structure"], responses={200: CalendarItem, **refusals()}
    )
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """The calendar of a circle: its own, or that of the nearest circle around it that keeps one."""
        circle = get_role(self.person, ref)
        if not circle.present:
            raise Malformed(_("This circle has been removed."), field="ref")
        calendar = calendar_of(Structure.of(self.organization.id), circle.pk)
        told = {
            "kept_by": Role.objects.filter(pk=calendar.kept_by).first() if calendar.kept_by else None,
            "zone": calendar.zone.key,
            "weekdays": calendar.weekdays,
            "opens": calendar.opens,
            "closes": calendar.closes,
            "days_off": [{"date": day, "name": name} for day, name in sorted(calendar.days_off.items())],
        }
        return Response(CalendarItem(told).data)
