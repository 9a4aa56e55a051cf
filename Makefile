# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# Override on the command line, e.g. `make test PYTHON=python3.12 PYTEST_FLAGS='-k cli'`.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
TORCH ?= torch==2.13.0
TARGET ?= benchmarks/targets/heisenberg_3.npy
SUITE ?= smoke
PYTEST_FLAGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-minimum lint bench docs linkcheck wheel clean

demo: $(VENV)/.installed
	$(BIN)/circuitdiff compile $(TARGET) --coupling line

test: lint
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(PYTEST_FLAGS)

# The lowest versions that pyproject.toml permits, in an environment of their own.
test-minimum:
	TORCH='$(TORCH)' .ci/minimum

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed
	$(BIN)/circuitdiff bench $(SUITE)

# Notebooks run on one thread: small networks gain nothing by more, and lose much where cores are shared.
docs: $(VENV)/.installed-docs
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -b html -W --keep-going docs docs/_build/html

# Wheel and sdist, checked, and the wheel tried in an environment of its own.
wheel:
	.ci/wheel '$(PYTHON)' '$(TORCH)'

linkcheck: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -b linkcheck docs docs/_build/linkcheck

# The stamps make a second call skip the installation until pyproject.toml changes.
$(VENV)/.torch:
	@test -n "$(PYTHON)" || { echo 'error: no python3 of version 3.11 or later with venv found' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(PIP) '$(TORCH)'
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(PIP) --editable '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) docs/_build build dist .mypy_cache .pytest_cache .ruff_cache
