"""Units whose freely set amounts have unusual digits: Benford's first digit, last two digits, repeated amounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mingjian.detect.amounts import benford, last_two_digits, repeated_amounts
from mingjian.domain.model import Model


def digits(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """One row for each subject whose first digits deviate by `mad_min` and more than chance explains.

    `frame` has one row per subject and amount: the subject, the period, `region_code`, `amount` (yuan) and `times` it
    was paid. Parameters: `n_min` payments over `orders_min` orders of magnitude are needed; `p_max` is the largest
    chance of such a MAD under Benford's law. Adds the measures of `amounts.benford`, the digit that stands most above
    the law, the ending (last two digits of whole yuan) that most stands out, the most repeated amount, and `bars`: the
    shares of the nine first digits in % beside Benford's.
    """
    subject, period = model.subject.column, model.period
    code, names = pd.factorize(frame[subject], sort=True)
    code = code.astype(np.int64)
    amounts, times = frame["amount"].to_numpy(float), frame["times"].to_numpy(float)
    tested = benford(
        amounts,
        code,
        len(names),
        weights=times,
        n_min=int(values["n_min"]),
        orders_min=float(values["orders_min"]),
    )
    hit = np.flatnonzero((tested.mad >= float(values["mad_min"])) & (tested.mad_p <= float(values["p_max"])))
    ends = last_two_digits(amounts, code, len(names), weights=times)
    top = repeated_amounts(amounts, code, weights=times, top=1).set_index("group").reindex(range(len(names)))
    digit = (tested.share - tested.law).argmax(axis=1)
    measures = pd.DataFrame(
        {
            "n": tested.n,
            "distinct": np.bincount(code, minlength=len(names)),
            "orders": tested.orders.round(2),
            "mad": tested.mad.round(4),
            "mad_expected": tested.mad_expected.round(4),
            "mad_p": tested.mad_p,
            "chi2_p": tested.chi2_p,
            "digit": tested.digits[digit],
            "digit_pct": (100 * tested.share[np.arange(len(names)), digit]).round(1),
            "digit_law_pct": (100 * tested.law[digit]).round(1),
            "ending": ends.ending,
            "ending_times": ends.times,
            "ending_expected": ends.expected.round(1),
            "ending_p": ends.p,
            "repeat_amount": top["amount"].fillna(0).to_numpy(),
            "repeat_times": top["times"].fillna(0).to_numpy(),
            "repeat_pct": (100 * top["share"].fillna(0)).round(1).to_numpy(),
        }
    )
    about = frame.groupby(subject, sort=True).agg({period: "first", "region_code": "first"}).reset_index()
    found = pd.concat([about, measures], axis=1).iloc[hit].reset_index(drop=True)
    found["bars"] = pd.Series([_bars(tested.digits, tested.share[i], tested.law) for i in hit], dtype=object)
    return found


def _bars(digit: np.ndarray, share: np.ndarray, law: np.ndarray) -> list[dict[str, Any]]:
    """The picture: for each first digit its share and Benford's, in %."""
    rows = zip(digit, 100 * share, 100 * law, strict=True)
    return [
        {"label": str(d), "observed": round(float(o), 2), "expected": round(float(e), 2)} for d, o, e in rows
    ]
