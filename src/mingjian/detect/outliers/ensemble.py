"""Ensembles: members whose scores have nothing in common but their order are averaged by rank."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import rankdata

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

# One of each family: neighbours, neighbours among samples, isolation, covariance (docs/decisions/0012).
DEFAULT = ("KNN", "INNE", "IForest", "MCD")


def rank_average(scores: np.ndarray) -> np.ndarray:
    """Mean over members of each row's share of rows at or below it; `scores` is (n, members), the result (n,).

    In (0, 1]; ties share their mean rank. A member weighs the same whatever its scale (Aggarwal and Sathe 2017,
    Outlier Ensembles, ch. 5). Depends on the batch: for one-shot use only.
    """
    ranks: np.ndarray = rankdata(scores, axis=0) / max(len(scores), 1)
    return ranks.mean(axis=1)


def rank_against(scores: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Mean over members of each row's share of *training* scores at or below it: no other row of the batch counts.

    `scores` is (n, members), `trained` (rows fitted on, members). A row beyond all training rows would tie with
    every other such row, so the excess, in spreads of the training scores, is squeezed into one training rank.
    """
    columns = []
    for seen, known in zip(scores.T, np.sort(trained, axis=0).T, strict=True):
        share = np.searchsorted(known, seen, side="right") / len(known)
        spread = float(known.std()) or 1.0
        excess = np.maximum(seen - known[-1], 0.0) / spread
        columns.append(share + excess / (1 + excess) / len(known))
    return np.column_stack(columns).mean(axis=1)


def members_of(options: dict[str, Any]) -> tuple[str, ...]:
    """The members that `options` names, else the default's; RuleError when it is no list of two or more."""
    named = options.get("members", DEFAULT)
    if not isinstance(named, list | tuple) or len(named) < 2:
        raise RuleError(
            _("组合检测器的 members 应为两个以上的检测器"), hint=_("例如 members: [KNN, IForest, MCD]")
        )
    return tuple(str(name) for name in named)
