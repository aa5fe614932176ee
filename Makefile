# The front door. Each target sets up what it needs; a second call installs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# DVC starts every stage through the shell: it must find this environment's python first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Compiled libraries are kept, whatever the environment says: compiling them each time, a stage
# takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE
# For machines without a GPU whose index offers only CUDA builds:
#   make run TORCH_INDEX_URL=<PyTorch's index of CPU wheels>
TORCH_INDEX = $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL))

.DEFAULT_GOAL := help
.PHONY: help run test faults slow bench demo-retrain check ui clean lock setup

help: ## 列出命令 list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: setup ## 从文本到模型 fetch, clean, train, evaluate, generate, register, and show the result
	@xuxie pipeline

test: setup ## 验证安装 run the tests
	@python -m pytest

faults: setup ## 故障表 strike trainings and retrainings, compare the bytes, print the table (twenty minutes and more)
	@python -m pytest -m fault --dist loadgroup

slow: setup ## 慢速测试 tests with several processes and a model of 135 million parameters
	@python -m pytest -m slow

# Peers stand beside the repository; without one its columns are left out (benchmarks/README.md).
TRAINER ?= $(wildcard /tmp/peers-trainer/bin/python)
NANOGPT ?= $(wildcard /tmp/peers-nanogpt)
PEERS = $(if $(TRAINER),--trainer $(TRAINER)) $(if $(NANOGPT),--nanogpt $(NANOGPT))
bench: setup ## 测速 measure training, generation and tokenizing beside peers, on the last run's tokens (an hour)
	@python benchmarks/training.py $(PEERS)
	@python benchmarks/time_to_score.py $(PEERS)
	@python benchmarks/generation.py --runs 3
	@python benchmarks/tokenizing.py
	@python benchmarks/corpus_size.py

demo-retrain: setup ## 重训演示 let the statutes of 2024 to 2026 arrive batch by batch, and draw what happened (three quarters of an hour)
	@python benchmarks/retrain_demo.py

check: $(VENV)/.check ## 代码检查 ruff, mypy strict, architecture
	@ruff format --check . && ruff check . && mypy && python -m pytest -q -n 0 tests/test_architecture.py tests/test_dependencies.py

ui: setup ## 打开 MLflow open the MLflow UI on localhost
	@xuxie ui

clean: ## 删除可重建的文件 remove what can be rebuilt: environment, results, tests' leftovers (not data/raw, not mlflow.db)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* scratch
	rm -rf data/raw/demo data/documents data/clean data/splits data/tokens models/pretrained models/tokenizer models/gpt samples reports plots

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新；用 make PYTHON=python3.12 指定 | Python 3.11 or newer is needed; name it with make PYTHON=python3.12"; exit 69; }
	@echo "安装依赖（约一分钟，2 GB 磁盘，CUDA 版更大）| installing the pinned dependencies (about a minute, 2 GB of disk, more with CUDA)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -qq $$(grep -E '^(pip|setuptools)==' requirements.lock)
	@# torch first and with its own dependencies, so that a CUDA machine gets its libraries.
	@$(PIP) install -qq --no-compile -c requirements.lock $(TORCH_INDEX) $$(grep -E '^torch==' requirements.lock)
	@$(PIP) install -qq --no-compile --no-deps -r requirements.lock
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.check: $(VENV)/.installed requirements-check.lock
	@$(PIP) install -qq --no-compile --no-deps -r requirements-check.lock
	@touch $@

LOCK := .venv-lock
lock: ## 重新锁定版本 resolve pyproject.toml anew into the two lock files
	@rm -rf $(LOCK) && $(PYTHON) -m venv $(LOCK) && $(LOCK)/bin/pip install -qq -U pip setuptools
	@$(LOCK)/bin/pip install -qq $$(grep -E '^torch==' requirements.lock) && $(LOCK)/bin/pip install -qq '.[test]'
	@{ sed -n '/^#/p' requirements.lock; $(LOCK)/bin/pip freeze --all --exclude xuxie | sed 's/+cpu$$//'; } > $(LOCK)/main
	@$(LOCK)/bin/pip install -qq '.[test,check]'
	@{ sed -n '/^#/p' requirements-check.lock; \
	   $(LOCK)/bin/pip freeze --all --exclude xuxie | sed 's/+cpu$$//' | grep -vxFf $(LOCK)/main; } > $(LOCK)/check
	@mv $(LOCK)/main requirements.lock && mv $(LOCK)/check requirements-check.lock && rm -rf $(LOCK)
