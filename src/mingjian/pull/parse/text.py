"""Plain text and codes."""

from __future__ import annotations

import pandas as pd

from mingjian.pull.parse.base import Parsed, Target, no_problem

# A code of 16 digits and more that went through a float has lost its last digits.
_LOST_DIGITS = r"^\d\.\d{4,}[eE]\+?\d{2}$"


def parse_text(values: pd.Series, target: Target) -> Parsed:
    """Text as it is; a long code that became a float is a problem (`float_mangled_id`)."""
    problem = no_problem(values)
    lost = values.str.contains(_LOST_DIGITS).astype(bool)
    problem[lost] = "float_mangled_id"
    return Parsed(values.mask(lost), problem)
