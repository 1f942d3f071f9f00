"""The engine on rows in memory, driven at random: whatever is decided replays, undoing is nothing, refusing leaves no
trace, laying an old draft over today's structure loses no field, and membership is what the words of §5.1 say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from circles.constitution import CIRCLE_REP, FACILITATOR, ORDINARY
from circles.effects import (
    ANCHOR_CIRCLE_LEAD,
    EFFECTS,
    INVITE_LINK,
    REPS_NOT_MEMBERS,
    ROLE_LEAD_LIMIT,
)
from circles.structure import (
    TABLES,
    AccountabilityRow,
    AssignmentRow,
    DomainRow,
    LinkRow,
    MemorySource,
    PersonRow,
    PolicyRow,
    PriorityRow,
    RoleRow,
    RouteRow,
    StrategyRow,
    Structure,
)
from governance import authority as by
from governance.authority import Authority
from governance.changes import (
    CATALOGUE,
    AddPolicy,
    AddRole,
    Admit,
    AmendPolicy,
    AmendRole,
    AmendStrategies,
    Assign,
    Change,
    ChangePartnerStatus,
    Depart,
    Edit,
    Elect,
    LineEdit,
    LinkRole,
    MovePolicy,
    MoveRole,
    NewLine,
    RemovePolicy,
    RemoveRole,
    Reroute,
    Resign,
    SetPriorities,
    Unassign,
    UnlinkRole,
    parse_change,
)
from governance.enactment import try_changes
from governance.rebase import MINE, TODAY, clashes, rebase
from governance.record import dump_rows, fold, structure_of
from people.ids import derived_id

Rows = dict[str, dict[str, Any]]

ADMIN = Authority(by.ADMIN)
RESTORING = Authority(by.IMPORT)
PEOPLE = [derived_id("person", str(n)) for n in range(5)]
ROLES = [derived_id("role", str(n)) for n in range(8)]
LINES = [derived_id("line", str(n)) for n in range(8)]
ANCHOR = derived_id("anchor")
WORDS = ("Answering", "Packing", "Writing", "Sorting")
ANY = st.integers(0, 7)
# What policies may bring about here: one policy of each kind in each circle, and some that are text alone
EFFECTS_TRIED: tuple[dict[str, Any] | None, ...] = (
    None,
    {"kind": INVITE_LINK, "role": None},
    {"kind": ROLE_LEAD_LIMIT, "role": None, "most": 1},
    {"kind": REPS_NOT_MEMBERS, "role": None},
    {"kind": ANCHOR_CIRCLE_LEAD},
    {"kind": ROLE_LEAD_LIMIT, "role": None, "most": 1},
    {"kind": INVITE_LINK, "role": None},
    {"kind": REPS_NOT_MEMBERS, "role": None},
)


def rows_of(structure: Structure) -> Rows:
    return {
        name: {row.id: table.dump(row) for row in structure.all(table.row)} for name, table in TABLES.items()
    }


def folded(rows: Rows, entry: list[list[Any]]) -> Rows:
    assert list(fold(rows, entry, 1)) == []
    return rows


def founded() -> Structure:
    """A small organization to begin with: two circles, five roles, four people, some of them elected."""
    changes: list[Change] = [*(Admit(p) for p in PEOPLE[:4]), AddRole(ANCHOR, None, "All", "Everything")]
    for n, circle in enumerate((ANCHOR, ROLES[0], ROLES[0], ANCHOR, ROLES[3])):
        changes.append(AddRole(ROLES[n], circle, f"Role {n}", "Standing", (NewLine(LINES[n], "Sorting"),)))
        changes.append(Assign(derived_id("first", str(n)), ROLES[n], PEOPLE[n % 3]))
    # Somebody who is a member by nothing else than filling a role that another fills as well
    changes.append(Assign(derived_id("second"), ROLES[4], PEOPLE[3]))
    for kind, person in ((FACILITATOR, 1), (CIRCLE_REP, 2)):
        seat = derived_id(ROLES[0], kind)
        changes.append(Assign(derived_id("first", kind), seat, PEOPLE[person], "", "2027-01-01"))
    done = try_changes(Structure(MemorySource()), changes, ADMIN)
    assert done.refusals == []
    return structure_of(folded({name: {} for name in TABLES}, dump_rows(done.row_changes)))


class Thinking:
    """Turns a few numbers into a change of something that is there, which may or may not be valid just now."""

    def __init__(self, structure: Structure, m: int, n: int) -> None:
        self.structure, self.m, self.n = structure, m, n
        self.word = WORDS[(m + n) % len(WORDS)]
        self.roles = sorted(r.id for r in structure.all(RoleRow) if r.kind == ORDINARY)
        self.role, self.other = self.roles[m % len(self.roles)], self.roles[n % len(self.roles)]
        self.row = structure.role(self.role)
        people = sorted(p.id for p in structure.all(PersonRow)) or PEOPLE[:1]
        self.person = people[n % len(people)]

    def some(self, row_type: type[Any], at: int) -> Any:
        rows = sorted(self.structure.all(row_type), key=lambda row: row.id)
        return rows[at % len(rows)] if rows else None

    def one_of(self, row_type: type[Any], make: Callable[[Any], Change]) -> Change | None:
        row = self.some(row_type, self.m)
        return make(row) if row is not None else None

    def add_role(self) -> Change:
        lines = (NewLine(LINES[self.n], self.word),)
        domains = (
            (NewLine(derived_id("domain", str(self.m)), self.word, internal=True),) if self.n % 2 else ()
        )
        return AddRole(
            ROLES[self.m], self.other, f"{self.word} {self.m}", self.word, lines, domains, self.n == self.m
        )

    def amend_role(self) -> Change:
        own = self.structure.lines(AccountabilityRow, self.role)
        edit: list[LineEdit] = []
        if self.m % 2 and LINES[self.n] not in [line.id for line in own]:
            edit.append(LineEdit("add", LINES[self.n], new=NewLine(LINES[self.n], self.word)))
        if own and self.n % 2:
            edit.append(LineEdit("remove", own[0].id, own[0].text))
        elif own:
            edit.append(LineEdit("amend", own[0].id, own[0].text, self.word))
        return AmendRole(
            self.role,
            Edit(self.row.name, f"{self.word} {self.n}") if self.m % 3 == 0 else None,
            Edit(self.row.purpose, f"{self.word} {self.n}") if self.n % 3 else None,
            tuple(edit),
        )

    def domains(self) -> Change:
        held = self.structure.lines(DomainRow, self.role)
        if held and self.n % 2:
            return AmendRole(self.role, domains=(LineEdit("remove", held[0].id, held[0].text),))
        around = self.structure.lines(DomainRow, self.row.circle) if self.row.circle else []
        new = NewLine(
            derived_id("domain", self.role, str(self.n)), self.word,
            within=around[0].id if around else None, internal=not around,
        )  # fmt: skip
        return AmendRole(self.role, domains=(LineEdit("add", new.id, new=new),))

    def remove_role(self) -> Change:
        return RemoveRole(self.role)

    def move_role(self) -> Change:
        return MoveRole(self.role, self.other, self.row.circle or ANCHOR)

    def add_policy(self) -> Change:
        effect = EFFECTS_TRIED[self.n % len(EFFECTS_TRIED)]
        circle = ANCHOR if effect and effect["kind"] == ANCHOR_CIRCLE_LEAD else self.role
        kinds = EFFECTS[effect["kind"]].kinds[:1] if effect else ("constraint",)
        return AddPolicy(
            derived_id("policy", circle, str(self.n)), circle, self.word, "", kinds, effect,
            inside=self.m % 2 == 0, overridable=self.m % 3 != 0,
        )  # fmt: skip

    def amend_policy(self) -> Change | None:
        return self.one_of(
            PolicyRow,
            lambda row: AmendPolicy(
                row.id,
                {"title": Edit(row.title, self.word), "inside": Edit(row.inside, not row.inside)},
            ),
        )

    def remove_policy(self) -> Change | None:
        return self.one_of(PolicyRow, lambda row: RemovePolicy(row.id))

    def move_policy(self) -> Change | None:
        return self.one_of(PolicyRow, lambda row: MovePolicy(row.id, self.other, row.role))

    def assign(self) -> Change:
        return Assign(derived_id("assignment", self.role, self.person), self.role, self.person)

    def seat(self) -> Change:
        """Put somebody into an elected seat without an election, as an admin repairs it."""
        seat = derived_id(self.role, (FACILITATOR, CIRCLE_REP)[self.m % 2])
        return Assign(derived_id("seat", seat, self.person), seat, self.person, "", "2027-01-01")

    def elect(self) -> Change:
        seat = derived_id(self.role, (FACILITATOR, CIRCLE_REP)[self.m % 2])
        return Elect(derived_id("elected", seat, self.person, str(self.m)), seat, self.person, "2028-01-01")

    def unassign(self) -> Change | None:
        return self.one_of(AssignmentRow, Unassign.of)

    def resign(self) -> Change | None:
        return self.one_of(AssignmentRow, lambda row: Resign(row.id, row.role, row.person))

    def link_role(self) -> Change:
        return LinkRole(derived_id("link", self.role, self.other), self.role, self.other)

    def unlink_role(self) -> Change | None:
        return self.one_of(LinkRow, UnlinkRole.of)

    def line_of_a_link(self) -> Change | None:
        """Let a circle add to a role that links into it."""

        def add(link: LinkRow) -> Change:
            new = NewLine(derived_id("linked", link.id, str(self.n)), self.word, by=link.circle)
            return AmendRole(link.role, accountabilities=(LineEdit("add", new.id, new=new),))

        return self.one_of(LinkRow, add)

    def amend_strategies(self) -> Change:
        was = sorted(self.structure.find(StrategyRow, "circle", [self.role]), key=lambda s: s.position)
        to = [(derived_id("strategy", self.role, str(n)), self.word) for n in range(self.n % 4)]
        return AmendStrategies(self.role, tuple((s.id, s.text) for s in was), tuple(to))

    def set_priorities(self) -> Change:
        was = sorted(self.structure.find(PriorityRow, "circle", [self.role]), key=lambda p: p.position)
        inside = [r.id for r in self.structure.ordinary_inside(self.role)]
        turned = inside[self.n % 2 :] + inside[: self.n % 2]
        return SetPriorities(self.role, tuple(p.role for p in was), tuple(turned[: 1 + self.n % 3]))

    def reroute(self) -> Change:
        inside = [r.id for r in self.structure.ordinary_inside(self.role)] or [self.other]
        about = self.role if self.n % 2 else inside[0]
        now = self.structure.get(RouteRow, derived_id(self.role, "route", about))
        to = None if self.n % 3 == 0 else inside[-1]
        return Reroute(self.role, about, now.to if now else None, to)

    def admit(self) -> Change:
        return Admit(PEOPLE[self.m % len(PEOPLE)], bool(self.m % 2))

    def depart(self) -> Change:
        return Depart(self.person)

    def change_partner_status(self) -> Change:
        return ChangePartnerStatus(self.person, bool(self.m % 2))


# The kinds of change by how often they are tried
KINDS = [
    *["add_role", "amend_role", "assign", "add_policy"] * 3,
    *["seat", "elect", "link_role", "line_of_a_link", "move_role", "domains"] * 2,
    "remove_role", "amend_policy", "remove_policy", "move_policy", "unassign", "resign", "unlink_role",
    "amend_strategies", "set_priorities", "reroute", "admit", "depart", "change_partner_status",
]  # fmt: skip


def thought(structure: Structure, kind: str, m: int, n: int) -> Change | None:
    found: Change | None = getattr(Thinking(structure, m, n), kind)()
    return found


def authority_for(structure: Structure, change: Change) -> Authority:
    """Who may do it: an admin, except that elections put people into seats, and people resign for themselves."""
    if isinstance(change, Elect):
        seat = structure.get(RoleRow, change.role)
        return Authority(by.ELECTION, circle=seat.circle if seat is not None else None)
    if isinstance(change, Resign):
        return Authority(by.PERSON, actor=change.person)
    return ADMIN


def broken_one() -> Change:
    """A change that is refused whatever the structure is."""
    return AddRole(derived_id("nothing"), ANCHOR, "A name alone")


def members_by_brute_force(structure: Structure, circle: str) -> set[str]:
    """Circle members straight from the words of §5.1, over all rows."""
    roles = {r.id: r for r in structure.all(RoleRow)}
    partners = {p.id for p in structure.all(PersonRow) if p.partner}
    filled: dict[str, list[str]] = {}
    for a in sorted(structure.all(AssignmentRow), key=lambda a: (a.position, a.id)):
        filled.setdefault(a.role, []).append(a.person)

    def in_force(kind: str) -> PolicyRow | None:
        around: list[str] = [circle]
        while (beyond := roles[around[-1]].circle) is not None:
            around.append(beyond)
        found: list[PolicyRow] = []
        for policy in structure.all(PolicyRow):
            applies = policy.role == circle or (policy.inside and policy.role in around)
            if policy.effect is not None and policy.effect["kind"] == kind and applies:
                found.append(policy)
        found.sort(key=lambda p: (around.index(p.role), p.position, p.id))
        stern = [p for p in found if not p.overridable]
        outermost = max((around.index(p.role) for p in stern), default=None)
        return next((p for p in stern if around.index(p.role) == outermost), found[0] if found else None)

    def leads(role_id: str) -> set[str]:
        role = roles[role_id]
        people = set(filled.get(role_id, ()))
        if role.circle is None:
            led = [p for p in structure.all(PolicyRow) if p.role == role_id and p.effect is not None]
            return people if any(p.effect["kind"] == ANCHOR_CIRCLE_LEAD for p in led if p.effect) else set()
        return people if people & partners else people | leads(role.circle)

    limited, without_reps = in_force(ROLE_LEAD_LIMIT), in_force(REPS_NOT_MEMBERS)
    result = leads(circle)
    linked = {link.role for link in structure.all(LinkRow) if link.circle == circle}
    for role in roles.values():
        if role.kind == ORDINARY and (role.circle == circle or role.id in linked):
            people = [p for p in dict.fromkeys(filled.get(role.id, ())) if p in partners]
            result |= set(people[:1] if limited else people) or leads(role.id)
            if not without_reps:
                result |= set(filled.get(derived_id(role.id, CIRCLE_REP), ()))
        elif role.circle == circle and role.kind not in (ORDINARY, "circle_lead"):
            result |= set(filled.get(role.id, ()))
    return result & partners


class Engine(RuleBasedStateMachine):
    """Decisions of every kind, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.structure = founded()
        self.first = rows_of(self.structure)
        self.decisions: list[list[list[Any]]] = []
        # What somebody began to write some time ago: changes, and the structure they were drafted against
        self.draft: Change | None = None
        self.kinds_done: set[str] = set()

    @rule(kind=st.sampled_from(KINDS), m=ANY, n=ANY)
    def decide(self, kind: str, m: int, n: int) -> None:
        change = thought(self.structure, kind, m, n)
        if change is not None:
            assert parse_change(change.to_json()) == change
            self.carry_out(change)

    def carry_out(self, change: Change) -> None:
        before = rows_of(self.structure)
        done = try_changes(self.structure.branch(), [change], authority_for(self.structure, change))
        assert rows_of(self.structure) == before
        assert self.structure.row_changes() == []
        if not done.ok:
            assert done.row_changes == []
            return
        back = list(change.inverse(self.structure))
        # Somebody elected may have lost what made them electable since: restoring is no new election
        undone = try_changes(done.after.branch(), back, RESTORING)
        assert undone.refusals == [], (change, back)
        assert rows_of(undone.after) == before, (change, back)
        if done.row_changes:
            self.decisions.append(dump_rows(done.row_changes))
            self.structure = structure_of(folded(before, self.decisions[-1]))
            assert rows_of(done.after) == rows_of(self.structure)

    @rule(kind=st.sampled_from(KINDS), m=ANY, n=ANY)
    def decide_and_be_refused(self, kind: str, m: int, n: int) -> None:
        """A list of which one is refused leaves no trace of the others."""
        change = thought(self.structure, kind, m, n)
        if change is not None:
            before = rows_of(self.structure)
            done = try_changes(
                self.structure.branch(),
                [change, broken_one()],
                authority_for(self.structure, change),
            )
            assert not done.ok
            assert rows_of(self.structure) == before
            assert self.structure.row_changes() == []

    @rule(m=ANY, n=ANY, policy=st.booleans())
    def begin_a_draft(self, m: int, n: int, policy: bool) -> None:
        self.draft = thought(self.structure, "amend_policy" if policy else "amend_role", m, n)

    @precondition(lambda self: self.draft is not None)
    @rule(choices=st.lists(st.sampled_from([MINE, TODAY]), min_size=12, max_size=12))
    def lay_the_draft_over_today(self, choices: list[str]) -> None:
        assert self.draft is not None
        found = clashes([self.draft], self.structure)
        chosen = {clash.key: (choices[n % 12], "") for n, clash in enumerate(found)}
        merged = rebase([self.draft], self.structure, chosen)
        after = self.structure.branch()
        if any(clash.whole for clash in found):
            assert merged == ([] if chosen[found[0].key][0] == TODAY else [self.draft])
            return
        assert clashes(merged, self.structure) == []
        for change in merged:
            change.apply(after)
        self.no_field_is_lost(self.draft, {c.key: chosen[c.key][0] for c in found}, after)

    def no_field_is_lost(self, draft: Change, chosen: dict[str, str], after: Structure) -> None:
        """What the draft says of a field stands there, unless today's was chosen; everything else is as today."""
        wanted = self.structure.branch()
        if isinstance(draft, AmendPolicy):
            policy = wanted.get(PolicyRow, draft.policy)
            assert policy is not None
            said = {f: e.to for f, e in draft.fields.items() if chosen.get(f"0.{f}") != TODAY}
            wanted.amend(policy, **said)
        if isinstance(draft, AmendRole):
            edits = {"name": draft.name, "purpose": draft.purpose}
            said = {f: e.to for f, e in edits.items() if e is not None and chosen.get(f"0.{f}") != TODAY}
            wanted.amend(wanted.role(draft.role), **said)
            texts = {r.id: r.text for r in self.structure.lines(AccountabilityRow, draft.role)}
            for line in draft.accountabilities:
                taken = self.structure.get(AccountabilityRow, line.id)
                if chosen.get(f"0.accountabilities.{line.id}") == TODAY:
                    continue
                if line.op == "remove":
                    texts.pop(line.id, None)
                elif line.new is None or taken is None or taken.role == draft.role:
                    texts[line.id] = line.new.text if line.new is not None else line.to
                else:  # another role has a line of this name meanwhile: the words come under another
                    texts[derived_id(line.id, "again")] = line.new.text
            assert {r.id: r.text for r in after.lines(AccountabilityRow, draft.role)} == texts
            for row in after.lines(AccountabilityRow, draft.role):
                after.drop(row)
            for row in wanted.lines(AccountabilityRow, draft.role):
                wanted.drop(row)
        assert rows_of(after) == rows_of(wanted)

    @invariant()
    def membership_is_as_5_1_says(self) -> None:
        for role in self.structure.all(RoleRow):
            if role.kind == ORDINARY:
                assert self.structure.members(role.id) == members_by_brute_force(self.structure, role.id)
                rep = self.structure.fillers(derived_id(role.id, CIRCLE_REP))
                assert not {a.person for a in rep} & self.structure.circle_leads(role.id)

    def teardown(self) -> None:
        replayed = self.first
        for entry in self.decisions:
            replayed = folded(replayed, entry)
        assert replayed == rows_of(self.structure)


QUICK = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_whatever_is_decided_in_whatever_order() -> None:
    run_state_machine_as_test(Engine, settings=QUICK)


@pytest.mark.long
def test_whatever_is_decided_in_whatever_order_two_thousand_times() -> None:
    thorough = settings(QUICK, max_examples=2000, stateful_step_count=30)
    run_state_machine_as_test(Engine, settings=thorough)


def first_that_works(structure: Structure, kind: str) -> tuple[str, Structure]:
    """The kind of change that was made, and what comes of it."""
    for m, n in ((m, n) for n in range(1, 8) for m in range(8)):
        change = thought(structure, kind, m, n)
        if change is not None:
            done = try_changes(structure.branch(), [change], authority_for(structure, change))
            if done.ok and done.row_changes:
                return change.kind, structure_of(folded(rows_of(structure), dump_rows(done.row_changes)))
    raise AssertionError(f"{kind} is always refused")


def test_every_kind_of_change_is_tried_and_works_somewhere() -> None:
    """None of the catalogue is left out, and none is always refused."""
    structure = founded()
    for kind in ("add_policy", "link_role"):
        _kind, structure = first_that_works(structure, kind)
    assert {first_that_works(structure, kind)[0] for kind in KINDS} == set(CATALOGUE)
