"""Units that handle a matter together with the lead."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text

from mingjian.store.tables.base import STAMP, metadata

co_handler = Table(
    "co_handler",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id"), nullable=False),
    Column("state", Text, nullable=False),  # domain.co_handling.CoState
    Column("why", Text, nullable=False),  # domain.co_handling.CoReason
    Column("task", Text, nullable=False, server_default=""),  # what it is asked for; a rule's name
    Column("asked_by", Text, nullable=False),
    Column("asked_at", STAMP, nullable=False),
    Column("due", STAMP),  # for its part; NULL while it is only proposed
    Column("answered_by", Text),
    Column("answered_at", STAMP),
    Column("opinion", Text, nullable=False, server_default=""),
    Column("ended_by", Text),
    Column("ended_at", STAMP),
    Column("ended_why", Text, nullable=False, server_default=""),
    CheckConstraint("(state = 'released') = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("state <> 'reported' OR answered_at IS NOT NULL", name="answered"),
    Index(
        "ix_co_handler_once",
        "warning_id",
        "unit_id",
        unique=True,
        postgresql_where=text("state <> 'released'"),
    ),
    Index("ix_co_handler_unit", "unit_id", "state", "asked_at"),
    Index("ix_co_handler_due", "due", postgresql_where=text("state = 'asked'")),
)
