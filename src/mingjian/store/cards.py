"""The repository of cards: what a unit was given with a tier of supervision, once an order and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from mingjian.store.tables import card


@dataclass(frozen=True)
class Given:
    """A card for the unit that holds the order; `reason` is the step or rung that gave it."""

    order_id: str
    unit_id: str
    tier: int
    color: str
    reason: str
    issued_at: datetime


def give(conn: Connection, given: Sequence[Given]) -> None:
    """Give these cards; an order has each colour once."""
    if given:
        rows = [vars(one) for one in given]
        conn.execute(insert(card).on_conflict_do_nothing(index_elements=["order_id", "color"]), rows)


def lift(conn: Connection, order_id: str, at: datetime, actor: str, reason: str) -> None:
    """Take back the cards of an order that still lie."""
    conn.execute(
        update(card)
        .where(card.c.order_id == order_id, card.c.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=actor, lift_reason=reason)
    )
