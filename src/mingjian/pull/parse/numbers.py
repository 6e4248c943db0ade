"""Numbers and money, exact: thousands separators, currency signs, 万元, brackets for minus, percent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pandas as pd
import pyarrow as pa

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.pull.parse.base import Parsed, Target, half_width, no_problem

MONEY_POWERS = {
    "元": 0,
    "圆": 0,
    "千元": 3,
    "万元": 4,
    "万": 4,
    "百万元": 6,
    "千万元": 7,
    "亿元": 8,
    "亿": 8,
    "分": -2,
}

_CURRENCY = r"(?:¥|\$|€|R\$|RMB|CNY|人民币)"
_NUMBER = (
    rf"^(?P<open>\()?(?P<sign>[+-])?{_CURRENCY}?(?P<sign2>[+-])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?P<fraction>\.\d*)?(?:[eE](?P<power>[+-]?\d+))?"
    r"(?P<suffix>[^\d().,+-]{0,6})(?P<close>\))?$"
)
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_MAX_DIGITS, _MAX_POWER = 40, 40


def parse_money(values: pd.Series, target: Target) -> Parsed:
    """Amounts in 元: the cell's own unit (3.5万元) wins over the source's; fractions of a fen round half up.

    Problems: `text_in_number`, `too_large`. Raises ContentError for a source unit that is not money.
    """
    unit = target.source_unit or "元"
    if unit not in MONEY_POWERS:
        raise ContentError(
            _("金额单位 {unit} 不认识", unit=unit), hint=_("可用：{units}", units=" ".join(MONEY_POWERS))
        )
    fields = _split(values)
    power = fields["suffix"].map(MONEY_POWERS).astype("Int64")
    power = power.mask(fields["suffix"] == "", MONEY_POWERS[unit])
    return _read(fields, power, target)


def parse_decimal(values: pd.Series, target: Target) -> Parsed:
    """Decimals; `45%` is 45 in a column kept in percent and 0.45 elsewhere; the source's unit may follow."""
    fields = _split(values)
    percent = 0 if (target.unit or "").startswith("%") else -2
    known = {"": 0, "%": percent} | ({target.source_unit: 0} if target.source_unit else {})
    if target.source_unit in MONEY_POWERS:
        known |= {"": MONEY_POWERS[target.source_unit]} | MONEY_POWERS
    return _read(fields, fields["suffix"].map(known).astype("Int64"), target)


def parse_integer(values: pd.Series, target: Target) -> Parsed:
    """Whole numbers (3.0 is one, 3.5 is `not_integer`); the source's unit may follow."""
    return parse_decimal(values, target)


def _split(values: pd.Series) -> pd.DataFrame:
    text = half_width(values).str.replace("−", "-", regex=False).str.lstrip("'")
    fields = text.str.extract(_NUMBER)
    shaped = (fields["whole"].notna() | fields["fraction"].str.len().gt(1)) & (
        fields["open"].notna() == fields["close"].notna()
    )
    shaped &= fields["sign"].isna() | fields["sign2"].isna()
    return fields.assign(shaped=shaped, suffix=fields["suffix"].fillna(""))


def _read(fields: pd.DataFrame, power: pd.Series, target: Target) -> Parsed:
    """Build the numbers; `power` is the cell's power of ten, null for an unknown suffix."""
    problem = no_problem(fields["suffix"])
    problem[~fields["shaped"] | power.isna()] = "text_in_number"
    good = problem.isna()
    whole = fields["whole"].fillna("0").str.replace(",", "", regex=False)
    shift = pd.to_numeric(fields["power"].fillna("0"), errors="coerce") + power.astype("Float64")
    long = (whole.str.lstrip("0").str.len() > _MAX_DIGITS) | (shift.abs() > _MAX_POWER)
    problem[good & long.fillna(True).astype(bool)] = "too_large"
    good = problem.isna()
    minus = fields["open"].notna() ^ (fields["sign"].eq("-") | fields["sign2"].eq("-"))
    digits = whole + fields["fraction"].fillna("").str.slice(0, 60)
    read = pd.Series([None] * len(fields), index=fields.index, dtype=object)
    read[good] = [
        _exact(text, int(ten), negative)
        for text, ten, negative in zip(digits[good], shift[good], minus[good], strict=True)
    ]
    return _fit(read, problem, target.type)


def _exact(digits: str, power: int, negative: bool) -> Decimal:
    number = Decimal(digits).scaleb(power, _EXACT)
    return -number if negative else number


def _fit(read: pd.Series, problem: pd.Series, kind: pa.DataType) -> Parsed:
    """Numbers as the column's type; those it cannot hold become problems."""
    good = problem.isna()
    if pa.types.is_decimal(kind):
        step, limit = Decimal(1).scaleb(-kind.scale), Decimal(10) ** (kind.precision - kind.scale)
        read[good] = [n.quantize(step, context=_EXACT) for n in read[good]]
        problem[good & read.map(lambda n: n is not None and abs(n) >= limit)] = "too_large"
    elif pa.types.is_integer(kind):
        problem[good & read.map(lambda n: n is not None and n != n.to_integral_value())] = "not_integer"
        good = problem.isna()
        problem[good & read.map(lambda n: n is not None and abs(n) >= 2**63)] = "too_large"
        good = problem.isna()
        read[good] = [int(n) for n in read[good]]
    else:
        read[good] = [float(n) for n in read[good]]
    return Parsed(read.mask(problem.notna(), None), problem)
