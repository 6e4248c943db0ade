"""Level conditions in words: what a rule asks for, what it saw, and whether that part holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from mingjian.domain.i18n import _

Namer = Callable[[str], str]

_COMPARE: dict[type[exp.Expr], tuple[Callable[[Any, Any], Any], str]] = {
    exp.GTE: (operator.ge, "不少于"),
    exp.GT: (operator.gt, "大于"),
    exp.LTE: (operator.le, "不超过"),
    exp.LT: (operator.lt, "小于"),
    exp.EQ: (operator.eq, "为"),
    exp.NEQ: (operator.ne, "不为"),
}
_ARITHMETIC: dict[type[exp.Expr], tuple[Callable[[Any, Any], Any], str]] = {
    exp.Add: (operator.add, "+"),
    exp.Sub: (operator.sub, "−"),
    exp.Mul: (operator.mul, "×"),
    exp.Div: (operator.truediv, "÷"),
}


class BeyondReader(Exception):
    """An expression that SQL understands and this reader does not; it is then shown as written."""


@dataclass(frozen=True)
class Reader:
    """Reads conditions over one warning: `values` holds its measures and parameters, `name` labels a column."""

    values: dict[str, Any]
    name: Namer

    def say(self, condition: str) -> str:
        """The condition in the reader's language, each column with the value it had."""
        return self._say(_parsed(condition))

    def holds(self, condition: str) -> bool | None:
        """Whether it holds; None where a value is missing or the expression is beyond this reader."""
        try:
            found = self._value(_parsed(condition))
        except (TypeError, ZeroDivisionError, BeyondReader):
            return None
        return None if found is None else bool(found)

    def parts(self, condition: str) -> list[tuple[str, bool | None]]:
        """The alternatives of the condition (what stands between OR), each in words and whether it holds."""
        return [(self._say(part), self.holds(part.sql())) for part in _alternatives(_parsed(condition))]

    def _say(self, node: exp.Expr) -> str:
        kind = type(node)
        if isinstance(node, exp.Paren):
            return self._say(node.this)
        if isinstance(node, exp.Or):
            return _("{a} 或 {b}", a=self._say(node.left), b=self._say(node.right))
        if isinstance(node, exp.And):
            return _("{a} 且 {b}", a=self._say(node.left), b=self._say(node.right))
        if isinstance(node, exp.Not):
            return _("并非（{a}）", a=self._say(node.this))
        if isinstance(node, exp.Binary) and kind in _COMPARE:
            said = f"{self._term(node.left)} {_(_COMPARE[kind][1])} {self._say(node.right)}"
            return said + self._seen(node.left)
        if isinstance(node, exp.Between):
            low, high = self._say(node.args["low"]), self._say(node.args["high"])
            return _("{x} 在 {a} 与 {b} 之间", x=self._term(node.this), a=low, b=high) + self._seen(node.this)
        if isinstance(node, exp.In):
            among = "、".join(self._say(e) for e in node.expressions)
            return _("{x} 属于 {among}", x=self._term(node.this), among=among) + self._seen(node.this)
        if isinstance(node, exp.Is):
            return _("没有 {x}", x=self._term(node.this))
        return self._term(node)

    def _term(self, node: exp.Expr) -> str:
        kind = type(node)
        if isinstance(node, exp.Paren):
            return f"({self._term(node.this)})"
        if isinstance(node, exp.Column):
            return self.name(node.name)
        if isinstance(node, exp.Abs):
            return _("{x} 的绝对值", x=self._term(node.this))
        if isinstance(node, exp.Binary) and kind in _ARITHMETIC:
            return f"{self._term(node.left)} {_ARITHMETIC[kind][1]} {self._term(node.right)}"
        if isinstance(node, exp.Placeholder | exp.Literal | exp.Boolean | exp.Neg):
            return shown(self._value(node))
        return node.sql(dialect="duckdb")

    def _seen(self, node: exp.Expr) -> str:
        if not any(True for _column in node.find_all(exp.Column)):
            return ""
        try:
            return _("（实为 {v}）", v=shown(self._value(node)))
        except (TypeError, ZeroDivisionError, BeyondReader):
            return ""

    def _value(self, node: exp.Expr) -> Any:
        kind = type(node)
        if isinstance(node, exp.Paren):
            return self._value(node.this)
        if isinstance(node, exp.Column | exp.Placeholder):
            return self.values.get(node.name)
        if isinstance(node, exp.Literal):
            return node.this if node.is_string else float(node.this)
        if isinstance(node, exp.Boolean):
            return bool(node.this)
        if isinstance(node, exp.Neg):
            return -self._value(node.this)
        if isinstance(node, exp.Abs):
            return abs(self._value(node.this))
        if isinstance(node, exp.Not):
            return _negated(self._value(node.this))
        if isinstance(node, exp.And | exp.Or):
            return _joined(node, self._value(node.left), self._value(node.right))
        if isinstance(node, exp.Between):
            seen = self._value(node.this)
            return None if seen is None else self._within(node, seen)
        if isinstance(node, exp.In):
            seen = self._value(node.this)
            return None if seen is None else seen in [self._value(e) for e in node.expressions]
        if isinstance(node, exp.Is):
            return self._value(node.this) is None
        if isinstance(node, exp.Binary) and (kind in _COMPARE or kind in _ARITHMETIC):
            left, right = self._value(node.left), self._value(node.right)
            act = (_COMPARE.get(kind) or _ARITHMETIC[kind])[0]
            return None if left is None or right is None else act(left, right)
        raise BeyondReader(node.sql())

    def _within(self, node: exp.Between, seen: Any) -> bool:
        return bool(self._value(node.args["low"]) <= seen <= self._value(node.args["high"]))


def shown(value: Any) -> str:
    """A value as it stands in a sentence: whole numbers without a point, flags as yes or no."""
    if value is None:
        return _("空")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple):
        return "、".join(shown(item) for item in value)
    if isinstance(value, float | int):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)


def columns_of(condition: str) -> list[str]:
    """The output columns that a condition reads, in order, each once."""
    return list(dict.fromkeys(c.name for c in _parsed(condition).find_all(exp.Column)))


@cache
def _parsed(condition: str) -> exp.Expr:
    return sqlglot.parse_one(condition, read="duckdb")


def _alternatives(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Paren):
        return _alternatives(node.this)
    if isinstance(node, exp.Or):
        return _alternatives(node.left) + _alternatives(node.right)
    return [node]


def _negated(value: Any) -> bool | None:
    return None if value is None else not value


def _joined(node: exp.And | exp.Or, left: Any, right: Any) -> bool | None:
    """SQL's three-valued AND and OR."""
    decided = isinstance(node, exp.Or)
    if decided in (left, right):
        return decided
    return None if None in (left, right) else not decided
