"""A repeat goes back to its unit at once: half the first limit, one tier up, and a letter that says so."""

from __future__ import annotations

from sqlalchemy import Engine, select

from mingjian.domain.clock import Clock
from mingjian.domain.errors import TransitionError
from mingjian.domain.reason import WarnReason
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import orders, outbox
from mingjian.store.outbox import Letter
from mingjian.store.tables import warning
from mingjian.supervise.issue import said
from mingjian.supervise.said import SYSTEM, Said
from mingjian.supervise.service import act


def send_back(engine: Engine, clock: Clock, terms: Terms) -> int:
    """Start the verifying of every warning that a further hit reopened; returns how many.

    Each is a transaction of its own, and one that somebody has taken up meanwhile is passed over.
    """
    w = warning.c
    reopened = select(w.id).where(w.status == WarningState.REOPENED, w.reason == WarnReason.REOPENED)
    with engine.connect() as conn:
        ids = list(conn.scalars(reopened.order_by(w.id)))
    return sum(_send(engine, clock, warning_id, terms) for warning_id in ids)


def _send(engine: Engine, clock: Clock, warning_id: str, terms: Terms) -> bool:
    try:
        with engine.begin() as conn:
            act(conn, clock, warning_id, "verify_again", SYSTEM, Said(WarnReason.REOPENED), terms=terms)
            order = orders.lock_order(conn, warning_id)
            if order is not None:
                payload = {
                    "order": order["id"],
                    "level": conn.scalar(select(warning.c.level).where(warning.c.id == warning_id)),
                    "tier": order["tier"],
                    "finish_due": said(order["finish_due"]),
                }
                key = f"{order['id']}:reopened:{said(order['finish_due'])}"
                outbox.enqueue(conn, [Letter(key, order["unit_id"], "order_reopened", payload)], clock.now())
    except TransitionError:
        return False
    return True
