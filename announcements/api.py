"""Announcements by API: read them, announce, object, escalate."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from announcements import actions, queries
from announcements.access import get_announcement
from announcements.models import WHAT_LENGTH, WORDS_LENGTH, Announcement, Reply
from circles.access import get_role
from circles.api import RoleName
from people.access import ref_id
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
from people.refusals import Malformed

WHOSE = ("waiting", "mine")


class AnnouncementItem(serializers.Serializer[Any]):
    """An announcement. ``state`` is as of now: what the time has granted is granted."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(Announcement.Kind.choices)
    state = serializers.ChoiceField(Announcement.State.choices, source="stands")
    what = serializers.CharField(help_text="The one action it is about.")
    author = PersonName()
    role = RoleName(allow_null=True, help_text="The role it is announced for.")
    asked_of = RoleName(allow_null=True, help_text="Of spending: the role that controls the money (§4.1.3).")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    announced_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="From then on silence has granted it.")
    granted_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class TouchedItem(serializers.Serializer[Any]):
    """A domain an intent touches, with the role that held it; or a role an initiative affected, without one."""

    domain = serializers.CharField()
    text = serializers.CharField()
    role = RoleName()
    permitted_by = PersonName(allow_null=True)


class RecipientItem(serializers.Serializer[Any]):
    person = PersonName()
    roles = serializers.ListField(
        child=serializers.CharField(), help_text="The roles they were reached through."
    )
    seen_at = serializers.DateTimeField(allow_null=True)


