"""The dual track's arithmetic: weeks in the band, the end after months, what settles a case, what keeps it open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingjian.domain.campaign import (
    Band,
    CallOutcome,
    CloseRefusal,
    DualTrack,
    Progress,
    band_of,
    end_of,
    is_called_back,
    objection,
)

TODAY = date(2026, 6, 30)
DAYS = st.sets(st.integers(0, 60).map(lambda n: TODAY - timedelta(days=n)), max_size=20)


def ago(*days: int) -> set[date]:
    return {TODAY - timedelta(days=n) for n in days}


@pytest.mark.parametrize(
    ("runs", "outside", "weeks", "since"),
    [
        (ago(), ago(), 0, TODAY - timedelta(days=6)),
        (ago(0), ago(), 1, TODAY - timedelta(days=13)),
        (ago(0, 7, 14), ago(), 3, None),
        (ago(6, 13, 20), ago(), 3, None),
        (ago(0, 7, 14), ago(0), 0, TODAY),
        (ago(0, 7, 14), ago(6), 0, TODAY - timedelta(days=6)),
        (ago(0, 7, 14), ago(7), 1, TODAY - timedelta(days=7)),
        (ago(0, 14), ago(), 1, TODAY - timedelta(days=13)),
        (ago(0, 7, 14), ago(21), 3, None),
    ],
)
def test_weeks_in_the_band(runs: set[date], outside: set[date], weeks: int, since: date | None) -> None:
    assert band_of(runs, outside, TODAY, 3) == Band(weeks, since)


@given(DAYS, DAYS, DAYS)
def test_more_days_outside_or_fewer_runs_never_lengthen_the_band(
    runs: set[date], outside: set[date], more: set[date]
) -> None:
    weeks = band_of(runs, outside, TODAY, 8).weeks
    assert band_of(runs, outside | more, TODAY, 8).weeks <= weeks
    assert band_of(runs - more, outside, TODAY, 8).weeks <= weeks


@pytest.mark.parametrize(
    ("opened", "months", "end"),
    [
        (date(2026, 3, 2), 3, date(2026, 6, 2)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_the_end_is_so_many_months_later(opened: date, months: int, end: date) -> None:
    assert end_of(opened, months) == end


@pytest.mark.parametrize(
    ("outcome", "attempts", "settles"),
    [("resolved", 1, True), ("not_resolved", 1, True), ("not_reached", 2, False), ("not_reached", 3, True)],
)
def test_an_answer_settles_a_case_and_so_does_the_last_attempt(
    outcome: str, attempts: int, settles: bool
) -> None:
    assert is_called_back(CallOutcome(outcome), attempts, 3) is settles


@pytest.mark.parametrize(
    ("called", "weeks", "refusal"),
    [
        (2, 8, CloseRefusal.CASES_NOT_CALLED_BACK),
        (2, 0, CloseRefusal.CASES_NOT_CALLED_BACK),
        (3, 7, CloseRefusal.BAND_NOT_BACK),
        (3, 8, None),
    ],
)
def test_cases_come_first_then_the_band(called: int, weeks: int, refusal: CloseRefusal | None) -> None:
    assert objection(Progress(3, called, 0, Band(weeks)), 8) is refusal


def test_a_model_is_listed_or_spread_by_name_or_glob() -> None:
    track = DualTrack.model_validate(
        {
            "models": ["utility.common_*"],
            "spread": [{"models": "utility.*", "districts": 4}],
            "plan_days": 10,
            "months": 3,
            "quiet_weeks": 8,
        }
    )
    assert track.lists("utility.common_problem") and track.spread_of("utility.common_problem") is None
    spread = track.spread_of("utility.outage_repeat")
    assert spread is not None and (spread.districts, spread.days) == (4, 30)
    assert track.spread_of("realty.double_sale") is None
    assert track.named(["utility.a", "realty.b"]) == {"utility.a"}
