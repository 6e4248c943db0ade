"""May the verdicts' order take over? Only after it has beaten the unsupervised one on past verdicts, forward in time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mingjian.domain.named import Named
from mingjian.rerank.learn import rerank
from mingjian.rerank.precision import average_precision, resamples

LEAST_JUDGED = 30
LEAST_OF_EACH = 8
LEAST_LATER = 4  # of each kind among the later verdicts that the orders are compared on
BLOCK = 20  # later verdicts judged by one retraining, at least
MOST_BLOCKS = 4
TIMES = 1000


class Reason(Named):
    """Why the verdicts' order does or does not stand in the queue."""

    TOO_FEW_VERDICTS = (
        "too_few_verdicts",
        "核查结论还不够，沿用原有顺序",
        "too few verdicts: the order stays as it was",
    )
    NOT_BETTER = (
        "not_better",
        "按以往结论未见明显更好，沿用原有顺序",
        "not shown to be better on past verdicts: the order stays as it was",
    )
    BETTER = (
        "better",
        "在以后的结论上确实更好，按结论排序",
        "better on later verdicts: verdicts give the order",
    )


@dataclass(frozen=True)
class Trial:
    """What the walk forward showed; the figures are None where nothing could be compared.

    `before` and `after` are the average precision of the unsupervised and of the verdicts' order on verdicts later
    than those learned from; `low` and `high` bound the gain (95 % percentile bootstrap).
    """

    reason: Reason
    judged: int
    confirmed: int
    before: float | None = None
    after: float | None = None
    low: float | None = None
    high: float | None = None


def walk_forward(
    x: np.ndarray,
    prior: np.ndarray,
    y: np.ndarray,
    moments: np.ndarray,
    level: np.ndarray | None = None,
    seed: int = 0,
) -> Trial:
    """Learn from the verdicts before a moment, order those of the next period, and compare with the unsupervised order.

    All rows are judged: `x` (n, d), `prior` (n,) and `y` (n,) of 0 and 1 as `rerank` takes them, `moments` (n,) a
    sortable time of each verdict, `level` (n,) the level's rank (1 first), which either order leaves in place. The
    first half is only learned from; the rest is cut into at most four periods, never within one moment. Rows of a
    later period take no part in what an earlier one is ordered by, not even by their features.
    """
    judged, confirmed = len(y), int(y.sum())
    if judged < LEAST_JUDGED or min(confirmed, judged - confirmed) < LEAST_OF_EACH:
        return Trial(Reason.TOO_FEW_VERDICTS, judged, confirmed)
    by_time = np.argsort(moments, kind="stable")
    x, prior, y, moments = x[by_time], prior[by_time], y[by_time].astype(float), moments[by_time]
    rank = np.zeros(judged) if level is None else level[by_time].astype(float)
    cuts = _cuts(moments)
    later = y[cuts[0] :]
    if len(cuts) < 2 or min(later.sum(), len(later) - later.sum()) < LEAST_LATER:
        return Trial(Reason.TOO_FEW_VERDICTS, judged, confirmed)
    gains, before, after, hits = [], 0.0, 0.0, 0.0
    for number, (start, end) in enumerate(pairwise(cuts)):
        truth = y[start:end]
        if not 0 < truth.sum() < len(truth):
            continue
        seen = np.where(np.arange(end) < start, y[:end], np.nan)
        new = rerank(x[:end], prior[:end], seen, seed).order
        weights = np.vstack([np.ones(end - start), resamples(end - start, TIMES, seed + number)])
        old_ap = average_precision(in_level(prior[start:end], rank[start:end]), truth, weights)
        new_ap = average_precision(in_level(new[start:end], rank[start:end]), truth, weights)
        share = truth.sum()
        before, after, hits = before + share * old_ap[0], after + share * new_ap[0], hits + share
        gains.append(share * np.nan_to_num(new_ap[1:] - old_ap[1:]))
    if not gains:
        return Trial(Reason.TOO_FEW_VERDICTS, judged, confirmed)
    low, high = np.quantile(np.sum(gains, axis=0) / hits, [0.025, 0.975])
    reason = Reason.BETTER if low > 0 else Reason.NOT_BETTER
    return Trial(
        reason, judged, confirmed, float(before / hits), float(after / hits), float(low), float(high)
    )


def in_level(order: np.ndarray, level: np.ndarray) -> np.ndarray:
    """One number to sort by: the level first (1 before 2), then the order within it; equal pairs stay equal."""
    pairs = np.column_stack([-level, order])
    _different, place = np.unique(pairs, axis=0, return_inverse=True)
    return np.asarray(place.reshape(-1), dtype=float)


def _cuts(moments: np.ndarray) -> list[int]:
    """Where periods begin, and the end: the second half in equal parts, moved back to where a moment begins."""
    n = len(moments)
    half = n // 2
    blocks = int(np.clip((n - half) // BLOCK, 1, MOST_BLOCKS))
    wanted = np.linspace(half, n, blocks + 1).astype(int)
    starts = np.searchsorted(moments, moments[wanted[:-1]], side="left")
    return [*(int(s) for s in np.unique(starts) if s > 0), n]
