# Every target stands on its own: it makes the environment first, if it is not there.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tests mostly wait for servers: more at once than there are cores.
SIDE_BY_SIDE := -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: help run demo test test-all check format docs pictures bench lock servers clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## the screen on made-up mail (without a terminal: the status as JSON)
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/kana-tui demo; else $(BIN)/kana-tui demo --headless; fi

run: $(READY) ## the screen on real mailboxes
	@$(BIN)/kana-tui

test: $(READY) servers ## all tests, with real servers
	@$(BIN)/python -m pytest -m "not long" $(SIDE_BY_SIDE)

test-all: $(READY) servers ## the long runs too
	@$(BIN)/python -m pytest

check: $(READY) ## format, lint, types, layers, generated documents
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/generate.py --check

format: $(READY) ## format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

docs: $(READY) ## write the generated documents again
	@$(BIN)/python docs/generate.py

pictures: $(READY) ## draw docs/*.svg again
	@PYTHONPATH=. $(BIN)/python docs/pictures.py

bench: $(READY) servers ## the figures of docs/benchmarks.md
	@$(BIN)/python -m benchmarks

lock: $(READY) ## pin what is installed now, for development
	@$(BIN)/pip freeze --exclude-editable > requirements-dev.lock

# The servers that tests run against. Nothing of the system's own configuration is used or changed.
servers:
	@command -v dovecot >/dev/null || PATH="$$PATH:/usr/sbin" command -v dovecot >/dev/null || \
	{ command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  dovecot-core dovecot-imapd dovecot-pop3d >/dev/null; } || \
	echo "Dovecot is not installed: tests that need it are skipped (on Debian: apt install dovecot-imapd dovecot-pop3d)" >&2

$(READY): pyproject.toml requirements-dev.lock
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check -c requirements-dev.lock -e '.[dev]'
	@touch $@

clean: ## remove the environment and what was built
	@rm -rf $(VENV) build dist
