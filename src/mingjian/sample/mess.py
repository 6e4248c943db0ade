"""The mess of real exports, at stated rates, with dice of its own.

Repairable: full-width digits and thousands separators (2 % of amounts each), 15-digit identity numbers (2 % of those
born before 2000), lower-case x and stray spaces (1 % each), four date formats. Not repairable: unreadable cells
(0.2 % of background rows), rows that break a gate (0.05 %), exact duplicates (0.1 %).

Rows of people who play a part (planted cases and look-alikes) are given repairable mess only; that keeps the truth
file true. A city's own mess
will hit its cases too, so measured recall says how well rules work on rows that arrive.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.ids import old_id_numbers
from mingjian.sample.context import Dates, Flags, Texts

REPAIRABLE = 0.02
SLIGHT = 0.01
UNREADABLE = 0.002
DUPLICATED = 0.001
BREAKS_GATE = 0.0005
FULL_WIDTH = {digit: digit + 0xFEE0 for digit in range(ord("0"), ord("9") + 1)}
DATE_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]


def messy_ids(rng: np.random.Generator, id_no: Texts) -> Texts:
    """Old 15-digit numbers, lower-case x, stray spaces."""
    out = id_no.copy()
    old = (rng.random(len(out)) < REPAIRABLE) & (np.array([t[6:8] for t in out]) == "19")
    out[old] = old_id_numbers(out[old])
    lower = rng.random(len(out)) < 0.5
    ends = np.array([t.endswith("X") for t in out])
    out[lower & ends] = [t.lower() for t in out[lower & ends]]
    spaced = rng.random(len(out)) < SLIGHT
    out[spaced] = [f" {t[:6]} {t[6:]}" for t in out[spaced]]
    return out


def messy_numbers(rng: np.random.Generator, values: np.ndarray, decimals: int = 2) -> Texts:
    """Numbers as texts; some with thousands separators, some in full-width digits."""
    out = np.array([f"{v:.{decimals}f}" for v in values], dtype=object)
    roll = rng.random(len(out))
    grouped = roll < REPAIRABLE
    out[grouped] = [f"{v:,.{decimals}f}" for v in values[grouped]]
    wide = (roll >= REPAIRABLE) & (roll < 2 * REPAIRABLE)
    out[wide] = [t.translate(FULL_WIDTH) for t in out[wide]]
    return out


def messy_dates(
    rng: np.random.Generator, when: Dates, shares: tuple[float, ...] = (0.9, 0.05, 0.03, 0.02)
) -> Texts:
    """Dates as texts in mixed formats; NaT becomes an empty cell."""
    codes, unique = pd.factorize(pd.Series(when), use_na_sentinel=True)
    stamps = pd.DatetimeIndex(unique)
    table = np.array([stamps.strftime(form) for form in DATE_FORMATS], dtype=object).reshape(
        len(DATE_FORMATS), -1
    )
    table = np.hstack([table, np.full((len(DATE_FORMATS), 1), "", dtype=object)])
    form = rng.choice(len(DATE_FORMATS), len(when), p=shares)
    return table[form, codes]


def spoil(rng: np.random.Generator, column: pd.Series, background: Flags, cells: list[str]) -> pd.Series:
    """Make 0.2 % of background cells unreadable."""
    hit = (rng.random(len(column)) < UNREADABLE) & background
    out = column.astype(object).copy()
    out[hit] = rng.choice(cells, hit.sum())
    return out


def repeat_rows(rng: np.random.Generator, frame: pd.DataFrame, background: Flags) -> pd.DataFrame:
    """Repeat 0.1 % of background rows exactly, as double exports do."""
    hit = (rng.random(len(frame)) < DUPLICATED) & background
    return pd.concat([frame, frame[hit]]).sort_index(kind="stable").reset_index(drop=True)
