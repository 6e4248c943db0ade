"""Dates, months and moments in the many ways people and spreadsheets write them."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mingjian.pull.clean import beyond_ascii
from mingjian.pull.parse.base import Parsed, Target, no_problem

_TIME = (
    r"(?:(?:T|\s)\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})(?:分$|[:分](?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?秒?)?"
    r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?$"
)
_DAY = r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?" + _TIME
_COMPACT = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$"
)
_MONTH = r"^(?P<year>\d{4})\s*(?:[-/.年]\s*(?P<month>\d{1,2})\s*月?|(?P<month2>\d{2}))$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_TEXTS = ("part", "offset")
_UNITS = ["year", "month", "day", "hour", "minute", "second"]
_SERIAL_EPOCH = pd.Timestamp("1899-12-30")
_CITY_OFFSET = pd.Timedelta(hours=8)
FIRST_YEAR, LAST_YEAR = 1850, 2100
SERIAL_YEARS = (1950, 2100)
FOREVER = pd.Timestamp("9999-12-31")  # many systems write "no end" so


def parse_timestamp(values: pd.Series, target: Target) -> Parsed:
    """Naive city-local moments; ISO text with an offset is converted, text without one stays as it is.

    Problems: `unreadable_date`, `impossible_date` (30 February), `implausible_date` (year 0203).
    """
    return _checked(_moments(values), values)


def parse_date(values: pd.Series, target: Target) -> Parsed:
    """Days: as `parse_timestamp`, the time of day dropped."""
    moments, problem = _checked(_moments(values), values)
    return Parsed(moments.dt.normalize(), problem)


def parse_month(values: pd.Series, target: Target) -> Parsed:
    """First days of months, from 2024年3月, 202403, 2024-03 or any full date."""
    text = _plain(values)
    only = _fields(text, _MONTH)
    only["month"] = only["month"].fillna(only.pop("month2"))
    found = _moments(values).fillna(_assemble(only.assign(day=1)))
    moments, problem = _checked(found, values, also=_MONTH)
    return Parsed(moments.dt.to_period("M").dt.to_timestamp().astype("datetime64[us]"), problem)


def _plain(values: pd.Series) -> pd.Series:
    return beyond_ascii(values, lambda text: text.str.normalize("NFKC")).str.strip()


def _moments(values: pd.Series) -> pd.Series:
    text = _plain(values)
    found = _assemble(_fields(text, _DAY))
    rest = text[found.isna()]
    if rest.empty:
        return found
    return found.fillna(_assemble(_fields(rest, _COMPACT)).fillna(_from_serial(rest)))


def _fields(text: pd.Series, pattern: str) -> pd.DataFrame:
    """The named groups of `pattern`, one column each, numbers but for `_TEXTS`; NULL where nothing matched."""
    found = pc.extract_regex(pa.array(text, pa.string(), from_pandas=True), pattern)
    columns = {}
    for name in [field.name for field in found.type]:
        part = pc.struct_field(found, name)
        part = pc.if_else(pc.equal(part, ""), pa.scalar(None, pa.string()), part)
        kind = "str" if name in _TEXTS else "float64"
        part = part if name in _TEXTS else pc.cast(part, pa.float64())
        columns[name] = pd.Series(part.to_pandas(), dtype=kind).set_axis(text.index)
    return pd.DataFrame(columns)


def _assemble(fields: pd.DataFrame) -> pd.Series:
    """Timestamps from fields; NaT where a field is missing or impossible."""
    part = fields.get("part", pd.Series(pd.NA, index=fields.index, dtype="str"))
    numbers = fields.reindex(columns=_UNITS)
    numbers = numbers.fillna(dict.fromkeys(("hour", "minute", "second"), 0))
    on_the_clock = (numbers["hour"] < 24) & (numbers["minute"] < 60) & (numbers["second"] < 60)
    moments = pd.to_datetime(numbers.where(on_the_clock), errors="coerce").astype("datetime64[us]")
    micro = pd.to_numeric(part.str.ljust(6, "0").str[:6]).fillna(0)
    moments = moments + pd.to_timedelta(micro, unit="us").astype("timedelta64[us]")
    return _to_city(moments, fields["offset"]) if "offset" in fields else moments


def _to_city(moments: pd.Series, offset: pd.Series) -> pd.Series:
    given = offset.notna()
    if not given.any():
        return moments
    signed = offset[given].replace("Z", "+00:00").str.replace(":", "", regex=False)
    minutes = pd.to_numeric(signed.str[1:3]) * 60 + pd.to_numeric(signed.str[3:5])
    minutes = minutes.mask(signed.str.startswith("-"), -minutes)
    local = moments.copy()
    shift = _CITY_OFFSET - pd.to_timedelta(minutes, unit="m")
    local[given] = (moments[given] + shift).astype("datetime64[us]")
    return local


def _from_serial(text: pd.Series) -> pd.Series:
    """Excel's day numbers, to the second, where they fall in plausible years."""
    days = pd.to_numeric(text.where(text.str.contains(_SERIAL).astype(bool)))
    seconds = (days * 86400).round()
    moments = (_SERIAL_EPOCH + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")
    return moments.where(moments.dt.year.between(*SERIAL_YEARS))


def _checked(moments: pd.Series, values: pd.Series, also: str | None = None) -> Parsed:
    """Name what could not be read; `also` is a further pattern of texts that do look like a date."""
    problem = no_problem(moments)
    problem[moments.isna()] = "unreadable_date"
    text = _plain(values[moments.isna()])
    for pattern in (_DAY, _COMPACT, *([also] if also else [])):
        shaped = _fields(text, pattern)["year"].notna()
        problem[shaped[shaped].index] = "impossible_date"
    plausible = moments.dt.year.between(FIRST_YEAR, LAST_YEAR) | (moments.dt.normalize() == FOREVER)
    problem[moments.notna() & ~plausible] = "implausible_date"
    return Parsed(moments.mask(problem.notna()), problem)
