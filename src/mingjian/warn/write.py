"""Decided warnings into the store: new ones in bulk, known ones by one prepared change, each with its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.reason import WarnReason
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.warning import TRANSITIONS, UNTOUCHED_STATES, WarningState
from mingjian.run import Run
from mingjian.store import audit, orders
from mingjian.store.orders import WARNING, Step
from mingjian.store.tables import order_step, warning, warning_decision
from mingjian.warn.decide import Known, Question

REFRESHED = (
    "model_version",
    "model_hash",
    "region_code",
    "district_code",
    "level",
    "level_rank",
    "score",
    "score_parts",
    "amount",
    "measures",
    "evidence",
    "params",
    "lake",
    "explanation",
    "digest",
)


# What a warning becomes by the reason; other reasons leave it where it stands.
BECOMES = {
    WarnReason.SHADOW: WarningState.RECORDED,
    WarnReason.EXCEPTION: WarningState.RECORDED,
    WarnReason.SNOOZED: WarningState.RECORDED,
    WarnReason.INHIBITED: WarningState.RECORDED,
    WarnReason.OVER_BUDGET: WarningState.WAITING,
    WarnReason.NEW: WarningState.NEW,
    WarnReason.WOKEN: WarningState.NEW,
    WarnReason.ADMITTED: WarningState.NEW,
    WarnReason.REOPENED: WarningState.REOPENED,
}
MOVES = {(s, t.to): t.action for t in TRANSITIONS for s in t.from_states if s in UNTOUCHED_STATES}


@dataclass(frozen=True)
class Decided:
    """A warning's row and what was decided about it; `hit` is false when no model saw it today."""

    row: Mapping[str, Any]
    question: Question
    reason: WarnReason
    hit: bool = True
    budget_unit: str | None = None

    @property
    def known(self) -> Known | None:
        return self.question.known

    @property
    def makes_new(self) -> bool:
        return self.question.of_its_own and self.reason is not WarnReason.SEEN_TODAY

    @property
    def id(self) -> str:
        """The known warning's id; for a new one the row's, marked with the day when the matter is not the first."""
        if self.known is None:
            return str(self.row["id"])
        return f"{self.row['id']}-{self.known.last_seen:%y%m%d}" if self.makes_new else self.known.id

    @property
    def moves(self) -> bool:
        """Whether a known warning that nobody has in hand is put somewhere by this decision."""
        untouched = self.known is not None and self.known.status in UNTOUCHED_STATES
        return untouched and not self.makes_new and self.reason in BECOMES

    @property
    def alive(self) -> bool:
        """Whether the matter is told, or waits to be."""
        if self.reason in (WarnReason.REPEATED, WarnReason.SEEN_TODAY, WarnReason.UNCHANGED):
            return self.known is not None and self.known.open
        return not self.reason.silences

    @property
    def detail(self) -> dict[str, Any]:
        """What silenced it, by its number, or which unit's budget was full."""
        q = self.question
        if self.reason is WarnReason.EXCEPTION and q.exception:
            return {"exception": q.exception.id, "document": q.exception.document}
        if self.reason is WarnReason.SNOOZED and q.snooze:
            return {"snooze": q.snooze.id, "until": q.snooze.valid_to.isoformat(), "why": q.snooze.reason}
        if self.reason is WarnReason.INHIBITED:
            return {"warning": q.inhibitor}
        return {"unit": self.budget_unit} if self.reason is WarnReason.OVER_BUDGET else {}


def save(conn: Connection, run: Run, decided: list[Decided]) -> None:
    """Write all decisions of one stage in the caller's transaction. A day before the last seen changes nothing."""
    current = [d for d in decided if d.known is None or run.as_of >= d.known.last_seen]
    _insert(conn, run, [d for d in current if d.makes_new])
    _refresh(conn, run, [d for d in current if d.hit and not d.makes_new])
    _place(conn, run, [d for d in current if d.moves])
    for d in current:
        if d.reason is WarnReason.REOPENED:
            _reopen(conn, run, d.id)
    _journal(conn, run, current)


def _insert(conn: Connection, run: Run, new: list[Decided]) -> None:
    rows = [
        {
            **d.row,
            "id": d.id,
            "reason": d.reason.value,
            "status": BECOMES[d.reason].value,
            "budget_unit": d.budget_unit,
            "admitted_on": _admitted_on(run, d),
            "first_seen": run.as_of,
            "last_seen": run.as_of,
            "hits": 1,
            "created_at": run.clock.now(),
        }
        for d in new
    ]
    if rows:
        conn.execute(insert(warning), rows)


