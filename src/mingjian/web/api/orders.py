"""Supervision orders: by deadline, and one with its ETag."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import RowMapping

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.store import order_queue
from mingjian.store.order_queue import OrderCursor, OrderFilters
from mingjian.web.api.answers.orders import OrderOut, OrderPage
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import Id, NoQuery, OrderQuery
from mingjian.web.api.versions import tag_of
from mingjian.web.errors import BadRequest
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, office_of

router = APIRouter(tags=["orders"], dependencies=[WARNINGS])


@router.get("/orders", responses=READS)
def list_orders(request: Request, asked: Annotated[OrderQuery, Query()], viewer: QueueReader) -> OrderPage:
    """One page of the reader's orders, the nearest deadline first."""
    filters = OrderFilters(asked.unit, asked.state, asked.light, asked.tier)
    with office_of(request).engine.connect() as conn:
        rows = order_queue.page(conn, viewer.access.rows, filters, _cursor(asked.after), asked.limit + 1)
    shown = rows[: asked.limit]
    return OrderPage(
        orders=[_order(row) for row in shown],
        after=_cursor_text(shown[-1]) if len(rows) > asked.limit else "",
    )


@router.get("/orders/{order_id}", responses=READS)
def show_order(
    request: Request, response: Response, order_id: Id, viewer: QueueReader, _query: NoQuery
) -> OrderOut:
    """One order; its ETag is its version, which every change of state, deadline, light or tier raises."""
    with office_of(request).engine.connect() as conn:
        row = order_queue.find(conn, viewer.access.rows, order_id)
    if row is None:
        raise NotFound(_("没有这张督办单，或不在您的查看范围内"), hint=_("请核对编号"))
    response.headers["ETag"] = tag_of(row["version"])
    return _order(row)


def _order(row: RowMapping) -> OrderOut:
    return OrderOut(**{name: row[name] for name in OrderOut.model_fields})


def _cursor_text(row: RowMapping) -> str:
    return f"{row['finish_due'].isoformat()}~{row['id']}"


def _cursor(after: str) -> OrderCursor | None:
    if not after:
        return None
    moment, _sign, order_id = after.partition("~")
    try:
        due = datetime.fromisoformat(moment)
        due.astimezone()
        if due.tzinfo is None or not order_id:
            raise ValueError
    except (ValueError, OverflowError):
        raise BadRequest(_("翻页位置无法识别"), hint=_("去掉网址中的 after 参数，从第一页开始")) from None
    return OrderCursor(due, order_id)
