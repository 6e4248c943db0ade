"""The repository of re-supervision: closings not yet decided about, plans with their checks, results, a unit's record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.recheck import (
    CheckState,
    Method,
    RecheckKind,
    RecheckReason,
    RecheckResult,
    Record,
    Rerun,
)
from mingjian.domain.warning import CLOSINGS, REOPENINGS, WarningState
from mingjian.store.evaluations import last_word
from mingjian.store.tables import (
    model_run,
    order_step,
    recheck_check,
    recheck_plan,
    supervision_order,
    warning,
    warning_decision,
)

OBJECT = "recheck"
# What a step of the warning says of the check that is due.
RESULT_OF: dict[str, RecheckResult] = {
    "recheck_pass": RecheckResult.OK,
    "archive": RecheckResult.OK,
    "uphold_fp": RecheckResult.OK,
    "recheck_partial": RecheckResult.PARTIAL,
    "recheck_false": RecheckResult.FALSE,
    "overturn_fp": RecheckResult.FALSE,
}
_P, _C = recheck_plan.c, recheck_check.c


@dataclass(frozen=True)
class Said:
    """A result as its author gave it; `finding` is empty or begins with a code of `domain.recheck.FINDINGS`."""

    result: RecheckResult
    finding: str
    note: str
    actor: str


def unplanned(conn: Connection, after: int, limit: int) -> Sequence[RowMapping]:
    """Closings that nothing was decided about, by their step, the warnings locked.

    `heard` is the public's last outcome before the closing (None where nobody was called); `standing` is false when
    the matter was reopened before anybody decided.
    """
    s, w, o = order_step.c, warning.c, supervision_order.c
    past = order_step.alias("past")
    reopened = (
        select(func.count())
        .where(
            past.c.object_kind == "warning",
            past.c.object_id == w.id,
            past.c.action.in_(sorted(REOPENINGS)),
            past.c.id < s.id,
        )
        .scalar_subquery()
    )
    rows = (
        select(
            s.id.label("closing"), s.action, s.at.label("closed_at"), last_word(w.id, s.at).label("heard"),
            w.id, w.model, w.unit_id, w.level, w.subject_kind, func.coalesce(o.tier, 1).label("tier"),
            reopened.label("reopened"),
            func.coalesce(w.closed_at == s.at, False).label("standing"),
        )
        .join(warning, and_(s.object_kind == "warning", w.id == s.object_id))
        .outerjoin(supervision_order, o.warning_id == w.id)
        .where(
            s.action.in_(sorted(CLOSINGS)),
            s.id > after,
            ~select(_P.id).where(_P.closing == s.id).exists(),
        )
        .order_by(s.id)
        .limit(limit)
        .with_for_update(of=warning, skip_locked=True)
    )  # fmt: skip
    return conn.execute(rows).mappings().all()


def add_plans(
    conn: Connection, plans: Sequence[dict[str, Any]], checks: Mapping[int, Sequence[dict[str, Any]]]
) -> list[RowMapping]:
    """Insert plans and, by closing step, their checks; a closing that is planned already keeps its plan.

    Returns the new plans' `id`, `closing` and `warning_id`.
    """
    if not plans:
        return []
    statement = upsert(recheck_plan).on_conflict_do_nothing(index_elements=["closing"])
    made = conn.execute(statement.returning(_P.id, _P.closing, _P.warning_id), list(plans)).mappings().all()
    rows = [{**check, "plan_id": m["id"]} for m in made for check in checks.get(m["closing"], ())]
    if rows:
        conn.execute(insert(recheck_check), rows)
    return list(made)


def records(conn: Connection, since: datetime) -> dict[str | None, Record]:
    """What people's rechecks found since then, by unit; those of false positives are not among them."""
    counted = conn.execute(
        select(
            _P.unit_id,
            func.count().label("n"),
            func.count().filter(_C.result == RecheckResult.FALSE).label("false"),
        )
        .join(recheck_plan, _P.id == _C.plan_id)
        .where(_C.done_at >= since, _P.kind == RecheckKind.RECHECK)
        .group_by(_P.unit_id)
    )
    return {row.unit_id: Record(row.n, row.false) for row in counted}


def watched(conn: Connection, today: date) -> Sequence[RowMapping]:
    """Plans whose matter the model may still hit again, with the warning's state and the snapshots it was made from.

    A plan stays watched past its window while the model has not run on newer data.
    """
    unsettled = [Rerun.WAITING, Rerun.MODEL_NOT_RUN]
    w = warning.c
    rows = (
        select(recheck_plan, w.status, w.lake, w.subject_kind, w.subject_id, w.fingerprint)
        .join(warning, w.id == _P.warning_id)
        .where(
            _P.kind == RecheckKind.RECHECK,
            _P.rerun != Rerun.REPEAT,
            or_(_P.watch_until >= today, _P.rerun.in_(unsettled)),
        )
        .order_by(_P.id)
    )
    return conn.execute(rows).mappings().all()


