# The commands of every day. Each installs what it needs first; with nothing missing that takes well under a second.
#   make run   PORT=8080       serve on another port
#   make test  ARGS="-k name"  hand arguments to pytest
#   make bench PRODUCTS=1600   another size of the journey; relevance.py beside it wants a file of judgments
#   make nightly               what takes too long for every change: 10,000 flipped bits a test
#   make setup PYTHON=python3.12
.PHONY: setup setup-dev run test nightly lint bench glossary lock
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
PRODUCTS ?= 15000
export PYTHON PORT PRODUCTS
PY := .venv/bin/python

setup:
	@.ci/setup

setup-dev:
	@.ci/setup --dev

run: setup
	@.ci/serve

test: setup-dev
	@.ci/test $(ARGS)

nightly: setup-dev
	@REGISTRY_TEST_FLIPS=10000 $(PY) -m pytest tests/catalog/certificates/test_flips.py $(ARGS)

lint: setup-dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

bench: setup-dev
	@set -e; for benchmark in journey certificates search serving; do $(PY) "benchmarks/$$benchmark.py"; done

glossary: setup
	@$(PY) -c 'from registry import terms; print(terms.glossary(), end="")' >docs/glossary.md

# Needs uv. Keeps what is pinned; `make lock UPGRADE=--upgrade` takes newer versions.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(UPGRADE)
lock:
	$(LOCK) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
