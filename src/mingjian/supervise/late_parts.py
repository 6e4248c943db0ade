"""A co-handling unit whose part falls late is reminded, and the lead told, once for each deadline (catalogue §4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.store import late
from mingjian.supervise.notices import Notice, notice


def remind_late_parts(engine: Engine, clock: Clock) -> int:
    """Remind of every part past its day in a matter that is worked on; returns how many.

    Nothing else follows: the report waits for the part, and the dispatcher may release the unit.
    """
    return notice(engine, clock.now(), late.claim_parts, _find)


def _find(conn: Connection, now: datetime, orders: Sequence[RowMapping]) -> Iterator[Notice]:
    of_matter = {row["warning_id"]: row for row in orders}
    for part in late.late_parts(conn, now, list(of_matter)):
        order, unit = of_matter[part["warning_id"]], part["unit_id"]
        told = [(unit, "co_part_late"), (order["unit_id"], "co_part_awaited")]
        yield Notice(order, late.PART_LATE, unit, part["due"], told, {"unit": unit})
