"""The repository of reviews: each month's draw of unflagged subjects, the tasks it made, and their verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.review import ReviewVerdict
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.store import audit
from mingjian.store.tables import app_user, review_draw, review_task, warning

OBJECT = "review_task"
REVIEWERS = (Role.R4, Role.R5, Role.R6)
_T, _D = review_task.c, review_draw.c


def drawn_models(conn: Connection, month: str) -> set[str]:
    """Models that this month's draw has been made for."""
    return set(conn.scalars(select(_D.model).where(_D.month == month)))


def flagged(conn: Connection, model: str, subject_kind: str, since: date) -> list[str]:
    """Subjects that the model has warned of since this day, shadow records among them."""
    w = warning.c
    rows = select(w.subject_id).distinct()
    return list(
        conn.scalars(rows.where(w.model == model, w.subject_kind == subject_kind, w.last_seen >= since))
    )


def add_draw(
    conn: Connection, draw: dict[str, Any], subject_kind: str, subjects: Sequence[str], at: datetime
) -> bool:
    """Keep a month's draw of a model with its tasks and audit row; False when it was made before."""
    statement = upsert(review_draw).values(**draw, drawn=len(subjects), drawn_at=at).on_conflict_do_nothing()
    if conn.execute(statement.returning(_D.model)).first() is None:
        return False
    if subjects:
        rows = [
            {
                "model": draw["model"],
                "month": draw["month"],
                "subject_kind": subject_kind,
                "subject_id": subject,
                "place": place,
            }
            for place, subject in enumerate(subjects, start=1)
        ]
        conn.execute(insert(review_task), rows)
    audit.record(
        conn,
        at=at,
        actor=SYSTEM_ACTOR,
        action="draw_reviews",
        object_kind="model",
        object_id=draw["model"],
        detail={**draw, "drawn": len(subjects)},
    )
    return True


def tasks(
    conn: Connection, *, undecided: bool = True, reviewer: str | None = None, after: int = 0, limit: int = 50
) -> Sequence[RowMapping]:
    """Tasks by id, those after `after`; only open ones, only a reviewer's own, when asked."""
    rows = select(review_task).where(_T.id > after).order_by(_T.id).limit(limit)
    if undecided:
        rows = rows.where(_T.verdict.is_(None))
    if reviewer is not None:
        rows = rows.where(_T.assigned_to == reviewer)
    return conn.execute(rows).mappings().all()


def assign(conn: Connection, task_id: int, to: str, actor: str, at: datetime) -> None:
    """Give an open task to a supervisor; NotFound or TransitionError say what stands in the way."""
    _open_task(conn, task_id)
    _check_reviewer(conn, to)
    conn.execute(update(review_task).where(_T.id == task_id).values(assigned_to=to))
    _audit(conn, task_id, "assign_review", actor, at, {"to": to})


def decide(
    conn: Connection, task_id: int, verdict: ReviewVerdict, reason: str, actor: str, at: datetime
) -> None:
    """Keep a reviewer's verdict; of an assigned task only its reviewer's."""
    row = _open_task(conn, task_id)
    _check_reviewer(conn, actor)
    if row["assigned_to"] not in (None, actor):
        raise TransitionError(
            _("复查任务 {id} 已交给 {user}", id=task_id, user=row["assigned_to"]),
            hint=_("由其本人填写，或先改派"),
        )
    if not reason.strip():
        raise TransitionError(_("请写明理由"), hint=_("用 --reason 说明为什么这样决定"))
    said = {"verdict": verdict, "reason": reason.strip(), "actor": actor, "decided_at": at}
    conn.execute(update(review_task).where(_T.id == task_id).values(**said))
    _audit(conn, task_id, "review", actor, at, {"model": row["model"], "verdict": verdict})


def _open_task(conn: Connection, task_id: int) -> RowMapping:
    row = conn.execute(select(review_task).where(_T.id == task_id).with_for_update()).mappings().first()
    if row is None:
        raise NotFound(_("没有复查任务 {id}", id=task_id), hint=_("用 mingjian review list 查看编号"))
    if row["verdict"] is not None:
        raise TransitionError(
            _("复查任务 {id} 已有结论", id=task_id), hint=_("用 mingjian review list 查看待办的")
        )
    return row


def _check_reviewer(conn: Connection, user: str) -> None:
    role = conn.scalar(select(app_user.c.role).where(app_user.c.id == user, app_user.c.active))
    if role not in REVIEWERS:
        raise TransitionError(
            _("{user} 不是监督员，不能复查", user=user), hint=_("由角色 R4、R5 或 R6 的人员复查")
        )


def _audit(
    conn: Connection, task_id: int, action: str, actor: str, at: datetime, detail: dict[str, Any]
) -> None:
    audit.record(
        conn, at=at, actor=actor, action=action, object_kind=OBJECT, object_id=str(task_id), detail=detail
    )


def answers(conn: Connection, since: datetime, models: Collection[str]) -> dict[str, tuple[int, int]]:
    """(missed, judged) of the reviews decided since then, by model; unclear ones are not counted."""
    rows: Sequence[Row] = conn.execute(
        select(
            _T.model,
            func.count().filter(_T.verdict == ReviewVerdict.MISSED).label("missed"),
            func.count().label("judged"),
        )
        .where(
            _T.decided_at >= since,
            _T.verdict.in_([ReviewVerdict.MISSED, ReviewVerdict.CLEAN]),
            _T.model.in_(sorted(models)),
        )
        .group_by(_T.model)
    ).all()
    return {row.model: (row.missed, row.judged) for row in rows}


def unflagged_sizes(conn: Connection) -> dict[str, int]:
    """How many subjects each model did not flag, at its newest draw."""
    newest = select(review_draw).distinct(_D.model).order_by(_D.model, _D.month.desc())
    return {row.model: max(row.population - row.flagged, 0) for row in conn.execute(newest) if row.population}
