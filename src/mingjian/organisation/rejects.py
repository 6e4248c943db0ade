"""Why a row of a register is not taken, and the file that says so."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.domain.i18n import _
from mingjian.organisation.headers import LAYOUTS, Roll
from mingjian.organisation.read import ROW

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHOWN = 64


class RejectReason(StrEnum):
    """What is wrong with a cell, or with where its row points."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL = "control"
    UNREADABLE = "unreadable"
    EXTRA_CELLS = "extra_cells"
    CHARSET = "charset"
    PERSONAL_NUMBER = "personal_number"
    DUPLICATE = "duplicate"
    REPEATED = "repeated"
    UNKNOWN_VALUE = "unknown_value"
    NOT_A_DAY = "not_a_day"
    CLOSED = "closed"
    PARENT_UNKNOWN = "parent_unknown"
    PARENT_REJECTED = "parent_rejected"
    PARENT_CLOSED = "parent_closed"
    PARENT_MISSING = "parent_missing"
    LEVEL_ORDER = "level_order"
    CYCLE = "cycle"
    TOO_DEEP = "too_deep"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_REJECTED = "unit_rejected"
    UNIT_CLOSED = "unit_closed"
    UNIT_NEEDED = "unit_needed"
    SCOPE_TOO_WIDE = "scope_too_wide"
    LEADER_UNKNOWN = "leader_unknown"

    @property
    def said(self) -> str:
        """The reason in the reader's language."""
        return _SAID[self]()


_R = RejectReason
# Reasons that cost the row one value, not its place: the rest of the row goes in.
VALUE_ONLY = frozenset({_R.LEADER_UNKNOWN})
_SAID = {
    _R.EMPTY: lambda: _("必填，却是空的"),
    _R.TOO_LONG: lambda: _("太长"),
    _R.CONTROL: lambda: _("含有控制字符或换行"),
    _R.UNREADABLE: lambda: _("含有读不出的字符，请检查文件编码"),
    _R.EXTRA_CELLS: lambda: _("单元格比表头多，多半是文字里有未加引号的逗号"),
    _R.CHARSET: lambda: _("编码只能用字母、数字和 . _ : -，以字母或数字开头，至多 64 位"),
    _R.PERSONAL_NUMBER: lambda: _("像身份证号或手机号，不能用作账号"),
    _R.DUPLICATE: lambda: _("同一编码出现多次，内容不同，一行也不取"),
    _R.REPEATED: lambda: _("与前面的行完全相同，只取第一行"),
    _R.UNKNOWN_VALUE: lambda: _("不是可用的取值"),
    _R.NOT_A_DAY: lambda: _("不是日期，请写成 2026-03-02"),
    _R.CLOSED: lambda: _("该单位已撤销或并入其他单位，编码不再启用"),
    _R.PARENT_UNKNOWN: lambda: _("没有这个上级单位"),
    _R.PARENT_REJECTED: lambda: _("上级单位所在的行未被采用"),
    _R.PARENT_CLOSED: lambda: _("上级单位已撤销"),
    _R.PARENT_MISSING: lambda: _("只有市级单位可以没有上级"),
    _R.LEVEL_ORDER: lambda: _("层级不对：上级须同级或高一级（市、区县、镇街、村社）"),
    _R.CYCLE: lambda: _("上级关系绕成了圈"),
    _R.TOO_DEEP: lambda: _("层层上级太多"),
    _R.UNIT_UNKNOWN: lambda: _("没有这个单位"),
    _R.UNIT_REJECTED: lambda: _("所属单位所在的行未被采用"),
    _R.UNIT_CLOSED: lambda: _("所属单位已撤销"),
    _R.UNIT_NEEDED: lambda: _("这个数据范围须有所属单位"),
    _R.SCOPE_TOO_WIDE: lambda: _("承办人和单位负责人只能看本单位"),
    _R.LEADER_UNKNOWN: lambda: _("没有这个分管领导账号；该行其余内容已采用"),
}


@dataclass
class Rejects:
    """What is wrong in one register: (row in the file, id, column, reason), and which rows are out."""

    file: str
    roll: Roll
    found: list[tuple[int, str, str, RejectReason]] = field(default_factory=list)

    def mark(self, frame: pd.DataFrame, wrong: pd.Series, column: str, reason: RejectReason) -> None:
        """Note the rows of `frame` (with ROW and id) where `wrong` is true."""
        if not wrong.to_numpy().any():
            return
        rows = frame.loc[np.asarray(wrong, dtype=bool), [ROW, "id"]]
        self.found += [(int(n), str(i), column, reason) for n, i in zip(rows[ROW], rows["id"], strict=True)]

    @property
    def rows(self) -> set[int]:
        """Rows that are not taken."""
        return {row for row, _id, _column, reason in self.found if reason not in VALUE_ONLY}

    @property
    def reasons(self) -> Counter[RejectReason]:
        """How often each reason was found."""
        return Counter(reason for *_rest, reason in self.found)


def write_rejects(path: Path, all_rejects: Sequence[Rejects]) -> None:
    """The file that says what to mend: file, row, id, column, code and reason. It holds no other cell's content."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([_("文件"), _("行"), _("编码"), _("列"), _("代码"), _("原因")])
        for rejects in all_rejects:
            columns = LAYOUTS[rejects.roll].columns
            for row, key, column, reason in sorted(rejects.found):
                named = f"{columns[column][0]} ({column})" if column in columns else column
                writer.writerow(
                    [as_text(rejects.file), row, as_text(key[:_SHOWN]), named, reason, reason.said]
                )


def as_text(cell: str) -> str:
    """A cell that a spreadsheet shows and never computes: what begins like a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
