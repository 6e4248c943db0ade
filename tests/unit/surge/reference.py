"""Answers of R's surveillance 1.20.3: fixtures/r_surveillance.csv.

Four negative-binomial series of 140 weeks with a season and an outbreak. The columns hold, for earsC (C1, C2, C3;
C1min: minSigma 1, baseline 10, alpha 0.01), bayes (b = 0, 1, 2) and glrnb (ret = "value", c.ARL 4, mu0 given; lr
where theta is given), the `upperbound` and the `alarm`; empty where R does not evaluate.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SHAPE = (4, 140)
TABLE = pd.read_csv(Path(__file__).parent / "fixtures" / "r_surveillance.csv")


def column(name: str) -> np.ndarray:
    """One column as (n_series, n_times)."""
    return TABLE[name].to_numpy(float).reshape(SHAPE)


def upper(method: str) -> np.ndarray:
    """R's upperbound."""
    return column(f"{method}_upper")


def alarm(method: str) -> np.ndarray:
    """R's alarms; a cell without an answer is none."""
    return column(f"{method}_alarm") == 1
