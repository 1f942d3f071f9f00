"""Somebody to act: Ada of one organization, and Otto of another."""

from __future__ import annotations

import pytest
from django.utils import timezone

from people.models import Account, Organization, Person


def somebody(slug: str, name: str) -> Person:
    organization = Organization.objects.create(slug=slug, name=slug.title(), adopted_at=timezone.now())
    email = f"{name.lower()}@example.org"
    account = Account.objects.create_user(email, "correct horse battery")
    return Person.objects.create(
        organization=organization, account=account, name=name, email=email, partner=True, since=1
    )


@pytest.fixture
def ada(db: None) -> Person:
    return somebody("northwind", "Ada")


@pytest.fixture
def otto(db: None) -> Person:
    return somebody("elsewhere", "Otto")
