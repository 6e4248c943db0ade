"""The facts of a reminder letter, read from the store: numbers and codes, no wording and no identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, func, select, text, tuple_

from mingjian.content import Content
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.complainant import names_one
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.ladder import Since
from mingjian.domain.level import Level
from mingjian.domain.order import CLOCK_RUNS, OrderState
from mingjian.domain.policy import Policy
from mingjian.domain.sector import Names
from mingjian.domain.source import Strict
from mingjian.domain.workdays import WorkingDays
from mingjian.store.tables import supervision_order, unit, warning

# Things and offices may stand in a letter; every other kind of subject may lead to a person and is masked.
NAMED_IN_FULL = frozenset(
    {"project", "building", "unit", "company", "village", "escrow", "complaint", "complaint_group", "topic"}
    | {"series", "programme", "table", "source", "org_unit", "permit", "legacy_case"}
    | {"grid", "outage", "water_zone", "complaint_subject", "company_fee"}
)


class NotLate(MingjianError):
    """No reminder is due: the order is in time, or its unit does not have the ball."""


class ReminderFacts(Strict):
    """What a reminder says. Moments are timezone-aware; `*_late_wd` are working days, None when not late."""

    year: int
    number: int
    order_id: str
    unit: str
    parent_unit: str | None
    sector: Names
    matter: Names
    level: Level
    district: str | None
    subject_kind: str
    subject: str
    explanation: Names
    runbook: Names
    basis: list[str]
    issued_at: datetime
    accept_due: datetime
    accepted_at: datetime | None
    accept_late_wd: int | None
    finish_due: datetime
    finish_late_wd: int | None
    reply_days: int
    overdue_days: int | None
    reply_due: datetime
    provisional: bool
    written_at: datetime


def gather(
    conn: Connection, content: Content, order_id: str, now: datetime, calendar: WorkingDays
) -> ReminderFacts:
    """The facts of a reminder for this order as of `now`; raises NotFound, or NotLate when none is due."""
    row = _read(conn, order_id)
    _check_late(row, now)
    model = content.model(row.model)
    reply_days = content.policy.tiers[1].reply
    reply = calendar.add(now, reply_days)
    return ReminderFacts(
        year=_year(row),
        number=_number(conn, row),
        order_id=order_id,
        unit=row.unit_name,
        parent_unit=row.parent_name,
        sector=content.sectors[row.sector].name,
        matter=model.name,
        level=Level(row.level),
        district=_district(conn, row.district_code),
        subject_kind=row.subject_kind,
        subject=masked(row.subject_kind, row.subject_id),
        explanation=row.explanation,
        runbook=model.runbook,
        basis=[basis.code for basis in model.basis if basis.state in ("confirmed", "V")],
        issued_at=row.issued_at,
        accept_due=row.accept_due,
        accepted_at=row.accepted_at,
        accept_late_wd=_late_by(row.accept_due, row.accepted_at or now, calendar),
        finish_due=row.finish_due,
        finish_late_wd=_late_by(row.finish_due, now, calendar),
        reply_days=reply_days,
        overdue_days=_first_overdue(content.policy),
        reply_due=reply.at,
        provisional=row.due_provisional or reply.provisional,
        written_at=now,
    )


def masked(kind: str, subject_id: str) -> str:
    """The subject as a letter may show it: in full for things and offices, else the start of its token.

    A letter goes to the unit complained about: it does not say who complained, nor from which address.
    """
    if names_one(kind, subject_id):
        return _("已隐去")
    return subject_id if kind in NAMED_IN_FULL else f"{subject_id[:6]}…"


def _read(conn: Connection, order_id: str) -> Row:
    o, w, u, parent = supervision_order, warning, unit, unit.alias("parent")
    row = conn.execute(
        select(
            *(o.c[name] for name in ("id", "state", "issued_at", "accept_due", "finish_due", "accepted_at")),
            o.c.due_provisional,
            *(
                w.c[name]
                for name in ("model", "sector", "level", "district_code", "subject_kind", "subject_id")
            ),
            w.c.explanation,
            u.c.name.label("unit_name"),
            parent.c.name.label("parent_name"),
        )
        .select_from(o.join(w, w.c.id == o.c.warning_id).join(u, u.c.id == o.c.unit_id))
        .outerjoin(parent, parent.c.id == u.c.parent_id)
        .where(o.c.id == order_id)
    ).first()
    if row is None:
        raise NotFound(_("没有督办单 {id}", id=order_id), hint=_("在督办队列中核对编号"))
    return row


def _first_overdue(policy: Policy) -> int | None:
    """Working days past the limit at which the first tier reminds; None where the policy has no such rung."""
    rungs = [rung.days for rung in policy.ladder if rung.since is Since.FINISH_DUE and rung.tier == 1]
    return min(rungs, default=None)


def _check_late(row: Row, now: datetime) -> None:
    if OrderState(row.state) not in CLOCK_RUNS:
        raise NotLate(
            _("督办单当前不由承办单位计时(状态 {state})", state=row.state), hint=_("恢复计时后再发提醒")
        )
    if now < row.finish_due and (row.accepted_at or now < row.accept_due):
        raise NotLate(_("督办单未超期,不发提醒督办"), hint=_("到期后再试"))


def _late_by(due: datetime, until: datetime, calendar: WorkingDays) -> int | None:
    return calendar.between(due, until) if until >= due else None


def _number(conn: Connection, row: Row) -> int:
    """The order's running number in its year of issue: a letter written again keeps its number."""
    o = supervision_order.c
    new_year = datetime(_year(row), 1, 1, tzinfo=CITY_TZ)
    before = tuple_(o.issued_at, o.id) < (row.issued_at, row.id)
    earlier = select(func.count()).where(o.issued_at >= new_year, before)
    return conn.execute(earlier).scalar_one() + 1


def _year(row: Row) -> int:
    return int(row.issued_at.astimezone(CITY_TZ).year)


def _district(conn: Connection, code: str | None) -> str | None:
    named = text("SELECT district_name FROM dash.districts WHERE district_code = :code")
    return conn.execute(named, {"code": code}).scalar() or code
