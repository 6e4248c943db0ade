"""What every parser gets and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from mingjian.pull.clean import beyond_ascii


@dataclass(frozen=True)
class Target:
    """The column to fill: its type, the unit the source writes (万元, %) and the unit we keep."""

    type: pa.DataType
    source_unit: str | None = None
    unit: str | None = None


class Parsed(NamedTuple):
    """Values and, where a value could not be read, its class (`unreadable_date`); parallel Series."""

    values: pd.Series
    problem: pd.Series


def no_problem(values: pd.Series) -> pd.Series:
    """A Series of None beside `values`."""
    return pd.Series([None] * len(values), index=values.index, dtype=object)


def half_width(values: pd.Series) -> pd.Series:
    """Compatibility forms made plain (full width to half width), without any space."""
    plain = beyond_ascii(values, lambda text: text.str.normalize("NFKC"))
    return plain.str.replace(r"\s+", "", regex=True)


# A float shown in scientific notation with fewer digits than it stands for; spreadsheets keep 15.
SCIENTIFIC = r"[+-]?\d(?:\.\d+)?[eE]\+?\d+"


def plain_digits(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers that were meant as text made text again: `(text, mangled)`.

    `110101900101001.0` and `1.10101900101001E+14` come back exactly; beyond 15 digits, or with digits already
    cut by the display, the last digits are lost and `mangled` is True.
    """
    text = values.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    mangled = text.str.contains(r"^\d+\.\d+$").astype(bool)
    scientific = text.str.fullmatch(SCIENTIFIC).astype(bool)
    if not scientific.any():
        return text, mangled
    text = text.astype(object)
    for at in text.index[scientific]:
        mantissa, exponent = text[at].lower().split("e")
        shown = len(mantissa.replace(".", "").lstrip("+-"))
        wanted = int(exponent) + 1
        exact = shown <= wanted <= 15 and wanted - shown <= 1
        mangled[at] = not exact
        if exact:
            text[at] = str(int(float(text[at])))
    return text.astype("str"), mangled
