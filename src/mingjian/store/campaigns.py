"""The repository of campaigns (面上问题): orders that go top-down, and the cases each has listed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.campaign import SUBJECT, WEEK, Band, CallOutcome, CampaignState, Progress, band_of
from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.store.setwise import as_table
from mingjian.store.tables import campaign, campaign_case, finding, model_run, supervision_order, warning
from mingjian.store.units import DISTRICT_DIGITS

_S = WarningState
# What tells nothing about the state of the districts: not told to a unit yet, or found to be nothing.
UNTOLD = (_S.RECORDED, _S.WAITING, _S.NEW, _S.TRIAGED, _S.CLOSED_FP, _S.CLOSED_DATA, _S.CLOSED_MERGED)


def without_one(conn: Connection, models: Collection[str]) -> Sequence[RowMapping]:
    """Ordered, open warnings of these models whose matter (model and subject) has no open campaign, oldest first."""
    w, c = warning.c, campaign.c
    matter = func.concat(w.model, "|", w.subject_id)
    taken = exists().where(c.matter == matter, c.state == CampaignState.OPEN)
    own = exists().where(c.warning_id == w.id)
    wanted = (
        select(warning, matter.label("matter"))
        .join(supervision_order, supervision_order.c.warning_id == w.id)
        .where(w.model.in_(sorted(models)), w.status.not_in(CLOSED_STATES), ~taken, ~own)
        .order_by(w.created_at, w.id)
    )
    return conn.execute(wanted).mappings().all()


def told(conn: Connection, model: str, since: date) -> Sequence[RowMapping]:
    """Local warnings of this model seen since that day and told to a unit, the most serious first."""
    w = warning.c
    wanted = (
        select(warning)
        .where(w.model == model, w.last_seen >= since, w.subject_kind != SUBJECT, w.status.not_in(UNTOLD))
        .order_by(w.level_rank, w.score.desc(), w.id)
    )
    return conn.execute(wanted).mappings().all()


def evidence_of(conn: Connection, model: str, subject_id: str) -> list[dict[str, Any]]:
    """The evidence rows of every warning of this model on this subject, as the last run of each left them."""
    w = warning.c
    rows = conn.scalars(select(w.evidence).where(w.model == model, w.subject_id == subject_id).order_by(w.id))
    return [item for evidence in rows for item in evidence]


def is_open(conn: Connection, matter: str) -> bool:
    """Whether this matter has an open campaign."""
    c = campaign.c
    return conn.scalar(select(c.id).where(c.matter == matter, c.state == CampaignState.OPEN)) is not None


def open_ones(conn: Connection) -> Sequence[RowMapping]:
    """Every open campaign with its warning's `subject_id`, locked: no case is added to one that is being closed."""
    wanted = (
        select(campaign, warning.c.subject_id)
        .join(warning, warning.c.id == campaign.c.warning_id)
        .where(campaign.c.state == CampaignState.OPEN)
        .order_by(campaign.c.id)
        .with_for_update(of=campaign)
    )
    return conn.execute(wanted).mappings().all()


def add(conn: Connection, row: dict[str, Any]) -> None:
    """Insert a campaign. Raises IntegrityError when its matter has an open one."""
    conn.execute(insert(campaign).values(**row))


def add_cases(conn: Connection, id: str, cases: Collection[tuple[str, str, str | None]], at: datetime) -> int:
    """List (kind, case, district) in a campaign; those listed already stay as they are. Returns how many are new."""
    c = campaign_case.c
    rows = [
        {"campaign_id": id, "kind": kind, "case_id": case, "district_code": district, "added_at": at}
        for kind, case, district in sorted(cases, key=str)
    ]
    if not rows:
        return 0
    new = as_table("new", rows, [c[name] for name in rows[0]])
    added = upsert(campaign_case).from_select(list(rows[0]), select(new))
    added = added.on_conflict_do_nothing(index_elements=["campaign_id", "kind", "case_id"])
    return len(conn.execute(added.returning(c.id)).all())


def of_warning(conn: Connection, warning_id: str, *, lock: bool = False) -> RowMapping | None:
    """The campaign whose order this warning carries; None for any other warning."""
    wanted = select(campaign).where(campaign.c.warning_id == warning_id)
    return conn.execute(wanted.with_for_update() if lock else wanted).mappings().first()


def lock(conn: Connection, id: str) -> RowMapping | None:
    """One campaign, locked until the transaction ends."""
    return conn.execute(select(campaign).where(campaign.c.id == id).with_for_update()).mappings().first()


