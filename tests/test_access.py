"""Who may: every address of the site, for everybody there is, for reading and for doing.

The table says what each of five people meets. They are nobody, who has not signed in; Greta of another
organization; and of Northwind: Lea, a partner without a role and so in no circle; Maya, a member of Storefront;
and Ines, who is an admin and leads it.

A cell is the status of the answer. ``in`` is being sent to sign in; ``does`` is an act that is carried out; where
it is not, nothing must have been written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client

from governance.views.merge import digest
from journal import live
from people.ids import new_id
from people.models import Person
from tests.everything import Everything, everything, patterns
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("nobody", "greta", "lea", "maya", "ines")


@dataclass(frozen=True)
class Rule:
    """What those five meet, in that order, when they read (GET) and when they send a form (POST)."""

    words: str
    get: str
    post: str
    addresses: str

    def cells(self) -> Iterator[tuple[str, str, str, str]]:
        """Every cell: address, method, who, and what they meet."""
        for address in self.addresses.split():
            for method, row in (("GET", self.get), ("POST", self.post)):
                for who, met in zip(PEOPLE, row.split(), strict=True):
                    yield address, method, who, met


TABLE = (
    #                                                       nobody greta lea  maya ines
    Rule(
        "everybody reads",
        get="200 200 200 200 200",
        post="405 405 405 405 405",
        addresses="""
            healthz pages:clause account_inactive account_email_verification_sent account_reset_password_done
            account_reset_password_from_key_done""",
    ),
    Rule(
        "everybody is led on",
        get="302 302 302 302 302",
        post="405 405 405 405 405",
        addresses="people:root",
    ),
    Rule(
        "everybody may ask for a new password",
        get="200 200 200 200 200",
        post="does does does does does",
        addresses="account_reset_password",
    ),
    Rule(
        "everybody, but a key that is none opens nothing",
        get="200 200 200 200 200",
        post="404 404 404 404 404",
        addresses="account_confirm_email",
    ),
    Rule(
        "everybody, but a link that is none changes no password",
        get="200 200 200 200 200",
        post="200 200 200 200 200",
        addresses="account_reset_password_from_key",
    ),
    Rule(
        "everybody tries the sample organization, in demo mode",
        get="405 405 405 405 405",
        post="does does does does does",
        addresses="people:demo_sign_in",
    ),
    Rule(
        "whoever holds the invitation, unless they are here already",
        get="200 200 200 200 200",
        post="does does 422 422 422",
        addresses="people:invitation",
    ),
    Rule(
        "who has not signed in does",
        get="200 302 302 302 302",
        post="does 302 302 302 302",
        addresses="account_login",
    ),
    Rule(
        "nobody signs up by themselves",
        get="200 302 302 302 302",
        post="200 302 302 302 302",
        addresses="account_signup",
    ),
    Rule(
        "who has signed in signs out",
        get="302 200 200 200 200",
        post="302 302 302 302 302",
        addresses="account_logout",
    ),
    Rule(
        "amid signing in alone",
        get="302 302 302 302 302",
        post="302 302 302 302 302",
        addresses="account_confirm_login_code mfa_authenticate",
    ),
    Rule(
        "who has signed in looks after their account",
        get="in 200 200 200 200",
        post="in does does does does",
        addresses="account_email account_change_password",
    ),
    Rule(
        "who has signed in proves it again",
        get="in 200 200 200 200",
        post="in 302 302 302 302",
        addresses="account_reauthenticate",
    ),
    Rule(
        "who has signed in is led on: there is a password, and they proved it long ago or hold no second key",
        get="in 302 302 302 302",
        post="in 302 302 302 302",
        addresses="account_set_password mfa_reauthenticate mfa_activate_totp mfa_generate_recovery_codes",
    ),
    Rule(
        "who has a second key",
        get="in 404 404 404 404",
        post="in 404 404 404 404",
        addresses="mfa_deactivate_totp mfa_download_recovery_codes",
    ),
    Rule(
        "who has a second key reads",
        get="in 404 404 404 404",
        post="in 405 405 405 405",
        addresses="mfa_view_recovery_codes",
    ),
    Rule(
        "who has signed in reads",
        get="in 200 200 200 200",
        post="in 405 405 405 405",
        addresses="mfa_index people:organizations",
    ),
    Rule(
        "who has signed in reads how programs ask",
        get="in 200 200 200 200",
        post="405 405 405 405 405",
        addresses="api_documentation",
    ),
    Rule(
        "who has signed in founds",
        get="in 200 200 200 200",
        post="in does does does does",
        addresses="people:found",
    ),
    # -- the organization's own -----------------------------------------------------------------------------------
    Rule(
        "people of the organization read",
        get="in 404 200 200 200",
        post="405 405 405 405 405",
        addresses="""
            pages:home pages:structure pages:branch pages:people pages:person
            circles:role circles:roles circles:policies circles:members circles:meetings circles:history
            circles:policy tensions:inbox governance:awaiting governance:proposals governance:record
            governance:elections
            governance:decision governance:decision_json governance:rulings meetings:minutes@over""",
    ),
    Rule(
        "there are no minutes before a meeting is over",
        get="in 404 302 302 302",
        post="405 405 405 405 405",
        addresses="meetings:minutes",
    ),
    Rule(
        "people of the organization act for themselves",
        get="in 404 200 200 200",
        post="in 404 does does does",
        addresses="""
            people:profile tensions:capture governance:new_proposal governance:breakdowns
            governance:ask_ruling""",
    ),
    Rule(
        "people of the organization read what is announced",
        get="in 404 200 200 200",
        post="405 405 405 405 405",
        addresses="announcements:list",
    ),
    Rule(
        "role leads announce (Ines leads what nobody fills), partners tell of what they did",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="announcements:intent announcements:spending",
    ),
    Rule(
        "partners tell of an initiative",
        get="in 404 200 200 200",
        post="in 404 does does does",
        addresses="announcements:initiative",
    ),
    Rule(
        "who controls the domain objects (Maya)",
        get="in 404 200 200 200",
        post="in 404 422 does 422",
        addresses="announcements:announcement",
    ),
    Rule(
        "everybody may leave, but the last admin",
        get="in 404 200 200 200",
        post="in 404 does does 422",
        addresses="people:leave",
    ),
    Rule(
        "circle members answer",
        get="in 404 200 200 200",
        post="in 404 422 does does",
        addresses="governance:proposal meetings:ask governance:undo governance:call_election governance:election",
    ),
    Rule(
        "who acts as secretary strikes and keeps the calendar: of the anchor circle its lead, for nobody was elected",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="governance:strike governance:calendar",
    ),
    Rule(
        "those concerned read a question to the secretary; who asked withdraws it (Maya)",
        get="in 404 404 200 200",
        post="in 404 404 does 422",
        addresses="governance:ruling",
    ),
    Rule(
        "circle leads assign (Ines leads Storefront)",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="circles:assign circles:unassign",
    ),
    Rule(
        "circle leads set what comes first, and where references go (Ines)",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="circles:strategies circles:priorities circles:routes",
    ),
    Rule(
        "whoever leads a role links it and takes it out (Ines leads Size & Fit Guide, which nobody fills)",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="circles:links@sizes circles:unlink",
    ),
    Rule(
        "whoever fills it resigns, or lets somebody speak for it (Maya)",
        get="in 404 200 200 200",
        post="in 404 422 does 422",
        addresses="circles:resign governance:represent",
    ),
    Rule(
        "whoever belongs to the circle opens its meeting (Maya, and Ines by the role that links into it)",
        get="in 404 200 200 200",
        post="in 404 422 does does",
        addresses="meetings:list",
    ),
    Rule(
        "who was elected names who acts in their place (Noor)",
        get="in 404 200 200 200",
        post="in 404 422 422 422",
        addresses="governance:stand_in",
    ),
    Rule(
        "who acts as facilitator of the circle around it ends a breakdown (Ines)",
        get="in 404 200 200 200",
        post="in 404 422 422 does",
        addresses="governance:breakdown",
    ),
    Rule(
        "who asked for a special meeting takes it back (Maya)",
        get="405 405 405 405 405",
        post="in 404 302 does 302",
        addresses="meetings:take_back",
    ),
    # -- a meeting of Storefront ----------------------------------------------------------------------------------
    Rule(
        "circle members are in the room; others are told why not",
        get="in 404 403 200 200",
        post="405 405 405 405 405",
        addresses="meetings:room meetings:room@over",
    ),
    Rule(
        "circle members hear how it changes",
        get="in 404 404 200 200",
        post="405 405 405 405 405",
        addresses="meetings:parts",
    ),
    Rule(
        "circle members act",
        get="405 405 405 405 405",
        post="in 404 403 does does",
        addresses="meetings:act",
    ),
    Rule(
        "whose proposal it is writes (Maya)",
        get="in 404 302 302 302",
        post="in 404 403 does 422",
        addresses="meetings:text",
    ),
    Rule(
        "circle members follow a meeting",
        get="404 404 404 200 200",
        post="405 405 405 405 405",
        addresses="journal:live@meeting",
    ),
    Rule(
        "people of the organization follow a proposal, an announcement",
        get="404 404 200 200 200",
        post="405 405 405 405 405",
        addresses="journal:live@proposal journal:live@announcement journal:live@election",
    ),
    # -- one's own ------------------------------------------------------------------------------------------------
    Rule(
        "own things alone (Maya’s); not for admins either",
        get="in 404 404 200 404",
        post="in 404 404 does 404",
        addresses="tensions:tension governance:draft",
    ),
    Rule(
        "an own draft alone is laid over what stands today; nothing clashes in it",
        get="in 404 404 200 404",
        post="in 404 404 302 404",
        addresses="governance:merge",
    ),
    Rule(
        "own keys alone",
        get="in 404 405 405 405",
        post="in 404 404 does 404",
        addresses="people:revoke_token",
    ),
    Rule(
        "an own draft is at the desk",
        get="in 404 404 302 404",
        post="in 404 404 302 404",
        addresses="governance:proposal@draft",
    ),
    Rule(
        "at the desk is one’s own alone; a proposal of others has its page",
        get="in 404 302 302 302",
        post="in 404 302 302 302",
        addresses="governance:draft@proposed",
    ),
    Rule(
        "nobody else follows a draft",
        get="404 404 404 200 404",
        post="405 405 405 405 405",
        addresses="journal:live@draft",
    ),
    # -- set-up ---------------------------------------------------------------------------------------------------
    Rule(
        "admins alone",
        get="in 404 404 404 200",
        post="in 404 404 404 does",
        addresses="""
            people:setup people:people people:member people:partner_status people:leave_member
            people:structure_role people:structure_add people:structure_move people:structure_remove
            people:structure_assign people:structure_unassign people:structure_add_policy
            people:structure_policy people:structure_remove_policy""",
    ),
    Rule(
        "admins alone, by a button",
        get="in 404 404 404 405",
        post="in 404 404 404 does",
        addresses="people:invite people:admin_flag",
    ),
    Rule(
        "admins alone read",
        get="in 404 404 404 200",
        post="in 404 404 404 405",
        addresses="people:structure_edit",
    ),
    # -- the API --------------------------------------------------------------------------------------------------
    Rule(
        "programs of whoever has signed in read how to ask",
        get="401 200 200 200 200",
        post="401 405 405 405 405",
        addresses="api:schema",
    ),
    Rule(
        "programs of people of the organization read",
        get="401 404 200 200 200",
        post="401 404 405 405 405",
        addresses="""
            api:me api:structure api:roles api:role api:policy api:people api:person api:decisions api:decision
            api:proposals api:proposal api:breakdown""",
    ),
    Rule(
        "programs of partners ask the secretary",
        get="401 404 200 200 200",
        post="401 404 does does does",
        addresses="api:rulings",
    ),
    Rule(
        "programs of circle members undo (Storefront)",
        get="401 404 405 405 405",
        post="401 404 422 does does",
        addresses="api:undo",
    ),
    Rule(
        "programs of those concerned read a question to the secretary",
        get="401 404 404 200 200",
        post="401 404 405 405 405",
        addresses="api:ruling",
    ),
    Rule(
        "programs of people of the organization capture",
        get="401 404 200 200 200",
        post="401 404 does does does",
        addresses="api:tensions",
    ),
    Rule(
        "programs of people of the organization read an election",
        get="401 404 200 200 200",
        post="401 404 405 405 405",
        addresses="api:election",
    ),
    Rule(
        "programs of circle members call elections and nominate",
        get="401 404 200 200 200",
        post="401 404 422 does does",
        addresses="api:elections api:ballot",
    ),
    Rule(
        "programs of people of the organization read an announcement",
        get="401 404 200 200 200",
        post="401 404 405 405 405",
        addresses="api:announcement",
    ),
    Rule(
        "programs of circle leads set what comes first and where references go (Ines)",
        get="401 404 200 200 200",
        post="401 404 422 422 does",
        addresses="api:first api:routes api:links@sizes",
    ),
    Rule(
        "programs of people of the organization announce: partners tell of an initiative",
        get="401 404 200 200 200",
        post="401 404 does does does",
        addresses="api:announcements",
    ),
    Rule(
        "programs of people of the organization read a calendar",
        get="401 404 200 200 200",
        post="401 404 405 405 405",
        addresses="api:calendar",
    ),
    Rule(
        "programs of circle members answer",
        get="401 404 405 405 405",
        post="401 404 422 does does",
        addresses="api:answer",
    ),
    Rule(
        "programs of who controls the domain object (Maya)",
        get="401 404 405 405 405",
        post="401 404 422 does 422",
        addresses="api:announcement_objections",
    ),
    Rule(
        "programs of who leads a role in the circle that is asked escalate",
        get="401 404 405 405 405",
        post="401 404 422 does does",
        addresses="api:announcement_escalations",
    ),
    Rule(
        "programs of who leads the role let others represent it (Maya)",
        get="401 404 200 200 200",
        post="401 404 422 does 422",
        addresses="api:representatives",
    ),
    Rule(
        "programs of facilitators, secretaries and those of the circle around declare a breakdown (Ines)",
        get="401 404 200 200 200",
        post="401 404 422 422 does",
        addresses="api:breakdowns",
    ),
    Rule(
        "programs read own things alone (Maya’s)",
        get="401 404 404 200 404",
        post="401 404 405 405 405",
        addresses="api:tension api:proposal@draft",
    ),
)


def forms(all_: Everything) -> dict[str, dict[str, Any]]:
    """What is sent to each address that takes a form: an act that succeeds for whoever may."""
    world = all_.world
    reason = {"reason": "The season begins"}
    new_password = {"password1": "thick-wool-and-thunder", "password2": "thick-wool-and-thunder"}
    policy = {
        "title": "Samples",
        "body": "Two of each.",
        "kinds": ["constraint"],
        "inside": "on",
        "overridable": "on",
    }
    stands = {
        "title": all_.policy.title, "body": all_.policy.body, "kinds": sorted(all_.policy.kinds),
        "effect": all_.policy.effect, "domain": all_.policy.domain_id, "inside": all_.policy.inside,
        "overridable": all_.policy.overridable,
    }  # fmt: skip
    fresh = {"drafted": json.dumps({"id": new_id()})}
    return {
        "account_login": {"login": "maya@northwind.example", "password": PASSWORD},
        "account_signup": {"email": "new@northwind.example", **new_password},
        "account_reauthenticate": {"password": PASSWORD},
        "account_email": {"email": "new@northwind.example", "action_add": ""},
        "account_change_password": {"oldpassword": PASSWORD, **new_password},
        "account_set_password": new_password,
        "account_reset_password": {"email": "maya@northwind.example"},
        "account_reset_password_from_key": new_password,
        "people:found": {
            "name": "Sideline",
            "slug": "sideline",
            "zone": "Europe/Berlin",
            "ratifiers": "All of us",
            "founder_name": "A Founder",
        },
        "people:demo_sign_in": {"person": world.maya.pk},
        "people:invitation": {"password": PASSWORD, "agree": "on"},
        "people:profile": {"act": "describe", "name": "Another Name", "zone": ""},
        "people:leave": reason,
        "people:setup": {"act": "describe", "name": "Northwind", "zone": "Europe/Oslo"},
        "people:people": {"people": "Ada Holm <ada@northwind.example>", "partner": "on", **reason},
        "people:member": {"name": "Callum B", "zone": ""},
        "people:admin_flag": {"admin": "yes"},
        "people:partner_status": reason,
        "people:leave_member": reason,
        "people:structure_policy": {**policy, "drafted": json.dumps(stands), **reason},
        "people:structure_remove_policy": reason,
        "people:structure_unassign": reason,
        "people:structure_role": {
            "name": "Sizes",
            "purpose": "",
            "drafted": json.dumps({"name": "Size & Fit Guide"}),
            **reason,
        },
        "people:structure_add": {"name": "Fit Tester", "purpose": "Sizes are right", **fresh, **reason},
        "people:structure_move": {
            "to": world.role_ids["love"],
            "was": world.role_ids["storefront"],
            **reason,
        },
        "people:structure_remove": reason,
        "people:structure_assign": {"person": world.callum.pk, **reason},
        "people:structure_add_policy": {**policy, **fresh, **reason},
        "circles:assign": {"person": world.callum.pk},
        "circles:strategies": {"strategies": "Clear words, even over many", "was": ""},
        "circles:priorities": {f"place-{world.role_ids['sizes']}": "1", "was": ""},
        "circles:routes": {"role": world.role_ids["storefront"], "to": world.role_ids["sizes"]},
        "circles:links": {"circle": world.role_ids["anchor"]},
        "tensions:capture": {"text": "The voice guide is out of date"},
        "tensions:tension": {"do": "let_go"},
        "governance:new_proposal": {"circle": world.role_ids["storefront"], "tension": ""},
        "governance:proposal": {"do": "no_objection", "text_version": all_.proposal.text_version},
        "governance:undo": {"circle": world.role_ids["storefront"]},
        "governance:call_election": {"circle": world.role_ids["storefront"], "seat": "facilitator"},
        "governance:election": {"do": "nominate", "candidate": world.priya.pk, "reason": "She is thorough"},
        "governance:ask_ruling": {"circle": world.role_ids["storefront"], "question": "Do parcels count?"},
        "governance:ruling": {"do": "withdraw"},
        "governance:strike": {"reason": "It breaks a rule"},
        "governance:merge": {"stands": digest([]), "text_version": all_.draft.text_version},
        "governance:draft": {
            "do": "save",
            "title": "Earlier briefs",
            "text_version": all_.draft.text_version,
        },
        "announcements:intent": {
            "role": world.role_ids["sizes"],
            "what": "Add a chapter on sizes",
            "domains": [all_.guide.pk],
        },
        "announcements:spending": {
            "role": world.role_ids["sizes"],
            "asked_of": world.role_ids["storefront"],
            "what": "A measuring tape",
            "why": "To measure",
            "amount": "12",
            "currency": "EUR",
        },
        "announcements:initiative": {
            "what": "Took the tent off the shop",
            "why": "Unsafe",
            "roles": [world.role_ids["merchandiser"]],
        },
        "announcements:announcement": {"do": "object", "words": "Sizes have their own guide"},
        "api:links": {"circle": world.role_ids["anchor"]},
        "api:first": {"strategies": ["Clear words, even over many"]},
        "api:routes": {"role": world.role_ids["storefront"], "to": world.role_ids["sizes"]},
        "api:elections": {"circle": world.role("storefront").ref, "seat": "facilitator"},
        "api:ballot": {"candidate": world.priya.pk, "reason": "She is thorough"},
        "api:announcements": {
            "kind": "initiative",
            "what": "Took the tent off the shop",
            "why": "Unsafe",
            "roles": [world.role_ids["merchandiser"]],
        },
        "api:rulings": {"circle": world.role_ids["storefront"], "question": "Do parcels count?"},
        "api:undo": {},
        "api:answer": {"answer": "no_objection", "text_version": all_.proposal.text_version},
        "api:announcement_objections": {"words": "Sizes have their own guide"},
        "api:announcement_escalations": {"words": "We have one already"},
        "api:representatives": {"person": world.priya.pk},
        "api:breakdowns": {"circle": world.role_ids["storefront"], "reasons": "Nobody asks anybody"},
        "governance:represent": {"do": "grant", "person": world.priya.pk},
        "governance:stand_in": {"do": "name", "person": world.callum.pk},
        "governance:calendar": {"do": "keep", "zone": "Europe/Oslo", "weekdays": ["0", "1"]},
        "governance:breakdowns": {"do": "review", "words": "Nobody asks anybody"},
        "governance:breakdown": {"do": "end", "words": "They ask again"},
        "meetings:ask": {"intent": "The voice guide"},
        "meetings:list": {"circle": world.role_ids["love"], "minutes": 30, "when": "now"},
        "meetings:act": {},
        "meetings:text": {"do": "save", "title": "Copy", "text_version": all_.brought.text_version},
        "api:tensions": {"text": "The voice guide is out of date"},
    }


class Site:
    """Asks for addresses as somebody."""

    def __init__(self, all_: Everything) -> None:
        self.all = all_
        self.forms = forms(all_)
        world = all_.world
        assert world.outsider is not None
        people: dict[str, Person | None] = {
            "nobody": None, "greta": world.outsider, "lea": world.lea, "maya": world.maya, "ines": world.ines
        }  # fmt: skip
        self.sessions = {who: self._session(person) for who, person in people.items()}

    @staticmethod
    def _session(person: Person | None) -> str:
        client = Client()
        if person is not None:
            assert person.account is not None
            client.force_login(person.account)
        return client.cookies["sessionid"].value if person else ""

    def form(self, name: str, method: str) -> dict[str, Any] | None:
        """What is sent to an address; reading sends nothing."""
        return self.forms.get(name.partition("@")[0]) if method == "POST" else None

    def ask(
        self, who: str, method: str, address: str, data: dict[str, Any] | None = None
    ) -> tuple[str, list[str]]:
        """Return what somebody meets at an address, as a cell says it, and what was written. Undone afterwards."""
        cache.clear()
        client = Client()
        if self.sessions[who]:
            client.cookies["sessionid"] = self.sessions[who]
        more: dict[str, Any] = {"content_type": "application/json"} if address.startswith("/api/") else {}
        if method == "GET":
            data, more = data or {}, {}
        written: list[str] = []
        with undone(), connection.execute_wrapper(noting(written)):
            answer = getattr(client, method.lower())(address, data or {}, **more)
        location = answer.get("Location", "")
        if location.startswith("/accounts/login/?next="):
            return "in", written
        if method != "GET" and answer.status_code < 400 and written:
            return "does", written
        return str(answer.status_code), written


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written inside. Live streams look from a thread of their own, which this does not hinder."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def noting(written: list[str]) -> Any:
    """A wrapper of queries that notes everything written but the session's own row."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (
            re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", sql, re.IGNORECASE)
            and "django_session" not in sql
        ):
            written.append(sql)
        return execute(sql, params, many, context)

    return note


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    yield Site(everything())
    live.thread.submit(connections.close_all).result()


