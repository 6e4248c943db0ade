"""A cluster's own days for its picture: what came, what was expected, where the usual ends, which days are in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from mingjian.detect.scan.spread import upper_of

SHOWN_DAYS = 60
TYPE = pa.list_(
    pa.struct(
        [
            ("t", pa.string()),
            ("n", pa.int64()),
            ("expected", pa.float64()),
            ("upper", pa.float64()),
            ("alarm", pa.bool_()),
        ]
    )
)


def curve(
    n: np.ndarray, expected: np.ndarray, days: int, as_of: date, dispersion: float = 1.0
) -> list[dict[str, Any]]:
    """The last 60 days of (n_days,) counts that end on `as_of`, the last `days` of them marked as the cluster.

    `upper` is what one such day exceeds with a chance of at most 1 %; it is a guide to the eye, not the scan's test.
    """
    shown = slice(-SHOWN_DAYS, None)
    n, expected = n[shown], expected[shown]
    upper = upper_of(expected, dispersion)
    return [
        {
            "t": (as_of - timedelta(days=len(n) - 1 - k)).isoformat(),
            "n": int(n[k]),
            "expected": round(float(expected[k]), 2),
            "upper": float(upper[k]),
            "alarm": k >= len(n) - days,
        }
        for k in range(len(n))
    ]
