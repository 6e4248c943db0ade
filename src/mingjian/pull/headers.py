"""Header rows: the same name however a spreadsheet wrote it, and merged rows made one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_INVISIBLE = re.compile(r"[\s\ufeff\u200b-\u200d]+")


def same_header(name: str) -> str:
    """The form in which headers are compared: half width, without spaces, line breaks or byte-order marks."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))


def join_headers(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """One name a column from one or more header rows.

    A merged cell shows its text only in its first column, so upper rows are filled forward; the parts of a
    name are joined with `/` unless they are empty or say the same.
    """
    width = max((len(row) for row in rows), default=0)
    padded = [[(cell or "").strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    filled = [_fill_forward(row) for row in padded[:-1]] + padded[-1:]
    return ["/".join(dict.fromkeys(cell for cell in column if cell)) for column in zip(*filled, strict=True)]


def _fill_forward(row: list[str]) -> list[str]:
    last, out = "", []
    for cell in row:
        last = cell or last
        out.append(last)
    return out
