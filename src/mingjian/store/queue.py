"""Reading the queue: pages of warnings by key, counts per level, and all that one warning's page shows.

Every function takes `scope`, the WHERE clause of the reader (web.access): nothing is readable without.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Subquery,
    and_,
    bindparam,
    column,
    false,
    func,
    or_,
    select,
    table,
    union_all,
)

from mingjian.domain.level import Level
from mingjian.domain.warning import WarningState
from mingjian.store import co_handlers
from mingjian.store.tables import app_user, order_step, supervision_order, unit, warning, warning_decision

PAGE = 50
MOST = 200
STEPPED = ("warning", "order")  # the index of the steps starts with the kind


class Cursor(NamedTuple):
    """The key of the last row seen; the next page starts after it."""

    level_rank: int
    queue_key: int
    id: str


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; `statuses` None means any but shadow records."""

    sector: str | None = None
    level: Level | None = None
    district: str | None = None
    model: str | None = None
    statuses: Sequence[str] | None = None

    def clauses(self, *, with_level: bool = True) -> list[ColumnElement[bool]]:
        """WHERE clauses over `warning`."""
        found: list[ColumnElement[bool]] = []
        if self.sector:
            found.append(warning.c.sector == self.sector)
        if self.level and with_level:
            found.append(warning.c.level_rank == self.level.rank)
        if self.district:
            found.append(warning.c.district_code == self.district)
        if self.model:
            found.append(warning.c.model == self.model)
        if self.statuses is None:
            found.append(warning.c.status != WarningState.RECORDED)
        else:
            found.append(warning.c.status.in_(self.statuses))
        return found


class Page(NamedTuple):
    rows: list[RowMapping]
    after: Cursor | None


_districts = (
    select(column("district_code").label("code"), column("district_name").label("name"))
    .select_from(table("districts", column("district_code"), column("district_name"), schema="dash"))
    .subquery()
)
LISTED = (
    warning.c.id,
    warning.c.model,
    warning.c.model_version,
    warning.c.sector,
    warning.c.subject_kind,
    warning.c.subject_id,
    warning.c.period,
    warning.c.district_code,
    warning.c.region_code,
    warning.c.unit_id,
    warning.c.level,
    warning.c.level_rank,
    warning.c.score,
    warning.c.queue_key,
    warning.c.amount,
    warning.c.status,
    warning.c.first_seen,
    warning.c.last_seen,
    warning.c.hits,
    warning.c.fingerprint,
)
ORDERED = (
    supervision_order.c.id.label("order_id"),
    supervision_order.c.light,
    supervision_order.c.tier,
    supervision_order.c.sign_due,
    supervision_order.c.accept_due,
    supervision_order.c.finish_due,
    supervision_order.c.next_due,
    supervision_order.c.signed_at,
    supervision_order.c.accepted_at,
    supervision_order.c.state.label("order_state"),
)


def page(
    conn: Connection,
    scope: ColumnElement[bool],
    filters: Filters,
    after: Cursor | None = None,
    size: int = PAGE,
) -> Page:
    """One page in queue order after the cursor, and the next cursor when there is more.

    The order is by level, then by score (`queue_key`: where verdicts order a model, they say who stands in its
    places), then by id.
    """
    where = [scope, *filters.clauses()]
    keys = _keys(where, after, min(size, MOST) + 1)
    rows = list(
        conn.execute(
            select(*LISTED, *ORDERED, unit.c.name.label("unit_name"), unit.c.name_en.label("unit_name_en"))
            .join(keys, keys.c.id == warning.c.id)
            .outerjoin(supervision_order, supervision_order.c.warning_id == warning.c.id)
            .outerjoin(unit, unit.c.id == warning.c.unit_id)
            .order_by(warning.c.level_rank, warning.c.queue_key.desc(), warning.c.id)
        ).mappings()
    )
    more = len(rows) > min(size, MOST)
    rows = rows[: min(size, MOST)]
    last = rows[-1] if more else None
    return Page(rows, Cursor(last["level_rank"], last["queue_key"], last["id"]) if last else None)


