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


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "address",
    [
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
    ],
)
def test_what_names_nothing_is_not_found(client: Client, address: str, odd: str) -> None:
    world = worlds.build(adopted=False)
    assert world.ines.account is not None
    client.force_login(world.ines.account)
    assert client.get(address.format(odd)).status_code == 404
