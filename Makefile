# Two commands do everything on a fresh machine: `make report` and `make test`.
PYTHON ?= python3
FOLLOWS ?= data/sample.csv.gz
BIN := .venv/bin

.PHONY: help report test test-networkx check docs lab setup lock clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

report: setup  ## the main job: a ring report of FOLLOWS=data/sample.csv.gz; prints its path last
	@run="$$($(BIN)/followback report notebooks/10-ring-report.ipynb -p "follows=$(FOLLOWS)")" && echo "$$run/report.html"

test: setup  ## every test, with coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --numprocesses 2 --dist loadscope
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

test-networkx: setup  ## NetworkX's own tests with and without the backend (ten minutes)
	@$(BIN)/python tests/networkx_suite.py

check: setup  ## lint, types, format, notebooks without outputs
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --strict
	@$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb

docs: setup  ## the documentation as a site that works offline; prints its first page's path last
	@$(BIN)/python -m sphinx -W -q -d build/doctrees docs build/docs && echo build/docs/index.html

lab: setup  ## open JupyterLab on the notebooks; ARGS=--no-browser passes options on
	@$(BIN)/followback lab $(if $(ARGS),-- $(ARGS))

setup: .venv/ready  ## build .venv with everything, at the locked versions

PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.venv/ready: .venv/locked pyproject.toml
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "followback needs Python 3.11 or later; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { echo "Python's venv module is missing; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "installing into .venv (a minute or two, once)" >&2
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >.venv/installer.txt
	@$(PIP) --require-hashes -r .venv/installer.txt
	@$(BIN)/uv pip install -q --compile-bytecode --require-hashes --python $(BIN)/python -r requirements.lock \
		|| $(PIP) --require-hashes -r requirements.lock # where pip knows a registry that uv does not
	@touch $@

lock: setup  ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --extra all --extra bench --extra spark --group dev --group docs --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## remove what setup and the tests made; reports stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* build dist
