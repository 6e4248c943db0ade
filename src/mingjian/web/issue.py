"""One issue of an enterprise in words: as a row of the list, and with its steps and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import IssueLevel, IssueState, IssueStep, allowed_steps
from mingjian.domain.i18n import _
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.store import enterprise, queue
from mingjian.supervise.enterprise import may_answer
from mingjian.web.masking import shorten_tokens
from mingjian.web.naming import district_name, unit_name
from mingjian.web.viewer import Office, Viewer

STEP_ACTION = "issue_"


@dataclass(frozen=True)
class Told:
    """One line of an issue's history."""

    at: datetime
    what: str
    who: str
    note: str


def listed(row: RowMapping, office: Office, districts: dict[str, str]) -> dict[str, Any]:
    """An issue as its readers see it."""
    state, today = IssueState(row["state"]), office.clock.now().astimezone(CITY_TZ).date()
    return {
        **row,
        "words": shorten_tokens(row["words"]),
        "answer": shorten_tokens(row["answer"]),
        "district": district_name(row["district_code"], districts),
        "unit": unit_name(row),
        "level_label": IssueLevel(row["level"]).label if row["level"] else "",
        "state_label": _ended(row) or state.label,
        "late": _late(row, state, today),
    }


def steps_of(row: RowMapping, viewer: Viewer) -> list[IssueStep]:
    """The steps that this reader may try on an issue."""
    steps = allowed_steps(IssueState(row["state"]), Role(viewer.user.role))
    return [step for step in steps if step is not IssueStep.ANSWER or may_answer(row, viewer.user.id)]


def awaited(row: RowMapping, names: dict[str, str]) -> str:
    """Whose step an open issue waits for; empty once it is closed."""
    leader = row["leader_user_id"]
    to_answer = (
        _("等待指导员 {who} 答复。", who=names.get(leader, leader))
        if leader
        else _("等待 {unit} 答复。", unit=unit_name(row) or "")
    )
    return {
        IssueState.COLLECTED: _("等待司号员分派。"),
        IssueState.ASSIGNED: to_answer,
        IssueState.ANSWERED: _("等待司号员向企业回访。"),
        IssueState.CLOSED: "",
    }[IssueState(row["state"])]


def history_of(conn: Connection, issue_id: int) -> list[Told]:
    """What was done with an issue, newest first."""
    rows = enterprise.history(conn, issue_id)
    names = queue.names_of(conn, sorted({row["actor"] for row in rows}))
    return [_told(row, names) for row in rows]


def people_of(conn: Connection, rows: Sequence[RowMapping]) -> dict[str, str]:
    """The names of those who collected, answer for or answered these issues."""
    columns = ("collected_by", "leader_user_id", "answered_by")
    return queue.names_of(conn, sorted({row[c] for row in rows for c in columns if row[c]}))


def _told(row: RowMapping, names: dict[str, str]) -> Told:
    detail, actor = row["detail"], row["actor"]
    what = _("收集")
    if row["action"].startswith(STEP_ACTION):
        what = IssueStep(row["action"].removeprefix(STEP_ACTION)).label
        before, after = IssueState(detail["from"]), IssueState(detail["to"])
        if before is not after:
            what += _("（{a} → {b}）", a=before.label, b=after.label)
    who = _("系统") if actor == SYSTEM_ACTOR else names.get(actor, actor)
    return Told(row["at"], what, who, shorten_tokens(detail.get("words", "")))


def _ended(row: RowMapping) -> str:
    """How a closed issue ended."""
    if row["state"] != IssueState.CLOSED:
        return ""
    return _("已办结，企业满意") if row["satisfied"] else _("已办结，企业不满意")


def _late(row: RowMapping, state: IssueState, today: date) -> bool:
    """Whether the promised day is over without an answer."""
    return bool(state is IssueState.ASSIGNED and row["promised_on"] < today)
