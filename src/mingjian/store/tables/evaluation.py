"""What the public and the supervisor said of a matter's result, each try a row (catalogue §4.6)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import EMPTY, STAMP, metadata

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("round", Integer, nullable=False),  # 1 for the first report accepted, one more for each after it
    Column("side", Text, nullable=False),  # domain.evaluation.Side
    Column("contact", Integer, nullable=False),  # 2 for the second contact by another officer
    Column("attempt", Integer, nullable=False),  # within the round and side, from 1
    Column("outcome", Text, nullable=False),  # PublicOutcome or SupervisorOutcome
    Column("scores", JSONB, nullable=False, server_default=EMPTY),
    Column("resolved", Boolean),
    Column("respondent", Text),  # domain.evaluation.Respondent; NULL on the supervisor's side
    Column("households", Integer),
    Column("unit_id", Text, ForeignKey("unit.id")),  # that answered for the result
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("words", Text, nullable=False, server_default=""),
    Column(
        "due", STAMP
    ),  # for what the verdict calls for, on the row that brought it; NULL where nothing is dated
    Column("at", STAMP, nullable=False),
    UniqueConstraint("warning_id", "round", "side", "attempt"),
    CheckConstraint("side IN ('public', 'supervisor')", name="side"),
    CheckConstraint("contact IN (1, 2)", name="contact"),
    Index("ix_evaluation_unit", "unit_id", "at"),
    Index("ix_evaluation_due", "due", postgresql_where=text("due IS NOT NULL")),
)
