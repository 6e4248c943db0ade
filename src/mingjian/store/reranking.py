"""The repository of re-rankings: per model what was decided last, and the places it gave in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit
from mingjian.store.tables import reranking, warning

OBJECT = "model"


def decided(conn: Connection, model: str) -> RowMapping | None:
    """What was decided last about this model's order, or None."""
    return conn.execute(select(reranking).where(reranking.c.model == model)).mappings().first()


def all_decided(conn: Connection) -> list[RowMapping]:
    """The last decision of every model, by model."""
    return list(conn.execute(select(reranking).order_by(reranking.c.model)).mappings())


def decide(conn: Connection, model: str, as_of: date, values: Mapping[str, Any], at: datetime) -> None:
    """Keep a decision in the caller's transaction; a reason other than the last one is an audited change."""
    before = decided(conn, model)
    row = {"as_of": as_of, **values}
    statement = upsert(reranking).values(model=model, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=["model"], set_=row))
    was = before["reason"] if before else None
    if was != values["reason"]:
        audit.record(
            conn,
            at=at,
            actor=SYSTEM_ACTOR,
            action="rerank",
            object_kind=OBJECT,
            object_id=model,
            detail={"was": was, **values},
        )


def place(conn: Connection, model: str, places: Mapping[str, tuple[int, float]]) -> None:
    """Give a model's warnings their move in the queue and their chance, by id; every other one of it has neither.

    Only rows that change are written.
    """
    w = warning.c
    placed = select(w.id, w.moved, w.chance).where(w.model == model, or_(w.moved != 0, w.chance.is_not(None)))
    now = {row.id: (row.moved, row.chance) for row in conn.execute(placed)}
    wanted = dict.fromkeys(now, (0, None)) | dict(places)
    changed = [
        {"_id": i, "_moved": moved, "_chance": chance}
        for i, (moved, chance) in wanted.items()
        if now.get(i) != (moved, chance)
    ]
    if changed:
        change = update(warning).where(w.id == bindparam("_id"))
        # A place in the queue is no change of the matter: the version stays.
        conn.execute(
            change.values(moved=bindparam("_moved"), chance=bindparam("_chance"), version=w.version), changed
        )
