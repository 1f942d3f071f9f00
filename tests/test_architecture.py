"""The rules of the house, checked on the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction

from circles.models import Role
from people.models import Person
from tests import world as worlds
from tests.guard import behind_the_record

ROOT = Path(settings.BASE_DIR)
APPS = ("people", "journal", "circles", "tensions", "governance", "announcements", "meetings")
BOUND = (
    "models",
    "rules",
    "access",
    "queries",
    "actions",
    "structure",
    "constitution",
    "effects",
    "changes",
    "enactment",
)
STRUCTURE_MODELS = {"Role", "Accountability", "Domain", "Policy", "Assignment"}
WRITING = {
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "update_or_create",
    "get_or_create",
    "delete",
    "save",
    "acreate",
    "aupdate",
    "adelete",
    "asave",
}
MAY_WRITE_STRUCTURE = {"governance/enactment.py"}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(), str(path))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_bound(path: str) -> bool:
    parts = Path(path).with_suffix("").parts
    return len(parts) > 1 and parts[1] in BOUND


def test_imports_point_one_way() -> None:
    wrong = []
    for path, tree in sources(*APPS):
        if not is_bound(path):
            continue
        app = path.split("/")[0]
        above = set(APPS[APPS.index(app) + 1 :]) | {"pages", "config"}
        wrong += [f"{path} imports {name}" for name in imported(tree) if name.split(".")[0] in above]
    assert wrong == []


def test_nobody_imports_pages() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources(*APPS)
        for name in imported(tree)
        if name.split(".")[0] == "pages" and is_bound(path)
    ]
    assert wrong == []


def test_only_enact_writes_structure() -> None:
    """No call that writes hangs on a model of the structure anywhere else (the suite watches the database too)."""
    wrong = []
    for path, tree in sources(*APPS, "pages", "config"):
        if path in MAY_WRITE_STRUCTURE:
            continue
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITING
            ):
                continue
            names = {n.id for n in ast.walk(node.func) if isinstance(n, ast.Name)}
            if names & STRUCTURE_MODELS:
                wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


@pytest.mark.django_db
def test_the_watch_sees_writes_outside_enact() -> None:
    """The watch itself can fail: it refuses a direct write, and lets one through that says it tampers."""
    world = worlds.build()
    with pytest.raises(AssertionError, match=r"outside governance\.enact"), transaction.atomic():
        Role.objects.filter(pk=world.role_ids["photo"]).update(purpose="x")
    with pytest.raises(AssertionError, match=r"outside governance\.enact"), transaction.atomic():
        Person.objects.filter(pk=world.maya.pk).update(partner=False)
    with behind_the_record():
        Role.objects.filter(pk=world.role_ids["photo"]).update(purpose="x")


def test_every_action_names_its_actor() -> None:
    """Whatever writes structure or journal in actions is told who acts, or acts for the worker and says so."""
    told_otherwise = {
        "found_organization",  # nobody is a person of it yet: takes the account
        "accept_invitation",  # the same: the account becomes a person
    }
    wrong = []
    for path, tree in sources(*APPS[2:]):
        if path.split("/")[1].removesuffix(".py") != "actions":
            continue
        for node in tree.body:
            if (
                not isinstance(node, ast.FunctionDef)
                or node.name.startswith("_")
                or node.name in told_otherwise
            ):
                continue
            calls = {
                c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)
            }
            named = {a.arg for a in (*node.args.kwonlyargs, *node.args.args)}
            if calls & {"enact", "record", "seal"} and "actor" not in named:
                wrong.append(f"{path}: {node.name}")
    assert wrong == []


def test_rows_carry_their_organization() -> None:
    """Every table of the domain names its organization, so that none can be mixed up with another's."""
    without = {
        model.__name__
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if "organization" not in {f.name for f in model._meta.get_fields()}
    }
    # Accounts are people's across organizations; numbered live changes hang on a topic that has one
    assert without <= {"Account", "Organization", "LiveChange"}


def test_public_functions_of_the_core_have_a_docstring() -> None:
    wrong = [
        f"{path}: {node.name}"
        for path, tree in sources(*APPS)
        if is_bound(path)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert wrong == []
