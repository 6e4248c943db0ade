"""Duplicates at dispatch: a matter that an open order is about already is carried on by it, or goes to the same unit.

Dispatchers merge by hand as well (`supervise.merge`); both end the duplicate in the same state, with the same links.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping

from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.routing import Bundles, Bundling
from mingjian.domain.warning import WarningState
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.store import audit, bundles, orders, webhooks
from mingjian.store.orders import WARNING, Step


class BundleReason(StrEnum):
    """Why a warning was merged without a dispatcher's word."""

    SAME_MODEL_AND_SUBJECT = "same_model_and_subject"


@dataclass
class Together:
    """What of a batch is kept together: the lead of each duplicate, what waits for a lead in use, units to follow.

    `leads` and `units` are by the warning's id; `busy` are duplicates whose lead an officer has in hand just now.
    """

    leads: dict[str, str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    units: dict[str, str] = field(default_factory=dict)


def look_together(
    conn: Connection, rows: Sequence[RowMapping], lines: Mapping[str, str], policy: Bundles
) -> Together:
    """Sort out a batch, and lock the open leads. `lines` holds the line of business of each warning's owner.

    The most serious of several duplicates in one batch becomes the lead of the others. A matter more serious than the
    open one is no duplicate of it: it would be hidden behind a lower level.
    """
    ordered = sorted(rows, key=lambda r: (r["level_rank"], r["id"]))
    found = bundles.open_on(conn, {r["bundle"] for r in rows})
    together = Together()
    if policy.same_model is Bundling.MERGE:
        _merge(together, ordered, found)
        _hold(conn, together, {r["id"] for r in found})
    follows = {key for key, on in _follows(policy).items() if on}
    for row in ordered:
        if row["id"] not in together.leads and row["id"] not in together.busy:
            unit_id = _unit(row, lines[row["id"]], found, follows)
            if unit_id is not None:
                together.units[row["id"]] = unit_id
    return together


def carry_on(conn: Connection, now: datetime, leads: Mapping[str, str], rows: Sequence[RowMapping]) -> None:
    """Merge these duplicates (locked, as read) into their leads: states, both histories, audit, events."""
    merged = [row for row in rows if row["id"] in leads]
    if not merged:
        return
    states = bundles.hold_leads(conn, leads.values())
    bundles.close_merged(conn, {row["id"]: leads[row["id"]] for row in merged}, now)
    steps, entries, reason, to = [], [], BundleReason.SAME_MODEL_AND_SUBJECT, WarningState.CLOSED_MERGED
    for row in merged:
        one, lead = row["id"], leads[row["id"]]
        steps.append(Step(WARNING, one, "merge", row["status"], to, SYSTEM_ACTOR, now, reason, lead))
        at = states[lead]
        steps.append(Step(WARNING, lead, "absorb", at, at, SYSTEM_ACTOR, now, reason, one))
        detail = {"from": row["status"], "to": to, "reason": reason, "lead": lead}
        entries.append(
            {
                "actor": SYSTEM_ACTOR,
                "action": "merge",
                "object_kind": WARNING,
                "object_id": one,
                "detail": detail,
            }
        )
    orders.add_steps(conn, steps)
    audit.record_many(conn, at=now, entries=entries)
    webhooks.announce(conn, now, [_happened(row) for row in merged])


def _merge(together: Together, ordered: Sequence[RowMapping], found: Sequence[RowMapping]) -> None:
    leads: dict[tuple[str, str], RowMapping] = {}
    for lead in found:
        leads.setdefault((lead["model"], lead["bundle"]), lead)
    for row in ordered:
        lead = leads.setdefault((row["model"], row["bundle"]), row)
        if lead["id"] != row["id"] and lead["level_rank"] <= row["level_rank"]:
            together.leads[row["id"]] = lead["id"]


def _hold(conn: Connection, together: Together, open_ids: Collection[str]) -> None:
    """Keep only leads that are ours to write on: the open ones locked here, and those of this batch."""
    wanted = {lead for lead in together.leads.values() if lead in open_ids}
    held = bundles.hold_leads(conn, wanted) if wanted else {}
    together.busy = {one for one, lead in together.leads.items() if lead in wanted and lead not in held}
    for one in together.busy:
        del together.leads[one]


def _follows(policy: Bundles) -> dict[str, bool]:
    return {
        "same_model": policy.same_model is not Bundling.APART,
        "same_line": policy.same_line is Bundling.FOLLOW,
    }


def _unit(row: RowMapping, line: str, found: Sequence[RowMapping], follows: Collection[str]) -> str | None:
    """The unit that has a matter on the same subject in hand, when it is of the owner's line."""
    for other in found:
        same = "same_model" if other["model"] == row["model"] else "same_line"
        if other["bundle"] == row["bundle"] and other["line_code"] == line and same in follows:
            return str(other["unit_id"])
    return None


def _happened(row: RowMapping) -> Happened:
    to = WarningState.CLOSED_MERGED
    return Happened(WebhookEvent.WARNING_STEP, row["id"], "merge", to, mark=f"v{row['version'] + 1}")
