"""Folders with the bodies of GlassFrog's API v3, whole ones and broken ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.glassfrog import FolderUnreadable, Problem, Reading, folder_digest, read_folder

SAMPLE = Path(__file__).parent.parent / "data" / "glassfrog_northwind"
STOREFRONT, MERCHANDISER, COPYWRITER, PHOTO_DESK, CAMPAIGNS, CUSTOMER_LOVE = 202, 203, 204, 205, 206, 210
SEASON_CLOSER, OUTLET_SHELF, GIFT_CARDS = 208, 209, 229
MAYA, PRIYA, SAMIRA, LUCIA, NOOR = 403, 404, 405, 408, 409


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sample folder that a test may break."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "northwind"))


def change(folder: Path, file: str, by: Callable[[Any], Any]) -> Reading:
    """Pass the body of a file through ``by`` (which may change it in place) and read the folder again."""
    path = folder / f"{file}.json"
    body = json.loads(path.read_text())
    result = by(body)
    path.write_text(json.dumps(body if result is None else result))
    return read_folder(folder)


def one(body: Any, kind: str, number: int) -> Any:
    return next(thing for thing in body[kind] if thing["id"] == number)


def said(problems: tuple[Problem, ...], file: str, kind: str, number: int | None) -> list[str]:
    return [p.message for p in problems if (p.file, p.kind, p.number) == (f"{file}.json", kind, number)]


def test_it_reads_the_whole_folder() -> None:
    reading = read_folder(SAMPLE)
    assert reading.organization == "Northwind Outfitters"
    assert reading.counts == {
        "circles": 4,
        "roles": 28,
        "people": 12,
        "assignments": 25,
        "accountabilities": 40,
        "domains": 10,
        "policies": 3,
    }
    assert [(circle.number, circle.role) for circle in reading.circles] == [
        (101, 201),
        (102, STOREFRONT),
        (103, CAMPAIGNS),
        (104, CUSTOMER_LOVE),
    ]
    assert len(reading.roles) == 29
    assert len(reading.people) == 12
    maya = next(person for person in reading.people if person.number == MAYA)
    assert (maya.name, maya.email, maya.external_id) == ("Maya Lindqvist", "maya@northwind.example", "")


def test_what_is_wrong_in_the_sample_is_listed_with_file_and_number() -> None:
    reading = read_folder(SAMPLE)
    assert [str(problem) for problem in reading.problems] == [
        "roles.json, role 203: Its accountability 3999 is not there.",
        "assignments.json, assignment 599: Its person 499 is not there; left out.",
        "roles.json, accountability 3006: “@Lighthouse_Keeper” refers to no role; the text is read as it is.",
    ]
    assert said(reading.notes, "circles", "role", GIFT_CARDS) == ["It is not in roles.json; read from here."]


def test_roles_stand_parents_first_with_the_anchor_ahead() -> None:
    reading = read_folder(SAMPLE)
    anchor, *others = reading.roles
    assert (anchor.name, anchor.circle, anchor.supporting_circle) == ("Northwind Outfitters", None, 101)
    known = {anchor.supporting_circle}
    for role in others:
        assert role.circle in known, f"{role.name} comes before its circle"
        known.add(role.supporting_circle)


def test_roles_without_purpose_unfilled_and_not_in_their_own_file() -> None:
    reading = read_folder(SAMPLE)
    roles = {role.number: role for role in reading.roles}
    assert roles[OUTLET_SHELF].purpose == ""
    assert SEASON_CLOSER not in {assignment.role for assignment in reading.assignments}
    assert (roles[GIFT_CARDS].name, roles[GIFT_CARDS].circle) == ("Gift Cards", 104)


def test_texts_keep_their_order_and_have_one_kind_of_line_end() -> None:
    reading = read_folder(SAMPLE)
    texts = [each.text for each in reading.accountabilities if each.role == MERCHANDISER]
    assert texts == [
        "Choosing which products stand where in the shop",
        "Setting prices",
        "Launching ranges with @Copywriter_&_Storyteller,\nand telling @Lighthouse_Keeper.",
    ]
    assert reading.circles[1].strategy == (
        "Fewer pages, each one finished,\n\n- even if a range goes live a week later"
    )
    assert reading.policies[0].body == (
        "Spelling, links and measures.\n\nPrices are not included; tell @Merchandiser."
    )


def test_domains_of_roles_and_those_only_a_circle_names() -> None:
    domains = {domain.text: domain.role for domain in read_folder(SAMPLE).domains}
    assert domains["Prices on shop pages"] == MERCHANDISER
    assert domains["Shop pages"] == STOREFRONT
    assert domains["Gift cards"] == CUSTOMER_LOVE


def test_policies_belong_to_a_circle_a_role_or_whoever_holds_the_domain() -> None:
    reading = read_folder(SAMPLE)
    prices = next(domain.number for domain in reading.domains if domain.text == "Prices on shop pages")
    assert [(policy.number, policy.role, policy.domain) for policy in reading.policies] == [
        (701, STOREFRONT, None),
        (702, COPYWRITER, None),
        (703, MERCHANDISER, prices),
    ]


def test_core_roles_come_without_their_definition() -> None:
    reading = read_folder(SAMPLE)
    core = {role.number: role for role in reading.roles if role.core}
    in_storefront = {role.core for role in core.values() if role.circle == 102}
    assert in_storefront == {"lead_link", "rep_link", "facilitator", "secretary"}
    assert {role.purpose for role in core.values()} == {""}
    assert not {each.role for each in reading.accountabilities} & core.keys()
    secretary = next(
        number for number, role in core.items() if (role.circle, role.core) == (102, "secretary")
    )
    assert said(reading.notes, "roles", "role", secretary) == [
        "The Constitution says what a core role is for; left aside (accountabilities: 1, domains: 0)."
    ]


def test_terms_and_focus_of_assignments() -> None:
    reading = read_folder(SAMPLE)
    cores = {(role.circle, role.core): role.number for role in reading.roles if role.core}
    facilitator = [row for row in reading.assignments if row.role == cores[102, "facilitator"]]
    assert [(row.person, row.elected_until) for row in facilitator] == [(NOOR, date(2027, 3, 31))]
    focuses = {row.person: row.focus for row in reading.assignments if row.role == COPYWRITER}
    assert focuses == {MAYA: "Product stories", PRIYA: "Seasonal campaigns"}
    merchandiser = [row for row in reading.assignments if row.role == MERCHANDISER]
    assert [(row.focus, row.elected_until) for row in merchandiser] == [("", None)]


def test_the_term_may_stand_on_the_role_alone(folder: Path) -> None:
    def drop(body: Any) -> None:
        for assignment in body["assignments"]:
            assignment["election"] = None

    terms = [
        row.elected_until for row in change(folder, "assignments", drop).assignments if row.elected_until
    ]
    assert set(terms) == {date(2027, 3, 31)}


def test_lead_links_are_stored_once_with_the_supporting_role() -> None:
    reading = read_folder(SAMPLE)
    lead_links = {role.number for role in reading.roles if role.core == "lead_link"}
    assert not {row.role for row in reading.assignments} & lead_links
    leads = [row for row in reading.assignments if row.lead_link]
    assert [(row.role, row.person, row.number is None) for row in leads] == [
        (STOREFRONT, 402, False),
        (CAMPAIGNS, PRIYA, False),
        (CUSTOMER_LOVE, LUCIA, True),
    ]
    lead_link = next(r.number for r in reading.roles if (r.circle, r.core) == (104, "lead_link"))
    assert said(reading.notes, "roles", "role", lead_link) == [
        "Person 408 is Lead Link without filling role 210; read as filling it."
    ]


def test_a_supporting_role_filled_by_somebody_else_is_noted(folder: Path) -> None:
    reading = change(
        folder, "roles", lambda body: one(body, "roles", STOREFRONT)["links"]["people"].append(SAMIRA)
    )
    fillers = {row.person for row in reading.assignments if row.role == STOREFRONT}
    assert fillers == {402, SAMIRA}
    assert "Person 405 fills it without being Lead Link; read as circle lead." in said(
        reading.notes, "roles", "role", STOREFRONT
    )


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda body: [body], id="a list of one page"),
        pytest.param(
            lambda body: [{**body, "roles": body["roles"][:9]}, {"roles": body["roles"][9:]}], id="pages"
        ),
        pytest.param(
            lambda body: [{"linked": body["linked"], "roles": []}, *body["roles"]], id="bare objects"
        ),
        pytest.param(lambda body: {"linked": body["linked"], "role": body["roles"]}, id="the singular"),
        pytest.param(lambda body: [body, body], id="the same page twice"),
    ],
)
def test_bodies_may_be_wrapped_otherwise(folder: Path, wrap: Callable[[Any], Any]) -> None:
    before = read_folder(folder)
    assert change(folder, "roles", wrap) == before


def test_links_may_be_single_lists_or_objects(folder: Path) -> None:
    before = read_folder(folder)

    def rewrite(body: Any) -> None:
        for assignment in body["assignments"]:
            assignment["links"]["role"] = [assignment["links"]["role"]]
            assignment["links"]["person"] = {"id": str(assignment["links"]["person"])}

    assert change(folder, "assignments", rewrite) == before


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    before = read_folder(folder)
    path = folder / "people.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_folder(folder) == before


@pytest.mark.parametrize("file", ["circles", "roles", "people", "assignments"])
@pytest.mark.parametrize("content", [None, "{“", "[" * 100_000, '"words"', "{}"])
def test_a_missing_or_broken_file_is_made_up_for_by_the_others(
    folder: Path, file: str, content: str | None
) -> None:
    path = folder / f"{file}.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    reading = read_folder(folder)
    assert said(reading.problems, file, "file", None)
    assert len(reading.circles) == 4
    assert len(reading.roles) >= 28
    assert {person.number for person in reading.people} >= {MAYA, PRIYA}
    assert {(row.role, row.person) for row in reading.assignments} >= {
        (MERCHANDISER, PRIYA),
        (COPYWRITER, MAYA),
    }


def test_without_circles_or_roles_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(FolderUnreadable, match="There is no folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(FolderUnreadable, match="There is no folder"):
        folder_digest(tmp_path / "nowhere")
    with pytest.raises(FolderUnreadable, match="no circles or no roles"):
        read_folder(tmp_path)
    (tmp_path / "circles.json").write_text('{"circles": [{"id": 1, "name": "Alone"}]}')
    with pytest.raises(FolderUnreadable, match="no circles or no roles"):
        read_folder(tmp_path)


def test_without_an_anchor_there_is_nothing_to_read(folder: Path) -> None:
    def inside_storefront(body: Any) -> None:
        one(body, "roles", 201)["links"]["circle"] = 102

    with pytest.raises(FolderUnreadable, match="no anchor circle"):
        change(folder, "roles", inside_storefront)


def test_circles_that_lie_in_each_other_are_left_out(folder: Path) -> None:
    def swap(body: Any) -> None:
        one(body, "roles", STOREFRONT)["links"]["circle"] = 103

    reading = change(folder, "roles", swap)
    assert {circle.number for circle in reading.circles} == {101, 104}
    assert said(reading.problems, "roles", "role", STOREFRONT) == [
        "It lies inside itself, by circle 103; left out."
    ]
    assert said(reading.problems, "roles", "role", MERCHANDISER)[-1].startswith("It lies inside itself")
    assert all(row.role not in (STOREFRONT, MERCHANDISER) for row in reading.assignments)


def test_a_role_of_a_circle_that_is_not_there(folder: Path) -> None:
    def strand(body: Any) -> None:
        one(body, "roles", MERCHANDISER)["links"]["circle"] = 999

    reading = change(folder, "roles", strand)
    assert next(role for role in reading.roles if role.number == MERCHANDISER).circle == 102
    assert said(reading.problems, "roles", "role", MERCHANDISER)[0] == (
        "Its circle 999 is not there; read into circle 102, which lists it."
    )

    def unlist(body: Any) -> None:
        one(body, "circles", 102)["links"]["roles"].remove(MERCHANDISER)

    reading = change(folder, "circles", unlist)
    assert MERCHANDISER not in {role.number for role in reading.roles}
    assert "Its circle 999 is not there; left out." in said(reading.problems, "roles", "role", MERCHANDISER)
    lost = [p for p in reading.problems if p.kind == "assignment" and "role 203" in p.message]
    assert len(lost) == 1


def test_a_second_role_outside_every_circle_is_left_out(folder: Path) -> None:
    def free(body: Any) -> None:
        body["roles"].append({"id": 777, "name": "Drifter", "is_core": False, "links": {"circle": None}})

    reading = change(folder, "roles", free)
    assert reading.roles[0].number == 201
    assert said(reading.problems, "roles", "role", 777) == [
        "It sits in no circle and is not the anchor; left out."
    ]


def test_a_number_used_twice_counts_once(folder: Path) -> None:
    def twice(body: Any) -> None:
        body["roles"].append({**one(body, "roles", PHOTO_DESK), "name": "Darkroom"})

    reading = change(folder, "roles", twice)
    assert [role.name for role in reading.roles if role.number == PHOTO_DESK] == ["Photo Desk"]
    assert said(reading.problems, "roles", "role", PHOTO_DESK) == [
        "The number is there twice; the second one is left out."
    ]


def test_a_second_facilitator_role_in_a_circle_is_left_out(folder: Path) -> None:
    def twice(body: Any) -> None:
        first = next(r for r in body["roles"] if r["name"] == "Facilitator" and r["links"]["circle"] == 102)
        body["roles"].append({**first, "id": 778})

    reading = change(folder, "roles", twice)
    assert 778 not in {role.number for role in reading.roles}
    assert said(reading.problems, "roles", "role", 778)[0].startswith("Its circle has such a role")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("name", ["Merch"], '“name” is ["Merch"], no text.'),
        ("purpose", True, "“purpose” is true, no text."),
        ("links", "none", "“links” is none, no object."),
        ("elected_until", "next spring", "“elected_until” is next spring, no day."),
        ("elected_until", 20270331, "“elected_until” is 20270331, no day."),
    ],
)
def test_values_of_the_wrong_type_are_named(folder: Path, key: str, value: Any, message: str) -> None:
    def spoil(body: Any) -> None:
        one(body, "roles", MERCHANDISER)[key] = value

    reading = change(folder, "roles", spoil)
    assert message in said(reading.problems, "roles", "role", MERCHANDISER)
    assert MERCHANDISER in {role.number for role in reading.roles}


@pytest.mark.parametrize("number", [None, 0, -3, True, 1.5, "x", 2**63, [1]])
def test_an_object_without_a_usable_number_is_left_out(folder: Path, number: Any) -> None:
    reading = change(folder, "roles", lambda body: body["roles"].append({"id": number, "name": "Nobody"}))
    assert "Nobody" not in {role.name for role in reading.roles}
    assert said(reading.problems, "roles", "role", None)


def test_people_with_faults_are_still_people(folder: Path) -> None:
    def spoil(body: Any) -> None:
        people = [person for page in body for person in page["people"]]
        people[2]["email"] = people[0]["email"].upper()
        people[3]["email"] = "priya at home"
        people[4] |= {"name": " ", "external_id": 34}

    reading = change(folder, "people", spoil)
    people = {person.number: person for person in reading.people}
    assert people[MAYA].email == people[PRIYA].email == ""
    assert said(reading.problems, "people", "person", MAYA) == [
        "Person 401 has the same e-mail address; read without it."
    ]
    assert said(reading.problems, "people", "person", PRIYA) == ["“priya at home” is no e-mail address."]
    assert (people[SAMIRA].name, people[SAMIRA].external_id) == ("samira", "34")


def test_a_person_only_linked_elsewhere_is_read_from_there(folder: Path) -> None:
    def leave_out(body: Any) -> None:
        for page in body:
            page["people"] = [person for person in page["people"] if person["id"] != LUCIA]

    reading = change(folder, "people", leave_out)
    assert LUCIA in {person.number for person in reading.people}
    assert said(reading.notes, "assignments", "person", LUCIA) == [
        "It is not in people.json; read from here."
    ]


def test_policies_that_refer_to_nothing(folder: Path) -> None:
    def spoil(body: Any) -> None:
        plain, sources, prices = body["linked"]["policies"]
        sources["links"]["role_id"] = 888
        prices["links"]["domain"] = 889
        plain["links"]["circle_id"] = 890
        one(body, "circles", 102)["links"]["policies"] = [702, 703, 891]

    reading = change(folder, "circles", spoil)
    assert [(policy.number, policy.role, policy.domain) for policy in reading.policies] == [
        (702, STOREFRONT, None),
        (703, STOREFRONT, None),
    ]
    assert said(reading.problems, "circles", "policy", 702) == ["Its role 888 is not there."]
    assert said(reading.problems, "circles", "policy", 703) == ["Its domain 889 is not there."]
    assert said(reading.problems, "circles", "policy", 701) == [
        "Its circle 890 is not there.",
        "No circle or role holds it; left out.",
    ]
    assert said(reading.problems, "circles", "circle", 102) == ["Its policy 891 is not there."]


def test_the_same_assignment_twice_is_read_once_and_another_focus_twice(folder: Path) -> None:
    def add(body: Any) -> None:
        first = next(row for row in body["assignments"] if row["links"]["role"] == MERCHANDISER)
        body["assignments"] += [{**first, "id": 801}, {**first, "id": 802, "focus": "Winter"}]

    reading = change(folder, "assignments", add)
    assert [row.focus for row in reading.assignments if row.role == MERCHANDISER] == ["", "Winter"]
    assert said(reading.notes, "assignments", "assignment", 801)


def test_files_that_hold_no_structure_are_named(folder: Path) -> None:
    (folder / "projects.json").write_text("{}")
    assert said(read_folder(folder).notes, "projects", "file", None) == [
        "It holds no structure and is left aside."
    ]


def test_what_no_database_takes_is_cleaned(folder: Path) -> None:
    def spoil(body: Any) -> None:
        one(body, "roles", MERCHANDISER)["purpose"] = "a\x00b\ud800c"

    role = next(role for role in change(folder, "roles", spoil).roles if role.number == MERCHANDISER)
    assert role.purpose == "ab?c"


def test_the_digest_knows_the_same_folder_again(folder: Path) -> None:
    first = folder_digest(SAMPLE)
    assert len(first) == 64
    assert folder_digest(folder) == first
    body = json.loads((folder / "roles.json").read_text())
    (folder / "roles.json").write_text(json.dumps(dict(reversed(body.items())), indent=4))
    (folder / "notes.txt").write_text("beside the point")
    assert folder_digest(folder) == first, "blank space and the order of keys make no difference"
    one(body, "roles", MERCHANDISER)["purpose"] = "Otherwise"
    (folder / "roles.json").write_text(json.dumps(body))
    second = folder_digest(folder)
    assert second != first
    (folder / "roles.json").write_text("no JSON")
    third = folder_digest(folder)
    (folder / "roles.json").unlink()
    assert len({first, second, third, folder_digest(folder)}) == 4


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to every value inside a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in inner for deeper in leaves(part, (*path, key)))]


BODIES = {path.name: json.loads(path.read_text()) for path in sorted(SAMPLE.glob("*.json"))}
PLACES = [(file, path) for file, body in BODIES.items() for path in leaves(body) if path]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=4),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=2)
        ),
        max_leaves=4,
    ),
)
def test_whatever_stands_anywhere_it_reads_or_says_why_not(
    folder: Path, places: list[tuple[str, tuple[Any, ...]]], value: Any
) -> None:
    bodies = json.loads(json.dumps(BODIES))
    for file, path in places:
        at = bodies[file]
        try:
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier place was cut off
    for file, body in bodies.items():
        (folder / file).write_text(json.dumps(body))
    try:
        reading = read_folder(folder)
    except FolderUnreadable:
        return
    roles = {role.number for role in reading.roles}
    circles = {circle.number for circle in reading.circles}
    people = {person.number for person in reading.people}
    assert all(role.circle in circles for role in reading.roles[1:])
    assert {circle.role for circle in reading.circles} <= roles
    assert {row.role for row in reading.assignments} <= roles
    assert {row.person for row in reading.assignments} <= people
    assert {each.role for each in reading.accountabilities + reading.domains} <= roles
    assert {policy.role for policy in reading.policies} <= roles
    assert len(roles) == len(reading.roles)
