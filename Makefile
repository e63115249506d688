# Two commands do everything on a machine with Python 3.11 and make: `make run` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The public linter of data contracts, in an environment of its own: it needs an older DuckDB than we do.
PUBLIC := .venv-datacontract
PUBLIC_READY := $(PUBLIC)/.ready
# Feast, beside which `make bench` measures, in an environment of its own: it needs an older pandas than we do.
FEAST := .venv-feast
FEAST_READY := $(FEAST)/.ready
# An independent verifier of transparency logs. It declares Python 3.12 and runs on 3.11 as well.
TLOG := .venv-tlog
TLOG_READY := $(TLOG)/.ready
export AGENTIC_HOME ?= $(CURDIR)/.agentic

.DEFAULT_GOAL := help
.PHONY: help environments run test ui report bench lint types clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH: install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) from requirements.lock (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(PUBLIC_READY): requirements-datacontract.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH: install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(PUBLIC) from requirements-datacontract.lock (once, about 40 seconds)"
	@test -x $(PUBLIC)/bin/python || $(PYTHON) -m venv $(PUBLIC)
	@$(PUBLIC)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-datacontract.lock
	@touch $@

$(FEAST_READY): requirements-feast.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH: install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(FEAST) from requirements-feast.lock (once, about a minute)"
	@test -x $(FEAST)/bin/python || $(PYTHON) -m venv $(FEAST)
	@$(FEAST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-feast.lock
	@touch $@

$(TLOG_READY): requirements-tlog.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH: install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(TLOG) from requirements-tlog.lock (once, a few seconds)"
	@test -x $(TLOG)/bin/python || $(PYTHON) -m venv $(TLOG)
	@$(TLOG)/bin/python -m pip install --quiet --disable-pip-version-check --ignore-requires-python --require-hashes -r requirements-tlog.lock
	@touch $@

run: $(READY)  ## run the departures domain over its default range, print the summary, write the report
	@$(BIN)/agentic run

environments: $(READY) $(PUBLIC_READY) $(TLOG_READY)  ## set up what the tests need; with -j, at once

# The tests start many processes: let them share compiled code. They wait for browsers and servers now and then: one worker
# more than there are cores keeps these busy.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))
test: environments  ## run every test
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

ui: $(READY)  ## open the Dagster UI on the same home (http://127.0.0.1:3000)
	@$(BIN)/agentic ui

bench: $(READY) $(PUBLIC_READY) $(FEAST_READY)  ## measure speed as ratios against hand-written floors, and print the table
	@$(BIN)/python -m agentic_assets_tests.bench

lint: $(READY)  ## check style, floors and all that is declared
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/agentic lint

types: $(READY)  ## check types
	@$(BIN)/mypy

clean:  ## delete the home: the lake, the store, the reports (the environment stays)
	@rm -rf "$(AGENTIC_HOME)"
