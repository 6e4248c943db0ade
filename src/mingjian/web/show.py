"""Values as people read them: money with separators, days, moments, yes and no."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _, language
from mingjian.domain.sector import Column

NONE = "—"
_UNIT = re.compile(r"[\u4e00-\u9fff㎡%/·]{1,6}")


def money(value: Decimal | float | str | None) -> str:
    """元 with separators, fen only when there are some."""
    if value is None:
        return NONE
    amount = Decimal(str(value))
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def large_money(value: Decimal | float | None) -> str:
    """元 in few digits for a headline: 3,172.2 万元, in English CNY 31.7 million; small sums in full."""
    amount = Decimal(str(value or 0))
    # Each language counts in its own powers of ten: 万 and 亿, million and billion.
    large, huge = (6, 9) if language() == "en" else (4, 8)
    if abs(amount) >= 10**huge:
        return _("{n} 亿元", n=f"{amount.scaleb(-huge):,.1f}")
    if abs(amount) >= 10**large:
        return _("{n} 万元", n=f"{amount.scaleb(-large):,.1f}")
    return _("{n} 元", n=f"{amount:,.0f}")


def number(value: int | float | None) -> str:
    """A count with separators."""
    return NONE if value is None else f"{value:,}"


def day(value: date | str | None) -> str:
    """2026-03-02; of a moment the city's day."""
    if isinstance(value, datetime):
        return str(value.astimezone(CITY_TZ))[:10]
    return NONE if value is None else str(value)[:10]


def capital(text: str) -> str:
    """A word of the middle of a sentence where it stands alone: its first letter large."""
    return text[:1].upper() + text[1:]


def moment(value: datetime | None) -> str:
    """2026-03-02 18:00, city time."""
    return NONE if value is None else value.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M")


def unit_of(column: Column) -> str:
    """The column's unit when it is one a reader wants （元， 亩）; notes such as HMAC or Open311 are not."""
    return column.unit if column.unit and _UNIT.fullmatch(column.unit) else ""


def plain(value: Any, column: Column | None = None) -> str:
    """One value of evidence, measures or parameters as text; `column` says its type."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("、").join(plain(v) for v in value) or NONE
    if column is not None and (column.values or column.is_month):
        return column.shown(value)
    kind = column.type if column else ""
    if kind == "date":
        return day(value)
    if kind == "timestamp":
        return str(value)[:16].replace("T", " ")
    if isinstance(value, float | Decimal) or kind.startswith("decimal"):
        return _decimal(value)
    return str(value)


def is_number(column: Column | None) -> bool:
    """Whether the column is set flush right."""
    return column is not None and column.type.startswith(("decimal", "integer", "double"))


def _decimal(value: Any) -> str:
    try:
        text = f"{Decimal(str(value)):,.4f}"
    except ArithmeticError:
        return str(value)
    return text.rstrip("0").rstrip(".")
