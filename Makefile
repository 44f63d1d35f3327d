# Two commands: `make run` writes the dossier of 62380, `make test` proves the whole. Both need Python 3.11 or newer, and make.
# The rest is for maintainers: lock, docs, bench, reconciliation, simulate, clean.

PYTHON ?= python3
BIN    := .venv/bin
WHEEL  := .venv-wheel/bin
# Tests run side by side; which stay together: tests/conftest.py.
JOBS   ?= 2
PYTEST := -m pytest -n $(JOBS) --no-loadscope-reorder
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
PARTS  := $(shell find src -type f -not -name '*.pyc' 2>/dev/null)

.DEFAULT_GOAL := run
.PHONY: run test lint types check wheel-test lock docs bench reconciliation simulate clean
.DELETE_ON_ERROR:

run: .venv/.run
	@mkdir -p out
	@$(BIN)/openrvu dossier 62380 -o out/62380.html

# Every test once: those of tests/unit on the wheel, the rest on the sources. At a desk: .venv/bin/python -m pytest tests/unit
test: lint types check wheel-test

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.test
	$(BIN)/mypy

check: .venv/.test
	$(BIN)/python $(PYTEST) --ignore=tests/unit

# The wheel as a user gets it: its own environment, no source folder on the path, so that every fact, template and font is proven inside.
wheel-test: .venv-wheel/.ready
	$(WHEEL)/python tools/smoke.py
	$(WHEEL)/python $(PYTEST) tests/unit -o pythonpath=.

# The documents as pages, in build/docs.
docs: .venv/.test
	$(BIN)/python -m sphinx -q -b html docs build/docs

bench: .venv/.run
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/schedule.py

# From CMS's files (OPENRVU_CMS, else ../shared/cms).
reconciliation: .venv/.run
	$(BIN)/python tools/make_reconciliation.py

# Half an hour or so of one core: writes docs/simulations.md, which is committed. Stopped, it goes on where it was. `make test` runs a short part.
simulate: .venv/.run
	$(BIN)/python tools/simulate.py

# Maintainers, with uv (any recent one): both lists from one resolution, for Python 3.11 and later on every system. Versions stay
# as they are unless asked: make lock LOCK=--upgrade
UV ?= uv
COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock:
	mkdir -p build
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > build/backend.in
	$(COMPILE) pyproject.toml build/backend.in --extra test $(LOCK) -o requirements-test.txt
	$(COMPILE) pyproject.toml build/backend.in -c requirements-test.txt -o requirements.txt

clean:
	rm -rf .venv .venv-wheel build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.python:
	@command -v $(PYTHON) >/dev/null || { echo "OpenRVU needs Python 3.11 or newer, and there is no '$(PYTHON)' here. Install it, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "OpenRVU needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make environments: install its venv package (on Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.python requirements.txt pyproject.toml
	@echo "Installing what requirements.txt names (about a minute the first time)" >&2
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test: .venv/.run requirements-test.txt
	@echo "Installing what requirements-test.txt names" >&2
	@$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

# The second environment sees the first one's libraries through the .pth, which is written after the wheel is in, so that pip never
# looks at the first one's copy of the package. A .pth in a folder named by a .pth is not read: the source tree stays out of sight.
.venv-wheel/.ready: .venv/.test pyproject.toml README.md LICENSE $(PARTS)
	rm -rf build/wheel .venv-wheel
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(BIN)/python -m venv --without-pip .venv-wheel
	$(PIP) --python .venv-wheel install --no-deps build/wheel/openrvu-*.whl
	$(BIN)/python -c 'import pathlib, sysconfig; there = pathlib.Path(".venv-wheel", *pathlib.Path(sysconfig.get_path("purelib")).parts[-3:]); (there / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")'
	@touch $@
