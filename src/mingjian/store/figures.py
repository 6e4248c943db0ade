"""The figures of the leadership page, read from the `dash` views under the role that sees aggregates only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, Engine, RowMapping, text

DASH_ROLE = "mingjian_dash"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that can read the `dash` views and nothing else (where the role could be made)."""
    with engine.connect() as conn, conn.begin():
        if conn.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": DASH_ROLE}):
            conn.execute(text(f"SET LOCAL ROLE {DASH_ROLE}"))
        yield conn


def open_warnings(conn: Connection, district: str | None) -> list[RowMapping]:
    """Open warnings: `sector, level, district_code, district_name, open, unassigned, amount`."""
    return _rows(
        conn,
        """SELECT sector, level, district_code, district_name, sum(open)::bigint AS open,
                  sum(unassigned)::bigint AS unassigned, sum(amount) AS amount
           FROM dash.warnings_open WHERE CAST(:d AS text) IS NULL OR district_code = :d
           GROUP BY sector, level, district_code, district_name""",
        district,
    )


def lights(conn: Connection, district: str | None) -> list[RowMapping]:
    """Open orders by `light` and `tier`."""
    return _rows(
        conn,
        """SELECT light, tier, sum(orders)::bigint AS orders
           FROM dash.lights WHERE CAST(:d AS text) IS NULL OR district_code = :d
           GROUP BY light, tier ORDER BY max(light_rank) DESC, tier""",
        district,
    )


def handling(conn: Connection, district: str | None) -> list[RowMapping]:
    """Per sector: `orders, accepted_on_time, accepted, accept_late, finished, finished_on_time, overdue`."""
    return _rows(
        conn,
        """SELECT sector, sum(orders)::bigint AS orders, sum(accepted)::bigint AS accepted,
                  sum(accepted_on_time)::bigint AS accepted_on_time, sum(accept_late)::bigint AS accept_late,
                  sum(finished)::bigint AS finished, sum(finished_on_time)::bigint AS finished_on_time,
                  sum(overdue)::bigint AS overdue
           FROM dash.handling WHERE CAST(:d AS text) IS NULL OR district_code = :d
           GROUP BY sector ORDER BY sector""",
        district,
    )


def new_by_day(conn: Connection, district: str | None, days: int) -> list[RowMapping]:
    """New warnings of the last `days` days before the newest: `day, warnings`, days without any left out."""
    return list(
        conn.execute(
            text(
                """SELECT day, sum(warnings)::bigint AS warnings FROM dash.warnings_by_day
                   WHERE (CAST(:d AS text) IS NULL OR district_code = :d)
                     AND day > (SELECT max(day) FROM dash.warnings_by_day) - CAST(:n AS integer)
                   GROUP BY day ORDER BY day"""
            ),
            {"d": district, "n": days},
        ).mappings()
    )


def new_by_sector(conn: Connection, day: date, days: int) -> list[RowMapping]:
    """New warnings per sector and level: `today, recent` (the `days` days to `day`), `before` (as many before)."""
    return list(
        conn.execute(
            text(
                """SELECT sector, level, sum(warnings) FILTER (WHERE day = :day)::bigint AS today,
                          sum(warnings) FILTER (WHERE day > :day - :n)::bigint AS recent,
                          sum(warnings) FILTER (WHERE day <= :day - :n)::bigint AS before
                   FROM dash.warnings_by_day WHERE day > :day - 2 * :n AND day <= :day
                   GROUP BY sector, level"""
            ),
            {"day": day, "n": days},
        ).mappings()
    )


def closed(conn: Connection, day: date, days: int) -> list[RowMapping]:
    """Warnings closed per verdict: `recent` in the `days` days to `day`, `before` in as many before."""
    return list(
        conn.execute(
            text(
                """SELECT verdict, sum(warnings) FILTER (WHERE day > :day - :n)::bigint AS recent,
                          sum(warnings) FILTER (WHERE day <= :day - :n)::bigint AS before
                   FROM dash.closed_by_day WHERE day > :day - 2 * :n AND day <= :day
                   GROUP BY verdict"""
            ),
            {"day": day, "n": days},
        ).mappings()
    )


def overdue_units(conn: Connection, most: int) -> list[RowMapping]:
    """Units with orders past their limit, most first: `unit_name, overdue, accept_late, open`."""
    return list(
        conn.execute(
            text(
                """SELECT unit_name, sum(overdue)::bigint AS overdue, sum(accept_late)::bigint AS accept_late,
                          sum(open)::bigint AS open
                   FROM dash.handling GROUP BY unit_name HAVING sum(overdue) > 0
                   ORDER BY sum(overdue) DESC, unit_name LIMIT :most"""
            ),
            {"most": most},
        ).mappings()
    )


def feed_troubles(conn: Connection) -> RowMapping:
    """`feeds`, and of these `troubled` (late, failed, blocked or only partly usable); `newest` run day."""
    return (
        conn.execute(
            text(
                """SELECT count(*) AS feeds,
                          count(*) FILTER (WHERE fresh IS NOT TRUE OR failed OR verdict <> 'ok') AS troubled,
                          (SELECT max(as_of) FROM dash.runs) AS newest
                   FROM dash.feeds"""
            )
        )
        .mappings()
        .one()
    )


def _rows(conn: Connection, sql: str, district: str | None) -> list[RowMapping]:
    return list(conn.execute(text(sql), {"d": district}).mappings())
