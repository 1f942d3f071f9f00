# Everything here works on a fresh machine with make and Python 3.11 or later.

HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
export HOST PORT

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
TEMPLATES := templates

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint format bench constitution screenshots lock

help: ## say what there is to do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(VENV)/.run ## start the web server and the worker (PORT=8000, HOST=127.0.0.1)
	@exec $(BIN)/python -m config.embedded

test: $(VENV)/.dev ## run the tests (ARGS="tests/journal -k live" for some of them)
	@$(BIN)/python -m pytest -q -rs -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: $(VENV)/.dev ## run the tests that take minutes: processes killed at any point, many at once
	@$(BIN)/python -m pytest -q -rs -m long $(ARGS)

lint: $(VENV)/.dev ## check code, types, templates and migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint $(TEMPLATES) --check --lint --quiet
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py check --fail-level WARNING

format: $(VENV)/.dev ## put code and templates into their one form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/djlint $(TEMPLATES) --reformat --quiet || true

bench: $(VENV)/.dev ## measure, and write build/bench.json
	@$(BIN)/python -m bench $(ARGS)

constitution: $(VENV)/.dev ## write docs/constitution.md: each clause, its code, its tests
	@$(BIN)/python -m tests.constitution.document

screenshots: $(VENV)/.dev ## take the pictures that README and docs show (needs Chromium)
	@$(BIN)/python -m bench.screenshots $(ARGS)

lock: $(VENV)/.dev ## renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --all-extras --universal --upgrade --quiet -o requirements.lock

$(VENV)/bin/python:
	@for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$python; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Tensegrity needs Python 3.11 or later, and none was found. Install it, or name it: make run PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -m venv $(VENV); then \
	  rm -rf $(VENV); \
	  echo "Python cannot create a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; \
	fi

$(VENV)/.run: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "Installing what Tensegrity needs …"
	@$(PIP) install -c requirements.lock -e .
	@touch $@

$(VENV)/.dev: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "Installing what Tensegrity and its tests need …"
	@$(PIP) install -c requirements.lock -e '.[dev]'
	@touch $@ $(VENV)/.run
