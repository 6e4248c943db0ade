"""Opening a campaign on an order that stands: its row, a line in the history, an audit row, a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection

from mingjian.domain.campaign import CampaignReason, CampaignState, end_of
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.terms import Terms
from mingjian.store import audit, campaigns, orders, outbox
from mingjian.store.orders import WARNING, Step, order_id_of
from mingjian.store.outbox import Letter
from mingjian.supervise.issue import said

CLOSE_OF_WORK = time(18)


@dataclass(frozen=True)
class Opening:
    """The warning (id, model, level, status, unit_id) whose order goes top-down, its matter, and why.

    `least_districts` is the bound of a band of local warnings.
    """

    warning: Mapping[Any, Any]
    matter: str
    reason: CampaignReason
    least_districts: int | None = None


def open_campaign(conn: Connection, now: datetime, terms: Terms, opening: Opening) -> None:
    """Make a standing order a campaign: plan within working days, the end after months (catalogue §4.5)."""
    w, track = opening.warning, terms.policy.dual_track
    orders.lock_warnings(conn, [w["id"]])
    last_day = end_of(now.astimezone(CITY_TZ).date(), track.months)
    row = {
        "id": f"C{w['id']}",
        "warning_id": w["id"],
        "matter": opening.matter,
        "model": w["model"],
        "reason": opening.reason,
        "state": CampaignState.OPEN,
        "least_districts": opening.least_districts,
        "opened_at": now,
        "plan_due": terms.calendar.add(now, track.plan_days).at,
        "finish_due": datetime.combine(last_day, CLOSE_OF_WORK, CITY_TZ),
    }
    campaigns.add(conn, row)
    step = Step(
        WARNING,
        w["id"],
        "open_campaign",
        w["status"],
        w["status"],
        SYSTEM_ACTOR,
        now,
        opening.reason,
        row["id"],
    )
    orders.add_steps(conn, [step])
    dues = {"plan_due": said(row["plan_due"]), "finish_due": said(row["finish_due"])}
    order_id = order_id_of(w["id"])
    payload = {"order": order_id, "level": w["level"], "tier": 1, **dues}
    outbox.enqueue(conn, [Letter(f"{order_id}:campaign", w["unit_id"], "campaign_opened", payload)], now)
    audit.record(
        conn,
        at=now,
        actor=SYSTEM_ACTOR,
        action="open_campaign",
        object_kind="campaign",
        object_id=row["id"],
        detail={"warning": w["id"], "matter": opening.matter, "reason": opening.reason, **dues},
    )
