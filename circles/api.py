"""Roles, circles and policies by API."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from circles import queries
from circles.access import get_policy, get_role
from circles.constitution import ORDINARY
from circles.models import Policy, Role
from circles.structure import PolicyRow, RoleRow, Structure
from people.api import (
    LIMIT,
    OFFSET,
    OrganizationView,
    PersonName,
    one_of,
    page_of,
    reference,
    refusals,
)


class RoleName(serializers.Serializer[Any]):
    """A role, as lists name it."""

    id = serializers.CharField()
    name = serializers.CharField(source="shown_name")


class RoleItem(RoleName):
    """A role. ``circle`` is the role it sits in, null for the anchor circle; ``is_circle`` says that roles lie
    inside it (§1.3.1)."""

    ref = serializers.CharField(help_text="The last part of the address of its page.")
    kind = serializers.ChoiceField(Role.Kind.choices)
    purpose = serializers.CharField()
    circle = serializers.CharField(source="circle_id", allow_null=True)
    is_circle = serializers.BooleanField()


class Line(serializers.Serializer[Any]):
    """An accountability or a domain. ``role`` is who holds it: the role itself, one from which it flows down (§1.4.5),
    or the circle it links into that added it (§1.3.4); both are null for what the Constitution, or the anchor
    circle's own policy, fixes."""

    id = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    role = serializers.CharField(allow_null=True)


class PolicyItem(serializers.Serializer[Any]):
    """A policy. ``inside`` says that it applies in sub-circles too, ``overridable`` that they may override it."""

    id = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    effect = serializers.DictField(
        allow_null=True, help_text="What the program does because of it, if anything."
    )
    domain = serializers.CharField(allow_null=True, help_text="The domain it is about, if any.")
    inside = serializers.BooleanField()
    overridable = serializers.BooleanField()
    role = serializers.CharField(help_text="The role whose inside holds it.")


class Filler(serializers.Serializer[queries.Filling]):
    """Somebody in a role: ``id`` is the assignment's."""

    id = serializers.CharField()
    person = PersonName()
    focus = serializers.CharField()
    term_ends = serializers.DateField(allow_null=True, help_text="The last day of an elected term.")


class SeatItem(serializers.Serializer[queries.Reason]):
    """Why somebody is a member (§5.1): as ``lead`` of the circle, by a ``role``, or as ``rep`` of a sub-circle."""

    by = serializers.ChoiceField(("lead", "role", "rep"))
    role = RoleName()


class MemberItem(serializers.Serializer[queries.Member]):
    person = PersonName()
    seats = SeatItem(source="reasons", many=True)


class RoleDetail(RoleItem):
    """A role with all that belongs to it. A removed one has its name and purpose, and nothing else."""

    present = serializers.BooleanField()
    since = serializers.IntegerField(help_text="The decision that brought it in.")
    until = serializers.IntegerField(allow_null=True, help_text="The decision that removed it.")
    accountabilities = Line(many=True)
    domains = Line(many=True)
    policies = PolicyItem(many=True, help_text="Its own, which hold inside it.")
    fillers = Filler(many=True)
    leads = PersonName(many=True, help_text="Who leads it: its fillers, else the circle leads (§1.4.2).")
    roles = RoleName(many=True, help_text="The roles directly inside, the constitutional ones included.")
    members = MemberItem(many=True, help_text="The circle members (§5.1); empty unless it is a circle.")


class PolicyDetail(PolicyItem):
    ref = serializers.CharField(help_text="The last part of the address of its page.")
    present = serializers.BooleanField()
    since = serializers.IntegerField(help_text="The decision that brought it in.")
    until = serializers.IntegerField(allow_null=True, help_text="The decision that removed it.")


