"""What the program does with its environment, each time in a process of its own."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "TENSEGRITY_MODE": "production",
    "TENSEGRITY_SECRET_KEY": "k3v9" * 12,
    "TENSEGRITY_ALLOWED_HOSTS": "tensegrity.example.org",
}
OURS = re.compile(r"TENSEGRITY_|DATABASE_URL|REDIS_URL|EMAIL_URL|HOST$|PORT$|DJANGO_")
SHOW = """
import json
from config import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name.isupper()}, default=str))
"""


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return kept | {"TENSEGRITY_DATA_DIR": str(tmp_path)} | variables


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=environment(tmp_path, **variables),
        capture_output=True,
        text=True,
        check=False,
    )


def settings_with(tmp_path: Path, **variables: str) -> dict[str, Any]:
    ended = start(tmp_path, **variables)
    assert ended.returncode == 0, ended.stderr
    settings: dict[str, Any] = json.loads(ended.stdout)
    return settings


def test_without_any_variable_it_is_for_trying_out_on_this_machine(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    assert settings["HOST"] == "127.0.0.1"
    assert settings["PORT"] == 8000
    assert settings["DEMO"] is True
    assert settings["DEBUG"] is False
    assert settings["SITE_URL"] == "http://127.0.0.1:8000"
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "tensegrity.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["CELERY_BROKER_URL"].startswith("memory://")
    assert "*" not in settings["ALLOWED_HOSTS"]


def test_production_is_strict(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, **PRODUCTION)
    assert settings["DEMO"] is False
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["SITE_URL"] == "https://tensegrity.example.org"
    assert "Manifest" in settings["STORAGES"]["staticfiles"]["BACKEND"]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TENSEGRITY_SECRET_KEY", "", "TENSEGRITY_SECRET_KEY must be set"),
        ("TENSEGRITY_SECRET_KEY", "short", "at least 32 random characters"),
        ("TENSEGRITY_SECRET_KEY", "only-for-development-and-known-to-everybody", "of your own"),
        ("TENSEGRITY_DEMO", "1", "sign in as anybody"),
        ("TENSEGRITY_DEBUG", "1", "cannot be on in production"),
        ("TENSEGRITY_ALLOWED_HOSTS", "", "must name the host names"),
        ("TENSEGRITY_MODE", "prod", "must be “development” or “production”"),
    ],
)
def test_production_refuses_what_is_only_good_for_trying_out(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    ended = start(tmp_path, **(PRODUCTION | {variable: value}))
    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured")
    assert said in last


def test_postgresql_and_redis_by_address(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path, DATABASE_URL="postgres://ada:secret@db:5433/t", REDIS_URL="redis://cache:6379/1"
    )
    database = settings["DATABASES"]["default"]
    assert (database["ENGINE"], database["HOST"], database["PORT"], database["NAME"]) == (
        "django.db.backends.postgresql",
        "db",
        5433,
        "t",
    )
    assert "transaction_mode" not in database.get("OPTIONS", {})
    assert settings["CELERY_BROKER_URL"] == "redis://cache:6379/1"
    assert "Redis" in settings["CACHES"]["default"]["BACKEND"]


def variables_read() -> set[str]:
    """The names of the variables that the settings read."""
    calls = list(ast.walk(ast.parse((ROOT / "config/settings.py").read_text())))
    return {
        node.args[0].value
        for node in calls
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_variable_is_documented() -> None:
    documented = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    )
    assert documented == variables_read()


def test_the_policy_lets_no_foreign_or_inline_script_in() -> None:
    from django.conf import settings

    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert policy["default-src"] == ["'none'"]
    for directive in ("script-src", "style-src", "connect-src", "font-src"):
        assert policy[directive] == ["'self'"], directive
