"""Bunching below a limit: calibrated without, found with, blind to round numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mingjian.detect.amounts import bunching
from mingjian.detect.amounts.cells import cell_of, grid
from mingjian.domain.errors import RuleError

LIMIT = 5_000_000.0
GROUPS, N = 400, 600
CODE = np.repeat(np.arange(GROUPS), N)


def lognormal(seed: int) -> np.ndarray:
    return np.exp(np.random.default_rng(seed).normal(np.log(4e6), 0.6, GROUPS * N))


def test_without_bunching_alarms_keep_their_level() -> None:
    p = bunching(lognormal(1), CODE, GROUPS, LIMIT).p
    assert (p <= 0.05).mean() < 0.09
    assert (p <= 0.001).mean() < 0.01


def test_round_amounts_alone_do_not_alarm() -> None:
    amounts = lognormal(2)
    step = np.random.default_rng(3).choice([1e5, 5e5, 1e6], len(amounts), p=[0.6, 0.2, 0.2])
    p = bunching(np.rint(amounts / step) * step, CODE, GROUPS, LIMIT).p
    assert (p <= 0.05).mean() < 0.09


def test_payments_moved_below_the_limit_are_found() -> None:
    rng, amounts = np.random.default_rng(4), lognormal(5)
    over = (amounts >= LIMIT) & (amounts < 1.5 * LIMIT) & (rng.random(len(amounts)) < 0.5)
    amounts[over] = LIMIT * rng.uniform(0.92, 0.999, over.sum())
    tested = bunching(amounts, CODE, GROUPS, LIMIT)
    assert (tested.p <= 0.001).mean() > 0.95
    assert tested.below.sum() > 2 * tested.expected.sum()
    assert tested.above.sum() < tested.expected_above.sum()


def test_the_limit_itself_is_not_below_it() -> None:
    tested = bunching(np.full(200, LIMIT), np.zeros(200, int), 1, LIMIT)
    assert (tested.below[0], tested.above[0]) == (0, 200)
    tested = bunching(np.full(200, LIMIT - 0.01), np.zeros(200, int), 1, LIMIT)
    assert (tested.below[0], tested.above[0]) == (200, 0)


def test_few_amounts_around_the_band_are_not_judged() -> None:
    amounts = np.r_[np.linspace(2.6e6, 4.4e6, 30), np.full(100, 4.9e6)]
    assert np.isnan(bunching(amounts, np.zeros(130, int), 1, LIMIT).p[0])


def test_weights_stand_for_repeated_amounts() -> None:
    amounts = lognormal(6)[:N]
    times = np.random.default_rng(7).integers(1, 4, N)
    weighted = bunching(amounts, np.zeros(N, int), 1, LIMIT, weights=times.astype(float))
    repeated = bunching(np.repeat(amounts, times), np.zeros(times.sum(), int), 1, LIMIT)
    assert weighted.p[0] == pytest.approx(repeated.p[0])
    np.testing.assert_allclose(weighted.bins, repeated.bins)


def test_a_group_is_judged_alike_alone_and_among_others() -> None:
    amounts = lognormal(8)
    alone = bunching(amounts[:N], np.zeros(N, int), 1, LIMIT)
    among = bunching(amounts, CODE, GROUPS, LIMIT)
    assert alone.p[0] == pytest.approx(among.p[0], rel=1e-4)


def test_no_group_at_all_is_an_empty_result() -> None:
    assert bunching(np.zeros(0), np.zeros(0, int), 0, LIMIT).p.shape == (0,)


@pytest.mark.parametrize("settings", [{"limit": 0.0}, {"band": 0.0}, {"band": 0.2}, {"reach": 1.0}])
def test_settings_that_leave_nothing_to_compare_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(RuleError):
        bunching(np.array([1.0]), np.array([0]), 1, settings.pop("limit", LIMIT), **settings)


def test_each_bin_holds_every_fen_once_in_some_class() -> None:
    on = grid(LIMIT, 0.1, 0.5, 2)
    np.testing.assert_allclose(on.points.sum(axis=1), np.diff(on.edges))
    assert on.points.sum(axis=0)[:3].tolist() == [
        5.0,
        5.0,
        40.0,
    ]  # millions, other half millions, other 100,000s


def test_an_amount_stands_in_the_class_of_its_roundest_step() -> None:
    on = grid(LIMIT, 0.1, 0.5, 2)
    cells = cell_of(np.array([4e6, 4.5e6, 4.6e6, 4.65e6, 4.66e6, 4_666_666.0, 9e6]), on)
    assert (cells[:6] % on.shape[1]).tolist() == [0, 1, 2, 3, 4, 5]
    assert cells[6] == -1
