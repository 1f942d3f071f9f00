"""The API's common ground: who is asking, what may be sent, how answers and refusals look. And the people.

Addresses begin with the organization's slug. Every view finds its organization and person as the pages do, through
``people.access``; a key (``people.authentication``) opens the one organization it was made in.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import Http404
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as default_handler

from people.access import person_in, ref_id
from people.ids import is_id
from people.models import ApiToken, Organization, Person
from people.refusals import Conflict, Malformed, NotAllowed, Refused, RuleBroken

MOST_SENT = 200_000
MOST_SKIPPED = 1_000_000


# -- refusals ----------------------------------------------------------------------------------------------------


class Problem(serializers.Serializer[Any]):
    """Why something was refused. ``field`` names the input it belongs to, ``clause`` the rule that refused it."""

    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    clause = serializers.CharField(allow_null=True)
    drafted_from = serializers.CharField(
        required=False, help_text="Only with 409: the text when drafting began."
    )
    drafted = serializers.CharField(required=False, help_text="Only with 409: what was drafted.")
    now = serializers.CharField(required=False, help_text="Only with 409: what stands there today.")


def problem(error: Refused) -> Response:
    """Return a refusal as an answer: 403 not allowed, 409 in conflict, 422 against a clause, 400 anything else."""
    found: dict[str, Any] = {"message": error.message, "field": error.field, "clause": None}
    if isinstance(error, RuleBroken):
        return Response({**found, "clause": error.clause}, status=422)
    if isinstance(error, Conflict):
        texts = {"drafted_from": error.drafted_from, "drafted": error.drafted, "now": error.now}
        return Response({**found, **texts}, status=409)
    return Response(found, status=403 if isinstance(error, NotAllowed) else 400)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refusal, or an error of the framework, in one form; None (an error of the program) for the rest."""
    if isinstance(error, Refused):
        return problem(error)
    if isinstance(error, Http404):
        # Django's words may tell what was looked for; nobody learns what exists elsewhere
        error = Http404(_("There is nothing at this address, or nothing that you may know of."))
    response = default_handler(error, context)
    if response is not None:
        message = str(error.detail) if isinstance(error, APIException) else str(error)
        if not isinstance(error, APIException | Http404):
            message = _("You may not do this.")
        response.data = {"message": message, "field": None, "clause": None}
    return response


# -- what is sent ------------------------------------------------------------------------------------------------


class JSONBody(JSONParser):
    """Reads a JSON body strictly: UTF-8, no NaN, no lone surrogates, and at most 200 kB of it."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Return what was sent. Raises Malformed where it is not a JSON object, or too much."""
        body = stream.read(MOST_SENT + 1)
        if len(body) > MOST_SENT:
            raise Malformed(_("That is too much: at most %(most)d bytes.") % {"most": MOST_SENT})
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Malformed(_("This is not JSON in UTF-8: %(why)s.") % {"why": error}) from error
        if not isinstance(data, dict):
            raise Malformed(_("Send a JSON object: names and values in braces."))
        return data


class Text(serializers.CharField):
    """A text. Numbers and other values are not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def sent(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return what was sent, in the given form. Raises Malformed, at the field, where it has another."""
    fields = form(data=request.data)
    for name in request.data:
        if name not in fields.fields:
            names = ", ".join(fields.fields)
            raise Malformed(
                _("Only these are read here: %(names)s.") % {"names": names}, field=str(name)[:100]
            )
    if not fields.is_valid():
        field, messages = next(iter(fields.errors.items()))
        while isinstance(messages, dict):  # of a list, by the places in it
            messages = next(iter(messages.values()))
        raise Malformed(str(messages[0]), field=field)
    return dict(fields.validated_data)


def number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number from the query. Raises Malformed where it is none or out of range."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        message = _("Give a whole number from %(least)d to %(most)d.")
        raise Malformed(message % {"least": least, "most": most}, field=name)
    return int(text)


def one_of(request: Request, name: str, choices: Any) -> str:
    """Return a value from the query, empty where there is none. Raises Malformed where it is none of ``choices``."""
    text = request.query_params.get(name, "")
    if text and text not in choices:
        message = _("Give one of: %(choices)s.")
        raise Malformed(message % {"choices": ", ".join(str(c) for c in choices)}, field=name)
    return text


