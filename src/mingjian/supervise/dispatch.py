"""The dispatch stage: triaged warnings become tier-1 orders of the units that own them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.domain.level import Level
from mingjian.domain.model import Model, Status
from mingjian.domain.reason import DispatchReason, WarnReason
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.sector import Sector, owner_named
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.run import Run, sync_units
from mingjian.store import audit, orders
from mingjian.store.orders import WARNING, Step
from mingjian.store.retry import in_transaction
from mingjian.store.tables import supervision_order, warning
from mingjian.store.units import owner_units
from mingjian.supervise.issue import Assigned, issue
from mingjian.supervise.terms import terms_of

BATCH = 500


def dispatch(run: Run, sector: str) -> dict[str, int]:
    """Order every warning of the sector that may go; returns how many ended with which DispatchReason.

    Each batch is one transaction: a killed run leaves whole batches, and the next run does the rest.
    """
    sync_units(run)
    counts: Counter[DispatchReason] = Counter()
    after = ""
    while True:
        done = in_transaction(run.engine, partial(_batch, run=run, sector=sector, after=after))
        if done is None:
            return {reason.value: counts[reason] for reason in sorted(counts)}
        after = done.last
        counts.update(done.reasons)


class _Done(NamedTuple):
    last: str
    reasons: list[DispatchReason]


def _batch(conn: Connection, run: Run, sector: str, after: str) -> _Done | None:
    """Decide about the next warnings and issue the orders of those that may go; None when none is left."""
    rows = _waiting(conn, sector, after)
    if not rows:
        return None
    decided = [(row, decide(row, run.content.models.get(row["model"]))) for row in rows]
    chosen = [row for row, reason in decided if reason is DispatchReason.DISPATCHED]
    _send(conn, run.clock.now(), chosen, run.content.sectors, terms_of(run.content))
    return _Done(rows[-1]["id"], [reason for _row, reason in decided])


def decide(row: Mapping, model: Model | None) -> DispatchReason:
    """Whether a waiting warning may become an order now, and if not, why.

    `row` holds status, reason, level, subject_kind, has_evidence and has_order. A serious suspicion about a
    person, and a warning without evidence rows, first pass a human's eyes (R4 triages).
    """
    if row["reason"] == WarnReason.SHADOW or (model is not None and model.status is Status.SHADOW):
        return DispatchReason.SHADOW
    if row["has_order"]:
        return DispatchReason.ALREADY_ORDERED
    if row["status"] == WarningState.TRIAGED:
        return DispatchReason.DISPATCHED
    serious = row["subject_kind"] == "person" and row["level"] == Level.HIGH
    if serious or not row["has_evidence"]:
        return DispatchReason.AWAITS_TRIAGE
    return DispatchReason.DISPATCHED


def _waiting(conn: Connection, sector: str, after: str) -> Sequence[RowMapping]:
    """The next batch in states NEW and TRIAGED, locked; another dispatcher's rows are passed over."""
    w = warning.c
    # Written out, so that the planner knows that the index of these two states holds every row.
    states = [WarningState.NEW.value, WarningState.TRIAGED.value]
    undispatched: BindParameter[list[str]] = bindparam("states", states, expanding=True, literal_execute=True)
    ordered = select(supervision_order.c.id).where(supervision_order.c.warning_id == w.id).exists()
    return (
        conn.execute(
            select(
                w.id,
                w.model,
                w.sector,
                w.subject_kind,
                w.district_code,
                w.owner,
                w.level,
                w.status,
                w.reason,
                (w.evidence != literal([], JSONB)).label("has_evidence"),
                ordered.label("has_order"),
            )
            .where(w.sector == sector, w.status.in_(undispatched), w.id > after)
            .order_by(w.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        .mappings()
        .all()
    )


def _send(
    conn: Connection,
    now: datetime,
    rows: Sequence[RowMapping],
    sectors: Mapping[str, Sector],
    terms: Terms,
) -> None:
    """Triage what is still new, find the owners, and issue the orders."""
    if not rows:
        return
    _triage(conn, now, [row["id"] for row in rows if row["status"] == WarningState.NEW])
    owners = {row["id"]: owner_named(sectors, row["sector"], row["owner"]) for row in rows}
    units = owner_units(conn, list(owners.values()), {row["district_code"] for row in rows})
    batch = []
    for row in rows:
        owning = units[owners[row["id"]].line, row["district_code"]]
        batch.append(Assigned(row["id"], row["sector"], Level(row["level"]), owning.unit_id, owning.reason))
    issue(conn, now, terms, batch, SYSTEM_ACTOR)


def _triage(conn: Connection, now: datetime, ids: list[str]) -> None:
    """Automatic triage: one step and one audit row for each warning; `issue` moves it on at once."""
    if not ids:
        return
    conn.execute(update(warning).where(warning.c.id.in_(ids)).values(status=WarningState.TRIAGED))
    new, triaged = WarningState.NEW, WarningState.TRIAGED
    orders.add_steps(
        conn, [Step(WARNING, i, "triage", new, triaged, SYSTEM_ACTOR, now, reason="automatic") for i in ids]
    )
    entries = [
        {
            "actor": SYSTEM_ACTOR,
            "action": "triage",
            "object_kind": WARNING,
            "object_id": i,
            "detail": {"from": new, "to": triaged, "reason": "automatic"},
        }
        for i in ids
    ]
    audit.record_many(conn, at=now, entries=entries)
