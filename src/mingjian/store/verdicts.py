"""Reading verdicts: each warning that was told to somebody, what people found, and what a quality check said of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, and_, func, select

from mingjian.domain.campaign import SUBJECT
from mingjian.domain.recheck import CheckState, RecheckKind
from mingjian.domain.warning import WarningState
from mingjian.store.tables import order_step, recheck_check, recheck_plan, supervision_order, warning

# The steps by which a verdict is reached.
SAYING = ("confirm", "approve_fp", "correct_label", "close_data", "close_policy", "refer")
UNTOLD = (WarningState.RECORDED, WarningState.WAITING)


def told_since(conn: Connection, since: datetime, model: str | None = None) -> Sequence[Row]:
    """Warnings made since then and told to somebody, but those that stand for a campaign, by id, with their last verdict and quality check.

    Columns: id, model, model_version, level, subject_id, status, told_at, said_at, said (the verdict's reason),
    qa_result, qa_share.
    """
    w, s, o = warning.c, order_step.c, supervision_order.c
    said = (
        select(s.object_id, s.at, s.reason)
        .distinct(s.object_id)
        .where(s.object_kind == "warning", s.action.in_(SAYING), s.at >= since)
        .order_by(s.object_id, s.seq.desc())
        .subquery()
    )
    p, c = recheck_plan.c, recheck_check.c
    checked = (
        select(p.warning_id, c.result, p.share)
        .distinct(p.warning_id)
        .join(recheck_check, c.plan_id == p.id)
        .where(p.kind == RecheckKind.QA, c.state == CheckState.DONE)
        .order_by(p.warning_id, p.id.desc())
        .subquery()
    )
    rows = (
        select(
            w.id,
            w.model,
            w.model_version,
            w.level,
            w.subject_id,
            w.status,
            func.coalesce(o.issued_at, w.created_at).label("told_at"),
            said.c.at.label("said_at"),
            said.c.reason.label("said"),
            checked.c.result.label("qa_result"),
            checked.c.share.label("qa_share"),
        )
        .outerjoin(supervision_order, o.warning_id == w.id)
        .outerjoin(said, said.c.object_id == w.id)
        .outerjoin(checked, checked.c.warning_id == w.id)
        .where(and_(w.created_at >= since, w.status.not_in(UNTOLD), w.subject_kind != SUBJECT))
        .order_by(w.id)
    )
    return conn.execute(rows.where(w.model == model) if model else rows).all()
