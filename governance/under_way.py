"""What most organizations have nothing of at most times: a page asks for all of it at once whether there is any."""

from __future__ import annotations

from django.db.models import Exists, Model, OuterRef, Q

from circles.models import Link
from circles.sources import DatabaseSource, is_remembering, once
from circles.structure import Structure
from governance.models import Breakdown, Election, Permission, Review, Ruling, StandIn, StrikeNotice
from people.models import Organization

RARE: dict[type[Model], Q] = {
    Breakdown: Q(ended_at=None),
    Election: Q(state__in=Election.OPEN),
    Link: Q(),
    Permission: Q(withdrawn_at=None),
    Review: Q(answered_at=None),
    Ruling: Q(),
    StandIn: Q(ended_at=None),
    StrikeNotice: Q(seen_at=None),
}


def may_have(organization_id: str, model: type[Model]) -> bool:
    """Whether an organization may have any of these under way. Only where a request reads is it worth asking."""
    return not is_remembering() or model in once((may_have, organization_id), lambda: _found(organization_id))


def may_be_in(structure: Structure, model: type[Model]) -> bool:
    """Whether the organization whose structure this is may have any of these under way."""
    source = structure.source
    return not isinstance(source, DatabaseSource) or may_have(source.organization_id, model)


def _found(organization_id: str) -> set[type[Model]]:
    asked = {
        model.__name__.lower(): Exists(model._default_manager.filter(which, organization=OuterRef("pk")))
        for model, which in RARE.items()
    }
    found = Organization.objects.filter(pk=organization_id).values_list(*asked.values()).first()
    return {model for model, any_of_it in zip(RARE, found or (), strict=False) if any_of_it}
