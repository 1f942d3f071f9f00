"""Who may see which part of the structure. Pages and API calls find roles, policies and assignments here.

Everybody of an organization sees its whole structure, as it is and as it was; others learn nothing of it. A
removed role or policy keeps its address.
"""

from __future__ import annotations

from django.http import Http404

from circles.models import Assignment, Link, Policy, Role
from people.access import ref_id
from people.models import Person


def get_role(viewer: Person, ref: str) -> Role:
    """Return the role of the viewer's organization that an address part names, present or removed, with its circle.

    Only the identifier at the end of ``ref`` counts. Raises Http404 for anything else.
    """
    role = (
        Role.objects.select_related("circle")
        .filter(organization=viewer.organization, pk=ref_id(ref), since__isnull=False)
        .first()
    )
    if role is None:
        raise Http404
    role.organization = viewer.organization
    return role


def get_policy(viewer: Person, ref: str) -> Policy:
    """Return a policy of the viewer's organization, present or removed, with its role and domain; else Http404."""
    policy = (
        Policy.objects.select_related("role__circle", "domain__role")
        .filter(organization=viewer.organization, pk=ref_id(ref), since__isnull=False)
        .first()
    )
    if policy is None:
        raise Http404
    policy.organization = policy.role.organization = viewer.organization
    return policy


def get_assignment(viewer: Person, assignment_id: str) -> Assignment:
    """Return an assignment of the viewer's organization that stands, with role and person; else Http404."""
    assignment = (
        Assignment.objects.select_related("role__circle", "person")
        .filter(organization=viewer.organization, pk=assignment_id)
        .first()
    )
    if assignment is None:
        raise Http404
    assignment.organization = assignment.role.organization = assignment.person.organization = (
        viewer.organization
    )
    return assignment


def get_link(viewer: Person, link_id: str) -> Link:
    """Return a link of the viewer's organization that stands, with its role and circle; else Http404."""
    link = (
        Link.objects.select_related("role__circle", "circle")
        .filter(organization=viewer.organization, pk=link_id)
        .first()
    )
    if link is None:
        raise Http404
    link.organization = link.role.organization = link.circle.organization = viewer.organization
    return link
