"""Properties of the engine, on rows in memory: any sequence of valid changes replays, and undoing is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from circles.constitution import CIRCLE_REP, FACILITATOR, ORDINARY
from circles.relations import strategies
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
    Structure,
)
from governance import authority as by
from governance.authority import Authority
from governance.changes import (
    AddPolicy,
    AddRole,
    Admit,
    AmendRole,
    AmendStrategies,
    Assign,
    Change,
    ChangePartnerStatus,
    Depart,
    Edit,
    LineEdit,
    LinkRole,
    MovePolicy,
    MoveRole,
    NewLine,
    RemovePolicy,
    RemoveRole,
    Reroute,
    SetPriorities,
    Unassign,
    UnlinkRole,
    parse_change,
)
from governance.changes.leads import priorities_of
from governance.enactment import try_changes
from governance.record import dump_rows, fold, structure_of
from governance.rules_structure import can_link_1_3_4
from people.ids import derived_id

ADMIN = Authority(by.ADMIN)
RESTORING = Authority(by.IMPORT)
PEOPLE = [derived_id("person", str(n)) for n in range(5)]
ROLES = [derived_id("role", str(n)) for n in range(8)]
LINES = [derived_id("line", str(n)) for n in range(8)]
DOMAINS = [derived_id("domain", str(n)) for n in range(6)]
ANCHOR = derived_id("anchor")
WORDS = st.sampled_from(["Answering", "Packing", "Writing", "Sorting"])

Plan = Sequence[tuple[str, int, int, str]]
PLANS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "add_role",
                "add_role",
                "amend",
                "lines",
                "remove",
                "move",
                "policy",
                "unpolicy",
                "assign",
                "assign",
                "elect",
                "elect",
                "unassign",
                "admit",
                "depart",
                "partner",
                "domain",
                "regrant",
                "undomain",
                "move_policy",
                "policy_on",
                "invite",
                "invite",
                "link",
                "link",
                "unlink",
                "linked_line",
                "strategies",
                "priorities",
                "reroute",
                "define",
            ]
        ),
        st.integers(0, 7),
        st.integers(0, 7),
        WORDS,
    ),
    max_size=25,
)


def founded() -> Structure:
    """A small organization to begin with: two circles, five roles, four people, some of them elected."""
    changes: list[Change] = [*(Admit(p) for p in PEOPLE[:4]), AddRole(ANCHOR, None, "All", "Everything")]
    for n, circle in enumerate((ANCHOR, ROLES[0], ROLES[0], ANCHOR, ROLES[3])):
        changes.append(AddRole(ROLES[n], circle, f"Role {n}", "Standing", (NewLine(LINES[n], "Sorting"),)))
        changes.append(Assign(derived_id("first", str(n)), ROLES[n], PEOPLE[n % 3]))
    changes.append(
        Assign(derived_id("first seat"), derived_id(ROLES[0], FACILITATOR), PEOPLE[1], "", "2027-01-01")
    )
    changes.append(
        Assign(derived_id("first rep"), derived_id(ROLES[0], CIRCLE_REP), PEOPLE[2], "", "2027-01-01")
    )
    done = try_changes(Structure(MemorySource()), changes, ADMIN)
    assert done.refusals == []
    return structure_of(folded({name: {} for name in TABLES}, dump_rows(done.row_changes)))


def change_for(structure: Structure, step: tuple[str, int, int, str]) -> Change | None:
    """Turn a step of a plan into a change that may or may not be valid just now, of something that is there."""
    what, m, n, word = step

    def pick(ids: Sequence[str], at: int) -> str:
        return ids[at % len(ids)]

    ordinary = sorted(r.id for r in structure.all(RoleRow) if r.kind == ORDINARY)
    people = sorted(p.id for p in structure.all(PersonRow)) or PEOPLE[:1]
    role, other, person = pick(ordinary, m), pick(ordinary, n), pick(people, n)
    new_role, newcomer = pick(ROLES, m), pick(PEOPLE, m)
    line, policy = pick(LINES, n), derived_id("policy", str(m % 3))
    row = structure.role(role)
    own = structure.lines(AccountabilityRow, role)
    assigned = sorted(structure.all(AssignmentRow), key=lambda a: a.id)
    domains = sorted(structure.all(DomainRow), key=lambda d: d.id)
    links = sorted(structure.all(LinkRow), key=lambda x: x.id)
    policies = sorted(structure.all(PolicyRow), key=lambda p: p.id)
    inside = structure.ordinary_inside(row.circle or ANCHOR)
    domain = domains[m % len(domains)] if domains else None
    link = links[m % len(links)] if links else None
    held = policies[m % len(policies)] if policies else None

    def granting(circle: str | None) -> str | None:
        """One of a circle's own domains, or none."""
        own = [d.id for d in domains if d.role == circle]
        return own[n % len(own)] if own and n % 3 else None

    def granted() -> dict[str, dict[str, Any]]:
        within = granting(other)
        return {
            d.id: {"within": within, "internal": within is None}
            for d in domains
            if d.role == role and d.by is None and n % 2
        }

    changes: dict[str, Callable[[], Change | None]] = {
        "add_role": lambda: AddRole(
            new_role, other, f"{word} {m}", word, (NewLine(line, word),), broken_down=n == m
        ),
        "amend": lambda: AmendRole(role, None, Edit(row.purpose, f"{word} {n}")),
        "lines": lambda: AmendRole(
            role,
            None,
            None,
            (
                LineEdit("add", line, new=NewLine(line, word)),
                *(
                    LineEdit("remove" if n % 2 else "amend", x.id, x.text, "" if n % 2 else word)
                    for x in own[:1]
                ),
            ),
        ),
        "remove": lambda: RemoveRole(role),
        "move": lambda: MoveRole(role, other, row.circle or ANCHOR, "Here it serves", granted()),
        "domain": lambda: AmendRole(
            role,
            None,
            None,
            (),
            (
                LineEdit(
                    "add",
                    pick(DOMAINS, n),
                    new=NewLine(pick(DOMAINS, n), word, None, granting(row.circle), bool(n % 2)),
                ),
            ),
        ),
        "regrant": lambda: (
            AmendRole(
                domain.role,
                None,
                None,
                (),
                (
                    LineEdit(
                        "amend",
                        domain.id,
                        domain.text,
                        word,
                        within=Edit(domain.within, granting(structure.role(domain.role).circle)),
                        internal=Edit(domain.internal, bool(n % 2)),
                    ),
                ),
            )
            if domain
            else None
        ),
        "undomain": lambda: (
            AmendRole(domain.role, None, None, (), (LineEdit("remove", domain.id, domain.text),))
            if domain
            else None
        ),
        "move_policy": lambda: (
            MovePolicy(
                held.id, other, held.role, "Here it serves", Edit(held.domain, None) if n % 2 else None
            )
            if held
            else None
        ),
        "policy_on": lambda: (
            AddPolicy(
                policy,
                pick([domain.role, structure.role(domain.role).circle or ANCHOR], n),
                word,
                "",
                ("domain",),
                None,
                domain.id,
            )
            if domain
            else None
        ),
        "invite": lambda: AddPolicy(
            policy, other, word, "", ("grant",), {"kind": "invite_link", "role": role if n % 2 else None}
        ),
        "link": lambda: LinkRole(derived_id("link", role, other), role, other),
        "unlink": lambda: UnlinkRole.of(link) if link else None,
        "linked_line": lambda: (
            AmendRole(
                link.role,
                None,
                None,
                (LineEdit("add", line, new=NewLine(line, word, by=link.circle)),),
                (
                    LineEdit(
                        "add",
                        pick(DOMAINS, n),
                        new=NewLine(pick(DOMAINS, n), word, None, granting(link.circle), True, link.circle),
                    ),
                ),
            )
            if link
            else None
        ),
        "strategies": lambda: AmendStrategies(
            other,
            tuple((x.id, x.text) for x in strategies(structure, other)),
            tuple((derived_id("strategy", other, str(k)), f"{word} {k}") for k in range(m % 4)),
        ),
        "priorities": lambda: SetPriorities(
            row.circle or ANCHOR,
            tuple(priorities_of(structure, row.circle or ANCHOR)),
            tuple(
                dict.fromkeys(
                    r.id
                    for r in (*inside[n % 3 :], *inside[:1], *structure.linked_into(row.circle or ANCHOR))
                )
            ),
        ),
        "reroute": lambda: Reroute(
            row.circle or ANCHOR,
            role,
            route_of(structure, row.circle or ANCHOR, role),
            other if m % 4 else None,
        ),
        "define": lambda: AddPolicy(
            policy, ANCHOR, word, "", ("default",), {"kind": "anchor_definition", "purpose": f"{word} {n}"}
        ),
        "policy": lambda: AddPolicy(policy, other, word, "", ("constraint",)),
        "unpolicy": lambda: RemovePolicy(policy),
        "assign": lambda: Assign(derived_id("assignment", role, person), role, person),
        "elect": lambda: Assign(
            derived_id("seat", role, person),
            derived_id(role, (FACILITATOR, CIRCLE_REP)[m % 2]),
            person,
            "",
            "2027-01-01",
        ),
        "unassign": lambda: Unassign.of(assigned[m % len(assigned)]) if assigned else None,
        "admit": lambda: Admit(newcomer, bool(m % 2)),
        "depart": lambda: Depart(person),
        "partner": lambda: ChangePartnerStatus(person, bool(m % 2)),
    }
    return changes[what]()