def _refresh(conn: Connection, run: Run, known: list[Decided]) -> None:
    if not known:
        return
    change = warning.update().where(warning.c.id == bindparam("_id"))
    change = change.values(
        {c: bindparam(f"_{c}", type_=warning.c[c].type) for c in REFRESHED}
        | {
            "hits": warning.c.hits + bindparam("_more"),
            "last_seen": run.as_of,
            "reason": func.coalesce(bindparam("_reason", type_=Text), warning.c.reason),
            # The same facts seen again on the same day are no change that a reader could have missed.
            "version": warning.c.version
            + func.greatest(bindparam("_more"), (warning.c.digest != bindparam("_digest")).cast(Integer)),
        }
    )
    conn.execute(
        change,
        [
            {
                **{f"_{c}": d.row[c] for c in REFRESHED},
                "_id": d.id,
                "_more": 0 if d.reason is WarnReason.SEEN_TODAY else 1,
                "_reason": None if d.reason is WarnReason.SEEN_TODAY else d.reason.value,
            }
            for d in known
        ],
    )


def _place(conn: Connection, run: Run, moved: list[Decided]) -> None:
    """Put warnings where their decision says; a change of state is a step and an audited change."""
    if not moved:
        return
    change = (
        warning.update()
        .where(warning.c.id == bindparam("_id"))
        .values({c: bindparam(f"_{c}") for c in ("status", "reason", "budget_unit", "admitted_on")})
    )
    conn.execute(
        change,
        [
            {
                "_id": d.id,
                "_status": BECOMES[d.reason].value,
                "_reason": d.reason.value,
                "_budget_unit": d.budget_unit,
                "_admitted_on": _admitted_on(run, d),
            }
            for d in moved
        ],
    )
    steps = [_step(run, d) for d in moved if d.known and d.known.status is not BECOMES[d.reason]]
    orders.add_steps(conn, steps)
    entries = [
        {
            "actor": SYSTEM_ACTOR,
            "action": step.action,
            "object_kind": WARNING,
            "object_id": step.object_id,
            "detail": {"from": step.from_state, "to": step.to_state, "reason": step.reason},
        }
        for step in steps
    ]
    audit.record_many(conn, at=run.clock.now(), entries=entries)


def _step(run: Run, d: Decided) -> Step:
    before, after = d.question.stands or WarningState.NEW, BECOMES[d.reason]
    action = MOVES[before, after]
    return Step(WARNING, d.id, action, before, after, SYSTEM_ACTOR, run.clock.now(), reason=d.reason)


def _admitted_on(run: Run, d: Decided) -> date | None:
    return run.as_of if d.budget_unit and BECOMES[d.reason] is WarningState.NEW else None


def _reopen(conn: Connection, run: Run, warning_id: str) -> None:
    """A reopening is a step of the warning and an audited change like any other."""
    mine = (order_step.c.object_kind == "warning") & (order_step.c.object_id == warning_id)
    last = conn.execute(select(order_step).where(mine).order_by(order_step.c.seq.desc())).first()
    status = conn.execute(select(warning.c.status).where(warning.c.id == warning_id)).scalar_one()
    conn.execute(
        warning.update()
        .where(warning.c.id == warning_id)
        .values(status=WarningState.REOPENED.value, closed_at=None)
    )
    conn.execute(
        insert(order_step).values(
            object_kind="warning",
            object_id=warning_id,
            seq=last.seq + 1 if last else 1,
            action="reopen",
            from_state=status,
            to_state=WarningState.REOPENED.value,
            reason=WarnReason.REOPENED.value,
            actor="system",
            at=run.clock.now(),
        )
    )
    audit.record(
        conn, at=run.clock.now(), actor="system", action="reopen", object_kind="warning", object_id=warning_id
    )


def _journal(conn: Connection, run: Run, decided: list[Decided]) -> None:
    if not decided:
        return
    statement = upsert(warning_decision)
    statement = statement.on_conflict_do_update(
        index_elements=["warning_id", "as_of"],
        set_={c: statement.excluded[c] for c in ("level", "score", "digest")},
    )
    conn.execute(
        statement,
        [
            {
                "warning_id": d.id,
                "as_of": run.as_of,
                "reason": d.reason.value,
                "level": d.row["level"],
                "score": d.row["score"],
                "digest": d.row["digest"],
                "decided_at": run.clock.now(),
                "detail": d.detail,
            }
            for d in decided
        ],
    )
