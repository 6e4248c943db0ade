"""Supervision orders: by deadline, and one with its ETag."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import RowMapping

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.store import order_queue
from mingjian.store.order_queue import DueCursor, OrderFilters, Scope
from mingjian.web.api.answers.orders import OrderOut, OrderPage
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import Id, NoQuery, OrderQuery
from mingjian.web.api.versions import tag_of
from mingjian.web.keyed import by_moment, cut, timed
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, office_of

router = APIRouter(tags=["orders"], dependencies=[WARNINGS])


@router.get("/orders", responses=READS)
def list_orders(request: Request, asked: Annotated[OrderQuery, Query()], viewer: QueueReader) -> OrderPage:
    """One page of the reader's orders, the nearest deadline first; without a state those that are open."""
    filters = OrderFilters(asked.unit, asked.state, asked.light, asked.tier)
    start, access = timed(asked.after), viewer.access
    scope = Scope(access.rows, access.orders)
    with office_of(request).engine.connect() as conn:
        rows = order_queue.page(conn, scope, filters, DueCursor(*start) if start else None, asked.limit + 1)
    shown, after = cut(rows, asked.limit, lambda row: by_moment(row["next_due"], row["id"]))
    return OrderPage(orders=[_order(row) for row in shown], after=after)


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
