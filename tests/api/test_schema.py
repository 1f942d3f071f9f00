"""The API's description: complete, true of what is answered, and no request that it leads to breaks the program."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings as conf
from django.core.wsgi import get_wsgi_application
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.actions import elections, proposals
from governance.changes import AddRole
from people.ids import new_id
from people.models import ApiToken
from tests import world as worlds

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def described() -> dict[str, Any]:
    """Return the API's description."""
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call, no-any-return]


def test_the_description_is_valid_and_complete(db: None) -> None:
    GENERATOR_STATS.reset()
    schema = described()
    assert not GENERATOR_STATS  # neither warnings nor errors
    validate_schema(schema)  # type: ignore[no-untyped-call]
    for address, acts in schema["paths"].items():
        for act in acts.values():
            assert act["description"], address
            assert {"200", "201"} & set(act["responses"]), address
            assert act["security"] == [{"key": []}, {"cookieAuth": []}]
            for code in ("401", "404"):
                content = act["responses"][code]["content"]["application/json"]
                assert content["schema"]["$ref"].endswith("/Problem"), (address, code)


def test_every_address_and_filter_is_explained(db: None) -> None:
    words = (Path(conf.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    for address, acts in described()["paths"].items():
        shown = address.removeprefix("/api/v1/{organization}/").replace("{number}", "<number>")
        shown = re.sub(r"{\w+}", "<id>", shown)
        for act, told in acts.items():
            line = next((x for x in words.splitlines() if x.startswith(f"| `{act.upper()} {shown}`")), "")
            assert line, f"docs/api.md does not name {act.upper()} {shown}"
            for parameter in told.get("parameters", ()):
                name = f"`{parameter['name']}`"
                paging = parameter["name"] in ("limit", "offset", "before") and name in words
                assert parameter["in"] == "path" or paging or name in line, f"{line} leaves out {name}"


def test_it_is_served(db: None) -> None:
    world = worlds.build()
    _token, secret = ApiToken.issue(world.maya, label="A program")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/schema/", {"format": "json"}).json() == described()
    assert client.get("/api/v1/schema/")["Content-Type"].startswith("application/vnd.oai.openapi")


@pytest.fixture
def known(transactional_db: None) -> tuple[str, dict[str, list[str]]]:
    """A key, and identifiers that lead somewhere, by the name of the parameter."""
    world = worlds.build()
    _token, secret = ApiToken.issue(world.maya, label="A program")
    change = AddRole(new_id(), world.role_ids["storefront"], "Newsletter", "Mail worth opening")
    proposal = proposals.start_draft(
        world.role("storefront"),
        actor=world.maya,
        role=world.role_ids["copywriter"],
        changes=[change.to_json()],
    )
    policy = world.organization.policies.earliest("title")
    election = elections.call_election(world.role("storefront"), "secretary", actor=world.maya)
    elections.begin_nominations(election, actor=world.noor, term_ends=dt.date(2099, 12, 31))
    return secret, {
        "organization": ["northwind", "meltwater", "nowhere"],
        "ref": [*world.role_ids.values(), world.maya.id, world.hana.ref, policy.id],
        "proposal": [proposal.id],
        "election": [election.id],
        "number": ["1"],
        "circle": [world.role_ids["storefront"]],
        "role": [world.role_ids["copywriter"]],
        "since": ["2026-01-01", "2026-03-12T14:00:00Z"],
    }


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def try_out(secret: str, known: dict[str, list[str]], examples: int) -> int:
    """Send ``examples`` made-up requests to each address, half of them with identifiers that are known, and check
    the answers against the description. Returns how many found what they asked for."""
    schema = schemathesis.openapi.from_dict(described())
    schema.app = get_wsgi_application()
    successes = 0
    for operation in operations(schema):
        ways = [schemathesis.GenerationMode.POSITIVE]
        if operation.body or operation.query:
            ways.append(schemathesis.GenerationMode.NEGATIVE)
        for way in ways:

            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=way), data=st.data())
            def requests(case: Any, data: Any) -> None:
                nonlocal successes
                for held in (case.path_parameters, case.query):
                    for name in held or {}:
                        if name in known and data.draw(st.booleans()):
                            held[name] = data.draw(st.sampled_from(known[name]))
                if data.draw(st.integers(0, 9)):
                    case.path_parameters["organization"] = "northwind"
                answer = case.call(
                    headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
                )
                if answer.status_code == 404 and answer.headers["content-type"][0].startswith("text/html"):
                    return  # no address at all: a slash, say, in an identifier
                case.validate_response(answer, checks=CHECKS)
                successes += answer.status_code < 300

            requests()
    return successes


@pytest.mark.django_db(transaction=True)
def test_no_request_breaks_it(
    known: tuple[str, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "100000/min", raising=False)
    assert try_out(*known, examples=8) > 20


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_no_request_breaks_it_however_many(
    known: tuple[str, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "10000000/min", raising=False)
    assert try_out(*known, examples=100) > 300
