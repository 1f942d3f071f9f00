from collections.abc import Callable

import pytest
from django.test import Client

from people.models import Person
from tests import world as worlds
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """Northwind, adopted."""
    return worlds.build()


@pytest.fixture
def setting_up(db: None) -> World:
    """Northwind before its ratifiers have adopted."""
    return worlds.build(adopted=False)


@pytest.fixture
def as_(db: None) -> Callable[[Person], Client]:
    """A function that returns a browser in which somebody is signed in."""

    def sign_in(person: Person) -> Client:
        client = Client()
        assert person.account is not None
        client.force_login(person.account)
        return client

    return sign_in