def _lines(role: RoleRow, fixed: Any, own: Any, further: Any, linked: Any) -> list[dict[str, Any]]:
    return [
        *({"id": None, "text": text, "role": None} for text in fixed),
        *({"id": row.id, "text": row.text, "role": role.id} for row in own),
        *({"id": line.row.id, "text": line.row.text, "role": line.holder.id} for line in further),
        *({"id": row.id, "text": row.text, "role": row.by} for row in linked),
    ]


class RolesView(OrganizationView):
    @extend_schema(
        operation_id="roles_list",
        tags=["structure"],
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("circle", description="Only the roles directly inside this one."),
            OpenApiParameter("kind", enum=Role.Kind.values),
        ],
        responses={200: page_of(RoleItem), **refusals()},
    )
    def get(self, request: Request, organization: str) -> Response:
        """The roles of the organization as they stand, by name."""
        inside = Role.objects.present().filter(circle=OuterRef("pk"), kind=ORDINARY)
        roles = (
            Role.objects.present().filter(organization=self.organization).annotate(is_circle=Exists(inside))
        )
        if ref := reference(request, "circle"):
            roles = roles.filter(circle=get_role(self.person, ref))
        if kind := one_of(request, "kind", Role.Kind.values):
            roles = roles.filter(kind=kind)
        return self.page(roles.order_by("name", "pk"), RoleItem)


class RoleView(OrganizationView):
    @extend_schema(operation_id="roles_read", tags=["structure"], responses={200: RoleDetail, **refusals()})
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """One role: its definition, policies, who fills and leads it and, for a circle, what and who is in it.

        ``ref`` is its identifier, or the last part of the address of its page.
        """
        role = get_role(self.person, ref)
        found: dict[str, Any] = {
            "id": role.id,
            "shown_name": role.shown_name,
            "ref": role.ref,
            "kind": role.kind,
            "purpose": role.purpose,
            "circle_id": role.circle_id,
            "is_circle": False,
            "present": role.present,
            "since": role.since,
            "until": role.until,
            **dict.fromkeys(
                ("accountabilities", "domains", "policies", "fillers", "leads", "roles", "members"), ()
            ),
        }
        return Response(RoleDetail(found | (self._standing(role) if role.present else {})).data)

    def _standing(self, role: Role) -> dict[str, Any]:
        structure = Structure.of(self.organization.id)
        row = structure.role(role.id)
        queries.prefetch_leads(structure, row.id)
        leads = queries.people_named(self.organization, structure.role_leads(row.id)).values()
        defined = queries.definition(structure, row)
        is_circle = structure.is_circle(row.id)
        return {
            "purpose": defined.purpose,
            "is_circle": is_circle,
            "accountabilities": _lines(
                row,
                defined.fixed_accountabilities,
                defined.accountabilities,
                defined.further_accountabilities,
                [line for one in defined.linked for line in one.accountabilities],
            ),
            "domains": _lines(
                row,
                defined.fixed_domains,
                defined.domains,
                defined.further_domains,
                [line for one in defined.linked for line in one.domains],
            ),
            "policies": structure.lines(PolicyRow, row.id),
            "fillers": queries.fillings(structure, self.organization, [row.id])[row.id],
            "leads": sorted(leads, key=lambda p: (p.name.casefold(), p.id)),
            "roles": structure.inside(row.id),
            "members": queries.circle_members(structure, self.organization, row.id) if is_circle else (),
        }


class PolicyView(OrganizationView):
    @extend_schema(
        operation_id="policies_read", tags=["structure"], responses={200: PolicyDetail, **refusals()}
    )
    def get(self, request: Request, organization: str, ref: str) -> Response:
        """One policy, in force or removed; ``ref`` as with roles."""
        policy: Policy = get_policy(self.person, ref)
        names = (
            "id",
            "title",
            "body",
            "kinds",
            "effect",
            "inside",
            "overridable",
            "ref",
            "present",
            "since",
            "until",
        )
        found = {name: getattr(policy, name) for name in names}
        return Response(PolicyDetail(found | {"role": policy.role_id, "domain": policy.domain_id}).data)
