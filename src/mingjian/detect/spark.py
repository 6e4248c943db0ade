"""Spark over the same Parquet files: for a city whose tables are too big for one machine's DuckDB."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from mingjian.content.types import arrow_type
from mingjian.detect import engine, java
from mingjian.detect.engine import OutOfMemory, SqlFailed, sql_failed, time_passed
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table

MASTER = os.environ.get("MINGJIAN_SPARK_MASTER", "local[2]")
MEMORY = os.environ.get("MINGJIAN_SPARK_MEMORY", "2g")
_LINE = re.compile(r"\bline (\d+),? pos")
_TAIL = re.compile(r"(\s*SQLSTATE: \w+)?(; line \d+ pos \d+;?.*|\n.*)?$", re.S)

HELPERS = (
    "days_between(later DATE, earlier DATE) RETURNS INT RETURN datediff(later, earlier)",
    "hours_between(later TIMESTAMP_NTZ, earlier TIMESTAMP_NTZ) RETURNS DOUBLE "
    "RETURN timestampdiff(MICROSECOND, earlier, later) / 3600000000D",
    "key64(text STRING) RETURNS BIGINT RETURN CASE WHEN text IS NOT NULL THEN xxhash64(text) END",
    "hamming(a BIGINT, b BIGINT) RETURNS INT RETURN bit_count(a ^ b)",
)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": MEMORY,
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
# Over a test's dozen rows, planning and compiling cost more than they could ever save.
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
}
LARGE = {
    "spark.sql.shuffle.partitions": "8" if MASTER.startswith("local") else "200",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.adaptive.enabled": "true",
}


def open_spark(spill: Path, small: bool) -> Spark:
    """An engine on this process's one Spark session, which is started when there is none."""
    session = _session(spill)
    for key, value in (SMALL if small else LARGE).items():
        session.conf.set(key, value)
    return Spark(session, {})


@cache
def _session(spill: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas 3, which Spark meets only through Arrow here
            from pyspark.sql import SparkSession
    except ImportError:
        raise MingjianError(
            _("没有安装 Spark"),
            hint=_("运行 make spark,或 pip install 'mingjian[spark]',或改用 MINGJIAN_ENGINE=duckdb"),
        ) from None
    java.prepare(spill)
    # Errors are told once, by us; and a terminal that shows results has no room for bars and greetings.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.master(MASTER).appName("mingjian").config("spark.local.dir", str(spill))
    for key, value in {**SETTINGS, **(LOCAL if MASTER.startswith("local") else {})}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    for helper in HELPERS:
        session.sql(f"CREATE OR REPLACE TEMPORARY FUNCTION {helper}")
    return session


class Spark:
    """One Spark session. It spreads one query over all its cores, so models run one after another."""

    parallel = False

    def __init__(self, session: Any, tables: dict[str, Any], until: float | None = None) -> None:
        self.session = session
        self.tables = tables  # what the bare names mean to all workers
        self.until = until
        self.mine: dict[str, Any] = tables if until is None else {}

    def view(self, table: str, uris: list[str], spec: Table) -> None:
        if uris:
            self._name(table, self.session.read.parquet(*uris), self.tables)
        else:
            self.empty(table, spec)

    def empty(self, name: str, table: Table) -> None:
        schema = pa.schema([(c, arrow_type(spec.type)) for c, spec in table.columns.items()])
        self._name(name, self.session.createDataFrame(schema.empty_table()), self.tables)

    def share(self, name: str, sql: str) -> None:
        self._name(name, self._cached(sql), self.tables)

    def alias(self, table: str, name: str) -> None:
        self._name(table, self.tables[name], self.mine)

    def put(self, name: str, rows: pa.Table) -> None:
        # To Spark an empty chunk of an Arrow table is its end: the rows after it would be lost without a word.
        self._name(name, self.session.createDataFrame(rows.combine_chunks()), self.mine)

    def keep(self, name: str, sql: str) -> None:
        self._name(name, self._cached(sql), self.mine)

    def rows(self, sql: str) -> pa.Table:
        with self._limited():
            return _naive(self._frame(sql).toArrow())

    def worker(self) -> Spark:
        return Spark(self.session, self.tables, time.monotonic() + engine.TIME_LIMIT_S)

    def close(self) -> None:
        """Names go back to what they mean to all, or go; the session stays for the next engine of this process."""
        for name, frame in list(self.mine.items()):
            if self.until is None or frame not in self.tables.values():
                frame.unpersist()
            if self.until is not None and name in self.tables:
                self.tables[name].createOrReplaceTempView(name)
            else:
                self.session.catalog.dropTempView(name)

    def _name(self, name: str, frame: Any, among: dict[str, Any]) -> None:
        if name in among:
            among[name].unpersist()
        among[name] = frame
        frame.createOrReplaceTempView(name)

    def _frame(self, sql: str) -> Any:
        # Spark reads a backslash in a text as an escape; in a rule it is a backslash.
        return self.session.sql(sql.replace("\\", "\\\\"))

    def _cached(self, sql: str) -> Any:
        with self._limited():
            frame = self._frame(sql).persist()
            frame.count()
        return frame

    @contextmanager
    def _limited(self) -> Iterator[None]:
        left = engine.TIME_LIMIT_S if self.until is None else self.until - time.monotonic()
        if left <= 0:
            raise time_passed()
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        late = threading.Event()

        def stop() -> None:
            late.set()
            self.session.sparkContext.cancelAllJobs()  # there is one query at a time, so all are this one's

        self.session.sparkContext.setLocalProperty("spark.job.interruptOnCancel", "true")
        timer = threading.Timer(left, stop)
        timer.start()
        try:
            yield
        except (PySparkException, Py4JError) as error:
            raise time_passed() if late.is_set() else _explained(error) from None
        finally:
            timer.cancel()


def _naive(rows: pa.Table) -> pa.Table:
    """Times without a zone: the session's zone is UTC, so only the mark goes."""
    fields = [
        pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type) for f in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def _explained(error: Exception) -> SqlFailed:
    text = str(error)
    if "OutOfMemoryError" in text or "SparkOutOfMemory" in text:
        return OutOfMemory(
            _("查询超过 {m} 的内存上限", m=MEMORY),
            hint=_("检查连接是否产生笛卡儿积,或提高 MINGJIAN_SPARK_MEMORY"),
        )
    line = _LINE.search(text)
    return sql_failed(_TAIL.sub("", text).strip(), int(line[1]) if line else None)
