"""A page of the queue for who asks, by level or by the clock: what the list page and the API do alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.i18n import _
from mingjian.domain.order import Deadline, deadline_of, facts_of
from mingjian.store import due_queue, queue
from mingjian.store.order_queue import DueCursor, Scope
from mingjian.web.asked import BY_DUE, Asked
from mingjian.web.errors import BadRequest
from mingjian.web.keyed import by_level, by_moment, levelled, timed
from mingjian.web.viewer import Viewer


def due_kind(row: Mapping[Any, Any]) -> Deadline | None:
    """What a warning's unit has to do by its `next_due`; None without an open order."""
    if row.get("order_state") is None:
        return None
    return deadline_of(facts_of({**row, "state": row["order_state"]}))


def page_of(
    conn: Connection, ask: Asked, viewer: Viewer, size: int = queue.PAGE
) -> tuple[Sequence[RowMapping], str]:
    """The rows asked for, and the `after` that continues behind them: empty at the end.

    Raises BadRequest for a filter or a cursor that is none, and by the clock for whoever has no orders to handle.
    """
    access, filters = viewer.access, ask.filters(viewer)
    if ask.sort == BY_DUE:
        if not access.by_clock:
            raise BadRequest(
                _("按最近期限排序的列表只供承办单位使用"), hint=_("改按等级排序，或用接口查询督办单")
            )
        near = timed(ask.after)
        due = due_queue.page(
            conn, Scope(access.rows, access.orders), filters, DueCursor(*near) if near else None, size
        )
        return due.rows, by_moment(*due.after) if due.after else ""
    page = queue.page(conn, access.rows, filters, levelled(ask.after), size)
    return page.rows, by_level(page.after)
