"""What passes between a reader and the shaping of rows: raw text columns with their file and row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mingjian.domain.source import Source
from mingjian.pull.headers import same_header

FILE_STRIDE = 1_000_000_000  # `_row` is file number x stride + row number, so it is unique in a batch


class Rejected(NamedTuple):
    """A row that could not even be split into columns."""

    row_no: int
    value_class: str


@dataclass(frozen=True)
class Part:
    """One file, sheet or answer: every column as text (null where the source has no value), nothing guessed.

    `row_no` is the number a person sees in the file, the header counted, from 1. `headers` are as written in
    the file and parallel to `columns`.
    """

    file: str
    headers: Sequence[str]
    columns: Sequence[pa.ChunkedArray | pa.Array]
    row_no: np.ndarray
    rejected: Sequence[Rejected] = field(default_factory=tuple)
    file_no: int = 0

    def find(self, names: Sequence[str]) -> list[int]:
        """Positions of the columns whose header is the first of `names` that is present."""
        shown = [same_header(h) for h in self.headers]
        for name in names:
            at = [i for i, header in enumerate(shown) if header == same_header(name)]
            if at:
                return at
        return []


@dataclass(frozen=True)
class Reading:
    """All that one pull read. `digest` is known before `parts` are parsed: no change costs little."""

    digest: str
    parts: Iterable[Part]


@dataclass(frozen=True)
class Ask:
    """What a reader needs beyond the source file; `since` is the watermark of an increment, city-local."""

    sources_dir: Path
    since: datetime | None = None


Reader = Callable[[Source, Ask], Reading]


def grid_part(
    file: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    row_no: Sequence[int],
    file_no: int,
) -> Part:
    """A part from rows of equal length; rows blank throughout are left out."""
    kept = [i for i, row in enumerate(rows) if any(cell and cell.strip() for cell in row)]
    columns = [pa.array([rows[i][c] for i in kept], pa.string()) for c in range(len(headers))]
    return Part(file, headers, columns, np.asarray([row_no[i] for i in kept], dtype=np.int64), (), file_no)
