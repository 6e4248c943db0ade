"""The audit log's nouns: an anchor, and what can be wrong with the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from mingjian.domain.i18n import _


class Anchor(NamedTuple):
    """What the chain looked like at one moment: `rows` rows, the last of them `last_id` with this `hash`.

    `day` is None for an anchor of which only the hash is known.
    """

    day: date | None
    last_id: int
    rows: int
    hash: str

    @property
    def groups(self) -> str:
        """The hash in groups of eight, as a person reads it from paper."""
        return " ".join(self.hash[at : at + 8] for at in range(0, len(self.hash), 8))


class FaultKind(StrEnum):
    """What is wrong with a row, or with a stretch of rows."""

    EDITED = "edited"  # the row's hash is not that of its content
    MISSING = "missing"  # numbers between two rows that no row has
    REORDERED = "reordered"  # the content was written under another number
    FORGED = "forged"  # whole in itself, but not what its neighbours or an anchor know
    CUT_OFF = "cut_off"  # an anchor knows rows behind the last one
    ANCHOR = "anchor"  # an anchor in the table is not the one that the log says was made

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        names = {
            FaultKind.EDITED: _("被改动"),
            FaultKind.MISSING: _("缺失"),
            FaultKind.REORDERED: _("被换位"),
            FaultKind.FORGED: _("被伪造"),
            FaultKind.CUT_OFF: _("尾部被截"),
            FaultKind.ANCHOR: _("锚被改动"),
        }
        return names[self]


@dataclass(frozen=True)
class Fault:
    """Rows `first` to `last` (both included) and what is wrong with them.

    `was` is the number under which a reordered row was written. `unsure` says that only some row of the stretch is
    at fault, and that the log itself cannot tell which. `anchor` is the day of the anchor that told. `back` is the
    first of the rows before a forged one that may have been written anew together with it.
    """

    first: int
    last: int
    kind: FaultKind
    was: int | None = None
    unsure: bool = False
    anchor: date | None = None
    back: int | None = None

    @property
    def text(self) -> str:
        """One line for a person: which rows, and what was done to them."""
        said = {"what": self.kind.label, "why": self._why()}
        if self.first == self.last:
            return _("第 {n} 行:{what},{why}", n=self.first, **said)
        return _("第 {a} 至 {b} 行:{what},{why}", a=self.first, b=self.last, **said)

    def _why(self) -> str:
        if self.kind is FaultKind.EDITED:
            return _("内容与其哈希不符")
        if self.kind is FaultKind.MISSING:
            return _("编号空缺,行已被删除")
        if self.kind is FaultKind.REORDERED:
            return _("内容原为第 {n} 行", n=self.was)
        if self.kind is FaultKind.CUT_OFF:
            return _("{day} 的锚记有这些行", day=self.anchor or "")
        if self.kind is FaultKind.ANCHOR:
            return _("{day} 的锚与审计行所记不同,或其一已被删除", day=self.anchor or "")
        if self.anchor:
            return _("其中有行被改写并重新成链,与 {day} 的锚不符", day=self.anchor)
        if self.unsure:
            return _("相邻两行接不上,其中有行被换过;自此以后各行请对照印出的锚")
        if self.back:
            return _("自身完整,但与后一行接不上;自第 {n} 行起可能一并改写", n=self.back)
        return _("自身完整,但与相邻行接不上")


@dataclass(frozen=True)
class AuditReport:
    """What a check found: rows read, the last row, anchors that held, and every fault by row."""

    rows: int
    last_id: int
    last_hash: str
    anchors: int
    unanchored: int
    faults: Sequence[Fault]
