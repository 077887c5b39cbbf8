# One command for each thing a contributor does; each makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Set to an empty value to run the tests in one process. A worker that is done takes tests over from the other.
WORKERS ?= -n 2 --dist worksteal

.PHONY: help score score-digits compare test lint docs build picture expected bench clean

help:
	@echo "make score     score the flights example and show its report"
	@echo "make score-digits  the same of the digits example"
	@echo "make compare   score both examples and compare with their expected reports"
	@echo "make test      run the whole test suite"
	@echo "make lint      ruff, mypy --strict, import-linter"
	@echo "make docs      build the documentation, warnings are errors"
	@echo "make build     build wheel and sdist, and test the wheel in an environment of its own"
	@echo "make picture   draw the README's picture anew from the example's expected report"
	@echo "make expected  write the examples' expected reports anew"
	@echo "make bench     measure the README's figures"

# The environment is made once, and again when the dependencies change.
$(BIN)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "mlscore needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,examples]"
	@touch $@

score: $(BIN)/.ready
	cd examples/flights && ../../$(BIN)/mlscore score

score-digits: $(BIN)/.ready
	cd examples/digits && ../../$(BIN)/mlscore score

# Not among the tests: it trains and judges for minutes.
compare: $(BIN)/.ready
	$(BIN)/python -m examples.expected flights
	$(BIN)/python -m examples.expected digits

test: $(BIN)/.ready
	$(BIN)/python -m pytest $(WORKERS) --mlscore

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generate --check

docs: $(BIN)/.ready
	$(BIN)/python -m docs.generate
	$(BIN)/mkdocs build --strict --quiet

build: $(BIN)/.ready
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python tests/wheel.py dist

picture: $(BIN)/.ready
	$(BIN)/python -m docs.picture

expected: $(BIN)/.ready
	$(BIN)/python -m examples.expected flights --write
	$(BIN)/python -m examples.expected digits --write
	$(BIN)/mlscore render examples/digits/expected-report.json --to readme:examples/digits/README.md

bench: $(BIN)/.ready
	$(BIN)/python -m benchmarks all

clean:
	rm -rf $(VENV) dist build site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
