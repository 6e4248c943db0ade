"""How often chance alone would give such an alarm, in words that a reader can weigh."""

from __future__ import annotations

import numpy as np
from scipy import stats

RAREST = 100_000  # steps; beyond this the tail of no model is believed


def by_chance(pvalue: np.ndarray, tests: np.ndarray) -> np.ndarray:
    """Expected number of cells this unusual among all `tests` cells of one time step where nothing happens.

    At most p times tests, since P(p-value <= p) <= p for counts; an upper bound, and of any shape that broadcasts.
    """
    return np.asarray(pvalue) * np.asarray(tests)


def once_in(pvalue: np.ndarray, tests: np.ndarray) -> np.ndarray:
    """The time steps in which chance gives one such cell over all series judged: 1 to 100,000, whole numbers."""
    with np.errstate(divide="ignore"):
        steps = 1.0 / by_chance(pvalue, tests)
    return np.clip(np.round(steps), 1, RAREST)


def short_baseline(counts: np.ndarray, mean: np.ndarray, spread: np.ndarray, baseline: int) -> np.ndarray:
    """P-values of counts against a baseline of few steps, where a normal tail would promise too much.

    `mean` and `spread` are those of the `baseline` steps; all arrays have the shape of `counts`. The larger of two
    predictive tails: Student's t of the next value (Whitehead's standard error, sd * sqrt(1 + 1/baseline)), and the
    negative binomial of a Poisson count whose mean is known from the baseline alone (gamma prior of shape 1/2).
    Counts with three times the variance of a Poisson variable pass p = 0.001 up to 20 times as often as that: a
    week does not show it, which is why series with eight weeks or more are judged by `daily`.
    """
    error = spread * np.sqrt(1 + 1 / baseline)
    student = stats.t.sf((counts - mean) / error, baseline - 1)
    poisson = stats.nbinom.sf(counts - 1, mean * baseline + 0.5, baseline / (baseline + 1))
    return np.asarray(np.maximum(student, poisson))
