"""Deciding about new closings: who is looked at again, drawn with the month's recorded seed, written once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.draw import month_of, uniform
from mingjian.domain.evaluation import PublicOutcome
from mingjian.domain.level import Level
from mingjian.domain.policy import Policy
from mingjian.domain.recheck import (
    CheckState,
    Closed,
    Decision,
    RecheckKind,
    RecheckTerms,
    Record,
    Rerun,
    decide,
    methods_of,
    risk_share,
)
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit, policies, rechecks
from mingjian.store.orders import WARNING
from mingjian.store.seeds import seed_for

PURPOSE = "recheck"
BATCH = 500


@dataclass(frozen=True)
class Planned:
    """A closing with its draw, the part of the chance that its unit's past gave, and the decision."""

    row: RowMapping
    closed: Closed
    month: str
    u: float
    risk: float
    decision: Decision


def plan_closings(engine: Engine, clock: Clock, policy: Policy) -> dict[str, int]:
    """Decide about every closing that nothing was decided about; counts by the deciding reason.

    Batches are transactions of their own, and a closing has one plan at most, so a killed run is simply run again.
    """
    counts: Counter[str] = Counter()
    after = 0
    while True:
        with engine.begin() as conn:
            rows = rechecks.unplanned(conn, after, BATCH)
            if not rows:
                return dict(counts)
            after = rows[-1]["closing"]
            counts.update(_plan(conn, clock.now(), rows, policy))


def draw_key(warning_id: str, round_: int) -> str:
    """What is drawn for: a matter closed again after a reopening is drawn for anew."""
    return f"{PURPOSE}:{warning_id}:{round_}"


def _plan(conn: Connection, now: datetime, rows: Sequence[RowMapping], policy: Policy) -> list[str]:
    policies.keep(conn, policy, now)
    record = rechecks.records(conn, now - timedelta(days=policy.rechecks.risk_days))
    months = sorted({month_of(_day(row["closed_at"])) for row in rows})
    seeds = {month: seed_for(conn, PURPOSE, month, now) for month in months}
    planned = {row["closing"]: _decided(row, seeds, record, policy.rechecks) for row in rows}
    checks = {
        c: _checks(p, policy.rechecks) for c, p in planned.items() if p.decision.chosen and p.row["standing"]
    }
    made = rechecks.add_plans(conn, [_row(p, now, policy) for p in planned.values()], checks)
    new = [planned[m["closing"]] for m in made]
    audit.record_many(conn, at=now, entries=[_entry(p, policy) for p in new])
    return [p.decision.reasons[0].value for p in new]


def _decided(
    row: RowMapping, seeds: Mapping[str, str], record: Mapping[str | None, Record], terms: RecheckTerms
) -> Planned:
    kind = RecheckKind.QA if row["action"] == "approve_fp" else RecheckKind.RECHECK
    closed = Closed(
        kind,
        Level(row["level"]),
        row["tier"],
        row["subject_kind"],
        satisfied=False if row["heard"] == PublicOutcome.UNSATISFIED else None,
        reached=False if row["heard"] == PublicOutcome.NOT_REACHED else None,
    )
    city = Record(sum(r.n for r in record.values()), sum(r.false for r in record.values()))
    risk = risk_share(record.get(row["unit_id"], Record()), city, terms)
    month = month_of(_day(row["closed_at"]))
    u = uniform(seeds[month], draw_key(row["id"], row["reopened"] + 1))
    return Planned(row, closed, month, u, risk, decide(closed, u, risk, terms))


def _day(moment: datetime) -> date:
    return moment.astimezone(CITY_TZ).date()


def _row(p: Planned, now: datetime, policy: Policy) -> dict[str, Any]:
    row = p.row
    return {
        "warning_id": row["id"],
        "closing": row["closing"],
        "round": row["reopened"] + 1,
        "kind": p.closed.kind,
        "reasons": list(p.decision.reasons),
        "month": p.month,
        "draw": p.u,
        "share": p.decision.share,
        "risk": p.risk,
        "model": row["model"],
        "unit_id": row["unit_id"],
        "level": row["level"],
        "closed_at": row["closed_at"],
        "decided_at": now,
        "watch_until": _day(row["closed_at"]) + policy.reopening.window,
        "rerun": Rerun.WAITING,
    }


def _checks(p: Planned, terms: RecheckTerms) -> list[dict[str, Any]]:
    """The days on which people look; a false positive's file is reviewed at once."""
    days = (0,) if p.closed.kind is RecheckKind.QA else terms.days_of(p.closed.level)
    closed_on = _day(p.row["closed_at"])
    return [
        {
            "n": n,
            "due_on": closed_on + timedelta(days=after),
            "reason": p.decision.reasons[0],
            "methods": list(methods_of(p.decision.reasons)),
            "state": CheckState.PLANNED,
        }
        for n, after in enumerate(days, start=1)
    ]


def _entry(p: Planned, policy: Policy) -> dict[str, Any]:
    detail = {
        "round": p.row["reopened"] + 1,
        "reasons": list(p.decision.reasons),
        "month": p.month,
        "draw": p.u,
        "share": p.decision.share,
        "policy": policy.version,
    }
    return {
        "actor": SYSTEM_ACTOR,
        "action": "plan_recheck",
        "object_kind": WARNING,
        "object_id": p.row["id"],
        "detail": detail,
    }
