"""Verdicts in the store become places in the queue, and are taken back with them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, true

from mingjian.content import Content, load_content
from mingjian.domain.clock import MovableClock
from mingjian.domain.model import Model
from mingjian.lake import Lake
from mingjian.rerank import Reason, rerank_model
from mingjian.rerank.matters import matters_of
from mingjian.run import Run
from mingjian.store import queue, reranking
from mingjian.store.queue import Filters
from mingjian.store.tables import audit_log, finding, order_step, warning
from tests.dash_rows import BODY, MONDAY, add_warning

MODEL = "utility.bill_outlier"
JUDGED, OPEN = 70, 20
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def content(repo_root: Path) -> Content:
    return load_content(repo_root)


@pytest.fixture
def run(engine: Engine, clock: MovableClock, tmp_path: Path, content: Content) -> Run:
    return Run(DAY, clock, tmp_path, content, {}, tmp_path, Lake(tmp_path / "lake"), engine)


@pytest.fixture
def model(run: Run) -> Model:
    return run.content.models[MODEL]


@pytest.fixture
def told(conn: Connection) -> Connection:
    """Warnings of one model whose verdicts follow `top_z` and not the points, and three of another model."""
    rng = np.random.default_rng(1)
    findings, steps = [], []
    for n in range(JUDGED + OPEN):
        good = rng.random() < 0.4
        status = ("rectifying" if good else "closed_fp") if n < JUDGED else "new"
        measures = {
            "top_z": float(rng.normal(4 if good else 0)),
            "flag": bool(rng.random() < 0.5),
            "who": "x",
        }
        points = {"level": "中", "score": 30 + 10 * int(rng.integers(3))}
        seen = {"model": MODEL, "subject_kind": "meter", "subject_id": f"W{n:03d}", "period": "2026-02"}
        add_warning(
            conn, f"W{n:03d}", sector="utility", status=status, measures={"top_z": 0.0}, **seen, **points
        )
        findings.append({**FOUND, **seen, **points, "measures": measures})
        steps += _steps(f"W{n:03d}", status, n)
    conn.execute(insert(finding), findings)
    conn.execute(insert(order_step), steps)
    for n in range(3):
        add_warning(conn, f"X{n}", level="中", score=30 + 10 * n, model="other.model", sector="utility")
    return conn


FOUND = {k: BODY[k] for k in ("model_version", "model_hash", "score_parts", "evidence", "params", "lake")}
FOUND["as_of"] = DAY


def _steps(name: str, status: str, hours: int) -> list[dict[str, object]]:
    """The verdict after so many hours; what was confirmed is being rectified since."""
    reached = {"rectifying": ["confirmed", "rectifying"], "closed_fp": ["closed_fp"]}.get(status, [])
    return [
        {
            "object_kind": "warning", "object_id": name, "seq": seq, "action": "a", "from_state": "verifying",
            "to_state": state, "actor": "u", "at": MONDAY + timedelta(hours=hours + 1000 * seq),
        }
        for seq, state in enumerate(reached)
    ]  # fmt: skip


def keys(conn: Connection, name: str) -> list[int]:
    query = select(warning.c.queue_key).where(warning.c.model == name, warning.c.status == "new")
    return sorted(conn.scalars(query).all())


def test_measures_are_those_first_told_and_verdicts_those_reached(told: Connection) -> None:
    matters = matters_of(told, MODEL)
    assert matters.columns == ["flag", "top_z"]
    assert matters.x[:, 1].std() > 1  # the warning's own, refreshed since, are all 0
    assert (int(matters.judged.sum()), int(matters.open.sum())) == (JUDGED, OPEN)
    moments = matters.moment[matters.judged] - MONDAY.timestamp()
    assert (moments == 3600 * np.arange(JUDGED)).all()


def test_a_proven_order_stands_in_the_queue_and_no_other_model_moves(
    told: Connection, run: Run, model: Model
) -> None:
    before, others = keys(told, MODEL), keys(told, "other.model")
    assert rerank_model(told, run, model).reason is Reason.BETTER
    rows = queue.page(told, true(), Filters(model=MODEL, statuses=["new"]), size=OPEN).rows
    chance = [told.scalar(select(warning.c.chance).where(warning.c.id == r["id"])) for r in rows]
    assert len(chance) == OPEN and chance == sorted(chance, reverse=True)
    assert [round(k / 1e6) for k in keys(told, MODEL)] == [k // 1_000_000 for k in before]
    assert keys(told, "other.model") == others
    paged, after = [], None
    while page := queue.page(told, true(), Filters(statuses=["new"]), after, size=7):
        paged += [r["id"] for r in page.rows]
        after = page.after
        if after is None:
            break
    assert len(paged) == len(set(paged)) == OPEN + 3


def test_the_decision_is_kept_and_a_change_of_it_is_audited_once(
    told: Connection, run: Run, model: Model
) -> None:
    rerank_model(told, run, model)
    placed = keys(told, MODEL)
    rerank_model(told, run, model)
    assert keys(told, MODEL) == placed
    kept = reranking.decided(told, MODEL)
    assert kept is not None and (kept["reason"], kept["judged"]) == ("better", JUDGED)
    assert kept["low"] > 0 and kept["after"] > kept["before"]
    said = select(audit_log.c.detail).where(audit_log.c.object_id == MODEL, audit_log.c.action == "rerank")
    assert [d["reason"] for d in told.scalars(said)] == ["better"]


def test_without_verdicts_the_queue_is_by_points_again(told: Connection, run: Run, model: Model) -> None:
    before = keys(told, MODEL)
    rerank_model(told, run, model)
    assert keys(told, MODEL) != before
    told.execute(delete(order_step))
    assert rerank_model(told, run, model).reason is Reason.TOO_FEW_VERDICTS
    assert keys(told, MODEL) == before
    assert told.scalars(select(warning.c.chance).where(warning.c.chance.is_not(None))).all() == []