def _keys(where: list[ColumnElement[bool]], after: Cursor | None, limit: int) -> Subquery:
    """Ids of one page: behind a cursor three index ranges, so that a deep page costs what the first costs."""
    w = warning.c
    if after is None:
        return _range(where, limit).subquery("keys")
    same_level = w.level_rank == after.level_rank
    ranges = [
        and_(same_level, w.queue_key == after.queue_key, w.id > after.id),
        and_(same_level, w.queue_key < after.queue_key),
        w.level_rank > after.level_rank,
    ]
    parts = [select(_range([*where, r], limit).subquery()) for r in ranges]
    all_parts = union_all(*parts).subquery("parts")
    return (
        select(all_parts.c.id)
        .order_by(all_parts.c.level_rank, all_parts.c.queue_key.desc(), all_parts.c.id)
        .limit(limit)
        .subquery("keys")
    )


def _range(where: list[ColumnElement[bool]], limit: int) -> Select[Any]:
    w = warning.c
    return (
        select(w.id, w.level_rank, w.queue_key)
        .where(*where)
        .order_by(w.level_rank, w.queue_key.desc(), w.id)
        .limit(limit)
    )


def count_by_level(conn: Connection, scope: ColumnElement[bool], filters: Filters) -> dict[Level, int]:
    """How many warnings of each level fit the filters other than level (one grouped query)."""
    counted = conn.execute(
        select(warning.c.level_rank, func.count().label("number"))
        .where(scope, *filters.clauses(with_level=False))
        .group_by(warning.c.level_rank)
    )
    by_rank = {row.level_rank: row.number for row in counted}
    return {level: by_rank.get(level.rank, 0) for level in Level}


def find(
    conn: Connection, scope: ColumnElement[bool], warning_id: str, *more: ColumnElement[Any]
) -> RowMapping | None:
    """One warning with its unit and `more` columns, or None when there is none that this reader may see.

    `shared`: other units take part in it; `leads`: it carries on duplicates; `alike`: there are others on its subject.
    """
    return conn.execute(_within(_ONE, scope, more), {"of_warning": warning_id}).mappings().first()


def reading(
    conn: Connection, scope: ColumnElement[bool], warning_id: str, *more: ColumnElement[Any]
) -> RowMapping | None:
    """What an ETag is made from and offered steps depend on, and `more` columns; no words and no evidence."""
    return conn.execute(_within(_BRIEFLY, scope, more), {"of_warning": warning_id}).mappings().first()


_BRIEFLY = select(
    warning.c.id,
    warning.c.status,
    warning.c.unit_id,
    warning.c.version,
    warning.c.unseen,
    supervision_order.c.tier,
    co_handlers.shared(warning.c.id).label("shared"),
).outerjoin(supervision_order, supervision_order.c.warning_id == warning.c.id)


@cache
def last_step(without: frozenset[str]) -> ColumnElement[int]:
    """The number of a warning's last step but those of the actions `without`, as a column of the warning; 0 for none."""
    s = order_step.c
    mine = (s.object_kind == "warning", s.object_id == warning.c.id, s.action.not_in(sorted(without)))
    return func.coalesce(select(func.max(s.seq)).where(*mine).scalar_subquery(), 0).label("seq")


def sees(conn: Connection, scope: ColumnElement[bool], warning_id: str) -> bool:
    """Whether there is such a warning that this reader may see."""
    return conn.scalar(_within(_ID, scope, ()), {"of_warning": warning_id}) is not None


@lru_cache(maxsize=2048)
def _within(
    wanted: Select[Any], scope: ColumnElement[bool], more: tuple[ColumnElement[Any], ...]
) -> Select[Any]:
    """`wanted` of one warning within what a reader sees, put together once for each reader."""
    return wanted.add_columns(*more).where(scope, warning.c.id == bindparam("of_warning"))


