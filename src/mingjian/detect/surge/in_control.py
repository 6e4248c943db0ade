"""The mean of a series while nothing is wrong: given, or fitted to a stretch that is taken to be so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mingjian.detect.surge.shrunk import dispersion, fit_shrunk, mean_rate
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

PRIOR = 2.0


@dataclass(frozen=True)
class InControl:
    """`mean` (n_series, n_times), `alpha` (n_series,) and the first time a chart may judge."""

    mean: np.ndarray
    alpha: np.ndarray
    first: int

    def rows(self, start: int, stop: int) -> InControl:
        """The same for some of the series."""
        return InControl(self.mean[start:stop], self.alpha[start:stop], self.first)


def in_control(
    y: np.ndarray, mu0: Any, alpha: Any, training: int | None, periods: int, trend: bool, frequency: int
) -> InControl:
    """`mu0` and `alpha` where given, else what the first `training` times say.

    The fit is log-linear quasi-Poisson with `periods` equal parts of the `frequency` times of a year, shrunk to the
    series' mean, and a linear trend where `trend`: it goes on into the times judged, so keep it to short ones.
    `alpha` None is (dispersion - 1) / mean rate of the training times. Raises RuleError where neither is possible.
    """
    if mu0 is not None:
        if alpha is None:
            raise RuleError(
                _("给了 mu0 就要同时给 alpha"),
                hint=_("泊松计数写 alpha: 0；要由数据估计，请改给 training"),
            )
        return InControl(np.broadcast_to(np.asarray(mu0, dtype=float), y.shape), _each(alpha, y), 0)
    if training is None or not frequency <= training < y.shape[1]:
        raise RuleError(
            _("没有 mu0 时，training 应不少于一年（{n} 个时点），且少于全部时点").format(n=frequency),
            hint=_("请给 mu0，或给 training；序列不足一年的请用 daily 或 ears"),
        )
    level = (np.arange(y.shape[1]) % frequency) * periods // frequency
    time = -1.0 + 2.0 / (training - 1) * np.arange(y.shape[1])
    weights = np.isfinite(y[:, :training]).astype(float)
    counts = np.nan_to_num(y[:, :training])
    guess = np.repeat(mean_rate(counts, weights)[:, None], periods, axis=1)
    fitted = fit_shrunk(
        counts, level[:training], time[:training] if trend else None, weights, np.full(len(y), PRIOR), guess
    )
    mean = np.exp(fitted.predictor(level, time))
    if alpha is None:
        over, _free = dispersion(counts, fitted, weights)
        return InControl(mean, (over - 1.0) / mean_rate(counts, weights), training)
    return InControl(mean, _each(alpha, y), training)


def _each(alpha: Any, y: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(alpha, dtype=float), (len(y),))