CELLS = [cell for rule in TABLE for cell in rule.cells()]


def test_the_table_names_every_address_once_and_no_other() -> None:
    named = [address for rule in TABLE for address in rule.addresses.split()]
    assert len(named) == len(set(named))
    assert {address.partition("@")[0] for address in named} == set(patterns())


def test_everybody_meets_what_the_table_says(site: Site) -> None:
    wrong = []
    for name, method, who, met in CELLS:
        found, written = site.ask(who, method, site.all.address(name), site.form(name, method))
        # Reading notes that somebody has seen a proposal; whoever is turned away leaves no trace
        if found != met or (written and met not in ("does", "200")):
            wrong.append(f"{who} {method} {name}: {found}, not {met}{', and wrote' * bool(written)}")
    assert not wrong, "\n".join(wrong)


def test_there_are_no_other_methods(site: Site) -> None:
    ours = [
        name for rule in TABLE for name in rule.addresses.split() if not name.startswith(("account_", "mfa_"))
    ]
    for name in ours:
        for method in ("PUT", "PATCH", "DELETE"):
            found, written = site.ask("ines", method, site.all.address(name))
            assert found in ("405", "404"), (name, method)
            assert not written, (name, method)


def test_what_belongs_to_another_organization_is_not_below_ones_own(site: Site) -> None:
    """Greta is an admin of Meltwater: what she may there opens nothing of Northwind's."""
    kinds = {
        "ref",
        "policy",
        "assignment",
        "tension",
        "proposal",
        "meeting",
        "number",
        "token",
        "topic",
        "announcement",
        "link",
        "breakdown",
        "wanted",
    }
    tried = 0
    for name, method, who, met in CELLS:
        parts = site.all.patterns[name.partition("@")[0]]
        if who == "ines" and "organization" in parts and parts & kinds:
            found, written = site.ask(
                "greta", method, site.all.address(name, "meltwater"), site.form(name, method)
            )
            assert found == ("405" if met == "405" and found != "404" else "404"), (name, method)
            assert not written, (name, method)
            tried += 1
    assert tried > 60


