PY := .venv/bin/python
export MINGJIAN_HOME ?= var
# Bytecode is kept even where the environment says otherwise: without it every command starts seconds later.
unexport PYTHONDONTWRITEBYTECODE
SERVE ?= 1

.DEFAULT_GOAL := help

help:  ## 列出命令 · list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.venv/ready: requirements.lock pyproject.toml
	@echo "· 安装依赖 · installing dependencies into .venv"
	@python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@.venv/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements.lock
	@.venv/bin/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
	@touch .venv/ready

setup: .venv/ready  ## 建立 .venv · make the virtual environment

demo: setup  ## 样例城市走完主流程并开网页 · the sample city, end to end, then the web app (SERVE=0: stop after the summary)
	@.venv/bin/mingjian demo $(if $(filter 0,$(SERVE)),--no-serve,)

demo-real: setup  ## 真实公开记录 · the same on shipped slices of real records
	@.venv/bin/mingjian demo --real $(if $(filter 0,$(SERVE)),--no-serve,)

up: setup  ## 真实运行:Airflow 与网页 · Airflow scheduler and API server plus web app
	@.venv/bin/mingjian up

test: setup  ## 全部测试 · lint and every test
	@$(MAKE) --no-print-directory lint
	@.venv/bin/pytest

test-browser: setup  ## 浏览器测试 · pages in headless Chromium
	@.venv/bin/pytest -m browser

lint: setup  ## 格式、类型、导入契约、内容法则 · format, types, import contract, content laws
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/mingjian lint

lock: setup  ## 重写 requirements.lock · rewrite requirements.lock
	@.venv/bin/uv pip compile --generate-hashes --no-header --no-annotate --python-version 3.11 --extra dev \
	  pyproject.toml -o requirements.lock --quiet

clean:  ## 删除运行数据 · remove run data (var/)
	rm -rf var

.PHONY: help setup demo demo-real up test test-browser lint lock clean
