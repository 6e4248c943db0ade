"""Grafana's PostgreSQL macros and variables, expanded as its plugin does, so that panels' SQL can be run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def expand(sql: str, chosen: Mapping[str, Sequence[str]], since: datetime, until: datetime) -> str:
    """`sql` with the chosen values of the variables and the dashboard's time range put in.

    Raises ValueError when a macro or variable is left that this does not know.
    """
    low, high = (f"'{at.isoformat(timespec='seconds')}'" for at in (since, until))
    for name, values in chosen.items():
        quoted = ",".join("'" + value.replace("'", "''") + "'" for value in values)
        sql = sql.replace(f"${{{name}:sqlstring}}", quoted)
    sql = re.sub(r"\$__timeFilter\(([^)]+)\)", rf"\1 BETWEEN {low} AND {high}", sql)
    sql = re.sub(r"\$__timeGroup\(([^,]+),\s*'(\d+)([smhdw])'\)", _group, sql)
    sql = sql.replace("$__timeFrom()", low).replace("$__timeTo()", high)
    left = re.findall(r"\$\{?\w+", sql)
    if left:
        raise ValueError(f"not expanded: {left}")
    return sql


def _group(match: re.Match[str]) -> str:
    column, number, unit = match.groups()
    width = int(number) * SECONDS[unit]
    return f"floor(extract(epoch from {column})/{width})*{width}"
