# make run | test | check | bench | bench-dashboard | conformance: each does its own set-up in .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FRONTEND := sesstim_caldav/web/frontend
BUILT := sesstim_caldav/web/static/built/app.js

.PHONY: run test check bench bench-dashboard conformance format clean

run: $(READY) $(BUILT)
	$(BIN)/sesstim-caldav demo

test: $(READY) $(BUILT)
	$(BIN)/pytest $(PYTEST_ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) $(BUILT)
	$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

bench-dashboard: $(READY) $(BUILT)
	$(BIN)/python -m benchmarks.dashboard $(BENCH_ARGS)

conformance: $(READY) $(BUILT)
	cd tests && $(abspath $(BIN))/python -m clients.conformance $(CONFORMANCE_ARGS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(READY)

# the package's build hook has made it in a new environment; this is for a source that changed since
$(BUILT): $(shell find $(FRONTEND)/src -type f) $(addprefix $(FRONTEND)/,package-lock.json tsconfig.json build.mjs) | $(READY)
	$(BIN)/python hatch_build.py

clean:
	rm -rf $(VENV) $(FRONTEND)/node_modules $(dir $(BUILT))
