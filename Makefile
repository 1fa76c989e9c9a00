# The two commands: make demo, make test. Both set up what they need on a machine with Python 3.11 or newer.
# Debian's own Python comes first where it is complete: one that was built on the spot is often built without
# optimisation, and half as slow again.
PYTHON ?= $(or $(shell for one in /usr/bin/python3 python3; do \
  $$one -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done),python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.test-ready
KIT := src/schwung/web/kit/.ready
DEMO := dev,models
TEST := dev,models,spark,test

.PHONY: demo test check bench faults docs kit clean
.NOTPARALLEL:

demo: $(READY) $(KIT)
	$(BIN)/schwung demo

test: $(TEST_READY) $(KIT) check
	$(BIN)/python -m compileall -q src benchmarks
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadgroup  # one more than cores: each waits for servers and browsers at times

check: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports --no-logo

bench: $(TEST_READY) $(KIT)
	$(BIN)/python -m pytest -m heavy
	$(BIN)/python -m benchmarks

faults: $(TEST_READY) $(KIT)
	$(BIN)/python -m benchmarks.faults

docs: $(READY)
	$(BIN)/schwung docs

kit: $(KIT)

# $(1): extras. What was installed is compiled afterwards, on all cores.
define install
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "schwung needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	DIST_EXTRA_CONFIG=$(CURDIR)/scripts/wheels.cfg $(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable ".[$(1)]"
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib || true
endef

$(READY): pyproject.toml constraints.txt
	$(call install,$(DEMO))
	@touch $@

$(TEST_READY): pyproject.toml constraints.txt
	$(call install,$(TEST))
	@touch $(READY) $@

$(KIT): package.json package-lock.json scripts/build_kit.py src/schwung/web/console/icons.txt $(READY)
	$(BIN)/python scripts/build_kit.py

clean:
	rm -rf $(VENV) src/schwung/web/kit node_modules
