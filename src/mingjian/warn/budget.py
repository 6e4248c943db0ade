"""The alert budget: which of the warnings that ask for a unit's attention are let in this week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text

from mingjian.content import Content
from mingjian.domain.budget import Budget, week_of
from mingjian.domain.level import Level
from mingjian.domain.routing import matter_of, owners_by_line
from mingjian.domain.warning import WarningState
from mingjian.store.routing import route
from mingjian.store.tables import warning

_LOCK = 0x4D4A42  # sectors are warned side by side, and their units share one budget


@dataclass(frozen=True)
class Asking:
    """One warning that wants in. Safety of life is let in always, and takes from no budget."""

    key: str
    unit: str
    owner: str
    level: Level
    place: int  # domain.place.queue_key
    since: date
    life_safety: bool = False


@dataclass
class Used:
    """How many a unit has been let in this week."""

    high: int = 0
    all: int = 0


def admit(asking: Iterable[Asking], used: Mapping[str, Used], budget: Budget) -> set[str]:
    """The keys of those let in: the most serious first, then by their place in the queue, then the longest waiting."""
    let_in: set[str] = set()
    counts = {unit: Used(u.high, u.all) for unit, u in used.items()}
    for one in sorted(asking, key=lambda a: (a.level.rank, -a.place, a.since, a.key)):
        if one.life_safety:
            let_in.add(one.key)
            continue
        count = counts.setdefault(one.unit, Used())
        if budget.of(one.owner).has_room(one.level, count.high, count.all):
            count.high += one.level is Level.HIGH
            count.all += 1
            let_in.add(one.key)
    return let_in


def hold(conn: Connection) -> None:
    """One stage at a time counts what is used and takes from it, until its transaction ends."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})


def used_in_week(conn: Connection, as_of: date) -> dict[str, Used]:
    """What every unit has been let in during the week of this day."""
    w, (monday, sunday) = warning.c, week_of(as_of)
    counted = conn.execute(
        select(
            w.budget_unit,
            func.count().filter(w.level_rank == Level.HIGH.rank).label("high"),
            func.count().label("all"),
        )
        .where(w.budget_unit.is_not(None), w.admitted_on.between(monday, sunday))
        .group_by(w.budget_unit)
    )
    return {row.budget_unit: Used(row.high, row.all) for row in counted}


def waiting(conn: Connection, as_of: date) -> list[RowMapping]:
    """Warnings that wait since before this day, locked; of every sector, since a unit has one budget for all."""
    w = warning.c
    rows = select(
        w.id, w.model, w.subject_kind, w.subject_id, w.period, w.sector, w.owner, w.level, w.score,
        w.moved, w.region_code, w.district_code, w.first_seen, w.last_seen, w.digest,
    ).where(w.status == WarningState.WAITING, w.last_seen < as_of)  # fmt: skip
    return list(conn.execute(rows.order_by(w.id).with_for_update()).mappings())


def units_for(conn: Connection, content: Content, wanted: Sequence[Mapping[Any, Any]]) -> list[str]:
    """The unit that will get the order of each of these warnings: by the routing that dispatch uses."""
    if not wanted:
        return []
    matters = [matter_of(row, content.sectors) for row in wanted]
    lines = owners_by_line(content.sectors)
    return [found.unit_id for found in route(conn, content.policy.routing, matters, lines)]