def reference(request: Request, name: str) -> str:
    """Return an identifier from the query, or the one at the end of an address part; empty where there is none.
    Raises Malformed where it has not the form of one."""
    text = request.query_params.get(name, "")
    if text and not is_id(ref_id(text)):
        raise Malformed(_("This is no identifier: those have ten characters."), field=name)
    return ref_id(text)


def instant(request: Request, name: str, organization: Organization) -> dt.datetime | None:
    """Return an instant from the query in UTC: a time with its offset, or a day, which begins in the
    organization's zone. Raises Malformed where it is neither."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        if (day := parse_date(text)) is not None:
            return dt.datetime.combine(day, dt.time(), organization.tz).astimezone(dt.UTC)
        moment = parse_datetime(text)
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    message = _("Give a day such as 2026-03-12, or a time with its offset such as 2026-03-12T14:00:00Z.")
    raise Malformed(message, field=name)


# -- answers -----------------------------------------------------------------------------------------------------


class Pages(LimitOffsetPagination):
    """Pages of a list: ``limit`` (1 to 500, 100 if not given) and ``offset``; anything else is refused."""

    default_limit = 100
    max_limit = 500

    def get_limit(self, request: Request) -> int:
        return number(request, "limit", default=self.default_limit, least=1, most=self.max_limit)

    def get_offset(self, request: Request) -> int:
        return number(request, "offset", default=0, least=0, most=MOST_SKIPPED)


LIMIT = OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100})
OFFSET = OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": MOST_SKIPPED, "default": 0})


def page_of(item: type[serializers.Serializer[Any]], *, counted: bool = True) -> serializers.Serializer[Any]:
    """Return the form of a page of ``item`` for the API's description."""
    count: dict[str, serializers.Field[Any, Any, Any, Any]] = (
        {"count": serializers.IntegerField()} if counted else {}
    )
    return inline_serializer(
        f"{item.__name__}Page",
        {
            **count,
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )


def refusals(*codes: int) -> dict[int, type[Problem]]:
    """Return the refusals a view may answer with, besides those of every view, for the API's description."""
    return dict.fromkeys((400, 401, 403, 404, 406, 429, *codes), Problem)


class OrganizationView(APIView):
    """A view below an organization's slug. ``person`` is who asks, ``organization`` what is asked."""

    parser_classes = (JSONBody,)
    person: Person
    organization: Organization

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who asks. Raises Http404 for organizations they are nobody in, as if there were none."""
        super().initial(request, *args, **kwargs)
        if any("\0" in str(part) for part in kwargs.values()):
            raise Http404  # no text of a database has one
        slug = kwargs["organization"]
        if isinstance(request.auth, ApiToken):
            if request.auth.organization.slug != slug:
                raise Http404
            self.person = request.auth.person
        else:
            self.person = person_in(request.user, slug)
        self.organization = self.person.organization

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def page(self, queryset: QuerySet[Any], item: type[serializers.Serializer[Any]]) -> Response:
        """Answer with one page of ``queryset``."""
        pages = Pages()
        rows = pages.paginate_queryset(queryset, self.request, self)
        return pages.get_paginated_response(item(rows, many=True).data)


# -- people ------------------------------------------------------------------------------------------------------


class PersonName(serializers.Serializer[Person]):
    """Somebody, as lists name them."""

    id = serializers.CharField()
    name = serializers.CharField()


class PersonItem(PersonName):
    """Somebody of the organization. ``present`` is false for those who have left."""

    partner = serializers.BooleanField()
    admin = serializers.BooleanField()
    present = serializers.BooleanField()
    zone = serializers.CharField(source="tz", help_text="The zone they read times in, such as Europe/Berlin.")


class PeopleView(OrganizationView):
    @extend_schema(
        operation_id="people_list",
        tags=["people"],
        parameters=[LIMIT, OFFSET, OpenApiParameter("partner", enum=["true", "false"])],
        responses={200: page_of(PersonItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The people of the organization, by name."""
        people = (
            Person.objects.present().filter(organization=self.organization).select_related("organization")
        )
        if partner := one_of(request, "partner", ("true", "false")):
            people = people.filter(partner=partner == "true")
        return self.page(people.order_by("name", "pk"), PersonItem)
