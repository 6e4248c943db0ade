"""The campaigns stage: what is seen in many districts gets one order top-down; later cases join it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.campaign import CampaignReason, CaseKind, DualTrack
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store import campaigns as store
from mingjian.store.retry import in_transaction
from mingjian.supervise.campaign.opening import Opening, open_campaign
from mingjian.supervise.campaign.order import top_down
from mingjian.supervise.terms import terms_of

Cases = set[tuple[str, str, str | None]]


def campaigns(run: Run) -> dict[str, int]:
    """Open what is to be opened, then list new cases; returns {"opened", "cases"}. The same day again adds nothing."""
    track = run.content.policy.dual_track
    models = track.named(run.content.models)
    opened = in_transaction(run.engine, lambda conn: _open_listed(conn, run, track, models))
    for model in sorted(models):
        opened += in_transaction(run.engine, partial(_open_spread, run=run, track=track, model=model))
    added = in_transaction(run.engine, lambda conn: _add_cases(conn, run, track))
    return {"opened": opened, "cases": added}


def _open_listed(conn: Connection, run: Run, track: DualTrack, models: Collection[str]) -> int:
    """Each open order of a model that sees many districts itself becomes a campaign, one for a matter."""
    seen: set[str] = set()
    for row in store.without_one(conn, {m for m in models if track.lists(m)}):
        if row["matter"] not in seen:
            seen.add(row["matter"])
            opening = Opening(row, row["matter"], CampaignReason.LISTED_MODEL)
            open_campaign(conn, run.clock.now(), terms_of(run.content), opening)
    return len(seen)


def _open_spread(conn: Connection, run: Run, track: DualTrack, model: str) -> int:
    """Local warnings of one model in enough districts: a warning and an order for the city's department."""
    spread = track.spread_of(model)
    if spread is None or store.is_open(conn, model):
        return 0
    local = store.told(conn, model, store.seen_since(_today(run), spread.days))
    districts = {row["district_code"] for row in local if row["district_code"]}
    if len(districts) < spread.districts:
        return 0
    terms, now = terms_of(run.content), run.clock.now()
    row = top_down(conn, now, terms, run.content.sectors, local, len(districts))
    opening = Opening(row, model, CampaignReason.MANY_DISTRICTS, spread.districts)
    open_campaign(conn, now, terms, opening)
    return 1


def _add_cases(conn: Connection, run: Run, track: DualTrack) -> int:
    """List what each open campaign is about by now."""
    added = 0
    for row in store.open_ones(conn):
        new = store.add_cases(conn, row["id"], _cases(conn, row, track), run.clock.now())
        if new:
            audit.record(
                conn,
                at=run.clock.now(),
                actor=SYSTEM_ACTOR,
                action="list_cases",
                object_kind="campaign",
                object_id=row["id"],
                detail={"added": new},
            )
        added += new
    return added


def _cases(conn: Connection, row: RowMapping, track: DualTrack) -> Cases:
    """Requests behind a model that counts them; else the local warnings, from the period that opened it on."""
    if row["reason"] == CampaignReason.LISTED_MODEL:
        return _requests(store.evidence_of(conn, row["model"], row["subject_id"]))
    spread = track.spread_of(row["model"])
    opened = row["opened_at"].astimezone(CITY_TZ).date()
    since = store.seen_since(opened, spread.days) if spread else opened
    local = store.told(conn, row["model"], since)
    return {(CaseKind.WARNING, one["id"], one["district_code"]) for one in local}


def _requests(evidence: Collection[Mapping[str, Any]]) -> Cases:
    """Evidence rows that are requests of people, by their number."""
    return {
        (CaseKind.REQUEST, str(item["key"]["service_request_id"]), item["row"].get("district_code"))
        for item in evidence
        if "service_request_id" in item["key"]
    }


def _today(run: Run) -> date:
    return run.clock.now().astimezone(CITY_TZ).date()
