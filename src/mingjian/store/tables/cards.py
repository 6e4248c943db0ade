"""Cards (红黄蓝牌) that units are given with the tiers of supervision."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint

from mingjian.store.tables.base import STAMP, metadata

card = Table(
    "card",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", Text, ForeignKey("supervision_order.id"), nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id"), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("color", Text, nullable=False),  # domain.policy.Card
    Column("reason", Text, nullable=False),
    Column("issued_at", STAMP, nullable=False),
    Column("lifted_at", STAMP),
    Column("lifted_by", Text),
    Column("lift_reason", Text),
    UniqueConstraint("order_id", "color"),
    Index("ix_card_unit", "unit_id", "issued_at"),
)
