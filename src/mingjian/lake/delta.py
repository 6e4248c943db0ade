"""Write, snapshot and read Delta tables.

Two zones: `raw/<table>` gets one appended batch per pull, partitioned by `_batch` so that a batch already there
is recognised after a crash; `ready/<table>` is what the gate let through, one version per gated state.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

BATCH = "_batch"
SOURCE = "_source"
PULLED_AT = "_pulled_at"
ROW = "_row"
AS_OF = "as_of"
# Delta forgets versions after 30 days by default; a warning must be replayable for as long as its case may be heard.
KEEP = {"delta.logRetentionDuration": "interval 3650 days"}
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
        write_deltalake(
            str(path), rows, mode="append", partition_by=[BATCH], schema_mode="merge", configuration=KEEP
        )
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

    def replace(self, table: str, rows: pa.Table, as_of: date) -> int:
        """Write a new version of a ready table, as it stood on the day `as_of`; returns the version.

        Older versions stay readable, and `version_on` finds them by their day.
        """
        path = self.path("ready", table)
        path.parent.mkdir(parents=True, exist_ok=True)
        said = CommitProperties(custom_metadata={AS_OF: as_of.isoformat()})
        write_deltalake(
            str(path),
            rows,
            mode="overwrite",
            schema_mode="overwrite",
            commit_properties=said,
            configuration=KEEP,
        )
        return DeltaTable(str(path)).version()

    def version_on(self, table: str, day: date) -> int | None:
        """The newest version of a ready table made on or before `day`; None when there was none yet."""
        return max((v for v, made in self._ready_days(table) if made <= day), default=None)

    def first_after(self, table: str, day: date) -> int | None:
        """The oldest version of a ready table made after `day`; None when there is none."""
        return min((v for v, made in self._ready_days(table) if made > day), default=None)

    def _ready_days(self, table: str) -> list[tuple[int, date]]:
        if not self.exists("ready", table):
            return []
        history = DeltaTable(str(self.path("ready", table))).history()
        return [(int(h["version"]), date.fromisoformat(h[AS_OF])) for h in history if AS_OF in h]

    def uris(self, zone: str, table: str, version: int) -> list[str]:
        """Parquet files of one snapshot, for DuckDB's and Spark's readers."""
        return DeltaTable(str(self.path(zone, table)), version=version).file_uris()
