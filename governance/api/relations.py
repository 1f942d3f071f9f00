"""Links of roles, and what circle leads set, by API: read them, and do what the pages do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles import relations
from circles.access import get_role
from circles.api import RoleName
from circles.models import Link, Role
from circles.structure import Structure
from governance.actions.leading import reroute, set_priorities, set_strategies
from governance.actions.linking import link_role, unlink_role
from people.api import OrganizationView, Text, refusals, sent
from people.refusals import Conflict


class LinkItem(serializers.Serializer[Any]):
    """A role that is part of the governance of a further circle, and what that circle has added to it (§1.3.4)."""

    id = serializers.CharField(source="link.id")
    role = RoleName()
    circle = RoleName()
    accountabilities = serializers.SerializerMethodField()
    domains = serializers.SerializerMethodField()

    def get_accountabilities(self, one: relations.Linked) -> list[str]:
        return [line.text for line in one.accountabilities]

    def get_domains(self, one: relations.Linked) -> list[str]:
        return [line.text for line in one.domains]


class Links(serializers.Serializer[Any]):
    """The circles a role links into; for a circle, also the roles of others that link into it."""

    links = LinkItem(many=True)
    linked = LinkItem(many=True)


class Linking(serializers.Serializer[Any]):
    """The circle to link into, or, with ``linked`` false, to leave."""

    circle = Text(max_length=200)
    linked = serializers.BooleanField(default=True)


class StrategyItem(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField()


class First(serializers.Serializer[Any]):
    """What comes first in a circle (§1.4.3): its strategies, and its roles in their order."""

    strategies = StrategyItem(many=True)
    priorities = RoleName(many=True)


class SettingFirst(serializers.Serializer[Any]):
    """The strategies in their order, and the roles in theirs; what is left out stays as it is."""

    strategies = serializers.ListField(child=Text(max_length=1000), required=False, max_length=20)
    priorities = serializers.ListField(child=Text(max_length=200), required=False, max_length=200)


class RouteItem(serializers.Serializer[Any]):
    """Where references from outside to a role go (§1.4.4)."""

    role = RoleName()
    to = RoleName()


class Routes(serializers.Serializer[Any]):
    routes = RouteItem(many=True)


class Routing(serializers.Serializer[Any]):
    """What is referred to, the circle itself or a role in it, and the role in it that is meant; null ends that."""

    role = Text(max_length=200)
    to = Text(required=False, allow_null=True, max_length=200)


class RelationView(OrganizationView):
    """A view below a role that is there."""

    def answer(self, role: Role, read: Callable[[Structure, str], dict[str, Any]], shape: Any) -> Response:
        return Response(shape(read(Structure.of(self.organization.id), role.id)).data)

    def role(self, ref: str) -> Role:
        """The role of an address, or named in what was sent; Conflict where it has been removed."""
        role = get_role(self.person, ref)
        if not role.present:
            raise Conflict(_("This role has been removed."))
        return role


class LinksView(RelationView):
    @extend_schema(operation_id="links_list", tags=["structure"], responses={200: Links, **refusals()})
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """Where a role links, and which roles link into it as a circle (§1.3.4)."""
        return self.answer(get_role(self.person, ref), self._links, Links)

    @extend_schema(
        operation_id="links_change",
        tags=["structure"],
        request=Linking,
        responses={200: Links, **refusals(409, 422)},
    )
    def post(self, request: Request, organization: str, ref: str) -> Response:
        """Link a role into a circle that invites it, or take it out: for whoever leads the role (§1.3.4)."""
        role, wish = self.role(ref), sent(request, Linking)
        circle = self.role(wish["circle"])
        if wish["linked"]:
            link_role(role, circle, actor=self.person)
        else:
            link = Link.objects.filter(organization=self.organization, role=role, circle=circle).first()
            if link is None:
                raise Conflict(_("This role is not linked there."))
            link.role, link.circle = role, circle
            unlink_role(link, actor=self.person)
        return self.answer(role, self._links, Links)

    @staticmethod
    def _links(structure: Structure, role_id: str) -> dict[str, Any]:
        return {
            "links": relations.links_of(structure, role_id),
            "linked": relations.linked_into(structure, role_id),
        }


class FirstView(RelationView):
    @extend_schema(operation_id="first_read", tags=["structure"], responses={200: First, **refusals()})
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """The strategies of a circle, and its roles in the order in which they come (§1.4.3)."""
        return self.answer(get_role(self.person, ref), self._first, First)

    @extend_schema(
        operation_id="first_set",
        tags=["structure"],
        request=SettingFirst,
        responses={200: First, **refusals(409, 422)},
    )
    def post(self, request: Request, organization: str, ref: str) -> Response:
        """Set strategies, priorities or both: for circle leads, or whoever a policy gives that to (§1.4.3)."""
        circle, wish = self.role(ref), sent(request, SettingFirst)
        order = [self.role(one).id for one in wish.get("priorities", ())]
        with transaction.atomic():
            if "strategies" in wish:
                set_strategies(circle, wish["strategies"], actor=self.person)
            if "priorities" in wish:
                set_priorities(circle, order, actor=self.person)
        return self.answer(circle, self._first, First)

    @staticmethod
    def _first(structure: Structure, role_id: str) -> dict[str, Any]:
        return {
            "strategies": relations.strategies(structure, role_id),
            "priorities": relations.priorities(structure, role_id),
        }


class RoutesView(RelationView):
    @extend_schema(operation_id="routes_list", tags=["structure"], responses={200: Routes, **refusals()})
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """Where references from outside to a circle and its roles go (§1.4.4)."""
        return self.answer(get_role(self.person, ref), self._routes, Routes)

    @extend_schema(
        operation_id="routes_set",
        tags=["structure"],
        request=Routing,
        responses={200: Routes, **refusals(409, 422)},
    )
    def post(self, request: Request, organization: str, ref: str) -> Response:
        """Route what refers from outside to another role of the circle: for its circle leads (§1.4.4)."""
        circle, wish = self.role(ref), sent(request, Routing)
        to = self.role(wish["to"]) if wish.get("to") else None
        reroute(circle, self.role(wish["role"]), to, actor=self.person)
        return self.answer(circle, self._routes, Routes)

    @staticmethod
    def _routes(structure: Structure, role_id: str) -> dict[str, Any]:
        return {"routes": relations.routes_in(structure, role_id)}
