"""The service's own orders, warnings and model runs as tables: what rules about the service itself can see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert
from supervise_queue import Queue
from test_supervise_act import TO_CLOSED, TO_VERIFYING, take, walk

from mingjian.content import load_content
from mingjian.detect.engine import open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.own import OWN_TABLES, record_own_tables
from mingjian.detect.tables import show
from mingjian.domain.roles import Role
from mingjian.run import Run
from mingjian.store.tables import model_run
from mingjian.supervise import dispatch
from mingjian.supervise.calendar import CITY_CALENDAR


@pytest.fixture
def run(queue: Queue, repo: Path) -> Run:
    """The queue's run with all content."""
    return replace(queue.run, content=load_content(repo))


def rows(run: Run, table: str) -> list[dict[str, Any]]:
    version = record_own_tables(run, [table])[table]
    files = run.lake.uris("ready", table, version)
    return pa.concat_tables([pq.read_table(f) for f in files]).to_pylist() if files else []


def found(run: Run, model: str, day: date) -> dict[str, str]:
    """Subjects and levels of one rule over the snapshots, with the city's real calendar."""
    days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    works = [CITY_CALENDAR.is_working_day(d)[0] for d in days]
    index = [sum(works[: n + 1]) for n in range(len(days))]
    calendar = pa.table({"cal_date": days, "is_workday": works, "wd_index": index})
    engine = open_engine(threads=1)
    show(engine, run.lake, run.content.tables, record_own_tables(run, OWN_TABLES), absent=["org_unit"])
    engine.put("workday_calendar", calendar)
    made = findings_of(engine, run.content.models[model], run.content.tables, day)
    engine.close()
    return {f.subject_id: f.level.value for f in made}


def test_an_order_without_answer_is_found_until_it_is_handed_in(queue: Queue, run: Run) -> None:
    warned = queue.warn(level="中")
    dispatch(queue.run, "subsidy")
    order = queue.order(warned)
    due = order["finish_due"].date()
    assert found(run, "process.order_no_feedback", due + timedelta(1)) == {}
    assert found(run, "process.order_no_feedback", due + timedelta(4)) == {order["id"]: "低"}
    assert found(run, "process.order_no_feedback", due + timedelta(20)) == {order["id"]: "高"}
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
    assert [(r["status"], r["feedback_at"] is None) for r in rows(run, "supervision_order")] == [
        ("feedback", False)
    ]
    assert found(run, "process.order_no_feedback", due + timedelta(20)) == {}


def test_a_suspended_order_is_nobodys_fault(queue: Queue, run: Run) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    walk(queue, warned, "sign", "accept")
    take(queue, warned, "suspend", "qian", Role.R3, reason="court", note="法院受理通知书 2026-03-01")
    assert [r["status"] for r in rows(run, "supervision_order")] == ["suspended"]
    assert found(run, "process.order_no_feedback", date(2026, 12, 1)) == {}


def test_a_warning_keeps_how_it_was_closed_after_it_is_reopened(queue: Queue, run: Run) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_CLOSED)
    closed = rows(run, "warning")[0]
    assert (closed["outcome"], closed["reopen_count"]) == ("confirmed", 0)
    walk(queue, warned, "reopen")
    again = rows(run, "warning")[0]
    assert (again["status"], again["outcome"], again["reopen_count"]) == ("reopened", "confirmed", 1)
    assert again["closed_at"] == closed["closed_at"] is not None


def test_what_did_not_change_keeps_its_version(queue: Queue, run: Run) -> None:
    queue.warn()
    first = record_own_tables(run, OWN_TABLES)
    assert set(first) == OWN_TABLES
    assert record_own_tables(run, OWN_TABLES) == first
    queue.warn()
    second = record_own_tables(run, [*OWN_TABLES, "payout"])
    assert {t for t in OWN_TABLES if second[t] != first[t]} == {"warning"}


def test_a_model_that_fails_or_is_held_is_found_with_its_first_bad_day(queue: Queue, run: Run) -> None:
    today = run.as_of
    outcomes = {
        "utility.common_problem": ["done", "blocked", "blocked", "blocked", "blocked", "blocked"],
        "utility.resale_markup": ["failed", "failed", "done"],
        "utility.gas_prepay_forced": ["done", "failed"],
        "subsidy.no_longer_there": ["failed"],
    }
    with queue.engine.begin() as conn:
        for model, told in outcomes.items():
            for back, outcome in enumerate(reversed(told)):
                day = today - timedelta(back)
                conn.execute(
                    insert(model_run).values(model_id=model, as_of=day, version=1, hash="h", outcome=outcome)
                )
    since = {r["model_id"]: r["bad_since"] for r in rows(run, "model_run")}
    assert since == {
        "utility.common_problem": today - timedelta(4),
        "utility.resale_markup": None,
        "utility.gas_prepay_forced": today,
    }
    assert found(run, "process.model_failed", today) == {
        "utility.common_problem": "高",
        "utility.gas_prepay_forced": "高",
    }
