"""What is known of feeds, tables, quarantine and models: the state of the data, without any row of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, RowMapping, func, select

from mingjian.store.tables import feed, gate_result, model_run, quarantine, stage_run, table_state


def newest_run(conn: Connection) -> date | None:
    """The newest day for which any stage ran, or None when nothing ever ran."""
    return conn.scalar(select(func.max(stage_run.c.as_of)))


def failed_stages(conn: Connection, as_of: date) -> list[RowMapping]:
    """Stages of this day that failed: `stage, key, error, started_at`."""
    return list(
        conn.execute(
            select(stage_run.c.stage, stage_run.c.key, stage_run.c.error, stage_run.c.started_at)
            .where(stage_run.c.as_of == as_of, stage_run.c.status == "failed")
            .order_by(stage_run.c.stage, stage_run.c.key)
        ).mappings()
    )


def feeds(conn: Connection) -> list[RowMapping]:
    """Every source with its last pull."""
    return list(conn.execute(select(feed).order_by(feed.c.source)).mappings())


def tables(conn: Connection) -> list[RowMapping]:
    """Every gated table with its verdict."""
    return list(conn.execute(select(table_state).order_by(table_state.c.table_name)).mappings())


def failed_expectations(conn: Connection) -> list[RowMapping]:
    """Expectations that did not pass (or could not be checked) at their table's last gating."""
    return list(
        conn.execute(
            select(gate_result)
            .join(
                table_state,
                (table_state.c.table_name == gate_result.c.table_name)
                & (table_state.c.as_of == gate_result.c.as_of),
            )
            .where(gate_result.c.outcome != "passed")
            .order_by(gate_result.c.table_name, gate_result.c.expectation)
        ).mappings()
    )


def held_rows(conn: Connection, most: int = 200) -> list[RowMapping]:
    """Rows in quarantine by table and reason, most first: `table_name, stage, column_name, reason, rows`."""
    held = func.count().label("rows")
    by = (quarantine.c.table_name, quarantine.c.stage, quarantine.c.column_name, quarantine.c.value_class)
    return list(
        conn.execute(
            select(*by, func.min(quarantine.c.reason).label("reason"), held)
            .where(quarantine.c.status == "held")
            .group_by(*by)
            .order_by(held.desc(), *by)
            .limit(most)
        ).mappings()
    )


def idle_models(conn: Connection) -> list[RowMapping]:
    """Models whose last run did not complete: held for want of data, or failed."""
    last = (
        select(model_run)
        .distinct(model_run.c.model_id)
        .order_by(model_run.c.model_id, model_run.c.as_of.desc())
    )
    newest = last.subquery()
    return list(
        conn.execute(select(newest).where(newest.c.outcome != "done").order_by(newest.c.model_id)).mappings()
    )
