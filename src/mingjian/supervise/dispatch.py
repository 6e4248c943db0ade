"""The dispatch stage: triaged warnings become tier-1 orders of the units that the routing rules send them to."""

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
from mingjian.domain.routing import Matter, RoutingReason, matter_of, owners_by_line
from mingjian.domain.sector import Sector
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.run import Run, sync_units
from mingjian.store import audit, orders
from mingjian.store.orders import WARNING, Step
from mingjian.store.retry import in_transaction
from mingjian.store.routing import Routed, route
from mingjian.store.tables import supervision_order, warning
from mingjian.supervise.bundles import Together, carry_on, look_together
from mingjian.supervise.co_asked import ask_by_rule
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
    """Decide about the next warnings, merge duplicates and issue the orders of the rest; None when none is left."""
    rows = _waiting(conn, sector, after)
    if not rows:
        return None
    now, sectors, terms = run.clock.now(), run.content.sectors, terms_of(run.content)
    decided = {row["id"]: decide(row, run.content.models.get(row["model"])) for row in rows}
    ready = [row for row in rows if decided[row["id"]] is DispatchReason.DISPATCHED]
    matters = {row["id"]: matter_of(row, sectors) for row in ready}
    lines = {i: m.owner.line for i, m in matters.items()}
    together = look_together(conn, ready, lines, terms.policy.routing.bundles)
    decided |= dict.fromkeys(together.leads, DispatchReason.MERGED)
    decided |= dict.fromkeys(together.busy, DispatchReason.LEAD_BUSY)
    chosen = [row for row in ready if decided[row["id"]] is DispatchReason.DISPATCHED]
    _send(conn, now, chosen, _assigned(conn, chosen, matters, together, sectors, terms), terms)
    carry_on(conn, now, together.leads, ready)
    return _Done(rows[-1]["id"], list(decided.values()))


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
                w.bundle,
                w.region_code,
                w.district_code,
                w.owner,
                w.unit_id,
                w.level,
                w.level_rank,
                w.version,
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


def _assigned(
    conn: Connection,
    rows: Sequence[RowMapping],
    matters: Mapping[str, Matter],
    together: Together,
    sectors: Mapping[str, Sector],
    terms: Terms,
) -> list[Assigned]:
    """The unit of each: the one a dispatcher named, else that of an open matter on the subject, else by the rules."""
    routed = route(conn, terms.policy.routing, [matters[row["id"]] for row in rows], owners_by_line(sectors))
    return [_goes_to(row, by, together.units.get(row["id"])) for row, by in zip(rows, routed, strict=True)]


def _goes_to(row: RowMapping, by: Routed, followed: str | None) -> Assigned:
    unit_id, why, rule = by.unit_id, by.reason, by.rule
    if row["unit_id"] is not None:
        unit_id, why, rule = row["unit_id"], RoutingReason.CHOSEN, ""
    elif followed is not None and followed != unit_id and why is not RoutingReason.NAMED:
        unit_id, why = followed, RoutingReason.BUNDLED
    told = {"rules_passed": list(by.passed)} if by.passed else {}
    told |= {"lines_unmanned": list(by.unmanned)} if by.unmanned else {}
    beside = by.co_handlers if rule else ()
    return Assigned(row["id"], row["sector"], Level(row["level"]), unit_id, why, rule, told, beside)


def _send(
    conn: Connection, now: datetime, rows: Sequence[RowMapping], batch: Sequence[Assigned], terms: Terms
) -> None:
    """Triage what is still new, then issue the orders."""
    if not rows:
        return
    _triage(conn, now, [row["id"] for row in rows if row["status"] == WarningState.NEW])
    issue(conn, now, terms, batch, SYSTEM_ACTOR)
    ask_by_rule(conn, now, terms, batch)


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
