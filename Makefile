# Two commands: `make run` starts Darkroom, `make test` checks everything.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
KILLS  ?= 100

export DARKROOM_DATA ?= $(CURDIR)/data

.PHONY: run test bench crashtest schema lock screenshot format clean

run: $(VENV)/run
	@$(BIN)/python darkroom.py serve

test: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m tests.browser
	$(BIN)/pytest

crashtest: $(VENV)/test
	KILLS=$(KILLS) $(BIN)/pytest tests/crash

bench: $(VENV)/bench
	$(BIN)/python -m bench

schema: $(VENV)/run
	$(BIN)/python darkroom.py schema > schema.graphql

screenshot: $(VENV)/test
	UPDATE_SCREENSHOT=1 $(BIN)/pytest tests/client -k screenshot

format: $(VENV)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv, which resolves for every platform and Python at once.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --group test pyproject.toml -o requirements-test.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --group test --group bench pyproject.toml -o requirements-bench.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Darkroom needs Python 3.11 or newer; say which with: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements.lock | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/test: requirements-test.lock | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@ $(VENV)/run

$(VENV)/bench: requirements-bench.lock | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@ $(VENV)/test $(VENV)/run
