# Two commands matter: `make demo` and `make test`. Both install what they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
INSTALL = VIRTUAL_ENV=$(VENV) uv pip install --quiet --compile-bytecode
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: demo test tests check benchmarks simulate kill-test fleet-test month-test mutations lock clean

demo: $(VENV)/.installed
	$(BIN)/inkbatch demo

# Checks run beside the tests, many of which wait; either failing fails the whole.
test: $(VENV)/.installed-test
	$(MAKE) --jobs=2 --keep-going check tests

tests: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Real processes, really killed, on both databases; then the control, which must find doubles.
KILLS ?= 1000
kill-test: $(VENV)/.installed-test
	$(MAKE) --jobs=2 kill-test-sqlite kill-test-postgresql
	$(BIN)/python -m tests.kills --kills 40 --database sqlite --unprotected

kill-test-%: $(VENV)/.installed-test
	$(BIN)/python -m tests.kills --kills $(KILLS) --database $*

fleet-test: $(VENV)/.installed-test
	FLEET_CAMPAIGNS=5 FLEET_CONTACTS=1000 $(BIN)/python -m pytest tests/acceptance/test_workers.py --timeout 3600

# A month of nights by a virtual clock, over each of the two changes of the clocks.
month-test: $(VENV)/.installed-test
	MONTH_DAYS=31 MONTH_PEOPLE=480 MONTH_AREAS="212 312 303 602 808" \
		$(BIN)/python -m pytest tests/acceptance/test_month.py --timeout 3600 -rP --show-capture=stdout

# Plants bugs one at a time in a copy of the tree; every one must be noticed.
mutations: $(VENV)/.installed-test
	$(BIN)/python -m tests.mutations

benchmarks: $(VENV)/.installed-test
	$(BIN)/python -m pytest tests/benchmarks -s

SEEDS ?= 200
DATABASE ?= sqlite
# One seed again: make simulate SEED=4711. Sets are gone through in the same order every time.
simulate: $(VENV)/.installed-test
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation.seeds --database $(DATABASE) \
		$(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(or $(FIRST),0))

lock:
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header \
		--no-annotate --extra test pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "inkbatch needs Python 3.11 or later; say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml requirements.lock
	$(INSTALL) --constraint requirements.lock --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) --constraint requirements.lock --editable '.[test]'
	@touch $@
