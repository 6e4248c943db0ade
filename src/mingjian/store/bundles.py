"""Open orders on the subjects of warnings about to be dispatched, found for a whole batch at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, any_, cast, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from mingjian.domain.warning import CARRIES_ON, WarningState
from mingjian.store.setwise import as_table
from mingjian.store.tables import supervision_order, unit, warning


def open_on(conn: Connection, bundles: Collection[str]) -> Sequence[RowMapping]:
    """Matters on these subjects whose units have still to hand their work in, the oldest order first.

    Columns: id, model, bundle, sector, owner, level_rank, status, unit_id, line_code (of the unit).
    """
    w, o = warning.c, supervision_order.c
    wanted = (
        select(
            w.id, w.model, w.bundle, w.sector, w.owner, w.level_rank, w.status, w.unit_id, unit.c.line_code
        )
        .join(supervision_order, o.warning_id == w.id)
        .join(unit, unit.c.id == o.unit_id)
        .where(w.bundle == any_(cast(sorted(set(bundles)), ARRAY(TEXT))), w.status.in_(CARRIES_ON))
        .order_by(o.issued_at, w.id)
    )
    return conn.execute(wanted).mappings().all()


def hold_leads(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """The states of those of these warnings that could be locked now and still carry others on, by id.

    One that an officer has in hand is passed over, not waited for: the officer may wait for our rows in turn.
    """
    w = warning.c
    wanted = select(w.id, w.status).where(w.id.in_(sorted(set(ids))), w.status.in_(CARRIES_ON)).order_by(w.id)
    return {row.id: row.status for row in conn.execute(wanted.with_for_update(skip_locked=True))}


def close_merged(conn: Connection, leads: Mapping[str, str], now: datetime) -> None:
    """End these duplicates, each carried on by its lead; `leads` holds the lead's id for each. The caller has the locks."""
    w = warning.c
    rows = [{"id": one, "merged_into": lead} for one, lead in leads.items()]
    new = as_table("new", rows, [w.id, w.merged_into])
    values = {
        "status": WarningState.CLOSED_MERGED,
        "merged_into": new.c.merged_into,
        "unit_id": None,
        "closed_at": now,
    }
    conn.execute(update(warning).where(w.id == new.c.id).values(**values))
