# make demo: the main job, on a newsroom of its own.   make test: the whole suite.   make setup: all that both need
SHELL := /bin/bash
VENV  := .venv
BIN   := $(VENV)/bin
COMPILED := crawler/parse/.compiled
UV    := $(shell command -v uv 2>/dev/null)
PYTHON ?= python3
PYTEST_WORKERS ?= 2

.PHONY: setup runtime development demo demo-s3 test test-quick coverage check lock clean pywb

setup: development
	@$(MAKE) --silent --no-print-directory $(COMPILED)

# what the program needs, or with it what tests and checks need: requirements.lock, requirements-dev.lock
runtime development:
	@$(PYTHON) scripts/setup_venv.py $@ --uv '$(UV)'

# compiled modules win over their sources, so they are made again before anything runs; WARRAQ_PURE=1 removes them
$(COMPILED): $(shell find crawler/parse -name '*.py' -o -name '*.c') hatch_build.py pyproject.toml
	@$(BIN)/python hatch_build.py

demo: runtime
	@if [ -x $(BIN)/mypyc ]; then $(MAKE) --silent --no-print-directory $(COMPILED); fi
	@$(BIN)/warraq demo --dir demo

demo-s3: setup
	@$(BIN)/python -m tests.swift $(BIN)/warraq demo --dir demo-s3 --store {store} --endpoint-url {endpoint}

# tests that share what is costly to start run in one worker (tests/conftest.py); `slow` marks what takes seconds
test: setup
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup

test-quick: setup
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -m 'not slow'

# which lines and branches the suite reaches; it takes half as long again
coverage: setup
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered

# pywb pins an older cryptography, so it has an environment of its own; the tests of playback use it
pywb: .venv-pywb/.made

.venv-pywb/.made:
ifneq ($(UV),)
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-pywb
	@$(UV) pip install --quiet --python .venv-pywb/bin/python 'pywb==2.10.0' 'boto3>=1.44'
else
	@$(PYTHON) -m venv --clear .venv-pywb
	@.venv-pywb/bin/python -m pip install --quiet --disable-pip-version-check 'pywb==2.10.0' 'boto3>=1.44'
endif
	@touch $@

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# After a change of dependencies: what is locked stays as it is, unless UPGRADE=--upgrade (or --upgrade-package NAME).
# Extras are kept in the names: pip older than 23.3 refuses a hashed file without them.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate $(UPGRADE) pyproject.toml
lock:
	@[ -n '$(UV)' ] || { echo 'locking needs uv: make lock UV=/path/to/uv' >&2; exit 1; }
	$(LOCK) --output-file requirements.lock
	$(LOCK) --all-extras --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .venv-pywb demo demo-s3 .mypy_cache .ruff_cache .hypothesis build $(COMPILED) *.so
	find crawler -name '*.so' -delete
