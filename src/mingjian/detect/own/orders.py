"""`supervision_order`: the orders as they stand, so that one without an answer is found by a rule."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from mingjian.detect.own.moments import local
from mingjian.domain.order import CLOCK_RUNS, OrderState
from mingjian.run import Run
from mingjian.store.tables import supervision_order

STOPPED = frozenset({OrderState.SUSPENDED, OrderState.FROZEN})
ESCALATED_FROM = 2


def rows(run: Run) -> Iterator[dict[str, object]]:
    """One row an order. `feedback_at` is when the unit last handed it in; given back, it is empty again."""
    with run.engine.connect().execution_options(yield_per=5_000) as conn:
        for row in conn.execute(select(supervision_order).order_by(supervision_order.c.id)):
            yield {
                "order_id": row.id,
                "warning_id": row.warning_id,
                "level": row.tier,
                "target_org_id": row.unit_id,
                "issued_at": local(row.issued_at),
                "due_at": local(row.finish_due),
                "feedback_at": local(row.finished_at),
                "status": status_of(OrderState(row.state), row.tier),
            }


def status_of(state: OrderState, tier: int) -> str:
    """The order's state in the words of the canonical table."""
    if state is OrderState.CLOSED:
        return "closed"
    if state in STOPPED:
        return "suspended"
    if state in CLOCK_RUNS:
        return "escalated" if tier >= ESCALATED_FROM else "issued"
    return "feedback"
