"""Leaders in charge (分管领导): whom a unit answers to, and the matters that leaders have taken over."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, RowMapping, and_, func, select

from mingjian.domain.order import OrderState
from mingjian.store.orders import ORDER, WARNING
from mingjian.store.tables import order_step, supervision_order, unit, warning

LEADER_IDLE = "leader_idle"  # a week without a step, as the order's history has it
# Steps by which a leader takes a matter over, or moves it on.
STEPS = ("take_over", "third_transfer", "leader_sign", "hold_meeting", "leader_step")


def of_units(conn: Connection, unit_ids: Collection[str]) -> dict[str, str]:
    """The leader in charge of each unit: its own, else that of the nearest unit above it; units without one are left out."""
    u = unit.c
    paths = conn.execute(select(u.id, u.path).where(u.id.in_(sorted(set(unit_ids))))).all()
    above = {row.id: [row.id, *reversed(row.path.strip("/").split("/"))] for row in paths}
    wanted = sorted({id for ids in above.values() for id in ids})
    rows = select(u.id, u.charge_leader_user_id).where(u.id.in_(wanted), u.charge_leader_user_id.is_not(None))
    known = {row.id: row.charge_leader_user_id for row in conn.execute(rows)}
    nearest = {id: next((known[one] for one in ids if one in known), None) for id, ids in above.items()}
    return {id: leader for id, leader in nearest.items() if leader is not None}


def led(conn: Connection, after: str, limit: int) -> Sequence[RowMapping]:
    """Orders above `after` that a leader has, locked, by id: `id, unit_id, state, tier, finish_due, policy_version,
    level, district_code, stepped_at` (the leader's last step) and `noticed` (idle weeks written down since)."""
    o, w, s = supervision_order.c, warning.c, order_step.c
    stepped = (
        select(func.max(s.at))
        .where(s.object_kind == WARNING, s.object_id == o.warning_id, s.action.in_(STEPS))
        .correlate(supervision_order)
        .scalar_subquery()
    )
    noticed = (
        select(func.count())
        .where(s.object_kind == ORDER, s.object_id == o.id, s.action == LEADER_IDLE, s.at > stepped)
        .correlate(supervision_order)
        .scalar_subquery()
    )
    rows = (
        select(
            o.id, o.unit_id, o.state, o.tier, o.finish_due, o.policy_version,
            w.level, w.district_code, stepped.label("stepped_at"), noticed.label("noticed"),
        )
        .join(warning, w.id == o.warning_id)
        .where(and_(o.state == OrderState.TAKEN_OVER, o.id > after))
        .order_by(o.id)
        .limit(limit)
        .with_for_update(of=supervision_order, skip_locked=True)
    )  # fmt: skip
    return conn.execute(rows).mappings().all()


def confirmed_alike(conn: Connection, bundle: str, model: str, states: Collection[str]) -> int:
    """How many warnings of one model on one subject stand in these states."""
    w = warning.c
    counted = select(func.count()).where(w.bundle == bundle, w.model == model, w.status.in_(sorted(states)))
    return conn.scalar(counted) or 0
