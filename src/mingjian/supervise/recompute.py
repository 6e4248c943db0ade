"""Deadlines set before the new year's holidays were published, computed again once they are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select, true

from mingjian.domain.clock import Clock
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.order import OrderState, facts_of, light_of, next_check
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.terms import Terms
from mingjian.store import audit, orders, policies
from mingjian.store.orders import ORDER, Step
from mingjian.store.retry import in_transaction
from mingjian.store.tables import order_step, supervision_order, warning
from mingjian.supervise.issue import said
from mingjian.supervise.terms import under

BATCH = 500


def recompute_provisional(
    engine: Engine, clock: Clock, terms: Terms, *, batch: int = BATCH
) -> dict[str, int]:
    """Settle provisional deadlines of open orders that the calendar now covers.

    Every settled order gets a step and an audit row with the old and the new moment. Orders whose span is
    still not covered are left as they are. Returns {"recomputed", "moved"}.

    Several may run at once: each claims its own orders by key, one transaction a batch, and passes over those that
    somebody holds, which come with the next sweep. A killed run has settled whole batches and lost nothing.
    """
    now = clock.now()
    counts: Counter[str] = Counter(recomputed=0, moved=0)
    after: str | None = ""
    while after is not None:
        work = partial(recompute_batch, now=now, terms=terms, after=after, limit=batch)
        done, after = in_transaction(engine, work)
        counts.update(done)
    return dict(counts)


def recompute_batch(
    conn: Connection, now: datetime, terms: Terms, after: str, limit: int
) -> tuple[Counter[str], str | None]:
    """Settle the next orders after this id in the caller's transaction; returns counts and where the next batch starts.

    None after the last one: fewer rows than `limit` do not say so, since held orders are passed over.
    """
    rows = _provisional(conn, after, limit)
    known = policies.known(conn) if rows else {}
    tried = [_settle(row, now, under(terms, row["policy_version"], known)) for row in rows]
    settled = [found for found in tried if found is not None]
    orders.update_orders(conn, [columns for _row, columns in settled])
    orders.add_steps(conn, [_step(row, columns, now) for row, columns in settled])
    audit.record_many(conn, at=now, entries=[_entry(row, columns) for row, columns in settled])
    moved = sum(_moved(row, columns) for row, columns in settled)
    return Counter(recomputed=len(settled), moved=moved), rows[-1]["id"] if rows else None


def _provisional(conn: Connection, after: str, limit: int) -> list[RowMapping]:
    """Lock open orders with a provisional deadline, by id, each with the step that last stamped it."""
    o, s = supervision_order.c, order_step.c
    stamped = (
        select(s.at, s.note)
        .where(s.object_kind == ORDER, s.object_id == o.id, s.action.in_(["issue", "stamp"]))
        .order_by(s.seq.desc())
        .limit(1)
        .lateral("stamped")
    )
    return list(
        conn.execute(
            select(
                supervision_order,
                warning.c.level,
                stamped.c.at.label("stamped_at"),
                stamped.c.note.label("stamped_days"),
            )
            .join(warning, warning.c.id == o.warning_id)
            .join(stamped, true())
            .where(o.due_provisional, o.state != OrderState.CLOSED, o.id > after)
            .order_by(o.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=supervision_order)
        ).mappings()
    )


def _settle(row: RowMapping, now: datetime, terms: Terms) -> tuple[RowMapping, dict[str, Any]] | None:
    """The order's new columns, or None while the calendar still has to guess."""
    calendar, level = terms.calendar, Level(row["level"])
    sign = calendar.add(row["issued_at"], terms.policy.days(Limit.SIGN, level))
    accept = calendar.add(row["issued_at"], terms.policy.days(Limit.ACCEPT, level))
    finish = calendar.add(row["stamped_at"], float(row["stamped_days"]))
    if sign.provisional or accept.provisional or finish.provisional:
        return None
    dues = {
        "sign_due": sign.at if row["sign_due"] and row["signed_at"] is None else row["sign_due"],
        "accept_due": accept.at if row["accepted_at"] is None else row["accept_due"],
        "finish_due": finish.at,
    }
    facts = facts_of({**row, **dues})
    light = light_of(facts, now, terms)
    return row, {
        "id": row["id"],
        **dues,
        "due_provisional": False,
        "calendar_version": calendar.version_for(accept, finish),
        "light": light,
        "light_rank": light.rank,
        "next_check": next_check(facts, now, terms),
    }


def _moved(row: RowMapping, columns: dict[str, Any]) -> bool:
    return row["finish_due"] != columns["finish_due"] or row["accept_due"] != columns["accept_due"]


def _step(row: RowMapping, columns: dict[str, Any], now: datetime) -> Step:
    return Step(
        ORDER,
        row["id"],
        "recompute",
        said(row["finish_due"]),
        said(columns["finish_due"]),
        SYSTEM_ACTOR,
        now,
        reason="calendar_published",
        note=columns["calendar_version"],
    )


def _entry(row: RowMapping, columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "actor": SYSTEM_ACTOR,
        "action": "recompute",
        "object_kind": ORDER,
        "object_id": row["id"],
        "detail": {
            "reason": "calendar_published",
            "accept_due": [said(row["accept_due"]), said(columns["accept_due"])],
            "finish_due": [said(row["finish_due"]), said(columns["finish_due"])],
            "calendar": [row["calendar_version"], columns["calendar_version"]],
        },
    }
