"""Writing down what an enterprise has raised."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.enterprise import COLLECTOR, IssueState, is_quarter, quarter_of
from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import audit, enterprise


@dataclass(frozen=True)
class Collected:
    """What was raised: the enterprise's name, its district (six digits), its words, the quarter (empty: the present)."""

    name: str
    district_code: str
    words: str
    quarter: str = ""


def collect(conn: Connection, clock: Clock, said: Collected, actor: str, role: Role) -> RowMapping:
    """Write down an issue in the caller's transaction; returns its row. TransitionError where words or role do not fit."""
    now = clock.now()
    quarter = said.quarter or quarter_of(now.astimezone(CITY_TZ).date())
    objection = _objection(said, quarter, role)
    if objection:
        raise TransitionError(objection, hint=_("由司号员填写企业名称、区县、季度和问题"))
    row = enterprise.add(
        conn,
        {
            "enterprise": said.name.strip(),
            "district_code": said.district_code,
            "quarter": quarter,
            "words": said.words.strip(),
            "collected_by": actor,
            "collected_at": now,
            "state": IssueState.COLLECTED,
        },
    )
    audit.record(
        conn,
        at=now,
        actor=actor,
        action="collect_issue",
        object_kind=enterprise.OBJECT,
        object_id=str(row["id"]),
        detail={"quarter": quarter, "district": said.district_code, "role": role},
    )
    return row


def _objection(said: Collected, quarter: str, role: Role) -> str | None:
    if role is not COLLECTOR:
        return _("只有司号员可以收集企业问题")
    if not said.name.strip() or not said.words.strip():
        return _("须写明企业名称和问题")
    if len(said.district_code) != 6 or not said.district_code.isdigit():
        return _("区县代码须为六位数字")
    return None if is_quarter(quarter) else _("季度须写作 2026Q3")
