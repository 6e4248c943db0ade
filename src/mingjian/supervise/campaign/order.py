"""The top-down order of local warnings: a warning that stands for them all, sent to the line's department of the city."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert

from mingjian.domain.campaign import SUBJECT
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.domain.reason import WarnReason
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.routing import RoutingReason
from mingjian.domain.sector import Owner, Sector, owner_named
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import audit, orders
from mingjian.store.orders import WARNING, Step
from mingjian.store.tables import warning
from mingjian.store.units import line_units, make_line_units
from mingjian.supervise.issue import Assigned, issue

RULE = "dual_track"


def top_down(
    conn: Connection,
    now: datetime,
    terms: Terms,
    sectors: Mapping[str, Sector],
    local: Sequence[RowMapping],
    districts: int,
) -> Mapping[str, Any]:
    """Make the warning and issue its order; the row, with its unit. `local` comes most serious first.

    It carries the level of its most serious case and no evidence rows: its evidence is the listed cases.
    """
    row = _row(now, local, districts)
    conn.execute(insert(warning).values(**row))
    new, triaged = WarningState.NEW, WarningState.TRIAGED
    orders.add_steps(
        conn, [Step(WARNING, row["id"], "triage", new, triaged, SYSTEM_ACTOR, now, reason="automatic")]
    )
    audit.record(
        conn,
        at=now,
        actor=SYSTEM_ACTOR,
        action="triage",
        object_kind=WARNING,
        object_id=row["id"],
        detail={"from": new, "to": triaged, "reason": "automatic"},
    )
    unit_id, why = _city_unit(conn, owner_named(sectors, row["sector"], row["owner"]))
    issue(
        conn,
        now,
        terms,
        [Assigned(row["id"], row["sector"], Level(row["level"]), unit_id, why, RULE)],
        SYSTEM_ACTOR,
    )
    return {**row, "status": WarningState.DISPATCHED, "unit_id": unit_id}


def _city_unit(conn: Connection, owner: Owner) -> tuple[str, RoutingReason]:
    found = line_units(conn, [owner.line]).city.get(owner.line)
    if found is not None:
        return found, RoutingReason.CITY
    return make_line_units(conn, [owner])[owner.line], RoutingReason.MADE


def _row(now: datetime, local: Sequence[RowMapping], districts: int) -> dict[str, Any]:
    first, today = local[0], now.astimezone(CITY_TZ).date()
    mark = hashlib.sha256(f"{SUBJECT}|{first['model']}|{today}".encode()).hexdigest()
    return {
        **{
            name: first[name] for name in ("model", "model_version", "model_hash", "sector", "owner", "level")
        },
        "level_rank": first["level_rank"],
        "id": f"W{mark[:12]}",
        "fingerprint": mark,
        "subject_kind": SUBJECT,
        "subject_id": first["model"],
        "bundle": f"{SUBJECT}:{first['model']}",
        "period": today.isoformat(),
        "score": max(one["score"] for one in local),
        "score_parts": [],
        "measures": {},
        "evidence": [],
        "params": {},
        "lake": {},
        "explanation": {
            "zh": f"同一模型近期在 {districts} 个区县共有 {len(local)} 条预警，作为面上问题自上而下交办市级主管部门；"
            "各地的预警仍由当地办理。",
            "en": f"One model has {len(local)} recent warnings in {districts} districts: handed top-down to the city's "
            "department as one matter, while each local warning is handled where it arose.",
        },
        "digest": "",
        "reason": WarnReason.NEW,
        "status": WarningState.TRIAGED,
        "first_seen": today,
        "last_seen": today,
        "created_at": now,
    }
