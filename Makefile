# make demo: the main job, on a newsroom of its own.   make test: the whole suite.   make setup: only .venv
SHELL := /bin/bash
VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.locked
COMPILED := crawler/parse/.compiled
UV    := $(shell command -v uv 2>/dev/null)
PYTHON ?= python3

.PHONY: setup demo demo-s3 test check lock clean pywb

setup: $(STAMP) $(COMPILED)

# compiled modules win over their sources, so they are made again before anything runs; WARRAQ_PURE=1 removes them
$(COMPILED): $(shell find crawler/parse -name '*.py') hatch_build.py pyproject.toml | $(STAMP)
	@$(BIN)/python hatch_build.py

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'warraq needs Python 3.11 or newer as python3 (or: make PYTHON=/path/to/python)' >&2; exit 1; }
ifneq ($(UV),)
	@$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'this Python cannot make virtual environments: install uv, or python3-venv (apt-get install python3-venv)' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

demo: setup
	@$(BIN)/warraq demo --dir demo

demo-s3: setup
	@$(BIN)/python -m tests.swift $(BIN)/warraq demo --dir demo-s3 --store {store} --endpoint-url {endpoint}

test: setup
	@$(BIN)/python -m pytest

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

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate pyproject.toml --group dev -o requirements.lock

clean:
	rm -rf $(VENV) .venv-pywb demo demo-s3 .mypy_cache .ruff_cache .hypothesis build $(COMPILED) *.so
	find crawler -name '*.so' -delete
