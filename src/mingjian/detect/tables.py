"""Which tables a model reads, and how an engine gets them."""

from __future__ import annotations

from collections.abc import Iterable

from mingjian.detect.engine import Engine
from mingjian.domain.model import Model
from mingjian.domain.sector import Table
from mingjian.lake import Lake


def reads(model: Model) -> list[str]:
    """Every table of the query and of the evidence, by name."""
    return sorted({*model.inputs, *(e.table for e in model.evidence)})


def show(
    engine: Engine, lake: Lake, specs: dict[str, Table], versions: dict[str, int], absent: Iterable[str] = ()
) -> None:
    """Let the engine know the snapshots `versions` (by table), and the tables `absent` as empty ones."""
    for table, version in sorted(versions.items()):
        engine.view(table, lake.uris("ready", table, int(version)), specs[table])
    for table in sorted(absent):
        engine.empty(table, specs[table])