def set_state(conn: Connection, id: str, state: CampaignState, at: datetime | None) -> None:
    """Close, withdraw or open again; `at` is when it ended, None for an open one. Bumps `version`."""
    c = campaign.c
    values = {"state": state, "closed_at": at, "version": c.version + 1}
    conn.execute(update(campaign).where(c.id == id).values(**values))


def progress(conn: Connection, row: RowMapping, today: date, weeks: int) -> Progress:
    """How far a campaign is; two queries."""
    c = campaign_case.c
    counts = conn.execute(
        select(
            func.count().label("cases"),
            func.count(c.called_back_at).label("called"),
            func.count().filter(c.outcome == CallOutcome.NOT_RESOLVED).label("unresolved"),
        ).where(c.campaign_id == row["id"])
    ).one()
    return Progress(counts.cases, counts.called, counts.unresolved, _band(conn, row, today, weeks))


def page(
    conn: Connection, scope: ColumnElement[bool], state: str, after: tuple[datetime, str] | None, size: int
) -> list[RowMapping]:
    """Campaigns whose warning is in `scope`, the newest first, behind the cursor."""
    c = campaign.c
    wanted = _seen(scope).order_by(c.opened_at.desc(), c.id.desc()).limit(size)
    if state:
        wanted = wanted.where(c.state == state)
    if after is not None:
        earlier = and_(c.opened_at == after[0], c.id < after[1])
        wanted = wanted.where((c.opened_at < after[0]) | earlier)
    return list(conn.execute(wanted).mappings())


def find(conn: Connection, scope: ColumnElement[bool], id: str) -> RowMapping | None:
    """One campaign, or None when there is none that this reader may see."""
    return conn.execute(_seen(scope).where(campaign.c.id == id)).mappings().first()


def cases(conn: Connection, id: str, after: int, size: int, *, left: bool = False) -> list[RowMapping]:
    """Cases of a campaign by number, behind the cursor; with `left` only those nobody has called back."""
    c = campaign_case.c
    wanted = select(campaign_case).where(c.campaign_id == id, c.id > after).order_by(c.id).limit(size)
    return list(conn.execute(wanted.where(c.called_back_at.is_(None)) if left else wanted).mappings())


def called(conn: Connection, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Of these campaigns, how many cases were called back, and how many are listed; none for one without cases."""
    c = campaign_case.c
    counts = select(c.campaign_id, func.count(c.called_back_at), func.count())
    rows = conn.execute(counts.where(c.campaign_id.in_(sorted(ids))).group_by(c.campaign_id))
    return {id: (done, all_) for id, done, all_ in rows}


def listed(conn: Connection, id: str, case_ids: Collection[int]) -> dict[int, RowMapping]:
    """Those of these cases that the campaign has listed, by number."""
    c = campaign_case.c
    wanted = select(campaign_case).where(c.campaign_id == id, c.id.in_(sorted(case_ids)))
    return {row["id"]: row for row in conn.execute(wanted).mappings()}


def write_calls(conn: Connection, id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write the outcome of calls; every row has `id` and the same columns. Bumps the campaign's `version`."""
    if not rows:
        return
    c = campaign_case.c
    new = as_table("new", rows, [c[name] for name in rows[0]])
    values = {name: new.c[name] for name in rows[0] if name != "id"}
    conn.execute(update(campaign_case).where(c.id == new.c.id).values(**values))
    conn.execute(update(campaign).where(campaign.c.id == id).values(version=campaign.c.version + 1))


def _seen(scope: ColumnElement[bool]) -> Any:
    w = warning.c
    return (
        select(campaign, w.level, w.sector, w.unit_id, w.subject_kind, w.subject_id, w.status)
        .join(warning, w.id == campaign.c.warning_id)
        .where(scope)
    )


def _band(conn: Connection, row: RowMapping, today: date, weeks: int) -> Band:
    """From real runs: the days of the model's runs, and those on which it saw the matter (in too many districts)."""
    since, f, r = today - weeks * WEEK, finding.c, model_run.c
    runs = select(r.as_of).where(r.model_id == row["model"], r.outcome == "done", r.as_of > since)
    seen = select(f.as_of).where(f.model == row["model"], f.as_of > since, f.as_of <= today)
    if row["least_districts"] is None:
        subject = select(warning.c.subject_id).where(warning.c.id == row["warning_id"])
        outside = seen.where(f.subject_id == subject.scalar_subquery())
    else:
        districts = func.count(func.left(f.region_code, DISTRICT_DIGITS).distinct())
        outside = seen.group_by(f.as_of).having(districts >= row["least_districts"])
    return band_of(set(conn.scalars(runs)), set(conn.scalars(outside)), today, weeks)


def seen_since(today: date, days: int) -> date:
    """The first day of the period of so many days that ends today."""
    return today - timedelta(days=days - 1)
