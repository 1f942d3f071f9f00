"""A proposal in Storefront that is being answered, and what people do about it, for the tests of §5.3."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from django.test import Client

from governance.actions import proposals, set_up
from governance.changes import AddPolicy
from governance.models import Objection, Proposal
from people.ids import new_id
from people.models import Person
from tests.world import World

ARGUMENTS = {
    "a": "Launches slip",
    "b": "Dates cannot be kept",
    "c": "Today they can",
    "d": "It would happen at once",
}
MEMBERS = ("ines", "maya", "priya", "noor", "tobias", "samira")


def changes(world: World, text: str = "Sending Photo Desk a brief") -> list[dict[str, Any]]:
    merchandiser = world.role_ids["merchandiser"]
    return [{"kind": "amend_role", "role": merchandiser, "accountabilities": [{"op": "add", "text": text}]}]


def draft(world: World, **text: Any) -> Proposal:
    """Samira's draft, for Photo Desk."""
    values: dict[str, Any] = {
        "title": "Photo briefs",
        "tension": "I get briefs too late",
        "example": "On Monday the tent arrived unannounced",
        "how_helped": "I would have known ten days before",
        "role": world.role_ids["photo"],
        "changes": changes(world),
    } | text
    return proposals.start_draft(world.role("storefront"), actor=world.samira, **values)


def proposed(world: World, **text: Any) -> Proposal:
    return proposals.propose(draft(world, **text), actor=world.samira)


def confirm(proposal: Proposal, *people: Person) -> None:
    for person in people:
        proposals.answer(proposal, actor=person, text_version=proposal.text_version)


def object_to(world: World, proposal: Proposal, **words: Any) -> Objection:
    """Priya's objection, for the merchandiser."""
    values: dict[str, Any] = {
        "role": world.role_ids["merchandiser"],
        "concern": "Ten days ahead I have no samples",
        "criteria": {} if words.get("rule") else ARGUMENTS,
    } | words
    return proposals.object_to(proposal, actor=world.priya, text_version=proposal.text_version, **values)


def policy(world: World, effect: dict[str, Any]) -> None:
    """A policy of Storefront that changes a default."""
    change = AddPolicy(
        new_id(), world.role_ids["storefront"], "Ours", kinds=("default",), effect=effect, inside=False
    )
    set_up.edit_structure([change], actor=world.ines, reason="As agreed")


def at(moment: dt.datetime | None, **later: float) -> AbstractContextManager[Any]:
    assert moment is not None
    return mock.patch("django.utils.timezone.now", return_value=moment + dt.timedelta(**later))


def browser(person: Person) -> Client:
    client = Client()
    assert person.account is not None
    client.force_login(person.account)
    return client


def page(proposal: Proposal) -> str:
    return f"/northwind/proposals/{proposal.pk}/"
