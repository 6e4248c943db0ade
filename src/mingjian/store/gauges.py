"""The figures an operator watches, read from the store in two statements, whatever the size of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, text

# Each line is a figure: its name, its labels, its value. One scan for each group.
_FIGURES = text("""
SELECT 'orders' AS name, tier::text AS one, light AS two, state AS three, count(*)::float8 AS value
FROM supervision_order WHERE state <> 'closed' GROUP BY tier, light, state
UNION ALL
SELECT 'outbox', CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN digest_id IS NOT NULL THEN 'digested'
                      WHEN dead_at IS NOT NULL THEN 'dead'
                      WHEN attempts > 0 THEN 'retrying' ELSE 'waiting' END AS one, '', '', count(*)
FROM outbox GROUP BY 2
UNION ALL
SELECT 'feed_age', source, '', '', CAST(:today AS date) - as_of FROM feed
UNION ALL
SELECT 'feed_allowed', source, '', '', fresh_days FROM feed
UNION ALL
SELECT 'feed_failed', source, '', '', (error IS NOT NULL)::int FROM feed
UNION ALL
SELECT 'stage_done', stage, '', '', extract(epoch FROM max(finished_at))
FROM stage_run WHERE status = 'done' AND finished_at IS NOT NULL GROUP BY stage
UNION ALL
SELECT 'stage_failed', stage, '', '', count(*)
FROM stage_run WHERE status = 'failed' AND as_of = (SELECT max(as_of) FROM stage_run) GROUP BY stage
""")

# min() and max() of indexed columns, and the oldest letter that still waits.
_EDGES = text("""
SELECT (SELECT min(next_check) FROM supervision_order) AS next_check,
       (SELECT min(created_at) FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL AND digest_id IS NULL) AS oldest,
       (SELECT COALESCE(max(id), 0) FROM audit_log) AS audit_rows
""")


@dataclass(frozen=True)
class Figures:
    """Counts, and spans in seconds, at one moment. Open orders only; `feeds` maps a source to whole days."""

    orders_by_tier_and_light: dict[tuple[str, str], float]
    orders_by_state: dict[str, float]
    sweep_lag: float
    outbox: dict[str, float]
    outbox_age: float
    feed_age_days: dict[str, float]
    feed_allowed_days: dict[str, float]
    feed_failed: dict[str, float]
    stage_done_at: dict[str, float]
    stage_failed: dict[str, float]
    audit_rows: int


def read(conn: Connection, now: datetime) -> Figures:
    """All figures as of `now`."""
    values = {"today": now.date()}
    rows = conn.execute(_FIGURES, values).mappings().all()
    edges = conn.execute(_EDGES).mappings().one()
    by_light: dict[tuple[str, str], float] = {}
    by_state: dict[str, float] = {}
    for row in rows:
        if row["name"] == "orders":
            key = (row["one"], row["two"])
            by_light[key] = by_light.get(key, 0) + row["value"]
            by_state[row["three"]] = by_state.get(row["three"], 0) + row["value"]
    named = {name: _named(rows, name) for name in _NAMED}
    return Figures(
        orders_by_tier_and_light=by_light,
        orders_by_state=by_state,
        sweep_lag=_seconds_since(edges["next_check"], now),
        outbox_age=_seconds_since(edges["oldest"], now),
        audit_rows=edges["audit_rows"],
        outbox=named["outbox"],
        feed_age_days=named["feed_age"],
        feed_allowed_days=named["feed_allowed"],
        feed_failed=named["feed_failed"],
        stage_done_at=named["stage_done"],
        stage_failed=named["stage_failed"],
    )


_NAMED = ("outbox", "feed_age", "feed_allowed", "feed_failed", "stage_done", "stage_failed")


def sweep_lag(conn: Connection, now: datetime) -> float:
    """Seconds since the oldest check that is due and not made; 0 when none is."""
    due = conn.scalar(text("SELECT min(next_check) FROM supervision_order"))
    return _seconds_since(due, now)


def newest_pull(conn: Connection) -> date | None:
    """The newest day on which any source was pulled, or None when none ever was."""
    day: date | None = conn.scalar(text("SELECT max(as_of) FROM feed"))
    return day


def _named(rows: Sequence[RowMapping], name: str) -> dict[str, float]:
    return {row["one"]: float(row["value"]) for row in rows if row["name"] == name}


def _seconds_since(then: datetime | None, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0
