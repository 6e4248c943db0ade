"""A desk for the dual track: warnings of one model in many districts, runs of the model, and the road to closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, insert, select
from supervise_queue import Queue
from supervise_road import TO_EVALUATING, take, walk

from mingjian.domain.campaign import CallOutcome, DualTrack
from mingjian.domain.roles import Role
from mingjian.store.invariants import broken
from mingjian.store.tables import campaign, campaign_case, finding, model_run
from mingjian.supervise import Call, CallDone, call_back, campaigns, dispatch

MODEL = "subsidy.deceased_payee"
PLACES = ("150102", "150103", "150104")


def track(queue: Queue, **change: Any) -> None:
    """The city's dual track: this model's local warnings become a campaign in three districts."""
    policy = queue.run.content.policy
    settled = {
        **policy.dual_track.model_dump(),
        "spread": [{"models": MODEL, "districts": 3}],
        **change,
    }
    changed = policy.model_copy(update={"dual_track": DualTrack.model_validate(settled)})
    queue.run = replace(queue.run, content=replace(queue.run.content, policy=changed))


def warned_in(queue: Queue, *districts: str, **columns: Any) -> list[str]:
    """One local warning in each of these districts, dispatched."""
    rows = [{"district_code": d, "region_code": d, **columns} for d in districts]
    made = queue.warn_many(rows)
    dispatch(queue.run, "subsidy")
    return made


def many(queue: Queue) -> tuple[RowMapping, list[str]]:
    """A campaign opened by warnings in three districts, and these warnings."""
    track(queue)
    queue.add_unit("MZ-CITY", "civil_affairs", "city", "150100")
    local = warned_in(queue, *PLACES)
    campaigns(queue.run)
    (opened,) = all_campaigns(queue)
    return opened, local


def all_campaigns(queue: Queue) -> list[RowMapping]:
    with queue.engine.connect() as conn:
        return list(conn.execute(select(campaign).order_by(campaign.c.opened_at, campaign.c.id)).mappings())


def cases(queue: Queue, id: str) -> list[RowMapping]:
    with queue.engine.connect() as conn:
        wanted = select(campaign_case).where(campaign_case.c.campaign_id == id).order_by(campaign_case.c.id)
        return list(conn.execute(wanted).mappings())


def call(
    queue: Queue, id: str, *numbers: int, outcome: str = "resolved", who: str = "chen"
) -> list[CallDone]:
    calls = [Call(n, CallOutcome(outcome)) for n in numbers]
    with queue.engine.begin() as conn:
        return call_back(conn, queue.clock, queue.terms, who, Role.R13, id, calls)


def ran(
    queue: Queue, day: date, *hit: str, model: str = MODEL, subject: str = "S", outcome: str = "done"
) -> None:
    """A run of the model on this day, and what it saw: one finding for each district."""
    base = {"model": model, "model_version": 1, "model_hash": "h", "as_of": day, "subject_kind": "project",
            "period": "2026", "level": "中", "score": 50}  # fmt: skip
    empty: dict[str, Any] = {k: {} for k in ("score_parts", "measures", "evidence", "params", "lake")}
    with queue.engine.begin() as conn:
        conn.execute(
            insert(model_run).values(model_id=model, as_of=day, version=1, hash="h", outcome=outcome)
        )
        for n, district in enumerate(hit):
            row = {**base, **empty, "subject_id": subject if len(hit) == 1 else f"{subject}{n}"}
            conn.execute(insert(finding).values(**row, region_code=district))


def weeks_pass(queue: Queue, weeks: int, *hit: str, **run: Any) -> None:
    """The clock moves on, and the model runs once in each week."""
    for _week in range(weeks):
        queue.clock.at += timedelta(days=7)
        ran(queue, queue.clock.now().date(), *hit, **run)


def to_closing(queue: Queue, opened: RowMapping) -> None:
    """The top-down order walks to its evaluation."""
    walk(queue, opened["warning_id"], *TO_EVALUATING)


def close(queue: Queue, opened: RowMapping) -> None:
    take(queue, opened["warning_id"], "close", Role.R4, reason="逐件回访完毕")


def whole(queue: Queue) -> bool:
    with queue.engine.connect() as conn:
        return broken(conn) == []
