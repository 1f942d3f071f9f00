"""The sample organization's words fit together before anything is built from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from pages.sample import (
    AddPolicy,
    AddRole,
    AmendPolicy,
    AmendRole,
    Calendar,
    Change,
    Domain,
    Done,
    Election,
    Leave,
    Led,
    Linked,
    Proposal,
    Question,
    RemovePolicy,
    RemoveRole,
    Role,
)
from pages.sample.clock import Clock
from pages.sample.doing import Doing
from pages.sample.load import Builder
from pages.sample.northwind import NORTHWIND

PEOPLE = {person.key: person for person in NORTHWIND.people}
FIRST = {role.key: role for role, _ in NORTHWIND.roles()}
CIRCLE_OF = {role.key: circle.key if circle else "" for role, circle in NORTHWIND.roles()}
ALL_PROPOSALS = (*NORTHWIND.decided, *NORTHWIND.open, *NORTHWIND.drafts)
CONSTITUTIONAL = {"Circle Lead", "Circle Rep", "Facilitator", "Secretary"}


@dataclass
class Standing:
    """The structure at one moment: flat, so that changes can be applied in a few lines."""

    roles: dict[str, Role] = field(default_factory=lambda: dict(FIRST))
    circle_of: dict[str, str] = field(default_factory=lambda: dict(CIRCLE_OF))
    linked: list[Linked] = field(default_factory=list)

    def copy(self) -> Standing:
        return Standing(dict(self.roles), dict(self.circle_of), list(self.linked))

    def holder(self, policy: str) -> Role:
        return next(role for role in self.roles.values() for held in role.policies if held.key == policy)

    def apply(self, circle: str, change: Change) -> None:
        match change:
            case AddRole(role):
                assert role.key not in self.roles
                self.roles[role.key] = role
                self.circle_of[role.key] = circle
            case AmendRole(key):
                if circle != self.circle_of[key]:
                    assert any((link.role, link.circle) == (key, circle) for link in self.linked), (
                        f"{key} is not governed by {circle} (§5.2), nor linked into it (§1.3.4)"
                    )
                    assert change == AmendRole(key, add_accountabilities=change.add_accountabilities)
                self.roles[key] = amended(self.roles[key], change)
            case RemoveRole(key):
                assert circle == self.circle_of.pop(key)
                del self.roles[key]
            case AddPolicy(holder, policy):
                role = self.roles[holder]
                assert holder == circle or self.circle_of[holder] == circle
                self.roles[holder] = replace(role, policies=(*role.policies, policy))
            case AmendPolicy(key, title, body):
                role = self.holder(key)
                assert role.key == circle or self.circle_of[role.key] == circle
                policies = [
                    replace(held, title=title or held.title, body=body or held.body)
                    if held.key == key
                    else held
                    for held in role.policies
                ]
                self.roles[role.key] = replace(role, policies=tuple(policies))
            case RemovePolicy(key):
                role = self.holder(key)
                assert role.key == circle or self.circle_of[role.key] == circle
                self.roles[role.key] = replace(
                    role, policies=tuple(held for held in role.policies if held.key != key)
                )

    def members(self, circle: str) -> set[str]:
        """Circle members (§5.1): leads, role leads and reps of circles inside; partners only."""
        seats = {filling.person for filling in self.roles[circle].filled_by}
        here = self.roles[circle]
        seats |= {seat.person for seat in (here.rep, here.facilitator, here.secretary) if seat}
        for key, role in self.roles.items():
            if self.circle_of[key] == circle:
                seats |= {filling.person for filling in role.filled_by}
                seats |= {role.rep.person} if role.rep else set()
        for link in self.linked:
            if link.circle == circle:
                seats |= {filling.person for filling in self.roles[link.role].filled_by}
        return {person for person in seats if PEOPLE[person].partner}


def amended(role: Role, change: AmendRole) -> Role:
    accountabilities = list(role.accountabilities)
    for old, new in change.amend_accountabilities:
        accountabilities[accountabilities.index(old)] = new
    for gone in change.remove_accountabilities:
        accountabilities.remove(gone)
    domains = [domain for domain in role.domains if domain.name not in change.remove_domains]
    assert len(domains) == len(role.domains) - len(change.remove_domains)
    after = replace(
        role,
        name=change.name or role.name,
        purpose=change.purpose or role.purpose,
        accountabilities=(*accountabilities, *change.add_accountabilities),
        domains=(*domains, *change.add_domains),
    )
    assert after != role, f"{role.key} is amended to what it was"
    return after


def stations(*others: type[Done]) -> Iterator[tuple[Proposal | Done, Standing]]:
    """Each proposal, or whatever else was done, with the structure as it stood at its time."""
    now = Standing()
    past: list[Proposal | Done] = [*NORTHWIND.decided, *NORTHWIND.done]
    for one in sorted(past, key=lambda one: -one.days_ago):
        if isinstance(one, Proposal) if not others else isinstance(one, others):
            yield one, now.copy()
        if isinstance(one, Proposal):
            for change in one.changes:
                now.apply(one.circle, change)
        elif isinstance(one, Linked):
            now.linked.append(one)
    if not others:
        for proposal in (*NORTHWIND.open, *NORTHWIND.drafts):
            yield proposal, now.copy()


def today() -> Standing:
    now = Standing(linked=[one for one in NORTHWIND.done if isinstance(one, Linked)])
    for proposal in NORTHWIND.decided:
        for change in proposal.changes:
            now.apply(proposal.circle, change)
    return now


def domains_nest(standing: Standing) -> None:
    for key, role in standing.roles.items():
        circle = standing.circle_of[key]
        for domain in role.domains:
            if circle in ("", NORTHWIND.anchor.key):
                assert domain == Domain(domain.name), f"{key}: the anchor circle holds every domain (§1.3.2)"
            else:
                held = {own.name for own in standing.roles[circle].domains}
                assert (domain.within in held) != domain.internal, f"{key}: {domain.name} (§1.3.2)"
                assert not (domain.internal and domain.within)


def test_it_is_as_large_as_a_real_organization() -> None:
    ordinary = [role for role in FIRST.values() if not role.roles]
    circles = [role for role in FIRST.values() if role.roles]
    assert len(NORTHWIND.people) >= 34
    assert sum(not person.partner for person in NORTHWIND.people) == 2
    assert any(person.admin for person in NORTHWIND.people)
    assert len(circles) >= 7
    assert {level(role.key) for role in circles} == {0, 1, 2}
    assert len(ordinary) >= 48
    assert 3 <= sum(not role.filled_by for role in ordinary) <= 12
    assert len(NORTHWIND.tensions) >= 14
    assert 10 <= len(NORTHWIND.decided) <= 12
    assert (len(NORTHWIND.open), len(NORTHWIND.drafts)) == (2, 1)
    assert NORTHWIND.meetings


def level(key: str) -> int:
    return 1 + level(CIRCLE_OF[key]) if CIRCLE_OF[key] else 0


@pytest.mark.parametrize(
    "name",
    [
        "Content Strategist",
        "Technical Support",
        "Copywriter & Storyteller",
        "Sales Manager",
        "Data Analyst",
        "Merchandiser",
        "Sourcing",
        "Fulfilment",
        "SEO Gardener",
    ],
)
def test_it_has_what_a_shop_has(name: str) -> None:
    assert name in {role.name for role in FIRST.values()}


def test_keys_are_unique_and_resolve() -> None:
    everything = [role.key for role, _ in NORTHWIND.roles()]
    everything += [policy.key for role in FIRST.values() for policy in role.policies]
    everything += [proposal.key for proposal in ALL_PROPOSALS]
    assert [key for key, count in Counter(everything).items() if count > 1] == []
    assert len(PEOPLE) == len(NORTHWIND.people) == len({person.name for person in NORTHWIND.people})
    assert set(NORTHWIND.ratifiers) <= PEOPLE.keys()
    for key, role in FIRST.items():
        if not role.roles:
            assert key.startswith(CIRCLE_OF[key] + "."), f"{key} is named after another circle"
        assert {filling.person for filling in role.filled_by} <= PEOPLE.keys()
    for person in NORTHWIND.people:
        assert ZoneInfo(person.zone).key == person.zone
        assert re.fullmatch(r"[a-z]+@northwind\.example", person.email)
    ZoneInfo(NORTHWIND.zone)


def test_names_are_unique_in_a_circle() -> None:
    for circle in [NORTHWIND.anchor, *FIRST.values()]:
        names = [role.name.casefold() for role in circle.roles]
        assert len(names) == len(set(names)), circle.key
        assert not CONSTITUTIONAL & {role.name for role in circle.roles}
        titles = [policy.title.casefold() for policy in circle.policies]
        assert len(titles) == len(set(titles)), circle.key


def test_every_role_has_purpose_and_accountabilities_that_begin_with_a_verb() -> None:
    for key, role in today().roles.items():
        assert role.purpose, key
        if key != NORTHWIND.anchor.key:
            assert 2 <= len(role.accountabilities) <= 6, key
        assert len(role.accountabilities) == len(set(role.accountabilities)), key
        for accountability in role.accountabilities:
            assert re.match(r"[A-Z][a-z]+ing\b", accountability), f"{key}: {accountability}"
            assert not accountability.endswith("."), f"{key}: {accountability}"


def test_domains_nest_from_the_first_day_on() -> None:
    for _, standing in stations():
        domains_nest(standing)
    domains_nest(today())


def test_a_domain_that_lies_nowhere_is_found() -> None:
    standing = Standing()
    role = standing.roles["storefront.merchandiser"]
    standing.roles[role.key] = replace(role, domains=(Domain("Prices", within="Warehouse"),))
    with pytest.raises(AssertionError, match=r"§1\.3\.2"):
        domains_nest(standing)


def test_elected_people_are_eligible() -> None:
    for key, role in FIRST.items():
        seats = (role.rep, role.facilitator, role.secretary)
        if not role.roles:
            assert seats == (None, None, None), key
            continue
        assert role.facilitator, key
        assert role.secretary, key
        assert bool(role.rep) == (key != NORTHWIND.anchor.key), key
        leads = {filling.person for filling in role.filled_by}
        without_seats = replace(role, rep=None, facilitator=None, secretary=None)
        standing = Standing()
        standing.roles[key] = without_seats
        for seat in filter(None, seats):
            assert seat.days > 0
            assert seat.person in standing.members(key), f"{key}: {seat.person} is no circle member (§5.1.2)"
        assert not role.rep or role.rep.person not in leads, f"{key}: circle lead and rep (§5.1.1)"
        assert leads, key
        assert all(PEOPLE[person].partner for person in leads), key


def test_policies_say_what_they_are() -> None:
    policies = [(role, policy) for role in today().roles.values() for policy in role.policies]
    kinds = {kind for _, policy in policies for kind in policy.kinds}
    assert kinds == {"constraint", "grant", "domain", "default"}
    for role, policy in policies:
        assert policy.kinds, policy.key
        assert policy.body.endswith("."), policy.key
        assert ("domain" in policy.kinds) == bool(policy.domain), policy.key
        assert not policy.domain or policy.domain in {domain.name for domain in role.domains}, policy.key
    effects = {policy.key: (policy.effect, policy.in_sub_circles) for _, policy in policies if policy.effect}
    assert effects == {
        "northwind.anchor_lead": ({"kind": "anchor_circle_lead"}, False),
        "northwind.election_steps": ({"kind": "election_time_limit", "working_days": 5}, True),
        "northwind.time_limit": ({"kind": "time_limit", "working_days": 3}, True),
        "storefront.time_limit": ({"kind": "time_limit", "working_days": 3, "extension_days": 2}, True),
        "repairs.catalogue_steward": ({"kind": "invite_link", "role": "storefront.catalogue_steward"}, False),
    }


def test_tensions_are_sensed_from_roles_people_fill() -> None:
    roles = today().roles
    keys = [tension.key for tension in NORTHWIND.tensions]
    assert len(keys) == len(set(keys))
    for tension in NORTHWIND.tensions:
        assert tension.person in {filling.person for filling in roles[tension.role].filled_by}, tension.key
        assert tension.title
        assert tension.days_ago >= 0


def test_each_proposal_could_be_made_and_adopted_at_its_time() -> None:
    for proposal, standing in stations():
        assert isinstance(proposal, Proposal)
        circle = standing.roles[proposal.circle]
        members = standing.members(proposal.circle)
        assert proposal.proposer in members, proposal.key
        if proposal.role.endswith(".rep"):
            sub_circle = proposal.role.removesuffix(".rep")
            assert standing.circle_of[sub_circle] == proposal.circle
            rep = standing.roles[sub_circle].rep
            assert rep is not None
            assert rep.person == proposal.proposer
        else:
            role = standing.roles[proposal.role]
            assert role is circle or standing.circle_of[role.key] == proposal.circle, proposal.key
            assert proposal.proposer in {filling.person for filling in role.filled_by}, proposal.key
        assert all((proposal.changes, proposal.tension, proposal.example)), proposal.key
        for change in proposal.changes:
            standing.apply(proposal.circle, change)
        domains_nest(standing)


def test_what_is_decided_what_is_open_and_what_is_a_draft() -> None:
    ways = [proposal.way for proposal in NORTHWIND.decided]
    three = zip(ways, ways[1:], ways[2:], strict=False)
    assert all(len(set(ways)) == 2 for ways in three), "ways take turns"
    days = [proposal.days_ago for proposal in NORTHWIND.decided]
    assert all(one - next_one >= 4 for one, next_one in pairwise(days)), "each begins after the one before"
    assert days == sorted(set(days), reverse=True)
    assert all(proposal.helped for proposal in (*NORTHWIND.decided, *NORTHWIND.open))
    for proposal in NORTHWIND.open:
        asked = today().members(proposal.circle) - {proposal.proposer}
        assert proposal.way == "asynchronous"
        assert proposal.days_ago < 3
        assert set(proposal.answered) < asked, "somebody still has to answer"
        assert proposal.answered
    (draft,) = NORTHWIND.drafts
    assert draft.helped == "", "the draft shows what is still missing (§5.3.1)"


def test_whatever_else_was_done_could_be_done_at_its_time() -> None:
    for kind in (Led, Linked, Election, Question, Leave, Calendar):
        assert any(isinstance(one, kind) for one in NORTHWIND.done), kind.__name__
    for done, standing in stations(Led, Linked, Question, Leave):
        fillers = {key: {f.person for f in role.filled_by} for key, role in standing.roles.items()}
        match done:
            case Led():
                assert {standing.circle_of[key] for key in done.priorities} == {done.circle}
                assert standing.roles[done.circle].strategy in done.strategies, "strategies are added to"
                assert all(", even if " in text for text in done.strategies)
            case Linked():
                assert done.person in fillers[done.role]
                effects = [policy.effect for policy in standing.roles[done.circle].policies]
                assert {"kind": "invite_link", "role": done.role} in effects, "nothing invites it (§1.3.4)"
            case Leave():
                assert done.person in fillers[done.role]
                assert done.to in standing.members(standing.circle_of[done.role]) - fillers[done.role]
            case Question():
                role, text = done.accountability
                if role:
                    assert text in standing.roles[role].accountabilities
                else:
                    assert standing.holder(done.policy)
                assert bool(done.ruling) == bool(done.logic)
                assert done.other != done.person


def test_elections_are_held_among_circle_members_and_one_is_contested() -> None:
    elections = [(one, standing) for one, standing in stations(Election) if isinstance(one, Election)]
    assert Counter(bool(one.elected) for one, _standing in elections) == {True: 1, False: 1}
    for one, standing in elections:
        members = standing.members(one.circle)
        votes = {ballot.person: ballot.candidate for ballot in one.nominations}
        assert len(votes) == len(one.nominations)
        assert {one.called_by, *votes, *votes.values()} <= members
        if one.elected:
            assert votes.keys() == members, "everybody nominates (§5.3.5b)"
            tied = Counter(votes.values()).most_common(2)
            assert tied[0][1] == tied[1][1], "nobody is ahead before the change round"
            assert one.changed
            votes |= {ballot.person: ballot.candidate for ballot in one.changed}
            (first, most), (_second, next_most) = Counter(votes.values()).most_common(2)
            assert (first, most > next_most) == (one.elected, True)
        else:
            assert not {"noor", "ines"} & votes.keys(), "whoever tries it out has a ballot to give"
            assert {"noor", "ines"} <= members
            assert len(votes) >= 3


def test_what_was_done_keeps_its_order_on_whatever_day_it_is_loaded() -> None:
    days = sorted((one.days_ago for one in (*NORTHWIND.decided, *NORTHWIND.done)), reverse=True)
    for day in range(7):
        clock = Clock(datetime(2026, 11, 2 + day, 0, 30, tzinfo=UTC))
        builder = Builder(NORTHWIND, clock, None)
        went = []
        for ago in days:
            builder.go_to(ago, hour=9)
            went.append(clock.now)
        assert went == sorted(went)
        assert all(Doing(builder).working_day(ahead).weekday() < 5 for ahead in range(14))
