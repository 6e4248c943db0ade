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
	@.venv/bin/pytest -n auto --dist loadfile

# Anything pg_ctl can start: PG_BIN names the folder of another PostgreSQL's programs, else they are found by pg_config.
PG_BIN ?= $(shell pg_config --bindir 2>/dev/null)
test-external: setup  ## 在另装的 PostgreSQL 上重跑 · the suite on an installed PostgreSQL (PG_BIN, or MINGJIAN_TEST_DATABASE_URL)
	@$(PY) tests/external.py "$(PG_BIN)" $(ARGS)

test-browser: setup  ## 浏览器测试 · pages in headless Chromium
	@.venv/bin/pytest -m browser

# A sync to requirements.lock removes what it does not name, so Spark is installed anew after one.
.venv/spark: requirements-spark.lock .venv/ready
	@echo "· 安装 Spark(约 500 MB)· installing Spark (about 500 MB)"
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements-spark.lock
	@touch .venv/spark

spark: .venv/spark  ## 装上 Spark 引擎 · install the Spark engine (MINGJIAN_ENGINE=spark)

test-spark: spark  ## 在 Spark 上重跑模型用例 · every model's cases on Spark and DuckDB alike
	@.venv/bin/pytest -m spark

lint: setup  ## 格式、类型、导入契约、内容法则 · format, types, import contract, content laws
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/mingjian lint

lock: setup  ## 重写依赖锁 · rewrite requirements.lock and requirements-spark.lock
	@.venv/bin/uv pip compile --generate-hashes --no-header --no-annotate --python-version 3.11 --extra dev \
	  pyproject.toml -o requirements.lock --quiet
	@$(PY) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['spark'], sep='\n')" \
	  | .venv/bin/uv pip compile --generate-hashes --no-header --no-annotate --python-version 3.11 - -o requirements-spark.lock --quiet

clean:  ## 删除运行数据 · remove run data (var/)
	rm -rf var

.PHONY: help setup demo demo-real up test test-external test-browser test-spark spark lint lock clean
