"""Decided warnings into the store: new ones in bulk, known ones by one prepared change, each with its decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.reason import WarnReason
from mingjian.domain.warning import WarningState
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store.tables import order_step, warning, warning_decision
from mingjian.warn.decide import Known

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


@dataclass(frozen=True)
class Decided:
    """A warning's row, what was decided about it, and the warning already known, if any."""

    row: dict[str, Any]
    reason: WarnReason
    known: Known | None

    @property
    def makes_new(self) -> bool:
        return self.reason in (WarnReason.NEW, WarnReason.SHADOW)

    @property
    def id(self) -> str:
        """The known warning's id; for a new one the row's, marked with the day when the matter is not the first."""
        if self.known is None:
            return str(self.row["id"])
        return f"{self.row['id']}-{self.known.last_seen:%y%m%d}" if self.makes_new else self.known.id


def save(conn: Connection, run: Run, decided: list[Decided]) -> None:
    """Write all decisions of one stage in the caller's transaction. A day before the last seen changes nothing."""
    current = [d for d in decided if d.known is None or run.as_of >= d.known.last_seen]
    _insert(conn, run, [d for d in current if d.makes_new])
    _refresh(conn, run, [d for d in current if not d.makes_new])
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
            "status": (WarningState.RECORDED if d.reason is WarnReason.SHADOW else WarningState.NEW).value,
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
            }
            for d in decided
        ],
    )
