"""Drafts that age: what clashes, and that laying a draft over today's structure never loses a field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from circles.structure import AccountabilityRow, DomainRow, MemorySource, PolicyRow, RoleRow, Structure
from governance import authority as by
from governance.actions import proposals
from governance.authority import Authority
from governance.changes import (
    AddPolicy,
    AddRole,
    AmendPolicy,
    AmendRole,
    Change,
    Edit,
    LineEdit,
    NewLine,
    RemoveRole,
    parse_changes,
)
from governance.enactment import enact, try_changes
from governance.models import Proposal
from governance.rebase import MINE, TEXT, TODAY, clashes, rebase
from people.ids import derived_id, new_id
from people.refusals import Conflict
from tests import world as worlds
from tests.world import World

ANCHOR, ROLE, POLICY = derived_id("anchor"), derived_id("role"), derived_id("policy")
LINES = [derived_id("line", str(n)) for n in range(3)]
HERE = Authority(by.PROPOSAL, circle=ANCHOR)

WORDS = st.sampled_from(["Packing", "Sorting", "Writing", "Asking"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "purpose": WORDS,
        "title": WORDS,
        "body": WORDS,
        "inside": st.booleans(),
        "kinds": st.sampled_from([("constraint",), ("grant",)]),
        **{line: st.one_of(st.none(), WORDS) for line in LINES},
    },
)


def base() -> Structure:
    return Structure(
        MemorySource(
            [
                RoleRow(ANCHOR, None, "ordinary", "All", "Everything"),
                RoleRow(ROLE, ANCHOR, "ordinary", "First", "First purpose"),
                PolicyRow(POLICY, ANCHOR, "First", "First body", ("constraint",), None, None, True, True, 0),
                *(AccountabilityRow(i, ROLE, f"First {n}", n) for n, i in enumerate(LINES)),
            ]
        )
    )


def values_of(structure: Structure) -> dict[str, Any]:
    """Every field of the role and the policy as it stands; None for a line that is not there."""
    role = structure.role(ROLE)
    policy = structure.get(PolicyRow, POLICY)
    assert policy is not None
    lines = {row.id: row.text for row in structure.lines(AccountabilityRow, ROLE)}
    return {
        "name": role.name,
        "purpose": role.purpose,
        **{f: getattr(policy, f) for f in ("title", "body", "inside", "kinds")},
        **{i: lines.get(i) for i in LINES},
    }


def changes_to(structure: Structure, wanted: dict[str, Any]) -> list[Change]:
    """The changes that make these fields what is wanted, drafted against ``structure``."""
    stands = values_of(structure)
    wanted = {f: v for f, v in wanted.items() if v != stands[f]}
    lines = []
    for line in LINES:
        if line in wanted:
            to, was = wanted[line], stands[line] or ""
            if was == "":
                lines.append(LineEdit("add", line, new=NewLine(line, to)))
            else:
                lines.append(
                    LineEdit("remove", line, was) if to is None else LineEdit("amend", line, was, to)
                )
    edits = {f: Edit(stands[f], wanted[f]) for f in wanted if f not in LINES}
    result: list[Change] = []
    if lines or {"name", "purpose"} & edits.keys():
        result.append(AmendRole(ROLE, edits.get("name"), edits.get("purpose"), tuple(lines)))
    fields = {f: e for f, e in edits.items() if f not in ("name", "purpose")}
    if fields:
        result.append(AmendPolicy(POLICY, fields))
    return result


def made(structure: Structure, changes: list[Change]) -> Structure:
    after = structure.branch()
    for change in changes:
        assert not [r for r in change.check(after, HERE) if isinstance(r, Conflict)], change
        change.apply(after)
    return after


@given(FIELDS, FIELDS, st.lists(st.sampled_from([MINE, TODAY, TEXT]), min_size=12, max_size=12))
def test_merging_never_loses_a_field(mine: dict[str, Any], theirs: dict[str, Any], picks: list[str]) -> None:
    """What the draft touches is as chosen; everything else is as it stands today."""
    draft = changes_to(base(), mine)
    touched = {f: v for f, v in mine.items() if v != values_of(base())[f]}
    today = made(base(), changes_to(base(), theirs))
    stands = values_of(today)
    found = clashes(draft, today)
    choices = {
        c.key: (pick if pick != TEXT or c.is_text else MINE, "Other words")
        for c, pick in zip(found, picks, strict=False)
    }
    result = values_of(made(today, rebase(draft, today, choices)))
    clashing = {c.key.split(".", 1)[1].removeprefix("accountabilities."): c for c in found}
    assert {f for f, v in touched.items() if stands[f] not in (v, values_of(base())[f])} == set(clashing)
    for name in stands:
        if name not in touched:
            assert result[name] == stands[name], name
        elif name not in clashing or choices[clashing[name].key][0] == MINE:
            assert result[name] == touched[name], name
        elif choices[clashing[name].key][0] == TODAY:
            assert result[name] == stands[name], name
        else:
            assert result[name] == "Other words", name


@given(FIELDS, FIELDS)
def test_without_choices_the_draft_counts_and_nothing_conflicts(
    mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    draft = changes_to(base(), mine)
    today = made(base(), changes_to(base(), theirs))
    again = rebase(draft, today, {})
    assert clashes(again, today) == []
    assert rebase(again, today, {}) == again


def test_what_was_added_meanwhile_becomes_an_amendment() -> None:
    role = AddRole(derived_id("new"), ANCHOR, "Writer", "Words", (NewLine(derived_id("its"), "Writing"),))
    policy = AddPolicy(derived_id("rule"), ANCHOR, "No sales", "None.", ("constraint",))
    today = made(base(), [role, policy])
    mine = [
        AddRole(role.id, ANCHOR, "Writer", "Good words", role.accountabilities),
        AddPolicy(policy.id, ANCHOR, "No sales", "None at all.", ("constraint",)),
    ]
    assert [c.whole for c in clashes(mine, today)] == [True, True]
    after = made(today, rebase(mine, today, {}))
    assert after.role(role.id).purpose == "Good words"
    assert rebase(mine, today, {"0": (TODAY, ""), "1": (TODAY, "")}) == []
    assert rebase([role, policy], today, {}) == []


def test_a_change_to_what_has_gone_stays_unless_given_up() -> None:
    draft = [AmendRole(ROLE, purpose=Edit("First purpose", "Mine")), RemoveRole(ROLE)]
    gone = base().branch()
    for row in gone.lines(AccountabilityRow, ROLE):
        gone.drop(row)
    gone.drop(gone.role(ROLE))
    assert [(c.key, c.whole, c.now) for c in clashes(draft, gone)] == [("0", True, None)]
    assert rebase(draft, gone, {}) == draft[:1]
    assert rebase(draft, gone, {"0": (TODAY, "")}) == []


def test_how_a_domain_is_granted_merges_beside_its_words() -> None:
    domain = derived_id("domain")
    draft = [
        AmendRole(ROLE, domains=(LineEdit("amend", domain, "Guide", "Guide", internal=Edit(False, True)),))
    ]
    stands = base().branch()
    stands.put(DomainRow(domain, ROLE, "Guide", 0))
    reworded = stands.branch()
    reworded.put(DomainRow(domain, ROLE, "Voice guide", 0))
    # The words are not the draft’s: it keeps those of today and grants the domain as it says
    assert clashes(draft, stands) == []
    again = rebase(draft, reworded, {})
    assert again == [
        AmendRole(
            ROLE,
            domains=(LineEdit("amend", domain, "Voice guide", "Voice guide", internal=Edit(False, True)),),
        )
    ]
    assert rebase(again, made(reworded, again), {}) == []


# -- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return worlds.build()


def amends(world: World, purpose: str) -> dict[str, Any]:
    role = world.role("merchandiser")
    return {"kind": "amend_role", "role": role.pk, "purpose": {"from": role.purpose, "to": purpose}}


def decided(world: World, *changes: dict[str, Any]) -> None:
    authority = Authority(by.PROPOSAL, actor=world.maya.pk, circle=world.role_ids["storefront"])
    enact(world.organization, parse_changes(list(changes)), authority=authority)


def aged(world: World, **state: Any) -> Proposal:
    """A draft of Samira's against what was decided since."""
    line = {"op": "add", "id": new_id(), "text": "Sending Photo Desk a brief"}
    changes = [{**amends(world, "All the range"), "accountabilities": [line]}]
    text: dict[str, Any] = {
        "title": "Briefs",
        "tension": "Late",
        "example": "Monday",
        "how_helped": "In time",
    }
    draft = proposals.start_draft(world.role("storefront"), actor=world.samira, changes=changes, **text)
    decided(world, amends(world, "Half the range"))
    Proposal.objects.filter(pk=draft.pk).update(**state)
    draft.refresh_from_db()
    return draft


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choice", "purpose"),
    [("mine", "All the range"), ("today", "Half the range"), ("text", "The whole range")],
)
def test_the_page_shows_three_texts_and_saves_what_is_chosen(
    world: World, client: Client, choice: str, purpose: str
) -> None:
    draft = aged(world, state=Proposal.State.CONFLICT)
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    address = f"/northwind/proposals/{draft.pk}/merge/"
    assert address in client.get(f"/northwind/proposals/{draft.pk}/").content.decode()
    assert address in client.get(f"/northwind/proposals/{draft.pk}/edit/").content.decode()
    response = client.get(address)
    page = " ".join(response.content.decode().split())
    assert "The right range in front of the right people" in page
    assert "<ins>All" in page
    assert "<ins>Half" in page
    form = {
        "text_version": draft.text_version,
        "stands": response.context["stands"],
        "choice-0.purpose": choice,
        "text-0.purpose": "The whole range",
    }
    answer = client.post(address, form | {"do": "save"})
    assert answer["Location"] == f"/northwind/proposals/{draft.pk}/edit/"
    saved = Proposal.objects.get(pk=draft.pk)
    assert saved.text_version == draft.text_version + 1
    structure = Structure.of(world.organization.pk)
    done = try_changes(structure, parse_changes(saved.changes), proposals.authority_of(saved))
    assert done.ok
    assert done.after.role(world.role_ids["merchandiser"]).purpose == purpose
    assert [a.text for a in done.after.lines(AccountabilityRow, world.role_ids["merchandiser"])] == [
        "Sending Photo Desk a brief"
    ]


