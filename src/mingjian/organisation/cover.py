"""Who stands in for whom, and who is on duty: recorded with dates, checked, audited."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from mingjian.domain.clock import Clock
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.unit import AbsenceReason
from mingjian.store import absences, audit, duties, organisation
from mingjian.store.tables import app_user

WHOLE_WEEK = 127
_DAYS_IN_WEEK = 7
_WEEKDAYS = re.compile(r"([1-7])(?:-([1-7]))?")


def be_absent(
    conn: Connection,
    clock: Clock,
    user_id: str,
    deputy_id: str,
    first_day: date,
    last_day: date,
    reason: AbsenceReason,
    actor: str,
) -> int:
    """Record that a user is away and who stands in; returns the entry's number.

    The deputy sits in the same unit and is not away in that time; nobody is away twice. Else MingjianError.
    """
    users = _accounts(conn, [user_id, deputy_id])
    if user_id == deputy_id:
        raise MingjianError(_("代理人不能是本人"), hint=_("用 --deputy 指明另一个人"))
    if last_day < first_day:
        raise MingjianError(
            _("止期 {last} 早于起期 {first}", last=last_day, first=first_day), hint=_("改正 --from 或 --to")
        )
    if users[user_id]["unit_id"] != users[deputy_id]["unit_id"]:
        raise MingjianError(
            _("{deputy} 与 {user} 不在同一单位", deputy=deputy_id, user=user_id), hint=_("代理只在本单位之内")
        )
    for row in absences.overlapping(conn, [user_id, deputy_id], first_day, last_day):
        raise MingjianError(
            _(
                "{user} 在 {first} 至 {last} 已登记不在岗",
                user=row.user_id,
                first=row.first_day,
                last=row.last_day,
            ),
            hint=_("先用 --end 结束那一条，或另选代理人"),
        )
    made = absences.add(
        conn,
        clock.now(),
        user_id=user_id,
        deputy_id=deputy_id,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        actor=actor,
    )
    detail = {"deputy": deputy_id, "from": str(first_day), "to": str(last_day), "reason": reason}
    _note(conn, clock, actor, "absence", "user", user_id, detail)
    return made


def be_back(conn: Connection, clock: Clock, user_id: str, first_day_back: date, actor: str) -> int:
    """Let a user's absences end on the day before; returns how many ended. MingjianError when there was none."""
    _accounts(conn, [user_id])
    ended = absences.end(conn, user_id, date.fromordinal(first_day_back.toordinal() - 1))
    if not ended:
        raise MingjianError(
            _("{user} 没有登记不在岗", user=user_id),
            hint=_("不写账号则列出全部：mingjian organisation absent"),
        )
    _note(
        conn, clock, actor, "absence_ended", "user", user_id, {"back": str(first_day_back), "entries": ended}
    )
    return len(ended)


def put_on_duty(
    conn: Connection,
    clock: Clock,
    user_id: str,
    *,
    unit_id: str | None,
    line_code: str | None,
    role: Role | None,
    first_day: date,
    last_day: date | None,
    weekdays: int,
    actor: str,
) -> int:
    """Put a user on the duty list of a unit or of a line of business; returns the entry's number.

    `weekdays` has bit 0 for Monday; without `role` the user's own. MingjianError when it cannot be.
    """
    user = _accounts(conn, [user_id])[user_id]
    if (unit_id is None) == (line_code is None):
        raise MingjianError(_("请说明是单位还是条线的值班"), hint=_("用 --unit 或 --line 之一"))
    if unit_id is not None:
        _standing(conn, unit_id)
    if last_day is not None and last_day < first_day:
        raise MingjianError(
            _("止期 {last} 早于起期 {first}", last=last_day, first=first_day), hint=_("改正 --from 或 --to")
        )
    row: dict[str, Any] = {
        "unit_id": unit_id,
        "line_code": line_code,
        "user_id": user_id,
        "role": str(role or user["role"]),
        "first_day": first_day,
        "last_day": last_day,
        "weekdays": weekdays,
        "actor": actor,
        "created_at": clock.now(),
    }
    made = duties.add(conn, row)
    said = {k: str(v) for k, v in row.items() if v is not None and k not in ("actor", "created_at")}
    _note(conn, clock, actor, "duty", "duty", str(made), said)
    return made


def take_off_duty(conn: Connection, clock: Clock, entry_id: int, actor: str) -> None:
    """Take an entry off the list; NotFound when there is none."""
    row = duties.remove(conn, entry_id)
    if row is None:
        raise NotFound(
            _("没有值班记录 {id}", id=entry_id), hint=_("不写参数则列出全部：mingjian organisation duty")
        )
    detail = {"user": row.user_id, "unit": row.unit_id, "line": row.line_code}
    _note(conn, clock, actor, "duty_removed", "duty", str(entry_id), detail)


def weekdays_of(said: str) -> int:
    """`1-5`, `6,7` or `1-3,5` (1 is Monday) as bits, bit 0 for Monday; MingjianError for anything else."""
    bits = 0
    for part in said.replace(" ", "").split(","):
        found = _WEEKDAYS.fullmatch(part)
        if found is None:
            raise _no_weekdays(said)
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise _no_weekdays(said)
        bits |= sum(1 << (day - 1) for day in range(first, last + 1))
    return bits


def said_weekdays(bits: int) -> str:
    """Bits as a person reads them: 1,2,3,4,5."""
    return ",".join(str(day + 1) for day in range(_DAYS_IN_WEEK) if bits >> day & 1)


def _no_weekdays(said: str) -> MingjianError:
    return MingjianError(_("看不懂星期 {said}", said=said), hint=_("写成 1-5 或 6,7，1 是星期一"))


def _accounts(conn: Connection, ids: list[str]) -> dict[str, RowMapping]:
    rows = conn.execute(select(app_user).where(app_user.c.id.in_(ids), app_user.c.active)).mappings()
    found = {row["id"]: row for row in rows}
    for user_id in ids:
        if user_id not in found:
            raise NotFound(_("没有在用的账号 {id}", id=user_id), hint=_("请核对账号"))
    return found


def _standing(conn: Connection, unit_id: str) -> None:
    row = organisation.find_units(conn, [unit_id]).get(unit_id)
    if row is None or row["closed_on"] is not None:
        raise NotFound(_("没有单位 {id}，或已撤销", id=unit_id), hint=_("请核对单位编码"))


def _note(
    conn: Connection, clock: Clock, actor: str, action: str, kind: str, object_id: str, detail: dict[str, Any]
) -> None:
    audit.record(
        conn, at=clock.now(), actor=actor, action=action, object_kind=kind, object_id=object_id, detail=detail
    )
