"""Addresses that name nothing: whatever somebody types there is not found, and breaks nothing."""

import pytest
from django.test import Client

from tests import world as worlds

pytestmark = pytest.mark.django_db
ODD = [
    "%00",
    "x%00-7hq2k9xdmp",
    "../../etc",
    "role",
    "a" * 5000,
    "%F0%9F%A7%A6",
    "storefront-aeiouaeiou",
    "' OR 1=1 --",
]


ADDRESSES = [
    "/northwind/roles/{}/",
    "/northwind/policies/{}/",
    "/northwind/people/{}/",
    "/northwind/proposals/{}/",
    "/northwind/proposals/{}/edit/",
    "/northwind/meetings/{}/",
    "/northwind/meetings/{}/minutes/",
    "/northwind/tensions/{}/",
    "/northwind/set-up/people/{}/",
    "/northwind/set-up/structure/{}/",
    "/northwind/record/{}/",
    "/constitution/{}/",
    "/live/northwind/meeting-{}/",
]


def test_what_names_nothing_is_not_found(client: Client) -> None:
    world = worlds.build(adopted=False)
    assert world.ines.account is not None
    client.force_login(world.ines.account)
    answered = {a.format(odd): client.get(a.format(odd)).status_code for a in ADDRESSES for odd in ODD}
    assert {address: status for address, status in answered.items() if status != 404} == {}
