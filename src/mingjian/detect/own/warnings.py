"""`warning`: what the platform has warned of and what came of it, for rules that look at warnings themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from mingjian.detect.own.moments import local, start_of
from mingjian.domain.warning import CLOSED_STATES, CONFIRMED_STATES, WarningState
from mingjian.run import Run
from mingjian.store.tables import order_step, supervision_order, warning

KEPT = timedelta(days=400)  # rules look back a year; older matters would only make every snapshot bigger
OUTCOMES = {
    WarningState.CLOSED_FP: "false_positive",
    WarningState.CLOSED_DATA: "data_error",
    WarningState.CLOSED_POLICY: "policy_gap",
    WarningState.REFERRED: "referred",
} | {s: "confirmed" for s in CONFIRMED_STATES if s is not WarningState.REFERRED}


def rows(run: Run) -> Iterator[dict[str, object]]:
    """One row a warning seen within the last 400 days, without its evidence."""
    with run.engine.connect().execution_options(yield_per=5_000) as conn:
        for row in conn.execute(_query(run)):
            closing = WarningState(row.closing) if row.closing else None
            yield {
                "warning_id": row.id,
                "model_id": row.model,
                "version": row.model_version,
                "fingerprint": row.fingerprint,
                "subject_kind": row.subject_kind,
                "subject_id": row.subject_id,
                "sector": row.sector,
                "region_code": row.region_code,
                "org_id": row.order_unit or row.unit_id,
                "risk": row.level,
                "score": float(row.score),
                "amount": row.amount,
                "status": row.status,
                "sup_level": row.tier,
                "first_seen": start_of(row.first_seen),
                "last_seen": start_of(row.last_seen),
                "hits": row.hits,
                "closed_at": local(row.closed_at or row.closed_before),
                "outcome": OUTCOMES.get(WarningState(row.status))
                or (OUTCOMES.get(closing) if closing else None),
                "reopen_count": row.reopened or 0,
            }


def _query(run: Run) -> Any:
    """Warnings with their order, how often they were reopened, and how they were last closed."""
    step = order_step.c
    mine = select(order_step).where(step.object_kind == "warning")
    reopened = (
        mine.with_only_columns(step.object_id, func.count().label("reopened"))
        .where(step.action == "reopen")
        .group_by(step.object_id)
        .subquery()
    )
    closed = (
        mine.with_only_columns(step.object_id, step.to_state.label("closing"), step.at.label("closed_before"))
        .where(step.to_state.in_(sorted(CLOSED_STATES - {WarningState.ARCHIVED})))
        .distinct(step.object_id)
        .order_by(step.object_id, step.seq.desc())
        .subquery()
    )
    w, o = warning.c, supervision_order.c
    return (
        select(
            w.id, w.model, w.model_version, w.fingerprint, w.subject_kind, w.subject_id, w.sector, w.region_code, w.unit_id,
            w.level, w.score, w.amount, w.status, w.first_seen, w.last_seen, w.hits, w.closed_at, o.tier, o.unit_id.label("order_unit"),
            reopened.c.reopened, closed.c.closing, closed.c.closed_before,
        )
        .join(supervision_order, o.warning_id == w.id, isouter=True)
        .join(reopened, reopened.c.object_id == w.id, isouter=True)
        .join(closed, closed.c.object_id == w.id, isouter=True)
        .where(w.last_seen >= run.as_of - KEPT)
        .order_by(w.id)
    )  # fmt: skip
