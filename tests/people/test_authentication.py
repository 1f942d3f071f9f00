"""Keys for the API: whose they are, and when they open nothing."""

import datetime as dt

import pytest
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from governance.actions.people import issue_token, revoke_token
from people.authentication import TokenAuthentication
from people.models import Account, ApiToken
from tests.world import World

pytestmark = pytest.mark.django_db


def authenticate(header: str | None) -> tuple[Account, ApiToken] | None:
    headers = {} if header is None else {"Authorization": header}
    return TokenAuthentication().authenticate(Request(RequestFactory().get("/api/v1/", headers=headers)))


def test_a_key_is_its_owner_in_one_organization(world: World) -> None:
    token, secret = issue_token(actor=world.maya, label="Reports")
    found = authenticate(f"bearer {secret}")
    assert found == (world.maya.account, token)
    assert found is not None
    assert found[1].person == world.maya
    assert found[1].organization == world.organization


def test_no_key_is_left_to_the_session() -> None:
    assert authenticate(None) is None
    assert authenticate("Basic bWF5YTpub3Q=") is None


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer tns_nonsense", "Bearer " + "x" * 5_000, "Bearer ünsinn"]
)
def test_what_is_no_key_opens_nothing(world: World, header: str) -> None:
    with pytest.raises(AuthenticationFailed):
        authenticate(header)


def test_a_key_ends_with_its_revocation_its_owner_and_their_account(world: World) -> None:
    token, revoked = issue_token(actor=world.maya, label="Old")
    revoke_token(token, actor=world.maya)
    _token, locked = issue_token(actor=world.noor, label="Locked out")
    Account.objects.filter(pk=world.noor.account_id).update(is_active=False)
    _token, loose = issue_token(actor=world.lea, label="Without an account")
    type(world.lea).objects.filter(pk=world.lea.pk).update(account=None)
    for secret in (revoked, locked, loose):
        with pytest.raises(AuthenticationFailed):
            authenticate(f"Bearer {secret}")


def test_its_use_is_noted_at_most_once_a_minute(world: World) -> None:
    token, secret = issue_token(actor=world.maya, label="Reports")
    authenticate(f"Bearer {secret}")
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    authenticate(f"Bearer {secret}")
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now() - dt.timedelta(minutes=2))
    authenticate(f"Bearer {secret}")
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_guessing_is_limited_and_right_keys_are_not(world: World) -> None:
    _token, secret = issue_token(actor=world.maya, label="Reports")
    for _guess in range(30):
        with pytest.raises(AuthenticationFailed):
            authenticate("Bearer tns_guess")
    with pytest.raises(Throttled):
        authenticate("Bearer tns_guess")
    assert authenticate(f"Bearer {secret}") is not None
