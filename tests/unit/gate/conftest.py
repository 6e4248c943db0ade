"""A lake in a temporary folder and a database per module for the table of `gate_city.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gate_city import AS_OF, SECTOR, arrow, source
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert
from tests.audit_unlocked import empty_all

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db
from mingjian.store.tables import feed


@pytest.fixture(scope="module")
def gate_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    name = re.sub(r"\W+", "_", request.module.__name__)[-50:]
    engine = db.connect(db.create_database(server_url, name))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(gate_engine: Engine, tmp_path: Path, clock: MovableClock) -> Run:
    with gate_engine.begin() as conn:
        empty_all(conn)
    content = Content(root=tmp_path, sectors={"money": SECTOR}, models={})
    return Run(
        as_of=AS_OF,
        clock=clock,
        home=tmp_path,
        content=content,
        sources={"bank": source("bank", "snapshot"), "hotline": source("hotline", "increment")},
        sources_dir=tmp_path,
        lake=Lake(tmp_path / "lake"),
        engine=gate_engine,
    )


@pytest.fixture
def expectations(tmp_path: Path) -> Callable[[str], None]:
    """Write the suite of table `pay` from the text below `expectations:`."""

    def write(checks: str) -> None:
        path = tmp_path / "expectations" / "money" / "pay.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"table: pay\nexpectations:\n{checks}", encoding="utf-8")

    return write


@pytest.fixture
def pulled(run: Run, clock: MovableClock) -> Callable[..., str]:
    """Put one batch of `pay` rows into the raw zone as a pull would; returns the batch id."""

    def put(rows: list[dict[str, Any]], origin: str = "bank", batch: str = "b1", **said: Any) -> str:
        run.lake.append_batch("pay", arrow(rows, origin, batch, clock.now()))
        state = {
            "as_of": AS_OF,
            "pulled_at": clock.now(),
            "reason": "appended",
            "batch": batch,
            "error": None,
            **said,
        }
        row = {"source": origin, "table_name": "pay", **state}
        with run.engine.begin() as conn:
            conn.execute(
                insert(feed).values(row).on_conflict_do_update(index_elements=["source"], set_=state)
            )
        return batch

    return put
