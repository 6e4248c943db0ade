"""Duplicate records: equal in some columns, nearly equal in others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mingjian.detect.near.texts import near_duplicates
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _


def duplicate_records(
    frame: pd.DataFrame,
    exact: Sequence[str],
    near: Sequence[str] = (),
    threshold: float = 0.8,
    seed: int = 20260101,
) -> NDArray[np.int64]:
    """For each row the position of the record that stands for it; rows of one number are the same record.

    Rows agree in every `exact` column (an empty cell agrees with nothing) and, in each `near` text column, are at
    least `threshold` like the record that stands for them; figures count there. RuleError where no column is named
    or a named one is missing.
    """
    named = [*exact, *near]
    missing = [c for c in named if c not in frame.columns]
    if missing or not named:
        raise RuleError(
            _("重复记录检验缺少列 {cols}", cols="、".join(missing)),
            hint=_("在 exact 和 near 中填写现有的列名"),
        )
    code = _codes(frame, exact)
    for column in near:
        code = near_duplicates(frame[column].tolist(), threshold, seed, within=code, keep_figures=True).labels
    first = pd.Series(np.arange(len(frame))).groupby(code).transform("min")
    return first.to_numpy(dtype=np.int64)


def _codes(frame: pd.DataFrame, exact: Sequence[str]) -> NDArray[np.int64]:
    if not exact:
        return np.zeros(len(frame), dtype=np.int64)
    number = frame.groupby(list(exact), sort=False, dropna=True).ngroup()
    gap = frame[list(exact)].isna().any(axis=1).to_numpy()
    return np.where(gap, len(frame) + np.arange(len(frame)), number.fillna(-1).to_numpy(dtype=np.int64))
