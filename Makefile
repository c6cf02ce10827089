# Kentongan. `make help` lists what there is. Another Python than the newest fitting one,
# in an environment of its own: make test PYTHON=python3.12
PYTHON ?=
VENV := .venv$(subst /,-,$(PYTHON:%=-%))
BIN := $(VENV)/bin
# what is never imported need not be compiled
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# compiled modules are kept: the tests start some hundred processes
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check lint bench docs clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.app  ## set up, run the main job on a sandbox, open the dashboard
	@$(BIN)/kentongan demo

test: $(VENV)/.test  ## set up and run the tests
	@$(BIN)/python -m pytest -n 4 --dist worksteal -q

check: lint test  ## everything CI checks: format, lint, types, imports, tests

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .

bench: $(VENV)/.test  ## run every benchmark, briefly
	@set -e; for name in crash classify feeds pages memory search flood; do \
	  echo "== $$name"; $(BIN)/python -m bench.$$name; done
	@echo "== publish"; $(BIN)/python -m bench.publish --deliveries 64 --threads 4 \
	  --scheduled 1000 --due 20 --idle 5

docs: $(VENV)/.test  ## write the generated reference pages again
	@$(BIN)/python docs/generate.py

clean:  ## remove what the targets above made
	rm -rf .venv .venv-* build dist demo *.egg-info

$(VENV)/bin/python:
	@sh tools/venv.sh $(VENV) $(PYTHON)

$(VENV)/.app: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Memasang Kentongan (sekali saja, sekitar satu menit) …"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.app
	@$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	@$(PIP) --editable '.[dev]'
	@touch $@
