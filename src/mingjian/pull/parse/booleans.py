"""Yes and no, as forms write them."""

from __future__ import annotations

import pandas as pd

from mingjian.pull.parse.base import Parsed, Target, half_width, no_problem

WORDS = {
    **dict.fromkeys(["是", "有", "对", "真", "y", "yes", "t", "true", "1", "√", "✓"], True),
    **dict.fromkeys(["否", "没有", "错", "假", "n", "no", "f", "false", "0", "×", "✗"], False),
}


def parse_boolean(values: pd.Series, target: Target) -> Parsed:
    """是/否, Y/N, true/false, 1/0; anything else is `unreadable_boolean`."""
    read = half_width(values).str.lower().astype(object).map(WORDS)
    problem = no_problem(values)
    problem[read.isna()] = "unreadable_boolean"
    return Parsed(read, problem)
