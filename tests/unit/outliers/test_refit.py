"""The weekly refit and the detect stage on a city's own store: what was fitted last week judges today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from mingjian.content import Content, casetable
from mingjian.detect import detect_group
from mingjian.detect.outliers.refit import refit, refitted
from mingjian.domain.clock import clock_for
from mingjian.domain.reason import GateVerdict
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db
from mingjian.store.tables import finding, model_run, table_state

MODEL = "utility.bill_outlier"
TODAY = date(2026, 6, 30)
LAST_WEEK = TODAY - timedelta(days=7)


@pytest.fixture
def run(tmp_path: Path, server_url: str, content: Content) -> Iterator[Run]:
    """A city that has gated the bill model's tables, with the model's own test rows."""
    engine = db.connect(db.create_database(server_url, f"refit_{uuid4().hex[:8]}"))
    db.upgrade(engine)
    alone = replace(content, models={MODEL: content.models[MODEL]})
    lake, clock, said = Lake(tmp_path / "lake"), clock_for(TODAY), []
    run = Run(TODAY, clock, tmp_path, alone, {}, tmp_path, lake, engine, said.append)
    with engine.begin() as conn:
        for name, text in content.models[MODEL].tests[0].rows.items():
            version = lake.replace(name, casetable.parse(name, text, content.tables[name]), LAST_WEEK)
            row = {
                "table_name": name,
                "as_of": TODAY,
                "verdict": GateVerdict.OK,
                "ready_version": version,
            }
            conn.execute(insert(table_state), {**row, "inputs_hash": "-", "checked_at": clock.now()})
    yield run
    engine.dispose()


def fits_of(run: Run) -> list[dict]:
    with run.engine.connect() as conn:
        return [dict(row.measures["fit"]) for row in conn.execute(select(finding))]


def test_last_week_s_fit_judges_today_and_the_finding_says_so(run: Run) -> None:
    assert refitted(run) == [MODEL]
    done = refit(replace(run, as_of=LAST_WEEK), MODEL)
    assert (done["fits"], done["groups"]) == (1, 1)
    detect_group(run, "utility.models")
    fits = fits_of(run)
    assert len(fits) == 3
    assert {fit["trained_on"] for fit in fits} == {LAST_WEEK.isoformat()}
    assert {t["table"] for t in fits[0]["lake"]} == {"utility_account", "utility_bill", "tariff"}


def test_a_first_night_fits_for_itself_and_a_refit_that_day_changes_nothing(run: Run) -> None:
    detect_group(run, "utility.models")
    assert {fit["trained_on"] for fit in fits_of(run)} == {TODAY.isoformat()}
    assert refit(run, MODEL)["kept"] == 1
    assert refit(replace(run, as_of=LAST_WEEK), MODEL)["kept"] == 1
    assert len(list((run.home / "fits" / MODEL).iterdir())) == 1


def test_a_model_without_its_tables_is_not_fitted(run: Run) -> None:
    with run.engine.begin() as conn:
        conn.execute(update(table_state).values(ready_version=None))
    assert refit(run, MODEL)["not_run"] == 1
    assert not (run.home / "fits").exists()


def test_a_tampered_record_stops_its_model_and_says_why(run: Run) -> None:
    refit(replace(run, as_of=LAST_WEEK), MODEL)
    (record,) = (run.home / "fits" / MODEL).iterdir()
    record.write_text(record.read_text().replace('"rows": ', '"rows": 1'))
    detect_group(run, "utility.models")
    with run.engine.connect() as conn:
        row = conn.execute(select(model_run)).one()
    assert row.outcome == "failed"
    assert "签名" in row.message
    assert record.name in row.message
