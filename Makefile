PYTHON ?= python3
BIN := .venv/bin
DEMO := runs/digits-demo
# A process a core; what a file of tests prepares stays within one of them.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-all test-exhaustive lint docs check-dependencies check-release

demo: .venv/installed
	$(BIN)/python examples/make_digits.py demo-data/digits
	rm -rf $(DEMO)
	$(BIN)/automl search --data demo-data/digits --out $(DEMO) --budget 90s
	@test -f $(DEMO)/leaderboard.html
	@test -d $(DEMO)/best/saved_model
	@echo
	@echo "Report: $(CURDIR)/$(DEMO)/leaderboard.html"
	@echo "Model:  $(CURDIR)/$(DEMO)/best/saved_model"

test: .venv/installed-dev
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not exhaustive"

test-all: .venv/installed-dev
	$(BIN)/python -m pytest $(PARALLEL) -m "not exhaustive"

test-exhaustive: .venv/installed-dev
	$(BIN)/python -m pytest $(PARALLEL)

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The newest and the oldest release of every dependency, each in a fresh environment.
check-dependencies:
	PYTHON=$(PYTHON) bash .ci/check-dependencies

# Both distributions, in fresh environments of every promised Python that is there.
check-release:
	bash .ci/check-release

.venv/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --group dev --editable ".[audio,cluster,litert,medical,mlflow,onnx,serve,tensorboard,video]"
	touch $@
