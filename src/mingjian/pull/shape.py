"""From raw text columns to rows of the canonical table, and the list of cells that could not be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.pull.clean import damage, is_blank, tidy
from mingjian.pull.part import FILE_STRIDE, Part
from mingjian.pull.plan import Fill, Plan
from mingjian.pull.tokens import Tokeniser

ROW = "_row"
PROBLEM_COLUMNS = ["file", "row_no", "column_name", "header", "value_class", "row_key"]


@dataclass(frozen=True)
class Shaped:
    """Good `rows` (canonical columns and `_row`), and `problems`, one row a bad cell (PROBLEM_COLUMNS)."""

    rows: pa.Table
    problems: pd.DataFrame
    read: int
    missing: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        return self.rows.num_rows


@dataclass(frozen=True)
class _Filled:
    values: pa.Array
    problem: np.ndarray  # value class by row, None where fine
    header: str


def shape(part: Part, plan: Plan, tokenise: Tokeniser) -> Shaped:
    """Read every mapped column of one part; raises SourceError when a needed column is missing."""
    total = len(part.row_no)
    filled = {name: _fill(part, fill, tokenise, total) for name, fill in plan.fills.items()}
    bad = np.zeros(total, dtype=bool)
    for column in filled.values():
        bad |= _named(column.problem)
    columns = {
        name: filled[name].values if name in filled else pa.nulls(total, kind)
        for name, kind in plan.types.items()
    }
    numbers = pa.array(part.file_no * FILE_STRIDE + part.row_no, pa.int64())
    rows = pa.table({**columns, ROW: numbers}).filter(pa.array(~bad))
    problems = [*_cell_problems(part, plan, filled), _row_problems(part)]
    missing = tuple(f.names[0] for f in plan.fills.values() if f.names and not part.find(f.names))
    return Shaped(rows, pd.concat(problems, ignore_index=True), total + len(part.rejected), missing)


def _fill(part: Part, fill: Fill, tokenise: Tokeniser, total: int) -> _Filled:
    kind = fill.target.type
    at = part.find(fill.names) if fill.names else []
    if len(at) > 1:
        raise SourceError(
            _("{file} 的表头中“{header}”出现了不止一次", file=part.file, header=part.headers[at[0]]),
            hint=_("让表头各列名称不同后重新拉取"),
        )
    if not at:
        _refuse_missing(part, fill, total)
        constant = fill.const if fill.const is not None else fill.default
        values = pa.nulls(total, kind) if constant is None else pa.repeat(pa.scalar(constant, kind), total)
        problem = np.array([None] * total, dtype=object)
        if constant is None and fill.required:
            problem[:] = "missing_required"
        return _Filled(values, problem, fill.names[0] if fill.names else fill.name)
    return _from_text(_as_array(part.columns[at[0]]), fill, tokenise, part.headers[at[0]])


def _refuse_missing(part: Part, fill: Fill, total: int) -> None:
    if fill.names and fill.needed and fill.default is None and (part.headers or total):
        raise SourceError(
            _(
                "{file} 缺少列“{wanted}”；现有列：{present}",
                file=part.file,
                wanted="”或“".join(fill.names),
                present="、".join(h for h in part.headers if h) or "-",
            ),
            hint=_(
                "请提供方补上该列，或在数据源文件的 columns.{column}.from 中加上新的列名", column=fill.name
            ),
        )


def _from_text(column: pa.Array, fill: Fill, tokenise: Tokeniser, header: str) -> _Filled:
    """Parse each distinct text once and spread the answers over the rows."""
    encoded = column.dictionary_encode()
    texts = pd.Series(encoded.dictionary.to_pandas(), dtype="str")
    values, problem = _read_distinct(texts, fill, tokenise)
    at = encoded.indices
    spread = values.take(at)
    if fill.default is not None:
        spread = pc.fill_null(spread, pa.scalar(fill.default, fill.target.type))
    classes = np.append(problem, [None])[at.fill_null(len(problem)).to_numpy(zero_copy_only=False)]
    if fill.required:
        empty = spread.is_null().to_numpy(zero_copy_only=False) & ~_named(classes)
        classes[empty] = "missing_required"
    return _Filled(spread, classes, header)


def _read_distinct(texts: pd.Series, fill: Fill, tokenise: Tokeniser) -> tuple[pa.Array, np.ndarray]:
    plain = tidy(texts)
    values = pd.Series([None] * len(texts), dtype=object)
    damaged = damage(plain)
    problem, todo = damaged.to_numpy(dtype=object, copy=True), damaged.isna()
    if fill.codes is not None:
        listed = todo & plain.isin(list(fill.codes)).astype(bool)
        values[listed] = plain[listed].map(fill.codes)
        problem[todo & ~listed & ~is_blank(plain)] = "unknown_code"
        return pa.array(values, fill.target.type, from_pandas=True), problem
    todo &= ~is_blank(plain)
    parsed = fill.parser(plain[todo], fill.target)
    answers = tokenise(parsed.values, fill.token) if fill.token else parsed.values
    problem[todo] = parsed.problem.to_numpy(dtype=object)
    array = pa.array(answers, fill.target.type, from_pandas=True)
    places = np.full(len(texts), -1, dtype=np.int64)
    places[todo.to_numpy()] = np.arange(int(todo.sum()))
    return array.take(pa.array(places, mask=places < 0)), problem


def _named(problem: np.ndarray) -> np.ndarray:
    """True where a value class stands."""
    return problem != None  # noqa: E711 - element by element


def _as_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _cell_problems(part: Part, plan: Plan, filled: dict[str, _Filled]) -> list[pd.DataFrame]:
    keys = [filled[name].values for name in plan.readable_key]
    found = []
    for name, column in filled.items():
        at = np.flatnonzero(_named(column.problem))
        if len(at):
            found.append(
                pd.DataFrame(
                    {
                        "file": part.file,
                        "row_no": part.row_no[at],
                        "column_name": name,
                        "header": column.header,
                        "value_class": column.problem[at],
                        "row_key": _key_text(keys, at),
                    }
                )
            )
    return found


def _key_text(keys: list[pa.Array], at: np.ndarray) -> list[str]:
    if not keys:
        return [""] * len(at)
    parts = [key.take(pa.array(at)).to_pylist() for key in keys]
    return ["|".join("" if v is None else str(v) for v in row) for row in zip(*parts, strict=True)]


def _row_problems(part: Part) -> pd.DataFrame:
    rejected = {
        "file": part.file,
        "row_no": np.array([r.row_no for r in part.rejected], dtype=np.int64),
        "column_name": "",
        "header": "",
        "value_class": [r.value_class for r in part.rejected],
        "row_key": "",
    }
    return pd.DataFrame(rejected, columns=PROBLEM_COLUMNS)
