"""Answers about supervision orders."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from mingjian.web.api.answers.base import Answer


class OrderBrief(Answer):
    """The order that carries a warning."""

    id: str
    tier: int
    state: str
    light: str
    sign_due: datetime | None
    accept_due: datetime
    finish_due: datetime
    next_due: datetime = Field(description="the nearest of the three that the unit has not kept yet")
    version: int


class OrderOut(OrderBrief):
    """A supervision order."""

    warning_id: str
    unit_id: str
    level: str
    sector: str
    issued_at: datetime
    signed_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    due_provisional: bool
    calendar_version: str
    routed_why: str = Field(
        description="how the unit was found: named, district, city, made, bundled or chosen"
    )
    routed_rule: str = Field(description="the routing rule's name; empty where a dispatcher chose")


class OrderPage(Answer):
    """Orders by deadline; `after` continues the page and is empty at the end."""

    orders: list[OrderOut]
    after: str
