"""The key of a table: every row has one, and no two rows share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.lake.delta import BATCH, PULLED_AT, ROW, SYSTEM_COLUMNS

MISSING_KEY = "missing_key"
DUPLICATE_KEY = "duplicate_key"


@dataclass(frozen=True)
class KeyCheck:
    """Positions in the rows read: `kept` go on, `missing` and `conflicting` are held, the rest repeats."""

    kept: np.ndarray
    missing: np.ndarray
    conflicting: np.ndarray
    repeated: int
    superseded: int


def check_keys(rows: pa.Table, key: list[str]) -> KeyCheck:
    """Sort rows by what their key says of them.

    Across batches the newest row (pull time, then row number) wins and older ones count as superseded. Inside
    the winning batch the first row stays; equal rows count as repeated, different ones are conflicting.
    `rows` must be sorted by batch and row number.
    """
    keys = rows.select(key).to_pandas()
    missing = keys.isna().any(axis=1).to_numpy()
    shared = keys.duplicated(key, keep=False).to_numpy() & ~missing
    losers = _judge(rows.take(np.flatnonzero(shared)), key)
    positions = np.flatnonzero(shared)
    kept = ~missing
    kept[positions[losers.to_numpy() != ""]] = False
    return KeyCheck(
        kept=np.flatnonzero(kept),
        missing=np.flatnonzero(missing),
        conflicting=positions[(losers == "conflicting").to_numpy()],
        repeated=int((losers == "repeated").sum()),
        superseded=int((losers == "superseded").sum()),
    )


def _judge(rows: pa.Table, key: list[str]) -> pd.Series:
    """For rows that share their key: "" for the one that stays, else why it does not."""
    if rows.num_rows == 0:
        return pd.Series(dtype=object)
    frame = rows.to_pandas()
    group = frame.groupby(key, sort=False).ngroup()
    newest = (
        frame.assign(_group=group)
        .sort_values([PULLED_AT, ROW, BATCH])
        .drop_duplicates("_group", keep="last")
        .set_index("_group")[BATCH]
    )
    old = frame[BATCH].ne(group.map(newest))
    content = [name for name in frame.columns if name not in SYSTEM_COLUMNS]
    repeated = frame.duplicated([BATCH, *content])
    later = pd.Series(True, index=frame.index)
    later[~old] = group[~old].duplicated()
    verdict = np.select([old, repeated, later], ["superseded", "repeated", "conflicting"], default="")
    return pd.Series(verdict, index=frame.index)
