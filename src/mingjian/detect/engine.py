"""DuckDB over a snapshot's Parquet files, with a memory limit, a spill folder and a time limit."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table

MEMORY_LIMIT = os.environ.get("MINGJIAN_DUCKDB_MEMORY", "1GB")
TIME_LIMIT_S = float(os.environ.get("MINGJIAN_RULE_SECONDS", "600"))

HELPERS = """
CREATE OR REPLACE MACRO days_between(later, earlier) AS
  date_diff('day', CAST(earlier AS DATE), CAST(later AS DATE));
CREATE OR REPLACE MACRO hours_between(later, earlier) AS
  epoch(CAST(later AS TIMESTAMP) - CAST(earlier AS TIMESTAMP)) / 3600.0;
CREATE OR REPLACE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
"""


class Engine:
    """One DuckDB connection on which canonical tables are views."""

    def __init__(self, spill: Path | None = None, threads: int | None = None) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads:
            config["threads"] = threads
        folder = spill or Path(tempfile.gettempdir()) / "mingjian-spill"
        folder.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(folder)
        self.db = duckdb.connect(config=config)
        self.db.execute(HELPERS)

    def view(self, table: str, uris: list[str], spec: Table) -> None:
        """Make `table` a view on these Parquet files, or an empty table when a snapshot has none."""
        if not uris:
            self.empty(table, spec)
            return
        files = ", ".join("'" + uri.replace("'", "''") + "'" for uri in uris)
        self.db.execute(f'CREATE OR REPLACE TEMP VIEW "{table}" AS SELECT * FROM read_parquet([{files}])')

    def empty(self, name: str, table: Table) -> None:
        """Make `name` an empty table with the manifest's columns."""
        columns = ", ".join(f'"{c}" {duck_type(spec.type)}' for c, spec in table.columns.items())
        self.db.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" ({columns})')

    def put(self, name: str, rows: pa.Table) -> None:
        """Make `name` a table holding these rows."""
        self.db.register("_incoming", rows)
        self.db.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM _incoming')
        self.db.unregister("_incoming")

    def rows(self, sql: str) -> pa.Table:
        """Run a query within the time limit; errors of the SQL come out as RuleError."""
        with self._limited():
            try:
                return self.db.sql(sql).to_arrow_table()
            except duckdb.Error as error:
                raise _explained(error) from None

    def do(self, sql: str) -> None:
        """Run a statement within the time limit."""
        with self._limited():
            try:
                self.db.execute(sql)
            except duckdb.Error as error:
                raise _explained(error) from None

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def _limited(self) -> Iterator[None]:
        timer = threading.Timer(TIME_LIMIT_S, self.db.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def duck_type(manifest_type: str) -> str:
    """A manifest's column type as DuckDB writes it."""
    plain = {"text": "VARCHAR", "integer": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN"}
    return plain.get(manifest_type, manifest_type.upper())


def _explained(error: duckdb.Error) -> RuleError:
    if isinstance(error, duckdb.InterruptException):
        return RuleError(
            _("查询超过 {s:.0f} 秒的时限", s=TIME_LIMIT_S),
            hint=_("检查连接条件是否漏写,或提高 MINGJIAN_RULE_SECONDS"),
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return RuleError(
            _("查询超过 {m} 的内存上限", m=MEMORY_LIMIT),
            hint=_("检查连接是否产生笛卡儿积,或提高 MINGJIAN_DUCKDB_MEMORY"),
        )
    return RuleError(str(error).split("\n\n")[0].strip(), hint=_("改正模型文件中的 SQL,再运行 mingjian test"))
