"""Approvers or units whose payments bunch just below an approval limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from mingjian.detect.amounts import Bunching, bunching
from mingjian.domain.model import Model

WAN = 10_000


def below_limit(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """One row for each subject with more amounts just below the limit than chance explains.

    `frame` has one row per payment: the subject, the period, `region_code` and `amount` (yuan). Parameters: `limit`,
    `band` (a share of the limit), `n_min` payments around the band, `alpha`: the false discovery rate over all judged
    subjects (Benjamini and Hochberg 1995). Adds `n`, `below`, `expected`, `ratio`, `excess` (payments), `above`,
    `expected_above`, `p`, `q` (adjusted), `subjects` judged, `amount` (sum below the limit), and `bars`: payments
    by size, in 万元, beside what the density around suggests.
    """
    subject, period = model.subject.column, model.period
    limit, band = float(values["limit"]), float(values["band"])
    code, names = pd.factorize(frame[subject], sort=True)
    code = code.astype(np.int64)
    amounts = frame["amount"].to_numpy(float)
    tested = bunching(amounts, code, len(names), limit, band=band, n_min=int(values["n_min"]))
    q = np.full(len(names), np.nan)
    judged = ~np.isnan(tested.p)
    if judged.any():
        q[judged] = stats.false_discovery_control(tested.p[judged])
    within = (amounts >= limit * (1 - band)) & (amounts < limit)
    money = np.bincount(code[within], weights=amounts[within], minlength=len(names))
    measures = pd.DataFrame(
        {
            "n": tested.n,
            "below": tested.below,
            "expected": tested.expected.round(1),
            "ratio": (tested.below / np.maximum(tested.expected, 1.0)).round(2),
            "excess": (tested.below - tested.expected).round(1),
            "above": tested.above,
            "expected_above": tested.expected_above.round(1),
            "p": tested.p,
            "q": q,
            "subjects": int(judged.sum()),
            "amount": money.round(2),
        }
    )
    about = frame.groupby(subject, sort=True).agg({period: "first", "region_code": "first"}).reset_index()
    hit = np.flatnonzero(q <= float(values["alpha"]))
    found = pd.concat([about, measures], axis=1).iloc[hit].reset_index(drop=True)
    found["bars"] = pd.Series([_bars(tested, int(i)) for i in hit], dtype=object)
    return found


def _bars(tested: Bunching, row: int) -> list[dict[str, Any]]:
    edges = tested.edges / WAN
    return [
        {"label": f"{low:g}–{high:g}", "observed": int(seen), "expected": round(float(fitted), 2)}
        for low, high, seen, fitted in zip(
            edges[:-1], edges[1:], tested.bins[row], tested.fitted[row], strict=True
        )
    ]
