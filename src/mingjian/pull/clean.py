"""Cells as people leave them: invisible characters, words for nothing, full-width letters and digits."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

BLANK = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\N",
        "无",
        "空",
        "NULL",
        "null",
        "Null",
        "N/A",
        "n/a",
        "NA",
        "None",
        "none",
    }
    | {"NaN", "nan", "NaT", "<NA>"}
)
FORMULA_ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!", "#FORMULA!"}
)
UNCACHED_FORMULA = "#FORMULA!"  # what the Excel reader puts where a formula has no stored result

_STRIP = " \t\r\n\x0b\x0c\u00a0\u3000\ufeff\u200b\u200c\u200d\u2060"
# Letters and digits only: full-width punctuation is right in Chinese prose.
_HALF_WIDTH = {
    full: full - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for full in range(first, last + 1)
}


def beyond_ascii(values: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """`change` applied where it can matter: most cells are plain ASCII, and it is slow."""
    wide = ~values.str.isascii().astype(bool)
    if not wide.any():
        return values
    changed = values.copy()
    changed[wide] = change(values[wide])
    return changed


def tidy(values: pd.Series) -> pd.Series:
    """Text without outer invisible characters, with half-width letters and digits."""
    return beyond_ascii(values.str.strip(_STRIP), lambda text: text.str.translate(_HALF_WIDTH))


def tidy_one(value: str) -> str:
    """`tidy` of one value."""
    return value.strip(_STRIP).translate(_HALF_WIDTH)


def is_blank(values: pd.Series) -> pd.Series:
    """True where tidy text says that there is no value; NUL bytes alone are no value either."""
    return values.isin(list(BLANK)) | values.str.strip("\x00").eq("")


def damage(values: pd.Series) -> pd.Series:
    """The value class of text that no parser should see: a failed formula or a NUL byte; None elsewhere."""
    found = pd.Series([None] * len(values), index=values.index, dtype=object)
    found[values.str.contains("\x00", regex=False).astype(bool)] = "nul_byte"
    found[values.str.upper().isin(list(FORMULA_ERRORS)).astype(bool)] = "formula_error"
    return found
