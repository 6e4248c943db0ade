"""The steps of an enterprise issue: assigned with a promise, pressed, answered, called back about."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.enterprise import IssueLevel, IssueState, IssueStep, move
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.store import audit, enterprise, leaders, outbox
from mingjian.supervise.enterprise.letters import letters_of
from mingjian.supervise.guards import known_units
from mingjian.supervise.service import stale


@dataclass(frozen=True)
class Said:
    """What a step says: on assigning the level, the unit and the promised day; on answering and calling back the words."""

    level: IssueLevel | None = None
    unit_id: str | None = None
    promised_on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Try:
    """One try at a step: the row as locked, and what the actor says."""

    conn: Connection
    now: datetime
    terms: Terms
    row: RowMapping
    actor: str
    said: Said

    @property
    def today(self) -> date:
        """The city's day."""
        return self.now.astimezone(CITY_TZ).date()


def take_step(
    conn: Connection,
    clock: Clock,
    issue_id: int,
    step: IssueStep,
    actor: str,
    role: Role,
    said: Said | None = None,
    *,
    terms: Terms,
    expected_version: int | None = None,
) -> RowMapping:
    """Take one step on an issue in the caller's transaction; returns its row.

    Raises NotFound, StaleVersion, or TransitionError when the state, the role or the words do not fit.
    """
    row = enterprise.lock(conn, issue_id)
    if row is None:
        raise NotFound(_("没有企业问题 {id}", id=issue_id), hint=_("请核对编号"))
    if expected_version is not None and row["version"] != expected_version:
        raise stale(str(issue_id), row["version"], _("企业问题 {id} 已被他人办理过", id=issue_id))
    to = move(IssueState(row["state"]), step, role)
    now = clock.now()
    columns = {"state": to, **EFFECTS[step](Try(conn, now, terms, row, actor, said or Said()))}
    changed = enterprise.change(conn, issue_id, **columns)
    detail = {"from": row["state"], "to": changed["state"], "role": role, "words": (said or Said()).words}
    audit.record(
        conn,
        at=now,
        actor=actor,
        action=f"issue_{step}",
        object_kind=enterprise.OBJECT,
        object_id=str(issue_id),
        detail=detail,
    )
    outbox.enqueue(conn, letters_of(changed, step, now), now)
    return changed


def last_promise(now: datetime, terms: Terms) -> date:
    """The latest day that may be promised to an enterprise now."""
    return terms.calendar.add(now, terms.policy.enterprise.promise_within).at.astimezone(CITY_TZ).date()


def may_answer(issue: RowMapping, user_id: str) -> bool:
    """Whether it is for this person to answer: at district level the leader in charge alone does."""
    return bool(issue["level"] != IssueLevel.DISTRICT or issue["leader_user_id"] == user_id)


def _assign(t: Try) -> dict[str, Any]:
    """To a unit's service officer, or at district level to the leader in charge of that unit."""
    level, unit_id, promised = t.said.level, t.said.unit_id or "", t.said.promised_on
    if level is None or promised is None or not known_units(t.conn, [unit_id]):
        raise _refused(_("须指明层级、承办单位和承诺日期"))
    last = last_promise(t.now, t.terms)
    if not t.today <= promised <= last:
        raise _refused(_("承诺日期须在今天与 {day} 之间", day=last.isoformat()))
    leader = leaders.of_units(t.conn, [unit_id]).get(unit_id)
    if level is IssueLevel.DISTRICT and leader is None:
        raise _refused(_("单位 {id} 没有分管领导，不能定为区级", id=unit_id))
    return {
        "level": level,
        "unit_id": unit_id,
        "leader_user_id": leader if level is IssueLevel.DISTRICT else None,
        "assigned_at": t.now,
        "promised_on": promised,
    }


def _press(t: Try) -> dict[str, Any]:
    """At most once a working day, as with orders."""
    pressed = t.row["pressed_at"]
    if pressed is not None and t.terms.calendar.between(pressed, t.now) < 1:
        raise _refused(_("下一个工作日可再次督促"))
    return {"pressed_at": t.now}


def _answer(t: Try) -> dict[str, Any]:
    if not t.said.words.strip():
        raise _refused(_("须写明答复内容"))
    if not may_answer(t.row, t.actor):
        raise _refused(_("区级问题由指导员 {user} 答复", user=t.row["leader_user_id"]))
    return {"answer": t.said.words.strip(), "answered_by": t.actor, "answered_at": t.now}


def _satisfied(t: Try) -> dict[str, Any]:
    return {"satisfied": True, "closed_at": t.now}


def _unsatisfied(t: Try) -> dict[str, Any]:
    """Back once with a share of the time that was promised first; the next time it is closed as not satisfied."""
    if not t.said.words.strip():
        raise _refused(_("须写明企业为何不满意"))
    policy = t.terms.policy.enterprise
    if t.row["reopened"] >= policy.reopenings:
        return {"state": IssueState.CLOSED, "satisfied": False, "closed_at": t.now}
    promised = datetime.combine(t.row["promised_on"], time(23, 59), CITY_TZ)
    first = max(t.terms.calendar.between(t.row["assigned_at"], promised), 1)
    due = t.terms.calendar.add(t.now, math.ceil(first * policy.share)).at
    return {
        "satisfied": False,
        "reopened": t.row["reopened"] + 1,
        "assigned_at": t.now,
        "promised_on": due.astimezone(CITY_TZ).date(),
        "pressed_at": None,
    }


def _raise(t: Try) -> dict[str, Any]:
    """A promise not kept goes to the leader in charge; where there is none it still counts as district level."""
    leader = leaders.of_units(t.conn, [t.row["unit_id"]]).get(t.row["unit_id"])
    return {"level": IssueLevel.DISTRICT, "leader_user_id": leader, "raised_at": t.now}


EFFECTS: dict[IssueStep, Callable[[Try], dict[str, Any]]] = {
    IssueStep.ASSIGN: _assign,
    IssueStep.PRESS: _press,
    IssueStep.ANSWER: _answer,
    IssueStep.SATISFIED: _satisfied,
    IssueStep.UNSATISFIED: _unsatisfied,
    IssueStep.RAISE: _raise,
}


def _refused(why: str) -> TransitionError:
    return TransitionError(why, hint=_("补齐条件后再试，或由符合条件的人员办理"))
