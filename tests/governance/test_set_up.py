"""Founding, admitting and adopting, through the actions: what the pages cannot reach."""

from typing import Any

import pytest

from governance.actions import set_up
from governance.actions.people import describe_organization
from governance.changes import AddRole
from governance.models import Decision
from people.ids import new_id
from people.models import Account, Organization, Person
from people.refusals import Malformed, NotAllowed, Refused
from tests import world as worlds

pytestmark = pytest.mark.django_db

DETAILS: dict[str, Any] = {
    "name": "Fjord", "slug": "fjord", "zone": "Europe/Oslo", "ratifiers": ["Signe"], "purpose": "",
    "founder_name": "Signe",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 121}, "name"), ({"slug": "Fjord"}, "slug"), ({"slug": "api"}, "slug"),
        ({"zone": "Mars"}, "zone"), ({"ratifiers": []}, "ratifiers"), ({"ratifiers": [" "]}, "ratifiers"),
        ({"ratifiers": ["x" * 200]}, "ratifiers"), ({"founder_name": " "}, "founder_name"),
        ({"time_limit": 0}, "working_days"), ({"purpose": "x" * 1_001}, "purpose"),
    ],
)  # fmt: skip
def test_founding_badly_founds_nothing(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        set_up.found_organization(account=None, **{**DETAILS, **change})
    assert refusal.value.field == field
    assert not Organization.objects.exists()
    assert not Person.objects.exists()


def test_an_address_is_taken_once() -> None:
    set_up.found_organization(account=None, **DETAILS)
    with pytest.raises(Malformed) as refusal:
        set_up.found_organization(account=None, **DETAILS)
    assert refusal.value.field == "slug"
    assert Organization.objects.count() == 1


def test_the_first_account_comes_with_the_first_organization_or_not_at_all() -> None:
    with pytest.raises(Malformed):
        set_up.found_with_new_account(
            email="signe@fjord.example", password="granite and rain", **{**DETAILS, "zone": "Mars"}
        )
    assert not Account.objects.exists()
    set_up.found_with_new_account(email="signe@fjord.example", password="granite and rain", **DETAILS)
    with pytest.raises(NotAllowed):
        set_up.found_with_new_account(
            email="other@fjord.example", password="granite and rain", **{**DETAILS, "slug": "b"}
        )
    assert Account.objects.count() == 1


def test_before_adoption_nothing_is_decided_and_only_admins_edit() -> None:
    world = worlds.build(adopted=False)
    change = AddRole(new_id(), world.role_ids["anchor"], "Scout", "See what comes")
    with pytest.raises(NotAllowed):
        set_up.edit_structure([change], actor=world.maya, reason="Please")
    set_up.edit_structure([change], actor=world.ines, reason="")
    assert not Decision.objects.filter(organization=world.organization).exists()
    with pytest.raises(NotAllowed):
        set_up.declare_adoption(actor=world.maya)
    with pytest.raises(NotAllowed):
        describe_organization(world.organization, actor=world.maya, name="Mine", zone="Europe/Oslo")
    set_up.declare_adoption(actor=world.ines)
    with pytest.raises(Refused):
        describe_organization(
            world.organization, actor=world.ines, name="N", zone="Europe/Oslo", ratifiers=["Me"]
        )


def test_a_departed_admin_has_no_rights_left() -> None:
    world = worlds.build()
    dag = set_up.admit_person(actor=world.ines, name="Dag", admin=True, reason="Joins")
    set_up.let_leave(dag, actor=world.ines, reason="Leaves")
    dag.refresh_from_db()
    assert not dag.admin
    with pytest.raises(NotAllowed):
        set_up.admit_person(actor=dag, name="Ghost", reason="Boo")