@pytest.mark.django_db
def test_what_changes_while_one_chooses_is_shown_first(world: World, client: Client) -> None:
    draft = aged(world)
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    address = f"/northwind/proposals/{draft.pk}/merge/"
    stands = client.get(address).context["stands"]
    decided(world, amends(world, "A third of the range"))
    form = {"text_version": 1, "stands": stands, "choice-0.purpose": "text", "text-0.purpose": "My own words"}
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "My own words" in refused.content.decode()
    assert "<ins>A third" in " ".join(refused.content.decode().split())
    assert Proposal.objects.get(pk=draft.pk).text_version == 1
    client.force_login(world.maya.account)  # type: ignore[arg-type]
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_another_tab_is_told_that_it_was_proposed(world: World, client: Client) -> None:
    draft = aged(world)
    proposals.save_draft(draft, {"changes": [amends(world, "New")]}, actor=world.samira, text_version=None)
    draft.refresh_from_db()
    proposals.propose(draft, actor=world.samira)
    client.force_login(world.samira.account)  # type: ignore[arg-type]
    form = {"do": "propose", "stood": "draft", "text_version": draft.text_version, "tension": "Typed here"}
    told = client.post(f"/northwind/proposals/{draft.pk}/edit/", form).content.decode()
    assert "This was proposed meanwhile, in another tab" in told
    assert "Typed here" in told
    draft.refresh_from_db()
    assert (draft.round, draft.tension) == (1, "Late")
    assert "in another tab" not in client.get(f"/northwind/proposals/{draft.pk}/edit/").content.decode()
