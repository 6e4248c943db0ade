"""Letters about appeals: to the office that decides, and to both sides. They tell no names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.appeal import AppealState, AppealStep
from mingjian.store.offices import people_of
from mingjian.store.outbox import Letter
from mingjian.supervise.issue import said

AFTER = {
    AppealStep.ACCEPT: "appeal_accepted",
    AppealStep.DECIDE: "appeal_decided",
    AppealStep.WITHDRAW: "appeal_withdrawn",
}


def filed(conn: Connection, appeal: RowMapping, warning: RowMapping) -> list[Letter]:
    """To the office that must decide; one that came too late is told to its author only."""
    if appeal["state"] == AppealState.OUT_OF_TIME:
        return _to([appeal["filed_by"]], appeal, "appeal_out_of_time")
    office = (appeal["office"], warning["district_code"])
    return _to(people_of(conn, [office]).get(office, []), appeal, "appeal_filed")


def after(conn: Connection, appeal: RowMapping, warning: RowMapping, step: AppealStep) -> list[Letter]:
    """To both sides; a withdrawal to the office as well, which need not decide any more."""
    sides = [appeal["filed_by"], appeal["unit_id"]]
    if step is AppealStep.WITHDRAW:
        office = (appeal["office"], warning["district_code"])
        sides += people_of(conn, [office]).get(office, [])
    return _to(sides, appeal, AFTER[step])


def overdue(conn: Connection, appeals: Sequence[RowMapping]) -> list[Letter]:
    """To each office that let the day pass."""
    offices = people_of(conn, [(a["office"], a["district_code"]) for a in appeals])
    return [
        letter
        for a in appeals
        for letter in _to(offices.get((a["office"], a["district_code"]), []), a, "appeal_overdue")
    ]


def _to(recipients: Collection[str | None], appeal: RowMapping, template: str) -> list[Letter]:
    payload: dict[str, Any] = {
        "appeal": str(appeal["id"]),
        "warning": appeal["warning_id"],
        "against": appeal["against"],
        "due": said(appeal["due_at"]),
        "outcome": appeal["outcome"] or "",
    }
    key = f"appeal:{appeal['id']}:{template}"
    return [Letter(f"{key}:{one}", one, template, payload) for one in dict.fromkeys(recipients) if one]
