"""Parts of co-handling units and follow-ups of evaluations whose day has passed and that nobody was reminded of yet.

Orders are locked first and looked at in a statement of its own: what another sweep has just written is seen then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select

from mingjian.domain.co_handling import IN_WORK, CoState
from mingjian.domain.evaluation import ROUND_BEGINS
from mingjian.domain.order import OrderState
from mingjian.store.orders import ORDER, WARNING
from mingjian.store.tables import co_handler, evaluation, order_step, supervision_order, warning

PART_LATE, EVALUATION_LATE = "co_part_late", "evaluation_late"
_C, _E, _O, _S, _W = co_handler.c, evaluation.c, supervision_order.c, order_step.c, warning.c


def claim_parts(conn: Connection, now: datetime, after: str, limit: int) -> Sequence[RowMapping]:
    """Lock orders above `after` with a late part not reminded of, by id; see `_claim` for the columns."""
    told = _noticed(PART_LATE, since=_C.due, reason=_C.unit_id)
    late = select(_C.id).where(_is_late_part(now), _C.warning_id == _O.warning_id, ~told)
    states = _O.state.in_(sorted(IN_WORK))
    return _claim(conn, and_(states, late.correlate_except(co_handler).exists()), after, limit)


def late_parts(conn: Connection, now: datetime, warning_ids: Sequence[str]) -> Sequence[RowMapping]:
    """(warning_id, unit_id, due) of late parts in these matters, in the order in which they were asked for."""
    wanted = select(_C.warning_id, _C.unit_id, _C.due)
    wanted = wanted.where(_is_late_part(now), _C.warning_id.in_(warning_ids))
    return conn.execute(wanted.order_by(_C.id)).mappings().all()


def claim_evaluations(conn: Connection, now: datetime, after: str, limit: int) -> Sequence[RowMapping]:
    """Lock orders above `after` in evaluation with a day passed and not reminded of, by id; columns as in `_claim`."""
    told = _noticed(EVALUATION_LATE, since=_E.due)
    late = select(_E.id).where(_E.due <= now, _E.warning_id == _O.warning_id, _in_present_round(), ~told)
    evaluating = _O.state == OrderState.EVALUATING
    return _claim(conn, and_(evaluating, late.correlate_except(evaluation).exists()), after, limit)


def rounds_of(conn: Connection, warning_ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    """What was said in the present round of each matter, oldest first."""
    wanted = select(evaluation).where(_E.warning_id.in_(warning_ids), _in_present_round()).order_by(_E.id)
    found: dict[str, list[RowMapping]] = {one: [] for one in warning_ids}
    for row in conn.execute(wanted).mappings():
        found[row["warning_id"]].append(row)
    return found


def noticed(conn: Connection, action: str, order_ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """(order, reason, deadline) of every reminder of this kind already written."""
    wanted = select(_S.object_id, _S.reason, _S.note)
    wanted = wanted.where(_S.object_kind == ORDER, _S.object_id.in_(order_ids), _S.action == action)
    return {(row.object_id, row.reason, row.note) for row in conn.execute(wanted)}


def _claim(conn: Connection, late: ColumnElement[bool], after: str, limit: int) -> Sequence[RowMapping]:
    """`id, warning_id, unit_id, state, tier, policy_version` of the orders, `level` and `district_code` of the warnings."""
    rows = (
        select(
            _O.id, _O.warning_id, _O.unit_id, _O.state, _O.tier, _O.policy_version,
            _W.level, _W.district_code,
        )
        .join(warning, _W.id == _O.warning_id)
        .where(late, _O.id > after)
        .order_by(_O.id)
        .limit(limit)
        .with_for_update(of=supervision_order, skip_locked=True)
    )  # fmt: skip
    return conn.execute(rows).mappings().all()


def _is_late_part(now: datetime) -> ColumnElement[bool]:
    return and_(_C.state == CoState.ASKED, _C.due <= now)


def _in_present_round() -> ColumnElement[bool]:
    begun = select(func.greatest(func.count(), 1)).where(
        _S.object_kind == WARNING, _S.object_id == _E.warning_id, _S.action == ROUND_BEGINS
    )
    return _E.round == begun.correlate_except(order_step).scalar_subquery()


def _noticed(action: str, *, since: Any, reason: Any = None) -> ColumnElement[bool]:
    """Whether the order's history has such a reminder after the day passed: one before it was about another day."""
    same = [] if reason is None else [_S.reason == reason]
    of_order = and_(_S.object_kind == ORDER, _S.object_id == _O.id, _S.action == action)
    return exists().where(of_order, _S.at >= since, *same).correlate_except(order_step)
