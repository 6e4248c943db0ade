"""docs/quality.md, written from what the benches of detection measured, so that page and figures cannot differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError, model_validator

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.source import Strict

ORDER = (
    "surge_vs_r",
    "surge_throughput",
    "surge_false_alarms",
    "surge_real",
    "scan",
    "outliers",
    "rerank",
    "benford",
    "near_duplicates",
    "entities",
)
INTRO = """# 质量 · Quality

Written by `python bench/quality_page.py` from `bench/results/quality/`; change the benches, not this page.

What surges, scans, outliers and near-duplicates are measured by: against reference implementations, on simulated data
whose truth is known, and on real records. Each section names the command that made it and explains what differs.
"""
NOTHING_YET = """No bench has been run yet. Each writes its figures, and then this page, when it is run by hand: see `bench/`.
"""
# A figure with its interval and unit, as "0.95 (0.93–0.97)" or "12 ms".
_NUMBER = re.compile(r"[-+−<>≤≥~]?\s?\d[\d\s.,%×±()\[\]–−+/-]*(?:e[-+]?\d+)?(?:s|ms|min|MB|GB)?")

Cell = str | int | float | bool | None


class Table(Strict):
    """Figures under a caption; every row has a cell for each column."""

    caption: str
    columns: list[str]
    rows: list[list[Cell]]

    @model_validator(mode="after")
    def _every_row_is_whole(self) -> Table:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has not as many cells as there are columns")
        return self


class Result(Strict):
    """What one bench wrote (`bench/quality.py`); `broken` are the promises that did not hold."""

    title: str
    command: str
    tables: list[Table]
    notes: list[str]
    broken: list[str]


def render(folder: Path) -> str:
    """The whole page from a folder of results, one JSON file a bench. Raises ContentError naming a file it cannot read."""
    results = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    if not results:
        return f"{INTRO}\n{NOTHING_YET}"
    names = [n for n in ORDER if n in results] + [n for n in results if n not in ORDER]
    found = [results[name] for name in names]
    missing = [name for name in ORDER if name not in results]
    parts = [INTRO, _promises(found), _contents(found), *map(_section, found)]
    if missing:
        parts.insert(2, f"Not measured yet: {', '.join(missing)}.\n")
    return "\n".join(parts)


def _read(path: Path) -> Result:
    try:
        return Result.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise ContentError(
            _("{path} 不是基准测试的结果", path=path), hint=_("重新运行该基准测试，由 bench/quality.py 写出")
        ) from error


def _promises(results: Sequence[Result]) -> str:
    broken = [f"- {_link(r)}: {promise}" for r in results for promise in r.broken]
    if not broken:
        return "Every promise that these benches check held in their latest runs.\n"
    return "## Promises not kept\n\n" + "\n".join(broken) + "\n"


def _contents(results: Sequence[Result]) -> str:
    return "## Contents\n\n" + "\n".join(f"- {_link(r)}" for r in results) + "\n"


def _section(result: Result) -> str:
    parts = [f"## {result.title}\n", f"`{result.command}`\n"]
    parts += [f"**Not kept:** {promise}\n" for promise in result.broken]
    for table in result.tables:
        parts += [f"**{table.caption}**\n", _markdown(table)]
    if result.notes:
        parts.append("\n".join(f"- {note}" for note in result.notes) + "\n")
    return "\n".join(parts)


def _markdown(table: Table) -> str:
    """Columns padded to one width, those of numbers flush right."""
    cells = [[_cell(c) for c in row] for row in table.rows]
    columns = list(zip([_cell(c) for c in table.columns], *cells, strict=True))
    flush = [all(_is_number(c) for c in column[1:]) for column in columns]
    widths = [max(3, *map(len, column)) for column in columns]
    rule = ["-" * (w - 1) + ":" if right else "-" * w for w, right in zip(widths, flush, strict=True)]
    padded = [
        [c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, flush, strict=True)]
        for row in zip(*columns, strict=True)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [padded[0], rule, *padded[1:]]) + "\n"


def _cell(value: Cell) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,}" if isinstance(value, int | float) else value
    return " ".join(text.split()).replace("|", "\\|")


def _is_number(text: str) -> bool:
    return text == "-" or _NUMBER.fullmatch(text) is not None


def _link(result: Result) -> str:
    """A link to the section, by GitHub's anchor of its heading."""
    anchor = re.sub(r"[^\w\- ]", "", result.title.lower()).replace(" ", "-")
    return f"[{result.title}](#{anchor})"