def newest_runs(conn: Connection, models: Collection[str], as_of: date) -> dict[str, RowMapping]:
    """The newest run of each model up to this day that was done: `as_of, reads`."""
    r = model_run.c
    rows = (
        select(r.model_id, r.as_of, r.reads)
        .distinct(r.model_id)
        .where(r.model_id.in_(sorted(models)), r.outcome == "done", r.as_of <= as_of)
        .order_by(r.model_id, r.as_of.desc())
    )
    return {row["model_id"]: row for row in conn.execute(rows).mappings()}


def hits_after(conn: Connection, plan_ids: Collection[int]) -> dict[int, list[tuple[date, str]]]:
    """What was decided about hits of these plans' matters after their closing, up to the next: (day, WarnReason)."""
    d, next_ = warning_decision.c, recheck_plan.alias("next")
    closed_on = _city_day(_P.closed_at)
    next_on = (
        select(func.min(_city_day(next_.c.closed_at)))
        .where(next_.c.warning_id == _P.warning_id, next_.c.id > _P.id)
        .scalar_subquery()
    )
    rows = conn.execute(
        select(_P.id, d.as_of, d.reason)
        .join(warning_decision, d.warning_id == _P.warning_id)
        .where(_P.id.in_(list(plan_ids)), d.as_of > closed_on, d.as_of <= func.coalesce(next_on, d.as_of))
        .order_by(_P.id, d.as_of)
    )
    found: dict[int, list[tuple[date, str]]] = {}
    for row in rows:
        found.setdefault(row.id, []).append((row.as_of, row.reason))
    return found


def other_periods(conn: Connection, plan_ids: Collection[int]) -> dict[int, str]:
    """By plan, the first warning of the same model and subject for another period that came after the closing."""
    closed, later = warning.alias("closed"), warning.alias("later")
    rows = conn.execute(
        select(_P.id, later.c.id.label("other"))
        .distinct(_P.id)
        .join(closed, closed.c.id == _P.warning_id)
        .join(
            later,
            and_(
                later.c.bundle == closed.c.bundle,
                later.c.model == closed.c.model,
                later.c.fingerprint != closed.c.fingerprint,
                later.c.created_at > _P.closed_at,
                later.c.first_seen <= _P.watch_until,
                later.c.status != WarningState.RECORDED,
            ),
        )
        .where(_P.id.in_(list(plan_ids)))
        .order_by(_P.id, later.c.first_seen, later.c.id)
    )
    return {row.id: row.other for row in rows}


def _city_day(moment: Any) -> Any:
    return func.date(func.timezone(CITY_TZ.key, moment))


