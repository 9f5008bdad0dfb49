# Two commands: `make run` starts Darkroom, `make test` checks everything.

# The first of these that is 3.11 or newer; say another with `make PYTHON=...`.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
KILLS  ?= 100
FUZZ   ?= 1000000

.PHONY: run test bench crashtest fuzz schema operations goldens lock screenshot format clean
.NOTPARALLEL: # one environment, one pip at a time

run: $(VENV)/run
	@DARKROOM_DATA="$${DARKROOM_DATA-data}" exec $(BIN)/python darkroom.py serve

test: $(VENV)/test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python $(BIN)/lint-imports
	$(BIN)/python -m mypy
	$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest

crashtest: $(VENV)/test
	KILLS=$(KILLS) $(BIN)/python -m pytest tests/crash

fuzz: $(VENV)/test
	$(BIN)/python -m tests.fuzz --count $(FUZZ) --seed $$(date +%s)

bench: $(VENV)/test
	$(BIN)/python -m bench

schema: $(VENV)/run
	$(BIN)/python darkroom.py schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql schema.graphql

operations: $(VENV)/run
	$(BIN)/python darkroom.py operations > $(VENV)/operations.md
	mv $(VENV)/operations.md OPERATIONS.md

goldens: $(VENV)/test
	$(BIN)/python -m tests.goldens

screenshot: $(VENV)/test
	UPDATE_SCREENSHOT=1 $(BIN)/python -m pytest tests/client -k screenshot

format: $(VENV)/test
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# Needs uv, which resolves for every platform and Python at once.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --group test pyproject.toml -o requirements-test.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# An environment that does not work is made anew: its Python was upgraded, or making it was interrupted.
ifneq ($(shell $(BIN)/python -c 'import pip' >/dev/null 2>&1 || echo no),)
.PHONY: $(BIN)/python
endif

$(BIN)/python:
	@for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    rm -rf $(VENV) && "$$python" -m venv $(VENV) >/dev/null && exit; \
	    rm -rf $(VENV); \
	    echo "$$python makes no environment: install its venv module (on Debian: apt install python3-venv)." >&2; \
	    exit 1; \
	done; \
	echo "Darkroom needs Python 3.11 or newer, and finds none. Say where: make PYTHON=/path/to/python3" >&2; \
	exit 1

# A stamp says what is installed; the lock of the tests holds the other one.
$(VENV)/run: requirements.lock $(BIN)/python
	$(call install,$<)
	@touch $@

$(VENV)/test: requirements-test.lock $(BIN)/python
	$(call install,$<)
	@touch $(VENV)/run $@

define install
@echo "Installing what $(1) names ..."
@$(PIP) -r $(1) || { echo "$(1) could not be installed; is there a connection to the package index?" >&2; exit 1; }
endef
