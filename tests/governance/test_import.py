"""Founding an organization from a folder of GlassFrog's: whole, as one decision, once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from circles.constitution import CIRCLE_LEAD, CIRCLE_REP, FACILITATOR
from circles.models import LINE_LENGTH, NAME_LENGTH, Accountability, Assignment, Policy, Role
from circles.structure import RoleRow, Structure
from governance import authority as by
from governance.actions import set_up
from governance.authority import Authority
from governance.changes import AddRole, AmendRole, Edit
from governance.enactment import enact
from governance.glassfrog import FolderUnreadable, Problem
from governance.importing import Imported, import_glassfrog, row_of
from governance.models import Decision, Import, ImportedNumber
from governance.record import verify
from people.ids import derived_id, new_id
from people.models import Account, Invitation, Organization, Person
from people.refusals import Malformed, Refused, RuleBroken

SAMPLE = Path(__file__).parent.parent / "data" / "glassfrog_northwind"
ANCHOR, STOREFRONT, MERCHANDISER, COPYWRITER, CUSTOMER_LOVE = 201, 202, 203, 204, 210
LEAD_LINK, FACILITATES, REP = 234, 235, 237  # of Storefront
NAME = "Northwind Outfitters"

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sample folder that a test may change."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "northwind"))


def change(folder: Path, file: str, by: Callable[[Any], Any]) -> None:
    path = folder / f"{file}.json"
    body = json.loads(path.read_text())
    by(body)
    path.write_text(json.dumps(body))


def one(body: Any, kind: str, number: int) -> Any:
    return next(thing for thing in body[kind] if thing.get("id") == number)


def bring_in(folder: Path = SAMPLE, **options: Any) -> Imported:
    return import_glassfrog(folder, **{"name": NAME, **options})


def role(result: Imported, number: int) -> Role:
    row = row_of(result.organization, "role", number)
    assert row is not None
    return Role.objects.get(pk=row)


def about(problems: tuple[Problem, ...], kind: str, number: int | None) -> list[str]:
    return [p.message for p in problems if (p.kind, p.number) == (kind, number)]


def nothing_is_there() -> bool:
    tables = (Organization, Person, Role, Decision, Import, ImportedNumber)
    return not any(table._default_manager.exists() for table in tables)


# -- whole ------------------------------------------------------------------------------------------------------


def test_it_becomes_one_decision_that_verifies() -> None:
    result = bring_in()
    organization = Organization.objects.get(slug="northwind-outfitters")
    assert organization.is_set_up
    decision = Decision.objects.get(organization=organization)
    assert (decision.number, decision.authority, decision.actor) == (1, "import", None)
    assert result.counts == {
        "person": 12,
        "role": 30,
        "accountability": 36,
        "domain": 10,
        "policy": 3,
        "assignment": 22,
        "circle": 4,
    }
    checked = verify(organization)
    assert checked.ok, checked.faults
    assert checked.rows == sum(result.counts.values()) - result.counts["circle"]


def test_the_tree_its_texts_and_its_people_are_those_of_the_folder() -> None:
    result = bring_in()
    storefront, merchandiser = role(result, STOREFRONT), role(result, MERCHANDISER)
    assert (merchandiser.circle, merchandiser.name) == (storefront, "Merchandiser")
    assert merchandiser.purpose == "The right range in front of the right people at the right moment."
    assert storefront.circle is not None
    assert storefront.circle.is_anchor
    structure = Structure.of(result.organization.id)
    lead = Person.objects.get(organization=result.organization, pk=row_of(result.organization, "person", 402))
    assert structure.circle_leads(storefront.id) == {lead.id}
    policy = Policy.objects.get(pk=row_of(result.organization, "policy", 703))
    assert (policy.role, policy.kinds) == (merchandiser, ["domain"])
    assert policy.domain_id == row_of(result.organization, "domain", 602)
    # A reference to a role, found or not, stays as it is written
    assert Accountability.objects.filter(organization=result.organization, text__contains="@").exists()


def test_people_come_with_their_address_and_without_an_account() -> None:
    result = bring_in()
    people = Person.objects.filter(organization=result.organization)
    assert people.present().partners().count() == 12
    assert not people.exclude(account=None).exists()
    assert not people.filter(admin=True).exists()
    assert people.exclude(email="").exists()


def test_elected_people_fill_the_constitutional_roles_until_their_term_ends() -> None:
    result = bring_in()
    storefront = role(result, STOREFRONT)
    facilitator = Role.objects.get(pk=derived_id(storefront.id, FACILITATOR))
    assert role(result, FACILITATES) == facilitator
    filled = Assignment.objects.get(role=facilitator)
    assert filled.person_id == row_of(result.organization, "person", 409)
    assert str(filled.term_ends) == "2027-03-31"
    # What the file says core roles are for is the Constitution's, and no addition of the circle's
    assert not Accountability.objects.filter(role__circle=storefront).exclude(role__kind="ordinary").exists()


def test_it_keeps_the_numbers_of_the_circle_and_of_the_role_that_it_is() -> None:
    result = bring_in()
    organization = result.organization
    storefront = role(result, STOREFRONT)
    assert row_of(organization, "circle", 102) == storefront.id
    assert row_of(organization, "role", 102) is None
    assert row_of(organization, "circle", STOREFRONT) is None
    lead_link = ImportedNumber.objects.get(organization=organization, kind="lead_link", number=516)
    assert Assignment.objects.get(pk=lead_link.row).role == storefront
    assert row_of(organization, "assignment", 501) == lead_link.row
    kinds = dict.fromkeys(ImportedNumber.objects.values_list("kind", flat=True))
    assert set(kinds) == {
        "person", "role", "circle", "accountability", "domain", "policy", "assignment", "lead_link",
    }  # fmt: skip
    other = bring_in(name="Southwind")
    assert row_of(other.organization, "role", STOREFRONT) not in (None, storefront.id)


def test_what_is_left_out_is_listed_with_file_and_number() -> None:
    said = [str(problem) for problem in bring_in().problems]
    assert "roles.json, role 203: Its accountability 3999 is not there." in said
    assert "assignments.json, assignment 599: Its person 499 is not there; left out." in said


# -- what rules say ---------------------------------------------------------------------------------------------


def test_what_a_rule_would_refuse_comes_in_with_its_clause_and_is_judged_when_amended(folder: Path) -> None:
    def bare(body: Any) -> None:
        merchandiser = one(body, "roles", MERCHANDISER)
        merchandiser["purpose"] = ""
        merchandiser["links"] |= {"accountabilities": [], "domains": []}

    change(folder, "roles", bare)
    result = bring_in(folder, admin="owner@northwind.example")
    assert about(result.warnings, "role", MERCHANDISER)[0].startswith("§1.1 ")
    bare_role = role(result, MERCHANDISER)
    assert bare_role.purpose == ""
    assert verify(result.organization).ok
    assert result.admin is not None
    with pytest.raises(RuleBroken, match="name alone"):
        set_up.edit_structure(
            [AmendRole(bare_role.id, Edit("Merchandiser", "Buyer"), None, (), ())],
            actor=result.admin,
            reason="A better name",
        )


def test_what_no_rule_would_refuse_comes_in_without_a_warning(folder: Path) -> None:
    warnings = bring_in(folder).warnings
    assert {(w.kind, w.number) for w in warnings if w.kind != "role"} == {("policy", 701), ("policy", 702)}
    # GlassFrog does not say within which domain of its circle a role holds one
    assert all(w.message.startswith("§1.3.2 ") for w in warnings if w.kind == "role")
    change(folder, "circles", lambda body: body["linked"].pop("policies"))
    change(folder, "circles", lambda body: [c["links"].pop("policies") for c in body["circles"]])
    assert [w for w in bring_in(folder, name="Southwind").warnings if w.kind != "role"] == []


def test_a_rep_who_is_circle_lead_comes_in_with_a_warning(folder: Path) -> None:
    def lead_as_rep(body: Any) -> None:
        lead = one(body, "assignments", 516)  # Storefront's Lead Link
        body["assignments"].append(
            {"id": 590, "focus": None, "links": {"person": lead["links"]["person"], "role": REP}}
        )

    change(folder, "assignments", lead_as_rep)
    result = bring_in(folder)
    assert role(result, REP).kind == CIRCLE_REP
    assert any("§5.1.1" in m for m in about(result.warnings, "assignment", 590))
    assert Assignment.objects.filter(pk=row_of(result.organization, "assignment", 590)).exists()
    assert verify(result.organization).ok


def test_lead_links_and_fillers_that_differ_are_both_said() -> None:
    """A Lead Link who does not fill the role, and a filler who is no Lead Link, lead the circle alike (§1.4)."""
    result = bring_in()
    assert any("Lead Link without filling" in m for m in about(result.notes, "role", 242))
    love = role(result, CUSTOMER_LOVE)
    lead = row_of(result.organization, "person", 408)
    assert Structure.of(result.organization.id).circle_leads(love.id) == {lead}


def test_a_filler_who_is_no_lead_link_is_said_too(folder: Path) -> None:
    def another(body: Any) -> None:
        body["assignments"].append({"id": 591, "focus": None, "links": {"person": 403, "role": STOREFRONT}})

    change(folder, "assignments", another)
    result = bring_in(folder)
    assert any("without being Lead Link" in m for m in about(result.notes, "role", STOREFRONT))
    assert len(Structure.of(result.organization.id).circle_leads(role(result, STOREFRONT).id)) == 2


# -- the anchor circle ------------------------------------------------------------------------------------------


def test_nobody_leads_an_anchor_circle_that_nobody_led() -> None:
    result = bring_in()
    anchor = role(result, ANCHOR)
    assert Structure.of(result.organization.id).circle_leads(anchor.id) == set()
    assert any("Nobody leads the anchor circle" in m for m in about(result.notes, "role", ANCHOR))


def test_an_anchor_circle_that_was_led_has_a_policy_that_says_so(folder: Path) -> None:
    change(
        folder,
        "assignments",
        lambda b: b["assignments"].append(
            {"id": 592, "focus": None, "links": {"person": 403, "role": ANCHOR}}
        ),
    )
    result = bring_in(folder)
    anchor = role(result, ANCHOR)
    assert Structure.of(result.organization.id).circle_leads(anchor.id) == {
        row_of(result.organization, "person", 403)
    }
    assert not any(w.kind == "assignment" for w in result.warnings)


@pytest.mark.parametrize("wanted", ["403", "maya@northwind.example"])
def test_a_lead_of_the_anchor_circle_can_be_named(wanted: str) -> None:
    result = bring_in(anchor_lead=wanted)
    leads = Structure.of(result.organization.id).circle_leads(role(result, ANCHOR).id)
    assert leads == {row_of(result.organization, "person", 403)}


def test_a_lead_who_is_not_in_the_folder_is_refused_and_nothing_is_there() -> None:
    with pytest.raises(Malformed, match="Nobody in the folder"):
        bring_in(anchor_lead="nobody@northwind.example")
    assert nothing_is_there()


# -- texts that do not fit --------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_left_out_and_said_and_the_rest_comes_in(folder: Path) -> None:
    def long(body: Any) -> None:
        number = one(body, "roles", COPYWRITER)["links"]["accountabilities"][0]
        one(body["linked"], "accountabilities", number)["description"] = "a" * (LINE_LENGTH + 1)
        body["long"] = number

    change(folder, "roles", long)
    number = json.loads((folder / "roles.json").read_text())["long"]
    result = bring_in(folder)
    assert f"{LINE_LENGTH + 1} characters" in about(result.problems, "accountability", number)[0]
    assert row_of(result.organization, "accountability", number) is None
    assert role(result, COPYWRITER).accountabilities.exists()
    assert verify(result.organization).ok


def test_a_name_that_is_too_long_is_shortened_and_said(folder: Path) -> None:
    change(folder, "roles", lambda b: one(b, "roles", MERCHANDISER).update(name="Merchandiser " * 20))
    result = bring_in(folder)
    name = role(result, MERCHANDISER).name
    assert len(name) <= NAME_LENGTH
    assert name.endswith("…")
    assert any(name in message for message in about(result.problems, "role", MERCHANDISER))


def test_one_that_just_fits_is_kept_as_it_is(folder: Path) -> None:
    change(folder, "roles", lambda b: one(b, "roles", MERCHANDISER).update(name="M" * NAME_LENGTH))
    result = bring_in(folder)
    assert role(result, MERCHANDISER).name == "M" * NAME_LENGTH
    assert about(result.problems, "role", MERCHANDISER) == about(
        bring_in(name="Southwind").problems, "role", 203
    )


def test_the_same_assignment_twice_is_one(folder: Path) -> None:
    def twice(body: Any) -> None:
        first = one(body, "assignments", 501)
        body["assignments"].append({**first, "id": 593})

    change(folder, "assignments", twice)
    result = bring_in(folder)
    assert about(result.notes, "assignment", 593)
    assert role(result, STOREFRONT).assignments.count() == 1


def test_a_circle_that_holds_core_roles_alone_comes_in_as_the_circle_it_is(folder: Path) -> None:
    """Here a role becomes a circle with the first role inside (§1.3.1); what was one elsewhere stays one."""

    def emptied(body: Any) -> None:
        for thing in body["roles"]:
            if thing["links"]["circle"] == 103 and not thing["is_core"]:
                thing["links"]["circle"] = 102

    change(folder, "roles", emptied)
    result = bring_in(folder)
    campaigns = role(result, 206)
    structure = Structure.of(result.organization.id)
    assert structure.is_circle(campaigns.id)
    assert structure.ordinary_inside(campaigns.id) == []
    assert Assignment.objects.filter(role__circle=campaigns).exists()
    with pytest.raises(RuleBroken, match=r"§1\.3\.1"):
        enact(
            result.organization,
            [AddRole(new_id(), campaigns.circle_id, "Empty circle", "Nothing yet", broken_down=True)],
            authority=Authority(by.PROPOSAL, circle=campaigns.circle_id),
        )
    assert verify(result.organization).ok


# -- twice, and what else is there ------------------------------------------------------------------------------


def test_the_same_folder_twice_says_so_and_changes_nothing() -> None:
    first = bring_in()
    before = verify(first.organization)
    second = bring_in()
    assert second.counts == {}
    assert second.organization == first.organization
    assert Organization.objects.count() == 1
    assert verify(first.organization).head == before.head


def test_the_command_says_what_it_did_and_ends_well_both_times() -> None:
    said = StringIO()
    call_command("import_glassfrog", str(SAMPLE), "--organization", NAME, stdout=said)
    assert "4 circles, 30 roles" in said.getvalue()
    assert "assignments.json, assignment 599: Its person 499 is not there; left out." in said.getvalue()
    assert "no admin yet" in said.getvalue()
    said = StringIO()
    call_command("import_glassfrog", str(SAMPLE), "--organization", NAME, stdout=said)
    assert "already. Nothing was changed." in said.getvalue()
    assert Decision.objects.count() == 1


def test_another_folder_under_a_taken_name_is_refused(folder: Path) -> None:
    first = bring_in()
    change(folder, "roles", lambda b: one(b, "roles", MERCHANDISER).update(purpose="Another one"))
    with pytest.raises(Refused, match="choose another name"):
        bring_in(folder)
    with pytest.raises(CommandError, match="choose another name"):
        call_command("import_glassfrog", str(folder), "--organization", NAME.upper())
    assert Decision.objects.count() == 1
    assert role(first, MERCHANDISER).purpose != "Another one"
    assert bring_in(folder, name="Northwind Two").counts


def test_an_organization_founded_here_is_not_taken_for_an_import() -> None:
    set_up.found_organization(
        name=NAME, slug="northwind", zone="UTC", ratifiers=["Ines"], purpose="p", founder_name="Ines",
        account=Account.objects.create_user("ines@northwind.example"),
    )  # fmt: skip
    with pytest.raises(Refused, match="choose another name"):
        bring_in(name="Another", slug="northwind")
    assert Organization.objects.count() == 1


# -- nothing half -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text"),
    [("circles", "{"), ("roles", ""), ("roles", '{"roles": []}'), ("circles", '{"circles": []}')],
)
def test_a_folder_without_a_tree_is_refused_and_nothing_is_there(folder: Path, file: str, text: str) -> None:
    if file == "circles":
        (folder / "roles.json").write_text('{"roles": []}')
    (folder / f"{file}.json").write_text(text)
    if file == "roles":
        (folder / "circles.json").write_text("[]")
    with pytest.raises(FolderUnreadable):
        bring_in(folder)
    assert nothing_is_there()


def test_a_broken_file_is_listed_and_the_rest_comes_in(folder: Path) -> None:
    (folder / "assignments.json").write_text("{broken")
    result = bring_in(folder)
    assert any(p.file == "assignments.json" and "no JSON" in p.message for p in result.problems)
    assert result.counts["role"] == 30
    assert verify(result.organization).ok


@pytest.mark.parametrize("step", ["seal", "let_administer", "Import"])
def test_what_goes_wrong_on_the_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(f"governance.importing.{step}", fail)
    with pytest.raises((ConnectionError, AttributeError)):
        bring_in(admin="owner@northwind.example")
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"slug": "api"}, "slug"),
        ({"name": " "}, "name"),
        ({"name": "n" * 121}, "name"),
        ({"name": "…"}, "slug"),
        ({"admin": "no address"}, "email"),
    ],
)
def test_options_that_will_not_do_are_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        bring_in(**options)
    assert refused.value.field == field
    assert nothing_is_there()


# -- who administers --------------------------------------------------------------------------------------------


def test_somebody_in_the_folder_becomes_admin_and_is_invited() -> None:
    result = bring_in(admin="Maya@Northwind.example")
    assert result.admin is not None
    assert result.admin.id == row_of(result.organization, "person", 403)
    assert result.admin.partner
    invitation = Invitation.find(result.secret)
    assert invitation is not None
    account = Account.objects.create_user("maya@northwind.example")
    assert set_up.accept_invitation(invitation, account=account).admin


def test_somebody_else_becomes_admin_without_being_a_partner() -> None:
    result = bring_in(admin="owner@northwind.example")
    assert result.admin is not None
    admin = Person.objects.get(pk=result.admin.pk)
    assert (admin.present, admin.admin, admin.partner) == (True, True, False)
    assert Decision.objects.count() == 1
    assert verify(result.organization).ok


def test_an_admin_can_be_named_when_the_folder_has_been_imported() -> None:
    first = bring_in()
    said = StringIO()
    call_command(
        "import_glassfrog",
        str(SAMPLE),
        "--organization",
        NAME,
        "--admin",
        "owner@northwind.example",
        stdout=said,
    )
    assert f"{settings.SITE_URL}/invitations/" in said.getvalue()
    admin = Person.objects.get(organization=first.organization, email="owner@northwind.example")
    assert admin.admin
    assert not admin.partner
    # Nobody had decided that when the folder was imported, so the record has an entry of its own for it
    assert list(Decision.objects.values_list("number", "authority")) == [(1, "import"), (2, "admin")]
    assert verify(first.organization).ok


def test_the_circle_lead_role_keeps_its_number_though_nobody_is_assigned_to_it() -> None:
    result = bring_in()
    storefront = role(result, STOREFRONT)
    structure = Structure.of(result.organization.id)
    lead = structure.get(RoleRow, derived_id(storefront.id, CIRCLE_LEAD))
    assert lead is not None
    assert row_of(result.organization, "role", LEAD_LINK) == lead.id
    assert not structure.fillers(lead.id)
