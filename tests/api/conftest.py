"""What tests of the API share: the cast, and a client for each of their keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from people.models import ApiToken, Person
from tests import world as worlds


class Api:
    """Asks as one person's program does: with their key, below their organization's address."""

    def __init__(self, person: Person, *, slug: str = "northwind", **client: Any) -> None:
        self.token, secret = ApiToken.issue(person, label="A program")
        self.base = f"/api/v1/{slug}/"
        self.client = Client(headers={"Authorization": f"Bearer {secret}"}, **client)

    def get(self, address: str = "", **more: Any) -> Any:
        return self.client.get(self.base + address, **more)

    def read(self, address: str, **query: Any) -> Any:
        """Return what is found at an address; anything but 200 fails."""
        answer = self.get(address, query_params=query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refused(self, address: str, status: int, **query: Any) -> Any:
        """Return the refusal met at an address, which must be of this status and of the one form."""
        answer = self.get(address, query_params=query)
        assert answer.status_code == status, answer.content
        return form_of(answer)

    def post(self, address: str, data: Any) -> Any:
        return self.client.post(self.base + address, data, content_type="application/json")


def form_of(answer: Any) -> dict[str, Any]:
    """Return a refusal's content, once it is certain to have the form that is promised."""
    found = answer.json()
    assert set(found) == {"message", "field", "clause"}
    assert found["message"]
    return dict(found)


@pytest.fixture
def world(db: None) -> worlds.World:
    return worlds.build()


@pytest.fixture
def maya(world: worlds.World) -> Api:
    return Api(world.maya)
