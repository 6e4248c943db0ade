"""What to expect of each place and topic on each day, from the weeks before, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

WEEK = 7
PRIOR = 1.0  # cases' worth of trust in "each topic is spread over places as all requests are"
STEADY = 20.0  # cases' worth of trust in the whole city's weekdays
STEADY_SPREAD = 100.0  # the same for dispersion: a variance takes more cases to know than a mean


@dataclass(frozen=True)
class Baseline:
    """Expected counts as `rate` x `factor`, and what they rest on.

    `rate`: (n_places, n_topics), cases a day. `factor`: (n_topics, n_days), the weekday's. `cases`: (n_places,
    n_topics), how many past cases each rate rests on. `dispersion`: (n_topics,), variance over mean, at least 1.
    """

    rate: np.ndarray
    factor: np.ndarray
    cases: np.ndarray
    dispersion: np.ndarray

    def expected(self, days: slice) -> np.ndarray:
        """Expected counts of some of the days, (n_places, n_topics, n_days)."""
        return self.rate[:, :, None] * self.factor[None, :, days]


def baseline(counts: np.ndarray, history: int, first_weekday: int = 0) -> Baseline:
    """Expectations for all days of `counts` (n_places, n_topics, n_days), learnt from the first `history` days.

    A place's rate for a topic is its mean, drawn towards (topic's rate x place's share) by one case's worth
    (gamma-Poisson shrinkage, as DuMouchel, American Statistician 53 (1999)), so that a street where a topic is new
    has a small expectation and not none. Weekdays: each topic's own, drawn towards the whole city's. Dispersion:
    squared deviations over expected counts, in the same way. Raises RuleError when there is less than a week of history.
    """
    if not WEEK <= history <= counts.shape[2]:
        raise RuleError(
            _("基线只有 {n} 天", n=history), hint=_("扫描统计的基线至少要 7 天，且不多于数据的天数")
        )
    past = counts[:, :, :history].astype(float)
    weekday = (first_weekday + np.arange(counts.shape[2])) % WEEK
    factor = _weekdays(past.sum(axis=0), weekday[:history])[:, weekday]
    exposure = np.maximum(factor[:, :history].sum(axis=1), 1e-9)
    n = past.sum(axis=2)
    share = (n.sum(axis=1) + 0.5) / (n.sum() + 0.5 * len(n))
    topic_rate = (n.sum(axis=0) + 0.5) / exposure
    usual = share[:, None] * topic_rate[None, :]
    rate = (n + PRIOR) / (exposure[None, :] + PRIOR / usual)
    return Baseline(rate, factor, n + PRIOR, _dispersion(past, rate, factor[:, :history]))


def _weekdays(daily: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """(n_topics, 7) factors about 1 from (n_topics, n_days) counts."""
    which = np.eye(WEEK)[weekday]
    times = np.maximum(which.sum(axis=0), 1)
    per_day = daily.sum() / len(weekday)
    city = ((daily.sum(axis=0) @ which) / times + 1) / (per_day + 1)
    usual = daily.mean(axis=1)[:, None] * (times * city)[None, :]
    return np.asarray((daily @ which + STEADY) / (usual + STEADY) * city)


def _dispersion(past: np.ndarray, rate: np.ndarray, factor: np.ndarray) -> np.ndarray:
    expected = rate[:, :, None] * factor[None, :, :]
    days = past.shape[2]
    off = ((past - expected) ** 2).sum(axis=(0, 2)) * days / (days - 1)
    due = expected.sum(axis=(0, 2))
    return np.maximum(1.0, (off + STEADY_SPREAD * off.sum() / due.sum()) / (due + STEADY_SPREAD))
