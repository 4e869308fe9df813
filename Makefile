# `make help` lists the targets. Everything happens in .venv and .local, nothing is global.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
# Installed again when what is asked for changes, not when a file is touched.
DIGEST := $(shell cat pyproject.toml layers/core/requirements.txt | cksum | cut -d' ' -f1)
LOCAL := $(VENV)/.local-$(DIGEST)
DEV := $(VENV)/.dev-$(DIGEST)
BENCH := $(VENV)/.bench-$(DIGEST)
# Any Python that Lambda has too; the newest is tried last, being the least tried.
HOST_PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	2>/dev/null; then command -v $$p; break; fi; done)
# The target of `make build` and `make deploy`; the template's parameters get the same.
RUNTIME ?= python3.13
ARCH ?= arm64
# APPRISE=1 builds the optional layer of the channel `apprise`, and deploys it.
APPRISE ?=
OVERRIDES := Runtime=$(RUNTIME) Architecture=$(ARCH)$(if $(filter 1,$(APPRISE)), Apprise=true)

# What is compiled once is kept, whatever the machine's own wish (images often ask for the
# opposite): dozens of Pythons would each compile everything again.
unexport PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY ?= 0
export PYTHONPATH := layers/core:client/src:.
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

.PHONY: install
install: $(DEV) ## make .venv, with everything in it

$(LOCAL) $(DEV) $(BENCH):
	@if [ -z "$(HOST_PYTHON)" ]; then \
		echo "tocsin: Python 3.11 to 3.14 with venv is needed (on Debian: apt install python3-venv)" >&2; \
		exit 1; fi
	@echo "Installing into $(VENV) (once) ..."
	@[ -x $(PYTHON) ] || $(HOST_PYTHON) -m venv $(VENV)
	@group=$(@F); group=$${group#.}; group=$${group%-*}; log=$(VENV)/install.log; \
	pip="$(PYTHON) -m pip install --disable-pip-version-check --no-compile"; \
	{ $$pip --upgrade 'pip>=25.1' && $$pip --group $$group --requirement layers/core/requirements.txt; \
	} > $$log 2>&1 || { \
		echo "tocsin: installing failed (see $$log): $$(grep ERROR $$log | tail -1)" >&2; \
		exit 1; }
	@rm -f $(VENV)/.$(patsubst .%,%,$(firstword $(subst -, ,$(@F))))-*
	@touch $@
# Who has everything has what the local stack needs.
	@[ $@ = $(LOCAL) ] || touch $(LOCAL)

.PHONY: run
run: $(LOCAL) ## start everything here, send a first notification, stop on Ctrl-C
	@exec $(PYTHON) -m local.stack run

.PHONY: up
up: $(LOCAL) ## start everything in the background, and wait until it is healthy
	@$(PYTHON) -m local.stack up

.PHONY: down
down: $(LOCAL) ## stop what `make up` started; the data stays in .local
	@$(PYTHON) -m local.stack down

.PHONY: status
status: $(LOCAL) ## say what runs, and where
	@$(PYTHON) -m local.stack status

.PHONY: test
test: $(DEV) ## every test: those without a stack, and beside them end to end on a private one
	@$(MAKE) --no-print-directory -j5 --output-sync=target \
		test-e2e test-unit test-contract test-client test-browser

# The end-to-end tests wait for clocks most of the time; the others give way to them. Each
# process reads all tests that it is told of before it runs some: so it is told of few.
GIVING_WAY := nice -n 5 $(PYTHON) -m pytest
.PHONY: test-quick
test-quick: test-unit test-contract test-browser ## every test that needs no stack, but the client's

# Two processes that know nothing of each other: workers would read all tests each, and
# tell a third process of every one.
FAR := tests/unit/channels tests/unit/inbox
.PHONY: test-unit
test-unit: test-unit-far test-unit-near ## unit tests

.PHONY: test-unit-far
test-unit-far: $(DEV)
	$(GIVING_WAY) $(FAR)

.PHONY: test-unit-near
test-unit-near: $(DEV)
	$(GIVING_WAY) tests/unit $(FAR:%=--ignore=%)

.PHONY: test-contract
test-contract: $(DEV) ## contract and integration tests: AWS in one process
	$(GIVING_WAY) tests/contract tests/integration

# By itself: a browser that is kept open leaves an event loop running.
.PHONY: test-browser
test-browser: $(DEV) ## the console in a real browser
	$(GIVING_WAY) -n 2 tests/browser

.PHONY: test-client
test-client: $(DEV) ## the client library's and the command's tests
	$(GIVING_WAY) client/tests

.PHONY: coverage
coverage: $(DEV) ## the same, and which lines and branches they reach (twice as long)
	$(PYTHON) -m pytest -n 2 tests/unit tests/contract tests/integration --cov --cov-report=term:skip-covered

.PHONY: test-e2e
test-e2e: $(DEV) ## end to end, on three private stacks side by side
	$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests/e2e

.PHONY: check
check: lint test-quick test-client ## lint, and the tests that need no stack

# `sam validate --lint` is cfn-lint with all of its checks, of the template alone.
.PHONY: lint
lint: $(DEV) ## format, style, types, arrows, template
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	nice $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vermin --no-tips --quiet --violations --target=3.9- client/src examples
	AWS_DEFAULT_REGION=us-east-1 nice $(BIN)/sam validate --lint
	nice $(BIN)/cfn-lint sign-in.yaml

.PHONY: fix
fix: $(DEV) ## format, and repair what can be repaired by itself
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: bench
bench: $(BENCH) ## every benchmark; each prints what it measured and a ratio
	@for bench in bench/[a-z]*.py; do echo "== $$bench"; $(PYTHON) $$bench; done

.PHONY: looks
looks: $(DEV) ## photograph the looks of notifications and the console into docs/looks (needs Chromium)
	$(PYTHON) -m local.looks
	$(PYTHON) -m local.console_looks

.PHONY: looks-all
looks-all: $(DEV) ## photograph one event on every channel of the stack that `make up` started
	$(PYTHON) -m local.everywhere

.PHONY: docs
docs: $(DEV) ## write what is written from the code: event types, the client's functions, the map
	$(PYTHON) -m local.event_types
	$(PYTHON) -m local.client_types
	$(PYTHON) -m local.module_map

.PHONY: build
build: $(LOCAL) ## build for AWS: make build RUNTIME=python3.12 ARCH=x86_64 APPRISE=1
	TOCSIN_APPRISE=$(APPRISE) TOCSIN_BUILD_RUNTIME=$(RUNTIME) TOCSIN_BUILD_ARCH=$(ARCH) PYTHON=$(abspath $(PYTHON)) \
		$(BIN)/sam build --parameter-overrides $(OVERRIDES)

.PHONY: deploy
deploy: build ## build, then deploy to AWS, asking what is not known yet
	$(BIN)/sam deploy --guided --parameter-overrides $(OVERRIDES)