def route_of(structure: Structure, circle: str, role: str) -> str | None:
    found = structure.get(RouteRow, derived_id(circle, "route", role))
    return found.to if found else None


def rows_of(structure: Structure) -> dict[str, dict[str, Any]]:
    return {
        name: {row.id: table.dump(row) for row in structure.all(table.row)} for name, table in TABLES.items()
    }


def run(plan: Plan) -> tuple[Structure, list[list[list[Any]]]]:
    """Carry out a plan decision by decision; return the structure and the rows of every decision."""
    structure, decisions = founded(), []
    for step in plan:
        change = change_for(structure, step)
        if change is None:
            continue
        tried = try_changes(structure.branch(), [change], ADMIN)
        if tried.ok and tried.row_changes:
            decisions.append(dump_rows(tried.row_changes))
            structure = structure_of(folded(rows_of(structure), decisions[-1]))
    return structure, decisions


def folded(rows: dict[str, dict[str, Any]], entry: list[list[Any]]) -> dict[str, dict[str, Any]]:
    assert list(fold(rows, entry, 1)) == []
    return rows


@given(PLANS)
def test_decisions_replay_to_the_structure(plan: Plan) -> None:
    structure, decisions = run(plan)
    replayed = rows_of(founded())
    for entry in decisions:
        replayed = folded(replayed, entry)
    assert replayed == rows_of(structure)


