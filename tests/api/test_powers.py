"""Lent voices and process breakdowns by API."""

import pytest

from governance.actions import breakdowns
from governance.models import Breakdown, Permission
from tests.api.conftest import Api
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_lead_lets_somebody_represent_a_role(world: World, maya: Api) -> None:
    address = f"roles/{world.role_ids['copywriter']}/representatives/"
    assert maya.read(address) == []
    refused = maya.post(address, {"person": world.lea.pk})
    assert (refused.status_code, refused.json()["clause"]) == (422, "5.3")
    assert maya.post(address, {"person": "nobody"}).status_code in (400, 422)
    given = maya.post(address, {"person": world.priya.pk, "until": "2099-12-31"})
    assert given.status_code == 201
    assert maya.read(address) == [given.json()]
    assert Permission.objects.get().person == world.priya
    assert (
        maya.post(f"roles/{world.role_ids['photo']}/representatives/", {"person": world.priya.pk}).status_code
        == 422
    )


def test_breakdowns_are_read_and_declared_by_who_may(world: World, maya: Api) -> None:
    refused = maya.post("breakdowns/", {"circle": world.role_ids["storefront"], "reasons": "No rounds"})
    assert (refused.status_code, refused.json()["clause"]) == (422, "5.5")
    found = breakdowns.declare(world.role("storefront"), actor=world.noor, reasons="No rounds")
    listed = maya.read(f"breakdowns/?circle={world.role_ids['storefront']}")["results"]
    assert [one["id"] for one in listed] == [found.pk]
    told = maya.read(f"breakdowns/{found.pk}/")
    assert (told["reasons"], told["declared_by"]["name"], told["ended_at"]) == (
        "No rounds",
        "Noor Haddad",
        None,
    )
    assert maya.read(f"breakdowns/?circle={world.role_ids['love']}")["results"] == []
    assert Breakdown.objects.count() == 1