class ReplyItem(serializers.Serializer[Any]):
    """What somebody says against an announcement, or asks for after an initiative."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(Reply.Kind.choices)
    state = serializers.ChoiceField(Reply.State.choices)
    person = PersonName()
    role = RoleName(allow_null=True)
    domain = serializers.CharField(help_text="The words of the domain it is for, if it is for one.")
    words = serializers.CharField()
    said_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()


class AnnouncementDetail(AnnouncementItem):
    why = serializers.CharField()
    crossed = serializers.CharField(help_text="Of an initiative: the rules or domains it went past (§4.3).")
    note = serializers.CharField(help_text="What was done, or why it was revoked.")
    touched = TouchedItem(many=True)
    recipients = RecipientItem(many=True)
    replies = ReplyItem(many=True)


class Announce(serializers.Serializer[Any]):
    """What is announced. ``intent`` needs role and domains, ``spending`` role, asked_of, amount, currency and why,
    ``initiative`` roles and why. The same with the same ``key`` is announced once."""

    kind = serializers.ChoiceField(Announcement.Kind.choices)
    what = Text(max_length=WHAT_LENGTH)
    why = Text(required=False, allow_blank=True, max_length=WORDS_LENGTH)
    role = Text(required=False, allow_null=True, max_length=200)
    domains = serializers.ListField(child=Text(max_length=10), required=False, max_length=50)
    asked_of = Text(required=False, allow_null=True, max_length=200)
    amount = Text(required=False, max_length=20)
    currency = Text(required=False, max_length=3)
    crossed = Text(required=False, allow_blank=True, max_length=WORDS_LENGTH)
    roles = serializers.ListField(child=Text(max_length=200), required=False, max_length=50)
    key = Text(required=False, allow_blank=True, max_length=100)


class Objecting(serializers.Serializer[Any]):
    """Why one objects, and for which domain; without one, for the first it names that one has a say in."""

    words = Text(max_length=WORDS_LENGTH)
    domain = Text(required=False, allow_blank=True, max_length=10)


class Escalating(serializers.Serializer[Any]):
    """Why one escalates."""

    words = Text(max_length=WORDS_LENGTH)


class AnnouncementsView(OrganizationView):
    @extend_schema(
        operation_id="announcements_list",
        tags=["announcements"],
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("kind", enum=Announcement.Kind.values),
            OpenApiParameter("whose", enum=list(WHOSE), description="Those that wait for you, or your own."),
            OpenApiParameter("role", description="Only those that concern this role."),
        ],
        responses={200: page_of(AnnouncementItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The announcements of the organization, latest first; those that wait for you, by when they close."""
        whose = one_of(request, "whose", WHOSE)
        found = (queries.awaiting if whose == "waiting" else queries.announcements)(self.person)
        if whose == "mine":
            found = found.filter(author=self.person)
        if kind := one_of(request, "kind", Announcement.Kind.values):
            found = found.filter(kind=kind)
        if ref := reference(request, "role"):
            found = found.filter(queries.concerning(get_role(self.person, ref).pk))
        return self.page(found, AnnouncementItem)

    @extend_schema(
        operation_id="announcements_announce",
        tags=["announcements"],
        request=Announce,
        responses={201: AnnouncementDetail, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str) -> Response:
        """Announce an intent or spending, or record an initiative, in one's own name."""
        given = sent(request, Announce)
        common = {
            "actor": self.person,
            "what": given["what"],
            "why": given.get("why", ""),
            "form_key": given.get("key", ""),
        }
        if given["kind"] == Announcement.Kind.INTENT:
            made = actions.announce_intent(
                self._role(given, "role"), domains=given.get("domains", []), **common
            )
        elif given["kind"] == Announcement.Kind.SPENDING:
            made = actions.announce_spending(
                self._role(given, "role"),
                asked_of=self._role(given, "asked_of"),
                amount=given.get("amount", ""),
                currency=given.get("currency", ""),
                **common,
            )
        else:
            made = actions.record_initiative(
                roles=[self._role({"roles": ref}, "roles") for ref in given.get("roles", [])],
                role=self._role(given, "role") if given.get("role") else None,
                crossed=given.get("crossed", ""),
                **common,
            )
        address = reverse("api:announcement", args=[self.organization.slug, made.pk])
        found = get_announcement(self.person, made.pk)
        return Response(told(found), status=201, headers={"Location": address})

    def _role(self, given: dict[str, Any], field: str) -> Any:
        ref = given.get(field) or ""
        if not is_id(ref_id(ref)):
            raise Malformed(
                _("Name a role by its identifier, or by the last part of its address."), field=field
            )
        return get_role(self.person, ref)


class AnnouncementView(OrganizationView):
    @extend_schema(
        operation_id="announcements_read",
        tags=["announcements"],
        responses={200: AnnouncementDetail, **refusals()},
    )
    def get(self, request: Request, organization: str, announcement: str) -> Response:
        """One announcement: what it touches, whom it reached, and what was said."""
        return Response(told(get_announcement(self.person, announcement)))


class ObjectionsView(OrganizationView):
    @extend_schema(
        operation_id="announcements_object",
        tags=["announcements"],
        request=Objecting,
        responses={201: ReplyItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, announcement: str) -> Response:
        """Object to an intent for a domain one controls (§4.1.2)."""
        found, given = get_announcement(self.person, announcement), sent(request, Objecting)
        reply = actions.object_to(
            found, actor=self.person, words=given["words"], domain=given.get("domain", "")
        )
        return Response(ReplyItem(reply).data, status=201)


class EscalationsView(OrganizationView):
    @extend_schema(
        operation_id="announcements_escalate",
        tags=["announcements"],
        request=Escalating,
        responses={201: ReplyItem, **refusals(415, 422)},
    )
    def post(self, request: Request, organization: str, announcement: str) -> Response:
        """Escalate announced spending (§4.1.3)."""
        found, given = get_announcement(self.person, announcement), sent(request, Escalating)
        reply = actions.escalate(found, actor=self.person, words=given["words"])
        return Response(ReplyItem(reply).data, status=201)


def told(announcement: Announcement) -> dict[str, Any]:
    """Return an announcement with all that belongs to it, as it is answered."""
    further = {
        "touched": announcement.touched.select_related("role", "permitted_by").order_by("text", "pk"),
        "recipients": announcement.recipients.select_related("person").order_by("person__name", "pk"),
        "replies": announcement.replies.select_related("person", "role").order_by("said_at", "pk"),
        "why": announcement.why,
        "crossed": announcement.crossed,
        "note": announcement.note,
    }
    items = {
        f.source: getattr(announcement, f.source) for f in AnnouncementItem().fields.values() if f.source
    }
    return dict(AnnouncementDetail({**items, **further}).data)
