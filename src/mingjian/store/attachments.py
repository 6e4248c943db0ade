"""The repository of attachments: rows about files, never the files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    cast,
    func,
    insert,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import BIT

from mingjian.domain.attachment import ALIKE
from mingjian.store.tables import attachment, warning

_BITS = 64
MOST_ALIKE = 50


def add(conn: Connection, row: dict[str, Any]) -> None:
    """Write one attachment."""
    conn.execute(insert(attachment).values(**row))


def count_of(conn: Connection, warning_id: str) -> int:
    """How many files lie beside this warning."""
    mine = attachment.c.warning_id == warning_id
    return conn.scalar(select(func.count()).select_from(attachment).where(mine)) or 0


def page_of(conn: Connection, warning_id: str, after: RowMapping | None, size: int) -> list[RowMapping]:
    """A warning's attachments behind the row `after`, oldest first."""
    a = attachment.c
    later = tuple_(a.at, a.id) > tuple_(after["at"], after["id"]) if after is not None else true()
    mine = select(attachment).where(a.warning_id == warning_id, later)
    return list(conn.execute(mine.order_by(a.at, a.id).limit(size)).mappings())


def find(conn: Connection, scope: ColumnElement[bool], id: str) -> RowMapping | None:
    """One attachment of a warning that this reader may see, or None."""
    wanted = (
        select(attachment)
        .join(warning, warning.c.id == attachment.c.warning_id)
        .where(scope, attachment.c.id == id)
    )
    return conn.execute(wanted).mappings().first()


def alike(conn: Connection, phash: int, warning_id: str) -> list[str]:
    """Ids of photos on other matters that differ from this 64-bit hash in at most ALIKE places, nearest first."""
    a = attachment.c
    different = func.bit_count(cast(a.phash.op("#")(literal(phash, a.phash.type)), BIT(_BITS)))
    wanted = (
        select(a.id)
        .where(a.phash.is_not(None), a.warning_id != warning_id, different <= ALIKE)
        .order_by(different, a.id)
        .limit(MOST_ALIKE)
    )
    return list(conn.scalars(wanted))


def seen_among(conn: Connection, scope: ColumnElement[bool], ids: Collection[str]) -> dict[str, str]:
    """Of these attachments those on warnings this reader may see: {attachment id: warning id}."""
    if not ids:
        return {}
    wanted = (
        select(attachment.c.id, attachment.c.warning_id)
        .join(warning, warning.c.id == attachment.c.warning_id)
        .where(scope, attachment.c.id.in_(ids))
    )
    return {row.id: row.warning_id for row in conn.execute(wanted)}
