"""DuckDB over a snapshot's Parquet files, with a memory limit for all workers together and a spill folder."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from mingjian.detect import engine
from mingjian.detect.engine import OutOfMemory, SqlFailed, sql_failed, time_passed
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table

MEMORY_LIMIT = os.environ.get("MINGJIAN_DUCKDB_MEMORY", "1GB")
SPILL_LIMIT = os.environ.get("MINGJIAN_DUCKDB_SPILL", "10GB")
_LINE = re.compile(r"^LINE (\d+):", re.M)

# Reading ahead takes hundreds of megabytes a query over wide row groups, and over local files it gains nothing.
NO_READ_AHEAD = "LOAD parquet; SET GLOBAL disable_parquet_prefetching = true"
HELPERS = """
CREATE OR REPLACE MACRO days_between(later, earlier) AS
  date_diff('day', CAST(earlier AS DATE), CAST(later AS DATE));
CREATE OR REPLACE MACRO hours_between(later, earlier) AS
  epoch(CAST(later AS TIMESTAMP) - CAST(earlier AS TIMESTAMP)) / 3600.0;
CREATE OR REPLACE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
CREATE OR REPLACE MACRO key64(text) AS CASE WHEN text IS NOT NULL THEN hash(text) END;
CREATE OR REPLACE MACRO hamming(a, b) AS bit_count(xor(CAST(a AS BIGINT), CAST(b AS BIGINT)));
"""


def open_duck(spill: Path, threads: int | None = None) -> Duck:
    """A new database in memory that spills to `spill`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(spill),
        "max_temp_directory_size": SPILL_LIMIT,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Both as Spark has them, so that a rule means the same on either engine.
        "default_null_order": "nulls_first_on_asc_last_on_desc",
        "ieee_floating_point_ops": False,
    }
    if threads:
        config["threads"] = threads
    db = duckdb.connect(config=config)
    db.execute(NO_READ_AHEAD)
    db.execute(HELPERS)
    return Duck(db)


class Duck:
    """One DuckDB database; workers are cursors on it, so that tables and the memory limit are shared."""

    parallel = True

    def __init__(self, db: duckdb.DuckDBPyConnection, until: float | None = None) -> None:
        self.db = db
        self.until = until
        self.kind = "TABLE" if until is None else "TEMP TABLE"  # what is kept: for all, or for one worker

    def view(self, table: str, uris: list[str], spec: Table) -> None:
        if not uris:
            self.empty(table, spec)
            return
        files = ", ".join("'" + uri.replace("'", "''") + "'" for uri in uris)
        self.db.execute(f'CREATE OR REPLACE VIEW "{table}" AS SELECT * FROM read_parquet([{files}])')

    def empty(self, name: str, table: Table) -> None:
        columns = ", ".join(f'"{c}" {duck_type(spec.type)}' for c, spec in table.columns.items())
        self.db.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')

    def share(self, name: str, sql: str) -> None:
        self._do(f'CREATE OR REPLACE TABLE "{name}" AS {sql}')

    def alias(self, table: str, name: str) -> None:
        self.db.execute(f'CREATE OR REPLACE TEMP VIEW "{table}" AS SELECT * FROM "{name}"')

    def put(self, name: str, rows: pa.Table) -> None:
        self.db.register("_incoming", rows)
        self.db.execute(f'CREATE OR REPLACE {self.kind} "{name}" AS SELECT * FROM _incoming')
        self.db.unregister("_incoming")

    def keep(self, name: str, sql: str) -> None:
        self._do(f'CREATE OR REPLACE {self.kind} "{name}" AS {sql}')

    def rows(self, sql: str) -> pa.Table:
        with self._limited():
            return self.db.sql(sql).to_arrow_table()

    def worker(self) -> Duck:
        return Duck(self.db.cursor(), time.monotonic() + engine.TIME_LIMIT_S)

    def close(self) -> None:
        self.db.close()

    def _do(self, sql: str) -> None:
        with self._limited():
            self.db.execute(sql)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        left = engine.TIME_LIMIT_S if self.until is None else self.until - time.monotonic()
        if left <= 0:
            raise time_passed()
        timer = threading.Timer(left, self.db.interrupt)
        timer.start()
        try:
            yield
        except duckdb.Error as error:
            raise _explained(error) from None
        finally:
            timer.cancel()


def duck_type(manifest_type: str) -> str:
    """A manifest's column type as DuckDB writes it."""
    plain = {"text": "VARCHAR", "integer": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN"}
    return plain.get(manifest_type, manifest_type.upper())


def _explained(error: duckdb.Error) -> SqlFailed:
    if isinstance(error, duckdb.InterruptException):
        return time_passed()
    if isinstance(error, duckdb.OutOfMemoryException):
        return OutOfMemory(
            _("查询超过 {m} 的内存上限", m=MEMORY_LIMIT),
            hint=_("检查连接是否产生笛卡儿积,或提高 MINGJIAN_DUCKDB_MEMORY"),
        )
    text = str(error)
    line = _LINE.search(text)
    return sql_failed(text.split("\n\n")[0].strip(), int(line[1]) if line else None)
