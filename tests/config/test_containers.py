"""The container files name commands, ports and variables that exist. No container engine is needed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import yaml
from celery.app.utils import find_app
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.urls import resolve

from tests.config.test_settings import ROOT, environment, variables_read

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OWN = ["migrate", "web", "worker", "beat"]
COMMANDS = {"worker": worker, "beat": beat}


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def options_in(arguments: Iterable[str]) -> set[str]:
    return {argument.split("=")[0] for argument in arguments if argument.startswith("-")}


def example_variables() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_all_services_are_there() -> None:
    assert set(SERVICES) == {*OWN, "postgres", "redis"}
    assert all(SERVICES[name]["image"] == COMPOSE["x-tensegrity"]["image"] for name in OWN)
    assert all("build" in SERVICES[name] for name in OWN)


def test_foreign_images_are_pinned_to_a_version() -> None:
    images = [SERVICES[name]["image"] for name in ("postgres", "redis")]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)*(-[a-z]+)?", image), image


@pytest.mark.parametrize(
    "arguments", [SERVICES["web"]["command"], yaml.safe_load(DOCKERFILE.split("CMD ")[1])]
)
def test_web_serves_the_application_on_the_port_that_is_published(arguments: list[str]) -> None:
    program, target, *rest = arguments
    module, attribute = target.split(":")
    assert program == "uvicorn"
    assert callable(getattr(import_module(module), attribute))
    assert options_in(rest) <= options_of(uvicorn.main)
    assert re.search(r"--port[= ](\d+)", " ".join(rest)).group(1) == "8000"  # type: ignore[union-attr]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "EXPOSE 8000" in DOCKERFILE


def test_the_health_check_asks_an_address_that_exists() -> None:
    asked = re.search(r"http://localhost:8000(/\w+)", " ".join(SERVICES["web"]["healthcheck"]["test"]))
    assert asked
    assert resolve(asked.group(1)).url_name == "healthz"
    hosts = SERVICES["web"]["environment"]["TENSEGRITY_ALLOWED_HOSTS"]
    assert "localhost" in hosts.split(",")


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_is_started_as_it_can_be(name: str) -> None:
    program, app, command, *rest = SERVICES[name]["command"]
    assert program == "celery"
    assert find_app(app.removeprefix("--app=")).main == "tensegrity"
    assert command == name
    assert options_in(rest) <= options_of(COMMANDS[name])


def test_the_rest_waits_for_the_database_to_be_up_to_date() -> None:
    assert SERVICES["migrate"]["command"][:3] == ["python", "manage.py", "migrate"]
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for name in OWN:
        for needed, how in SERVICES[name]["depends_on"].items():
            assert needed in SERVICES
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed]
        assert {"postgres", "redis"} <= set(SERVICES[name]["depends_on"])


def test_what_must_last_is_on_a_volume() -> None:
    (mount,) = SERVICES["postgres"]["volumes"]
    volume, _, path = mount.partition(":")
    assert volume in COMPOSE["volumes"]
    assert path == "/var/lib/postgresql/data"


def test_every_variable_is_one_that_the_settings_read() -> None:
    given = set(COMPOSE["x-tensegrity"]["environment"])
    in_image = set(re.findall(r"\b(TENSEGRITY_[A-Z_]+)=", DOCKERFILE))
    assert given | in_image <= variables_read()
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked == set(example_variables())


def test_the_addresses_of_the_services_are_right() -> None:
    given = COMPOSE["x-tensegrity"]["environment"]
    postgres = SERVICES["postgres"]["environment"]
    user, name = postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]
    password = postgres["POSTGRES_PASSWORD"]
    assert given["DATABASE_URL"] == f"postgres://{user}:{password}@postgres:5432/{name}"
    assert given["REDIS_URL"] == "redis://redis:6379/0"


def test_the_program_accepts_what_compose_gives_it(tmp_path: Path) -> None:
    secrets = {"TENSEGRITY_SECRET_KEY": "k3v9" * 12, "POSTGRES_PASSWORD": "hush"}
    values = example_variables() | secrets

    def fill(text: str) -> str:
        return re.sub(r"\$\{([A-Z_]+)[^}]*\}", lambda found: values[found.group(1)], text)

    given = {name: fill(str(value)) for name, value in COMPOSE["x-tensegrity"]["environment"].items()}
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment(tmp_path, **given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_image_copies_what_exists_and_has_a_python_new_enough() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    ignored = set((ROOT / ".dockerignore").read_text().split())
    for path in (path for line in copied for path in shlex.split(line)):
        assert (ROOT / path).exists(), path
        assert path not in ignored
    version = re.search(r"^FROM python:3\.(\d+)", DOCKERFILE, re.MULTILINE)
    assert version
    assert int(version.group(1)) >= 11
