"""The figures of a run: how much was handled, how much in time, how content the public was, by unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from mingjian.simulate.checks import Check
from mingjian.simulate.visits import Tally
from mingjian.store import outbox
from mingjian.store.outbox import Account


@dataclass(frozen=True)
class UnitRow:
    """One unit: orders it holds, those done with and finished in time, and what the public said of them."""

    unit: str
    name: str
    orders: int
    closed: int
    finished: int
    on_time: int
    satisfied: int
    unsatisfied: int

    @property
    def handling_rate(self) -> float | None:
        """办结率: orders done with, of all."""
        return _rate(self.closed, self.orders)

    @property
    def on_time_rate(self) -> float | None:
        """按时办结率: of finished orders, those handed in before their deadline."""
        return _rate(self.on_time, self.finished)

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: of those who were reached, those who are satisfied."""
        return _rate(self.satisfied, self.satisfied + self.unsatisfied)


@dataclass(frozen=True)
class Figures:
    """Everything that a run is told by. Counts are by name."""

    units: list[UnitRow]
    warnings: dict[str, int]
    lights: dict[str, int]
    rungs: dict[str, int]
    tiers: dict[str, int]
    cards: dict[str, int]
    messages: Account
    checks: list[Check] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    @property
    def whole(self) -> UnitRow:
        """The city as one unit."""
        columns = ("orders", "closed", "finished", "on_time", "satisfied", "unsatisfied")
        sums = {c: sum(getattr(u, c) for u in self.units) for c in columns}
        return UnitRow("", "", **sums)

    @property
    def hold(self) -> bool:
        """Whether every rule holds."""
        return all(check.holds for check in self.checks)

    def repeated(self) -> dict[str, Any]:
        """What a second run of the same scenario must give again."""
        told = {"units": self.units, "warnings": self.warnings, "lights": self.lights, "rungs": self.rungs}
        counts = {name: dict(sorted(c.items(), key=str)) for name, c in vars(self.tally).items()}
        return {**told, "tiers": self.tiers, "cards": self.cards, "messages": self.messages, **counts}


def gather(conn: Connection, checks: list[Check], tally: Tally) -> Figures:
    """Read the figures from the store."""
    return Figures(
        units=[UnitRow(**row) for row in conn.execute(text(_UNITS)).mappings()],
        warnings=_counts(conn, "SELECT status, count(*) FROM warning GROUP BY 1 ORDER BY 1"),
        lights=_counts(conn, _STEPS.format(column="to_state", actions="'light'")),
        rungs=_counts(conn, _STEPS.format(column="reason", actions="'remind', 'raise'")),
        tiers=_counts(conn, "SELECT tier::text, count(*) FROM supervision_order GROUP BY 1 ORDER BY 1"),
        cards=_counts(conn, "SELECT color, count(*) FROM card GROUP BY 1 ORDER BY 1"),
        messages=outbox.accounted(conn),
        checks=checks,
        tally=tally,
    )


def _counts(conn: Connection, query: str) -> dict[str, int]:
    return {str(name): int(n) for name, n in conn.execute(text(query))}


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


_STEPS = """
    SELECT {column}, count(*) FROM order_step WHERE object_kind = 'order' AND action IN ({actions})
    GROUP BY 1 ORDER BY 1"""
# What the public said last of a matter is what counts.
_UNITS = """
    SELECT u.id AS unit, u.name, count(*) AS orders,
        count(*) FILTER (WHERE o.state = 'closed') AS closed,
        count(o.finished_at) AS finished,
        count(*) FILTER (WHERE o.finished_at <= o.finish_due) AS on_time,
        count(*) FILTER (WHERE v.reason = 'satisfied') AS satisfied,
        count(*) FILTER (WHERE v.reason = 'unsatisfied') AS unsatisfied
    FROM supervision_order o
    JOIN unit u ON u.id = o.unit_id
    LEFT JOIN (
        SELECT DISTINCT ON (object_id) object_id, reason FROM order_step
        WHERE object_kind = 'warning' AND action = 'visit_back' ORDER BY object_id, seq DESC
    ) v ON v.object_id = o.warning_id
    GROUP BY u.id, u.name ORDER BY u.id"""
