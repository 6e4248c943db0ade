"""The number duplication test: which amounts a group pays again and again (Nigrini 2012, chapter 6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.detect.amounts.digits import FEN, Floats, Ints


def repeated_amounts(
    amounts: Floats, groups: Ints, *, weights: Floats | None = None, top: int = 5, least: int = 2
) -> pd.DataFrame:
    """The `top` most frequent amounts of each group: columns group, amount, times, share (of the group's payments).

    Amounts that stand fewer than `least` times are no repeats. Ties go to the larger amount, as more money.
    """
    known = np.isfinite(amounts)
    many = np.ones(len(amounts)) if weights is None else weights
    frame = pd.DataFrame({"group": groups, "fen": np.rint(np.where(known, amounts, 0) * FEN), "times": many})[
        known
    ]
    whole = frame.groupby("group")["times"].transform("sum")
    frame["share"] = frame["times"] / whole
    summed = frame.groupby(["group", "fen"], as_index=False).sum()
    summed = summed[summed["times"] >= least].sort_values(
        ["group", "times", "fen"], ascending=[True, False, False]
    )
    first = summed.groupby("group").head(top).reset_index(drop=True)
    first.insert(1, "amount", first.pop("fen") / FEN)
    return first
