# Two commands are enough: `make run` and `make test`. Both set up whatever is missing.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
NAME   ?=

# The installer then trusts the certificates this machine trusts, as pip and git do.
export UV_SYSTEM_CERTS := 1

# Hundreds of processes start from this tree while it is tested; each would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test proof all-tests test-services access audit check check-types check-style check-project drill bench measure lock format migrations clean screenshots

help:
	@echo "make run            set up and start everything (PORT=8000, MJWEB_DATA=var)"
	@echo "make test           the tests, on SQLite, the filesystem broker and local files"
	@echo "make proof          the long tests: every address, every migration back, every kill"
	@echo "make test-services  both, where they know a service, on PostgreSQL, Redis and an S3-compatible server, where they answer"
	@echo "make access         every role requests every address in every way; ends with the number of leaks"
	@echo "make audit          bandit on the code, pip-audit on the pinned packages where an advisory database answers"
	@echo "make check          lint, format, types, import contracts, templates, migrations, deploy check, tests, proofs"
	@echo "make drill          every fault on purpose, every process killed at random, the books compared (SHORT=1: a sample)"
	@echo "make bench          every figure the README names (NAME=walk runs one)"
	@echo "make measure        figures of the code beside three admired projects (ARGS=../other measures another folder)"
	@echo "make screenshots    every page at three widths, dark and light, into screenshots/"
	@echo "make lock           compile requirements/ anew"
	@echo "make migrations     write the migrations that changed models need"
	@echo "make format         mend what the linters can mend"
	@echo "make clean          remove the environment and the caches, not the data"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "mjweb needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.12, for example.")'
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { echo "mjweb needs Python's venv module. On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }

# The installer is itself pinned; where it can't reach the index the way pip can, pip takes over.
$(READY): requirements/base.txt requirements/tools.txt | $(VENV)/bin/python
	@echo "Installing mjweb's dependencies into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/base.txt || \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $(READY)

$(READY)-dev: requirements/dev.txt $(READY)
	@echo "Installing what the tests need …"
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt || \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(READY)-dev

run: $(READY)
	@exec $(BIN)/python -m mjweb.run

test: $(READY)-dev
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q -m "not proof" $(ARGS)

proof: $(READY)-dev
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q -m proof $(ARGS)

# In one run: neither is waited for, and nothing is collected twice.
all-tests: $(READY)-dev
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

test-services: $(READY)-dev
	@$(BIN)/python -m tests.services $(ARGS)

access: $(READY)-dev
	@$(BIN)/python -m tests.access $(ARGS)

audit: $(READY)-dev
	@$(BIN)/bandit -q -r apps mjweb -c pyproject.toml
	@$(BIN)/python -m tests.audit

# Two at a time; the tests take all cores themselves.
check: $(READY)-dev
	@$(MAKE) --no-print-directory -j 2 check-types check-style check-project
	@$(MAKE) --no-print-directory all-tests

check-types: $(READY)-dev
	@$(BIN)/mypy

check-style: $(READY)-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@git ls-files 'templates/*.html' | xargs $(BIN)/djade --check --target-version 5.2
	@$(BIN)/djlint templates --lint --quiet

check-project: $(READY)-dev audit
	@MJWEB_SECRET_KEY=only-for-checks DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	@MJWEB_MODE=production MJWEB_HOSTS=mjweb.example MJWEB_PUBLIC_URL=https://mjweb.example \
		MJWEB_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

drill: $(READY)-dev
	@$(BIN)/python -m tests.drill $(if $(SHORT),--short) $(ARGS)

bench: $(READY)-dev
	@$(BIN)/python -m bench $(NAME)

measure: $(READY)-dev
	@$(BIN)/python -m bench.measure $(ARGS)

format: $(READY)-dev
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .
	@git ls-files 'templates/*.html' | xargs $(BIN)/djade --target-version 5.2

# One version of a package for every Python: what is tested on one is what runs on all.
COMPILE = $(BIN)/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: $(READY)-dev
	@$(COMPILE) pyproject.toml -o requirements/base.txt > /dev/null
	@$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt > /dev/null
	@$(COMPILE) requirements/tools.in -o requirements/tools.txt > /dev/null

migrations: $(READY)-dev
	@MJWEB_SECRET_KEY=only-for-this DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

screenshots: $(READY)-dev
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m tests.screenshots $(ADDRESS)
