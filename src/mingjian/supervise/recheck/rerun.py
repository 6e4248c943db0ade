"""The model looks again by itself: what the daily runs since a closing say of the matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.reason import WarnReason
from mingjian.domain.recheck import Rerun
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit, rechecks
from mingjian.store.orders import WARNING


@dataclass(frozen=True)
class Seen:
    """What is known since a closing: the newest run on newer data, decisions about hits, another period's warning."""

    run_on: date | None = None
    hits: tuple[tuple[date, str], ...] = ()
    other: str | None = None


def outcome(seen: Seen) -> Rerun:
    """What the model says: a repeat first, then what needs a look, then quiet; nothing without newer data."""
    if any(reason == WarnReason.REOPENED for _day, reason in seen.hits):
        return Rerun.REPEAT
    if seen.other:
        return Rerun.RECURRED
    if seen.run_on is None:
        return Rerun.MODEL_NOT_RUN
    return Rerun.UNCHANGED if seen.hits else Rerun.QUIET


def is_newer(run: Mapping[str, Any] | RowMapping, closed_on: date, made_from: Mapping[str, int]) -> bool:
    """Whether a run read newer data than the matter was closed with: a later day, and a newer snapshot of a table.

    A run that names no snapshots (a model over our own tables) is newer by its day alone.
    """
    if run["as_of"] <= closed_on:
        return False
    read = run["reads"].get("lake", {})
    known = [t for t in read if t in made_from]
    return not known or any(int(read[t]) > int(made_from[t]) for t in known)


def look_again(conn: Connection, now: datetime, as_of: date) -> Counter[str]:
    """Bring every watched plan to what the runs say, in the caller's transaction; counts of plans by new outcome."""
    plans = rechecks.watched(conn, as_of)
    ids = [p["id"] for p in plans]
    runs = rechecks.newest_runs(conn, {p["model"] for p in plans}, as_of)
    hits = rechecks.hits_after(conn, ids)
    others = rechecks.other_periods(conn, ids)
    changed = []
    for plan in plans:
        seen = _seen(plan, runs.get(plan["model"]), hits.get(plan["id"], []), others.get(plan["id"]))
        said = outcome(seen)
        if (said, seen.run_on) != (plan["rerun"], plan["rerun_as_of"]):
            changed.append((plan, seen, said))
    rechecks.write_reruns(conn, [_row(*c) for c in changed])
    rechecks.drop_checks(conn, [p["id"] for p, _seen_, said in changed if said is Rerun.REPEAT])
    news = [(p, seen, said) for p, seen, said in changed if said != p["rerun"]]
    audit.record_many(conn, at=now, entries=_entries(news))
    return Counter(said.value for _p, _seen_, said in news)


def _seen(
    plan: RowMapping, run: RowMapping | None, hits: Sequence[tuple[date, str]], other: str | None
) -> Seen:
    closed_on = plan["closed_at"].astimezone(CITY_TZ).date()
    newer = run is not None and is_newer(run, closed_on, plan["lake"])
    return Seen(run["as_of"] if run is not None and newer else None, tuple(hits), other)


def _row(plan: RowMapping, seen: Seen, said: Rerun) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    if seen.other:
        detail["warning"] = seen.other
    if seen.hits:
        detail["hit_on"] = seen.hits[-1][0].isoformat()
    return {"id": plan["id"], "rerun": said, "rerun_as_of": seen.run_on, "rerun_detail": detail}


def _entries(news: Sequence[tuple[RowMapping, Seen, Rerun]]) -> list[dict[str, Any]]:
    return [
        {
            "actor": SYSTEM_ACTOR,
            "action": "rerun",
            "object_kind": WARNING,
            "object_id": plan["warning_id"],
            "detail": {"was": plan["rerun"], "now": said, "run_on": str(seen.run_on or "")},
        }
        for plan, seen, said in news
    ]