def test_what_belongs_to_another_organization_is_not_in_a_query_or_form(site: Site) -> None:
    theirs = site.all.theirs
    unknown: list[tuple[str, str, dict[str, Any], str]] = [
        ("GET", "governance:record", {"circle": theirs["role"]}, "404"),
        ("GET", "governance:record", {"role": theirs["role"]}, "404"),
        ("GET", "governance:record", {"person": theirs["person"]}, "404"),
        ("GET", "governance:proposals", {"circle": theirs["role"]}, "404"),
        ("GET", "governance:new_proposal", {"circle": theirs["role"]}, "404"),
        ("GET", "governance:rulings", {"circle": theirs["role"]}, "404"),
        ("GET", "governance:ask_ruling", {"about": f"role:{theirs['role']}"}, "404"),
        ("POST", "governance:ask_ruling", {"circle": theirs["role"]}, "404"),
        ("POST", "governance:ask_ruling", {"other": theirs["person"]}, "404"),
        ("GET", "governance:new_proposal", {"tension": theirs["tension"]}, "404"),
        ("GET", "people:structure_edit", {"circle": theirs["role"]}, "404"),
        ("GET", "api:decisions", {"circle": theirs["role"]}, "404"),
        ("GET", "api:decisions", {"role": theirs["role"]}, "404"),
        ("GET", "api:proposals", {"circle": theirs["role"]}, "404"),
        ("GET", "api:rulings", {"role": theirs["role"]}, "404"),
        ("POST", "api:rulings", {"circle": theirs["role"]}, "404"),
        ("POST", "governance:new_proposal", {"circle": theirs["role"]}, "404"),
        ("POST", "governance:new_proposal", {"tension": theirs["tension"]}, "404"),
        ("POST", "meetings:act@add", {"label": "Theirs", "person": theirs["person"]}, "404"),
        ("POST", "meetings:act@add", {"label": "Theirs", "proposal": theirs["proposal"]}, "404"),
        ("POST", "meetings:act@gone", {"person": theirs["person"]}, "404"),
        ("GET", "announcements:list", {"role": theirs["role"]}, "404"),
        ("GET", "api:announcements", {"role": theirs["role"]}, "404"),
        ("POST", "api:announcements", {"roles": [theirs["role"]]}, "404"),
        ("POST", "announcements:intent", {"domains": [theirs["domain"]]}, "422"),
        ("POST", "announcements:spending", {"asked_of": theirs["role"]}, "422"),
        ("POST", "announcements:initiative", {"roles": [theirs["role"]]}, "422"),
        ("POST", "announcements:announcement", {"domain": theirs["domain"]}, "422"),
        ("POST", "meetings:list", {"circle": theirs["role"]}, "422"),
        ("POST", "tensions:capture", {"role": theirs["role"]}, "422"),
        ("POST", "circles:assign", {"person": theirs["person"]}, "422"),
        ("POST", "circles:links@sizes", {"circle": theirs["role"]}, "422"),
        ("POST", "circles:routes", {"to": theirs["role"]}, "422"),
        ("POST", "api:links@sizes", {"circle": theirs["role"]}, "404"),
        ("POST", "api:first", {"priorities": [theirs["role"]]}, "404"),
        ("POST", "api:routes", {"role": theirs["role"]}, "404"),
        ("POST", "governance:represent", {"person": theirs["person"]}, "422"),
        ("POST", "governance:stand_in", {"person": theirs["person"]}, "422"),
        ("POST", "governance:breakdown", {"do": "lead", "person": theirs["person"]}, "422"),
        ("POST", "meetings:ask", {"roles": theirs["role"]}, "422"),
        ("POST", "meetings:act@invite", {"person": theirs["person"], "tension": "Theirs"}, "404"),
        ("POST", "people:structure_assign", {"person": theirs["person"]}, "422"),
        ("POST", "people:structure_move", {"to": theirs["role"]}, "422"),
        ("POST", "people:structure_add_policy@copywriter", {"domain": theirs["domain"]}, "422"),
        ("POST", "api:tensions", {"role": theirs["role"]}, "422"),
    ]
    for method, name, sent, met in unknown:
        data = {**(site.form(name, method) or {}), **sent}
        found, written = site.ask("ines", method, site.all.address(name), data)
        assert (found, written) == (met, []), (method, name, sent)
