"""Who may fetch which tension: a tension is its owner's alone. What became of it is told where it went."""

from __future__ import annotations

from django.http import Http404

from people.models import Person
from tensions.models import Tension


def get_tension(viewer: Person, tension_id: str) -> Tension:
    """Return a tension that the viewer holds or held; Http404 for anybody else's."""
    tension = (
        Tension.objects.select_related("role__circle")
        .filter(organization=viewer.organization, person=viewer, pk=tension_id)
        .first()
    )
    if tension is None:
        raise Http404
    tension.organization = viewer.organization
    tension.person = viewer
    return tension
