"""How a warning's figures stand among its peers: all findings of the same model on the same day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Float, Row, cast, func, select

from mingjian.store.tables import finding

DISTRICT_DIGITS = 6


@dataclass(frozen=True)
class Peer:
    """One measure: its value, how many peers there are, their middle and upper values, and the share below it."""

    measure: str
    value: float
    peers: int
    median: float
    p90: float
    share_below: float


@dataclass(frozen=True)
class Peers:
    """`city` and `district` count subjects that the model found that day, this one among them."""

    city: int
    district: int
    measures: list[Peer]


def peers_of(conn: Connection, row: Row[Any], measures: list[str]) -> Peers:
    """Peers of one warning (a row of the warning table); `measures` are the columns its level looks at."""
    same = (finding.c.model == row.model) & (finding.c.as_of == row.last_seen)
    here = func.left(finding.c.region_code, DISTRICT_DIGITS) == row.district_code
    counts = conn.execute(select(func.count(), func.count().filter(here)).where(same)).one()
    numeric = [m for m in measures if _is_number(row.measures.get(m))]
    return Peers(counts[0], counts[1], [_peer(conn, same, row, m) for m in numeric])


def _peer(conn: Connection, same: Any, row: Row[Any], measure: str) -> Peer:
    value = float(row.measures[measure])
    seen = cast(finding.c.measures[measure].astext, Float)
    found = conn.execute(
        select(
            func.count(seen),
            func.percentile_cont(0.5).within_group(seen),
            func.percentile_cont(0.9).within_group(seen),
            func.count().filter(seen < value),
        ).where(same)
    ).one()
    total = found[0] or 1
    return Peer(measure, value, found[0], float(found[1] or 0), float(found[2] or 0), found[3] / total)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