def write_reruns(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what the model said: each row has `id`, `rerun`, `rerun_as_of`, `rerun_detail`."""
    if rows:
        columns = ("rerun", "rerun_as_of", "rerun_detail")
        change = update(recheck_plan).where(_P.id == bindparam("_id"))
        values = {c: bindparam(f"_{c}", type_=recheck_plan.c[c].type) for c in columns}
        conn.execute(
            change.values(values), [{"_id": r["id"], **{f"_{c}": r[c] for c in columns}} for r in rows]
        )


def drop_checks(conn: Connection, plan_ids: Collection[int]) -> None:
    """Checks that have not been made of plans whose matter was reopened."""
    undone = [CheckState.PLANNED, CheckState.DUE]
    conn.execute(
        update(recheck_check)
        .where(_C.plan_id.in_(list(plan_ids)), _C.state.in_(undone))
        .values(state=CheckState.DROPPED)
    )


def come_due(conn: Connection, today: date, limit: int) -> Sequence[RowMapping]:
    """Planned checks whose day has come and whose warning rests closed; both locked, the longest waiting first.

    One check of a warning at a time: the second waits until the first has its result.
    """
    w = warning.c
    other = recheck_check.alias("other")
    busy = select(other.c.n).where(other.c.plan_id == _C.plan_id, other.c.state == CheckState.DUE).exists()
    earlier = (
        select(other.c.n)
        .where(other.c.plan_id == _C.plan_id, other.c.state == CheckState.PLANNED, other.c.n < _C.n)
        .exists()
    )
    rows = (
        select(_C.plan_id, _C.n, _C.reason, _P.kind, _P.level, w.id, w.status)
        .join(recheck_plan, _P.id == _C.plan_id)
        .join(warning, w.id == _P.warning_id)
        .where(
            _C.state == CheckState.PLANNED,
            _C.due_on <= today,
            w.status.in_([WarningState.CLOSED, WarningState.CLOSED_FP]),
            ~busy,
            ~earlier,
        )
        .order_by(_C.due_on, _C.plan_id, _C.n)
        .limit(limit)
        .with_for_update(of=[recheck_check, warning], skip_locked=True)
    )
    return conn.execute(rows).mappings().all()


def open_checks(
    conn: Connection, keys: Sequence[tuple[int, int]], at: datetime, due: Mapping[str, datetime]
) -> None:
    """Checks (plan, n) become due, each result by the moment of its warning's level in `due`."""
    if not keys:
        return
    for level, moment in due.items():
        of_level = select(_P.id).where(_P.id == _C.plan_id, _P.level == level).exists()
        conn.execute(
            update(recheck_check)
            .where(or_(*[and_(_C.plan_id == plan, _C.n == n) for plan, n in keys]), of_level)
            .values(state=CheckState.DUE, opened_at=at, result_due=moment)
        )


def mark_rechecked(conn: Connection, warning_ids: Sequence[str]) -> None:
    """These closed warnings stand in RECHECK."""
    if warning_ids:
        values = {"status": WarningState.RECHECK, "unseen": warning.c.unseen + 1}
        conn.execute(update(warning).where(warning.c.id.in_(warning_ids)).values(**values))


def drop_planned(conn: Connection, warning_id: str) -> None:
    """The matter was reopened: no check of the closing that stood is made any more."""
    plan_id = conn.scalar(select(_newest(warning_id)))
    if plan_id is not None:
        drop_checks(conn, [plan_id])


def has_later(conn: Connection, warning_id: str) -> bool:
    """Whether a check is still planned for the closing that stands."""
    rows = select(_C.n).where(_C.plan_id == _newest(warning_id), _C.state == CheckState.PLANNED)
    return conn.execute(rows.limit(1)).first() is not None


def bring_forward(conn: Connection, warning_id: str, at: datetime, result_due: datetime) -> None:
    """A supervisor looks now: the next planned check becomes due, or one is added when none was planned."""
    plan_id = conn.scalar(select(_newest(warning_id)))
    if plan_id is None or due_check(conn, warning_id) is not None:
        return
    due = {"state": CheckState.DUE, "opened_at": at, "result_due": result_due}
    next_ = conn.scalar(select(func.min(_C.n)).where(_C.plan_id == plan_id, _C.state == CheckState.PLANNED))
    if next_ is not None:
        conn.execute(update(recheck_check).where(_C.plan_id == plan_id, _C.n == next_).values(**due))
        return
    last = conn.scalar(select(func.coalesce(func.max(_C.n), 0)).where(_C.plan_id == plan_id)) or 0
    added = {"n": last + 1, "reason": RecheckReason.MANUAL, "methods": [Method.DATA, Method.SITE]}
    day = at.astimezone(CITY_TZ).date()
    conn.execute(insert(recheck_check).values(plan_id=plan_id, due_on=day, **added, **due))


def due_check(conn: Connection, warning_id: str) -> RowMapping | None:
    """The check of the standing closing that is due, locked, with its plan's `kind`; None when none is."""
    rows = (
        select(recheck_check, _P.kind)
        .join(recheck_plan, _P.id == _C.plan_id)
        .where(_C.plan_id == _newest(warning_id), _C.state == CheckState.DUE)
        .with_for_update(of=recheck_check)
    )
    return conn.execute(rows).mappings().first()


def settle(conn: Connection, warning_id: str, said: Said, at: datetime) -> None:
    """Keep a result with the check that is due, if one is; a result that is not ok drops the checks still planned."""
    check = due_check(conn, warning_id)
    if check is None:
        return
    done = {"state": CheckState.DONE, "done_at": at, **vars(said)}
    conn.execute(
        update(recheck_check).where(_C.plan_id == check["plan_id"], _C.n == check["n"]).values(**done)
    )
    if said.result is not RecheckResult.OK:
        drop_checks(conn, [check["plan_id"]])


def _newest(warning_id: str) -> Any:
    """The plan of the closing that came last, as a scalar subquery."""
    return select(func.max(_P.id)).where(_P.warning_id == warning_id).scalar_subquery()


def plan_of(conn: Connection, warning_id: str) -> tuple[RowMapping, Sequence[RowMapping]] | None:
    """The plan of a warning's last closing, and its checks in order; None when nothing was decided yet."""
    plan = conn.execute(select(recheck_plan).where(_P.id == _newest(warning_id))).mappings().first()
    if plan is None:
        return None
    checks = select(recheck_check).where(_C.plan_id == plan["id"]).order_by(_C.n)
    return plan, conn.execute(checks).mappings().all()


def listed(
    conn: Connection, states: Collection[CheckState], after: tuple[date, int, int] | None, limit: int
) -> Sequence[RowMapping]:
    """Checks in these states in order of their day, with plan and warning; `after` is (due_on, plan_id, n)."""
    rows = _listing().where(_C.state.in_(sorted(states)))
    if after is not None:
        due_on, plan_id, n = after
        same_day = and_(_C.due_on == due_on, or_(_C.plan_id > plan_id, and_(_C.plan_id == plan_id, _C.n > n)))
        rows = rows.where(or_(_C.due_on > due_on, same_day))
    return conn.execute(rows.order_by(_C.due_on, _C.plan_id, _C.n).limit(limit)).mappings().all()


def _listing() -> Select[Any]:
    return (
        select(
            recheck_check,
            _P.warning_id,
            _P.kind,
            _P.round,
            _P.level,
            _P.model,
            _P.unit_id,
            _P.rerun,
            _P.rerun_as_of,
            warning.c.status,
        )
        .join(recheck_plan, _P.id == _C.plan_id)
        .join(warning, warning.c.id == _P.warning_id)
    )
