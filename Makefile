# One line each. `make env` does nothing when nothing has changed: its steps are the stamp files
# below, each older or newer than the file it was made from.
#
#   make env                      the environment, in .venv     (make env PYTHON=python3.12)
#   make lab                      JupyterLab on your desk       (make lab ARGS="--no-browser --port 8899")
#   make test                     everything that must hold
#   make build                    stubs and solutions, derived and executed again
#   make bench                    the benchmarks and their bounds
#   make seeds                    every claim under twenty seed families
#   make lint                     the code's style
#   make lock                     for maintainers: compile the locks again (needs uv)

PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
ARGS ?=

.PHONY: env lab test build bench seeds lint lock

env: $(VENV)/.kit $(VENV)/.data

$(VENV)/.made:
	@$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else 'The workbook needs Python 3.11, 3.12 or 3.13, and this one is %d.%d: type  make env PYTHON=python3.12  (or another of the three that you have).' % v)"
	@echo "Making $(VENV); some 0.9 GB to fetch and 3.3 GB on disk: two minutes or more, once."
	@$(PYTHON) -m venv --clear $(VENV) && touch $@

$(VENV)/.locked: requirements.txt $(VENV)/.made
	@$(PIP) --require-hashes -r requirements.txt && touch $@

$(VENV)/.data: requirements-data.txt $(VENV)/.locked
	@$(PIP) --no-deps --require-hashes -r requirements-data.txt && touch $@

$(VENV)/.kit: pyproject.toml $(VENV)/.locked
	@$(PIP) --no-deps --no-build-isolation --editable . && touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.locked
	@$(PIP) --no-deps --require-hashes -r requirements-bench.txt && touch $@

lab: env
	@$(PY) -m interestkit lab $(ARGS)

test: env
	$(PY) -m pytest --nbval -n 2 --dist loadfile tests notebooks solutions $(ARGS)

build: env
	$(PY) -m interestkit build $(ARGS)

bench: env $(VENV)/.bench
	$(PY) -m tests.benchmarks $(ARGS)

seeds: env
	$(PY) -m interestkit seeds $(ARGS)
	INTERESTKIT_JUDGE_SEEDS=20 $(PY) -m pytest -n 2 tests/test_exercises.py

lint: env
	$(PY) -m ruff check .

lock:
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --no-deps --group pyproject.toml:data -o requirements-data.txt
	$(COMPILE) --no-deps --group pyproject.toml:bench -c requirements.txt -o requirements-bench.txt
