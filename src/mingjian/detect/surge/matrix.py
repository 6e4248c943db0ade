"""The one shape every surveillance method takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _


def as_matrix(counts: Any) -> np.ndarray:
    """Counts as floats of shape (n_series, n_times); NaN stands for a time without data.

    Raises RuleError for another shape or a negative or infinite count.
    """
    matrix = np.asarray(counts, dtype=float)
    if matrix.ndim != 2:
        raise RuleError(
            _("监测的计数应是二维数组（序列数 × 时点数），现为 {n} 维").format(n=matrix.ndim),
            hint=_("单个序列请写成一行：counts[None, :]"),
        )
    if np.isinf(matrix).any() or (matrix < 0).any():
        raise RuleError(
            _("监测的计数含有负数或无穷大"),
            hint=_("请检查取数的 SQL；没有数据的时点写成空值，不要写成负数"),
        )
    return matrix
