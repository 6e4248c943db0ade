"""Monthly drift: both ways, against the same month of the year before, and rarely by chance."""

from __future__ import annotations

import numpy as np
import pytest

from mingjian.detect.detectors.drift import NEEDS, drift

SEASON = 1 + 0.5 * np.sin(np.arange(37) * np.pi / 6)


def test_season_and_growth_are_expected() -> None:
    totals = np.round(1000 * SEASON * 1.02 ** np.arange(37))[None, :]
    found = drift(totals, totals)
    assert np.isnan(found.z[:, :NEEDS]).all()
    assert np.abs(found.z[:, NEEDS:]).max() < 1
    assert found.expected[0, NEEDS:] == pytest.approx(totals[0, NEEDS:], rel=0.01)


@pytest.mark.parametrize("change", [0.7, 1.4])
def test_a_change_either_way_stands_out(change: float) -> None:
    totals = np.tile(1000 * SEASON, (3, 1))
    totals[1, -1] *= change
    z = drift(totals, totals).z[:, -1]
    assert abs(z[1]) > 20 and np.sign(z[1]) == np.sign(change - 1)
    assert np.abs(z[[0, 2]]).max() < 1


def test_one_payee_more_is_no_movement() -> None:
    totals = np.full((1, 30), 12.0)
    totals[0, -1] = 14
    assert abs(drift(totals, totals).z[0, -1]) < 3.5


def test_a_series_that_begins_late_is_not_judged() -> None:
    totals = np.full((2, 30), 500.0)
    totals[1, :10] = np.nan
    z = drift(totals, totals).z
    assert np.isfinite(z[0, -1]) and np.isnan(z[1, -1])


@pytest.mark.parametrize("mean", [30, 300, 3000])
def test_steady_programmes_rarely_pass_three_and_a_half_spreads(mean: int) -> None:
    rng = np.random.default_rng(6)
    totals = rng.poisson(mean * np.exp(rng.normal(0, 0.02, (4000, 25)))).astype(float)
    assert (np.abs(drift(totals, totals).z[:, -1]) >= 3.5).mean() < 0.006