@given(PLANS, st.integers(0, 24))
def test_a_change_and_its_inverse_are_nothing(plan: Plan, at: int) -> None:
    structure, _decisions = run(plan[:at])
    for step in plan[at:]:
        change = change_for(structure, step)
        if change is None:
            continue
        before = rows_of(structure)
        done = try_changes(structure.branch(), [change], ADMIN)
        if not done.ok or not done.row_changes:
            continue
        back = list(change.inverse(structure))
        # Somebody elected may have lost what made them electable since: restoring is no new election
        undone = try_changes(done.after, back, RESTORING)
        assert undone.refusals == [], (change, back)
        assert rows_of(undone.after) == before, (change, back)


@given(PLANS)
def test_a_refused_change_leaves_no_trace(plan: Plan) -> None:
    structure, _decisions = run(plan[:-1])
    before = rows_of(structure)
    for step in plan:
        change = change_for(structure, step)
        tried = try_changes(structure.branch(), [change], ADMIN) if change else None
        if tried is not None and not tried.ok:
            assert tried.row_changes == []
    assert rows_of(structure) == before
    assert structure.row_changes() == []


@given(PLANS)
def test_payloads_read_back_as_the_same_change(plan: Plan) -> None:
    structure, _decisions = run(plan)
    for step in plan:
        change = change_for(structure, step)
        if change is not None:
            assert parse_change(change.to_json()) == change


