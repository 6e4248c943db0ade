"""What detection needs of a SQL engine. DuckDB is the default; MINGJIAN_ENGINE=spark runs the same SQL on Spark."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from mingjian.domain.errors import MingjianError, RuleError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table

TIME_LIMIT_S = float(os.environ.get("MINGJIAN_RULE_SECONDS", "600"))
ENGINES = ("duckdb", "spark")


class Engine(Protocol):
    """Canonical tables by their bare names, and SQL over them; every failure of the SQL is a SqlFailed.

    Beside standard SQL each engine knows days_between, hours_between, regexp_like, hamming and key64 (a 64-bit hash:
    equal texts have equal keys, and joining ten million keys takes a third of the memory of the texts). Division by zero
    is an error, and NULL sorts before everything else in ascending order.
    """

    parallel: bool  # whether workers gain anything from running side by side

    def view(self, table: str, uris: list[str], spec: Table) -> None:
        """Let `table` mean these Parquet files, or an empty table when a snapshot has none."""

    def empty(self, name: str, table: Table) -> None:
        """Let `name` mean an empty table with the manifest's columns."""

    def share(self, name: str, sql: str) -> None:
        """Keep the rows of a query as `name`, for all workers."""

    def alias(self, table: str, name: str) -> None:
        """Let `table` mean the shared table `name`, for this worker only."""

    def put(self, name: str, rows: pa.Table) -> None:
        """Let `name` hold these rows: for this worker, or on an engine that is no worker for all."""

    def keep(self, name: str, sql: str) -> None:
        """Keep the rows of a query as `name`, for whom `put` would."""

    def rows(self, sql: str) -> pa.Table:
        """The rows of a query."""

    def worker(self) -> Engine:
        """An engine on the same tables for one model: its own names, its own time limit; close it afterwards."""

    def close(self) -> None:
        """Let go of what this engine or worker holds."""


class SqlFailed(RuleError):
    """A statement failed at its line `line` (from 1), or passed a limit (no line)."""

    def __init__(self, message: str, *, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint or _("改正模型文件中的 SQL,再运行 mingjian test"))
        self.line = line


class OutOfMemory(SqlFailed):
    """A statement passed the memory that all models together may use; alone it may yet fit."""


def open_engine(spill: Path | None = None, threads: int | None = None) -> Engine:
    """The engine that MINGJIAN_ENGINE names, spilling to `spill`; `threads` for small work that needs few."""
    folder = spill or Path(tempfile.gettempdir()) / "mingjian-spill"
    folder.mkdir(parents=True, exist_ok=True)
    name = os.environ.get("MINGJIAN_ENGINE", "duckdb")
    if name == "duckdb":
        from mingjian.detect.duck import open_duck

        return open_duck(folder, threads)
    if name == "spark":
        from mingjian.detect.spark import open_spark  # here, not above: Spark is an optional extra

        return open_spark(folder, small=threads is not None)
    raise MingjianError(
        _("不认识的计算引擎 {name}", name=name),
        hint=_("MINGJIAN_ENGINE 可为:{names}", names="、".join(ENGINES)),
    )


def time_passed() -> SqlFailed:
    """The error of a model that ran too long."""
    return SqlFailed(
        _("查询超过 {s:.0f} 秒的时限", s=TIME_LIMIT_S),
        hint=_("检查连接条件是否漏写,或提高 MINGJIAN_RULE_SECONDS"),
    )


def sql_failed(said: str, line: int | None) -> SqlFailed:
    """The error of a statement; `said` is the engine's word, of which advice on its own settings is left out."""
    if "Division by zero" in said:
        return SqlFailed(said.split(" Use ")[0], hint=_("除数可能为零:写作 NULLIF(x, 0)"), line=line)
    return SqlFailed(said, line=line)
