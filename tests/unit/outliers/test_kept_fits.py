"""Kept fits: which one judges a day, that it is made again from its snapshot, and that a changed record is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from mingjian.content import Content, casetable
from mingjian.detect.outliers import fitted, kept, training
from mingjian.detect.outliers.kept import fit_for
from mingjian.detect.outliers.room import Room, using
from mingjian.domain.errors import RuleError
from mingjian.domain.model import Model
from mingjian.lake import Lake
from tests.unit.outliers.conftest import Make

MODEL = "utility.bill_outlier"
WEEK_1, WEEK_2, TODAY = date(2026, 6, 15), date(2026, 6, 22), date(2026, 6, 30)
VALUES = {"window_months": 6}


class City:
    """A lake with the bill model's own test rows, and a room for its fits."""

    def __init__(self, place: Path, content: Content) -> None:
        self.content = content
        self.lake = Lake(place / "lake")
        self.said: list[str] = []
        self.versions = self.write(TODAY)
        self.home = place

    def write(self, day: date, lose: int = 0) -> dict[str, int]:
        """A version of each table; without the last `lose` bills."""
        made = {}
        for name, text in self.content.models[MODEL].tests[0].rows.items():
            rows = casetable.parse(name, text, self.content.tables[name])
            rows = rows.slice(0, rows.num_rows - lose) if name == "utility_bill" else rows
            made[name] = self.lake.replace(name, rows, day)
        return made

    def room(self, keeps: bool = True, versions: dict[str, int] | None = None) -> Room:
        return Room(
            self.home, self.lake, self.content.tables, versions or self.versions, keeps, self.said.append
        )

    def frame(self, model: Model, day: date = TODAY, versions: dict[str, int] | None = None) -> pd.DataFrame:
        place = self.home / "spill"
        return training.on_snapshot(
            self.lake, self.content.tables, place, model, versions or self.versions, VALUES, day
        )

    def keep(self, model: Model, day: date) -> Path:
        room = self.room()
        kept.keep(room, model, VALUES, day, fitted.fit(self.frame(model, day), model))
        return room.path(model.id, kept.key_of(model, VALUES), day)

    def judge(self, model: Model, day: date = TODAY, keeps: bool = True) -> kept.Standing:
        with using(self.room(keeps)):
            return fit_for(model, {**VALUES, "as_of": day}, day, self.frame(model, day))


@pytest.fixture
def city(tmp_path: Path, content: Content) -> Iterator[City]:
    kept.forget()
    yield City(tmp_path, content)
    kept.forget()


@pytest.fixture
def model(bills: Make) -> Model:
    return bills("IForest")


def test_the_newest_fit_of_an_earlier_day_judges(city: City, model: Model) -> None:
    for day in (WEEK_1, WEEK_2, TODAY):
        city.keep(model, day)
    said = city.judge(model).said
    assert said["trained_on"] == WEEK_2.isoformat()
    assert {t["table"]: t["version"] for t in said["lake"]} == city.versions


def test_without_a_record_the_day_s_rows_are_fitted_recorded_and_that_is_said(
    city: City, model: Model
) -> None:
    first = city.judge(model)
    assert first.said["trained_on"] == TODAY.isoformat()
    assert "utility.bill_outlier" in city.said[0]
    again = city.judge(model)
    assert again.said == first.said
    assert len(city.said) == 1
    assert again.groups["T"].quantiles() == first.groups["T"].quantiles()


def test_a_replay_records_nothing_and_says_the_same(city: City, model: Model) -> None:
    replayed = city.judge(model, keeps=False)
    assert not (city.home / "fits").exists()
    assert city.judge(model).said == replayed.said


def test_a_fit_is_made_again_from_the_snapshot_it_names_not_from_today_s(city: City, model: Model) -> None:
    city.keep(model, WEEK_2)
    before = city.judge(model)
    kept.forget()
    city.versions = city.write(TODAY, lose=60)
    after = city.judge(model)
    assert after.said == before.said
    assert after.groups["T"].quantiles() == before.groups["T"].quantiles()


def test_other_settings_or_values_have_fits_of_their_own(bills: Make, model: Model) -> None:
    keys = {
        kept.key_of(model, VALUES),
        kept.key_of(model, {"window_months": 9}),
        kept.key_of(bills("IForest", seed=2), VALUES),
        kept.key_of(bills("HBOS"), VALUES),
    }
    assert len(keys) == 4
    assert kept.key_of(model, VALUES | {"as_of": TODAY}) in keys


@pytest.mark.parametrize("change", ["trained_on", "lake", "groups", "signature"])
def test_a_changed_record_is_refused(city: City, model: Model, change: str) -> None:
    path = city.keep(model, WEEK_2)
    body = json.loads(path.read_text())
    body[change] = {"trained_on": "2026-06-23", "lake": {"tariff": 0}, "groups": {}, "signature": "0" * 64}[
        change
    ]
    path.write_text(json.dumps(body))
    with pytest.raises(RuleError, match="签名") as refused:
        city.judge(model)
    assert "refit" in refused.value.hint


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_what_is_no_record_is_refused(city: City, model: Model, text: str) -> None:
    city.keep(model, WEEK_2).write_text(text)
    with pytest.raises(RuleError, match="签名"):
        city.judge(model)


def test_a_record_signed_for_another_day_is_refused_under_this_one_s_name(city: City, model: Model) -> None:
    path = city.keep(model, WEEK_1)
    path.rename(path.with_name(path.name.replace(WEEK_1.isoformat(), WEEK_2.isoformat())))
    with pytest.raises(RuleError, match="别的模型"):
        city.judge(model)


def test_a_snapshot_that_no_longer_gives_the_recorded_fit_is_refused(city: City, model: Model) -> None:
    room = city.room(versions=city.write(TODAY, lose=60))
    kept.keep(room, model, VALUES, WEEK_2, fitted.fit(city.frame(model), model))
    with pytest.raises(RuleError, match="与记录不符"):
        city.judge(model)


def test_a_record_is_written_once(city: City, model: Model) -> None:
    path = city.keep(model, WEEK_2)
    before = path.read_text()
    assert not kept.keep(city.room(), model, VALUES, WEEK_2, {})
    assert path.read_text() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