def members_by_brute_force(structure: Structure, circle: str) -> set[str]:
    """Circle members straight from the words of §5.1, over all rows."""
    roles = {r.id: r for r in structure.all(RoleRow)}
    partners = {p.id for p in structure.all(PersonRow) if p.partner}
    filled: dict[str, set[str]] = {}
    for a in structure.all(AssignmentRow):
        filled.setdefault(a.role, set()).add(a.person)

    def leads(role_id: str) -> set[str]:
        role = roles[role_id]
        people = filled.get(role_id, set())
        if role.circle is None:
            return set()  # no policy gives this anchor circle a lead
        return people if people & partners else people | leads(role.circle)

    result = leads(circle)
    linked = {link.role for link in structure.all(LinkRow) if link.circle == circle}
    for role in roles.values():
        if (role.circle == circle or role.id in linked) and role.kind == ORDINARY:
            result |= leads(role.id)
            result |= filled.get(derived_id(role.id, CIRCLE_REP), set())
        elif role.circle == circle and role.kind != "circle_lead":
            result |= filled.get(role.id, set())
    return result & partners


@settings(max_examples=60)
@given(PLANS)
def test_membership_is_as_5_1_says(plan: Plan) -> None:
    structure, _decisions = run(plan)
    for role in structure.all(RoleRow):
        if role.kind == ORDINARY:
            assert structure.members(role.id) == members_by_brute_force(structure, role.id)
            rep = structure.fillers(derived_id(role.id, CIRCLE_REP))
            assert not {a.person for a in rep} & structure.circle_leads(role.id)


@given(PLANS)
def test_what_is_linked_is_invited_and_what_a_link_adds_goes_with_it(plan: Plan) -> None:
    structure, _decisions = run(plan)
    links = structure.all(LinkRow)
    for link in links:
        role, circle = structure.role(link.role), structure.role(link.circle)
        assert list(can_link_1_3_4(structure, role, circle)) == []
    pairs = {(link.role, link.circle) for link in links}
    for line in (*structure.all(AccountabilityRow), *structure.all(DomainRow)):
        assert line.by is None or (line.role, line.by) in pairs


@given(PLANS)
def test_what_refers_to_roles_refers_to_roles_of_its_circle(plan: Plan) -> None:
    structure, _decisions = run(plan)
    for route in structure.all(RouteRow):
        assert structure.role(route.to).circle == route.circle
        assert route.circle in (route.role, structure.role(route.role).circle)
    for circle in {row.circle for row in structure.all(PriorityRow)}:
        order = sorted(structure.find(PriorityRow, "circle", [circle]), key=lambda row: row.position)
        assert [row.position for row in order] == list(range(len(order)))
        part = {r.id for r in (*structure.ordinary_inside(circle), *structure.linked_into(circle))}
        assert {row.role for row in order} <= part
    for domain in structure.all(DomainRow):
        wider = structure.get(DomainRow, domain.within)
        assert domain.within is None or wider is not None
        if wider is not None:
            assert wider.role == (domain.by or structure.role(domain.role).circle)
    for policy in structure.all(PolicyRow):
        assert policy.domain is None or structure.get(DomainRow, policy.domain) is not None
