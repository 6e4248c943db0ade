"""The Spark engine: what a detector found arrives whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from mingjian.detect.engine import open_engine

pytestmark = pytest.mark.spark


def test_rows_after_an_empty_chunk_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGJIAN_ENGINE", "spark")
    kind = pa.list_(pa.struct([("feature", pa.string()), ("share", pa.float64())]))

    def chunk(ids: list[str]) -> pa.Table:
        shares = [[{"feature": "price", "share": 1.0}] for _ in ids]
        return pa.table({"id": pa.array(ids, pa.string()), "why": pa.array(shares, kind)})

    engine = open_engine(tmp_path, threads=2)
    try:
        engine.put("_hits", pa.concat_tables([chunk(["a", "b"]), chunk([]), chunk(["c"])]))
        assert engine.rows("SELECT id FROM _hits ORDER BY id")["id"].to_pylist() == ["a", "b", "c"]
    finally:
        engine.close()
