"""Daily anchors of the audit log: what the chain looked like, to be printed where no login reaches."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.audit import Anchor, AuditReport
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit
from mingjian.store.audit_check import ANCHORED, check
from mingjian.store.tables import audit_anchor, audit_log


class AuditBroken(MingjianError):
    """The audit log was tampered with."""


def newest(conn: Connection, until: date | None = None) -> Anchor | None:
    """The anchor that covers most rows, of the days up to `until`; None when there is none yet."""
    a = audit_anchor.c
    query = select(a.day, a.last_id, a.rows, a.hash).order_by(a.last_id.desc(), a.day.desc()).limit(1)
    row = conn.execute(query.where(a.day <= until) if until else query).first()
    return Anchor(row.day, row.last_id, row.rows, row.hash) if row else None


def make(
    conn: Connection, now: datetime, *, actor: str = SYSTEM_ACTOR, despite: str | None = None
) -> Anchor | None:
    """Pin the log as it stands, once for each of the city's days; None when that is done, or nothing is written yet.

    The rows since the last anchor are checked first: raises AuditBroken naming their faults, so that no anchor says
    that a broken log was in order. `despite` is the reason for which a person anchors a log known to be broken.
    """
    day = now.astimezone(CITY_TZ).date()
    if conn.scalar(select(audit_anchor.c.day).where(audit_anchor.c.day == day)):
        return None
    before = newest(conn)
    found = check(conn, since=before)
    if found.faults and despite is None:
        raise broken(found)
    if not found.rows and before is None:
        return None
    rows = (before.rows if before else 0) + found.rows
    made = Anchor(day, found.last_id, rows, found.last_hash)
    values = upsert(audit_anchor).values(**made._asdict(), made_at=now)
    if conn.scalar(values.on_conflict_do_nothing().returning(audit_anchor.c.day)) is None:
        return None
    kind, action = ANCHORED
    detail = {**made._asdict(), "faults": len(found.faults), "despite": despite}
    audit.record(
        conn, at=now, actor=actor, action=action, object_kind=kind, object_id=day.isoformat(), detail=detail
    )
    return made


def find(conn: Connection, digest: str) -> Anchor | None:
    """The row with this hash as an anchor without a day, or None when no row has it."""
    row = conn.execute(select(audit_log.c.id).where(audit_log.c.hash == digest)).first()
    if row is None:
        return None
    rows = conn.scalar(select(func.count()).where(audit_log.c.id <= row.id))
    return Anchor(None, row.id, int(rows or 0), digest)


def broken(report: AuditReport) -> AuditBroken:
    """The error that names every fault of a report."""
    lines = "\n".join(f"  · {fault.text}" for fault in report.faults)
    return AuditBroken(
        _("审计日志有 {n} 处异常:\n{lines}", n=len(report.faults), lines=lines),
        hint=_(
            "保留现场:停止写入,备份数据库,通知安全审计员,并用印出的锚核对(mingjian audit verify --against)"
        ),
    )
