"""Write, snapshot and read Delta tables.

Two zones: `raw/<table>` gets one appended batch per pull, partitioned by `_batch` so that a batch already there
is recognised after a crash; `ready/<table>` is what the gate let through, one version per gated state.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

BATCH = "_batch"
SOURCE = "_source"
PULLED_AT = "_pulled_at"
ROW = "_row"
SYSTEM_COLUMNS = (SOURCE, BATCH, PULLED_AT, ROW)


class Lake:
    """All Delta tables below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, zone: str, table: str) -> Path:
        return self.root / zone / table

    def exists(self, zone: str, table: str) -> bool:
        return DeltaTable.is_deltatable(str(self.path(zone, table)))

    def version(self, zone: str, table: str) -> int | None:
        """The newest version, or None when there is no such table yet."""
        if not self.exists(zone, table):
            return None
        return DeltaTable(str(self.path(zone, table))).version()

    def append_batch(self, table: str, rows: pa.Table) -> int:
        """Append one batch (all rows carry the same `_batch`) to the raw zone; returns the new version.

        A batch that is already there is not written twice: its version is returned.
        """
        batch = rows.column(BATCH)[0].as_py() if rows.num_rows else None
        if batch is not None and batch in self.batches(table):
            known = self.version("raw", table)
            assert known is not None  # noqa: S101 - the batch was just found in this table
            return known
        path = self.path("raw", table)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_deltalake(str(path), rows, mode="append", partition_by=[BATCH], schema_mode="merge")
        return DeltaTable(str(path)).version()

    def batches(self, table: str) -> list[str]:
        """Batch ids present in the raw zone, from the table's metadata alone."""
        if not self.exists("raw", table):
            return []
        parts = DeltaTable(str(self.path("raw", table))).partitions()
        return [str(p[BATCH]) for p in parts]

    def batch_uris(self, table: str, batches: list[str]) -> list[str]:
        """Parquet files of the named raw batches."""
        delta = DeltaTable(str(self.path("raw", table)))
        return delta.file_uris(partition_filters=[(BATCH, "in", batches)]) if batches else []

    def replace(self, table: str, rows: pa.Table) -> int:
        """Write a new version of a ready table; older versions stay readable. Returns the version."""
        path = self.path("ready", table)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_deltalake(str(path), rows, mode="overwrite", schema_mode="overwrite")
        return DeltaTable(str(path)).version()

    def uris(self, zone: str, table: str, version: int) -> list[str]:
        """Parquet files of one snapshot, for DuckDB's and Spark's readers."""
        return DeltaTable(str(self.path(zone, table)), version=version).file_uris()