_ID = select(warning.c.id)
_other = warning.alias("other")
_alike = (_other.c.bundle == warning.c.bundle) & (_other.c.id != warning.c.id)
_ONE = select(
    warning,
    unit.c.name.label("unit_name"),
    unit.c.name_en.label("unit_name_en"),
    co_handlers.shared(warning.c.id).label("shared"),
    select(_other.c.id).where(_other.c.merged_into == warning.c.id).exists().label("leads"),
    select(_other.c.id).where(_alike).exists().label("alike"),
).outerjoin(unit, unit.c.id == warning.c.unit_id)


def seen_of(conn: Connection, scope: ColumnElement[bool], ids: Collection[str]) -> set[str]:
    """Those of these warnings that this reader may see."""
    return set(conn.scalars(select(warning.c.id).where(scope, warning.c.id.in_(sorted(ids)))))


def order_of(conn: Connection, warning_id: str) -> RowMapping | None:
    """The supervision order of a warning the caller has already found, with the name of its unit."""
    return conn.execute(_ORDER_OF, {"of_warning": warning_id}).mappings().first()


_ORDER_OF = (
    select(supervision_order, unit.c.name.label("unit_name"), unit.c.name_en.label("unit_name_en"))
    .outerjoin(unit, unit.c.id == supervision_order.c.unit_id)
    .where(supervision_order.c.warning_id == bindparam("of_warning"))
)


def decisions(conn: Connection, warning_id: str, most: int = MOST) -> list[RowMapping]:
    """What was decided about a warning's findings, newest first."""
    return list(
        conn.execute(
            select(warning_decision)
            .where(warning_decision.c.warning_id == warning_id)
            .order_by(warning_decision.c.as_of.desc())
            .limit(most)
        ).mappings()
    )


def steps(conn: Connection, object_ids: Sequence[str], most: int = MOST) -> list[RowMapping]:
    """Steps of a warning and its order, newest first."""
    return list(
        conn.execute(
            select(order_step)
            .where(order_step.c.object_kind.in_(STEPPED), order_step.c.object_id.in_(object_ids))
            .order_by(order_step.c.at.desc(), order_step.c.id.desc())
            .limit(most)
        ).mappings()
    )


def bundle(
    conn: Connection, scope: ColumnElement[bool], found: RowMapping, most: int = 20
) -> list[RowMapping]:
    """Other warnings on the same subject that this reader may see, most serious first."""
    return list(
        conn.execute(
            select(*LISTED)
            .where(scope, warning.c.bundle == found["bundle"], warning.c.id != found["id"])
            .order_by(warning.c.level_rank, warning.c.queue_key.desc(), warning.c.id)
            .limit(most)
        ).mappings()
    )


def districts(conn: Connection) -> list[RowMapping]:
    """District codes (6 digits) and names, by code: `code, name`."""
    return list(
        conn.execute(select(_districts.c.code, _districts.c.name).order_by(_districts.c.code)).mappings()
    )


def units_near(conn: Connection, district: str | None, most: int = 300) -> list[RowMapping]:
    """Departments with a line of business in this district or at the city: `id, name, name_en`."""
    return list(
        conn.execute(
            select(unit.c.id, unit.c.name, unit.c.name_en)
            .where(
                unit.c.line_code.is_not(None),
                unit.c.closed_on.is_(None),
                or_(
                    unit.c.level == "city",
                    unit.c.region_code.startswith(district, autoescape=True) if district else false(),
                ),
            )
            .order_by(unit.c.level != "district", unit.c.name, unit.c.id)
            .limit(most)
        ).mappings()
    )


def names_of(conn: Connection, user_ids: Sequence[str]) -> dict[str, str]:
    """The names of those ids that are users; the rest (the sweep, a run) are not in the answer."""
    rows = conn.execute(select(app_user.c.id, app_user.c.name).where(app_user.c.id.in_(user_ids)))
    return {row.id: row.name for row in rows}
