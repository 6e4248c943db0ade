"""The repository of parameter overrides: a city's or a district's own values for a time, with who and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.override import Override
from mingjian.store import audit
from mingjian.store.tables import param_override

OBJECT = "param_override"


@dataclass(frozen=True)
class NewOverride:
    """One value to hold from `valid_from` to `valid_to` (its last day; None for no end)."""

    model: str
    name: str
    value: Any
    district: str | None
    valid_from: date
    valid_to: date | None
    reason: str


def overrides_at(conn: Connection, as_of: date) -> dict[str, list[Override]]:
    """What holds on this day, by model: the whole city first, then each district with all its values merged.

    A later row beats an earlier one, and a district's beats the city's. Values are as they were set: a name that
    the model no longer has may stand among them.
    """
    found: defaultdict[str, dict[str | None, dict[str, Any]]] = defaultdict(dict)
    for row in _valid(conn, as_of):
        found[row["model"]].setdefault(row["district"], {})[row["name"]] = row["value"]
    return {model: _merged(by_district) for model, by_district in sorted(found.items())}


def _merged(by_district: dict[str | None, dict[str, Any]]) -> list[Override]:
    city = by_district.get(None, {})
    districts = sorted(d for d in by_district if d is not None)
    merged = [Override(district, city | by_district[district]) for district in districts]
    return [Override(None, city), *merged] if city else merged


def _valid(conn: Connection, as_of: date) -> list[RowMapping]:
    c = param_override.c
    rows = (
        select(param_override)
        .where(c.valid_from <= as_of, or_(c.valid_to.is_(None), c.valid_to >= as_of))
        .order_by(c.id)
    )
    return list(conn.execute(rows).mappings())


def all_of(conn: Connection, model: str | None = None) -> list[RowMapping]:
    """Every override of a model (of all models), past ones too, in the order in which they were set."""
    rows = select(param_override).order_by(param_override.c.model, param_override.c.id)
    return list(conn.execute(rows.where(param_override.c.model == model) if model else rows).mappings())


def add(conn: Connection, new: NewOverride, actor: str, at: datetime) -> int:
    """Set a value, with its audit row, in the caller's transaction; returns the row's id."""
    row = {**vars(new), "actor": actor, "created_at": at}
    made = conn.execute(insert(param_override).values(row).returning(param_override.c.id)).scalar_one()
    detail = {k: v.isoformat() if isinstance(v, date) else v for k, v in vars(new).items()}
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="set_param",
        object_kind=OBJECT,
        object_id=str(made),
        detail=detail,
    )
    return int(made)


def end(conn: Connection, override_id: int, from_day: date, actor: str, at: datetime) -> RowMapping:
    """Let an override hold no longer from this day on; the row stays, since findings were made with it."""
    c = param_override.c
    found = (
        conn.execute(select(param_override).where(c.id == override_id).with_for_update()).mappings().first()
    )
    if found is None:
        raise NotFound(
            _("没有编号为 {id} 的参数调整", id=override_id), hint=_("用 mingjian params list 查看编号")
        )
    last = min(from_day - timedelta(days=1), found["valid_to"] or date.max)
    conn.execute(update(param_override).where(c.id == override_id).values(valid_to=last))
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="end_param",
        object_kind=OBJECT,
        object_id=str(override_id),
        detail={"valid_to": last.isoformat()},
    )
    return found
