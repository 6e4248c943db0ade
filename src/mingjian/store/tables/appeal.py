"""Appeals against a finding, a closing or a false positive (catalogue §4.7)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from mingjian.store.tables.base import STAMP, metadata

appeal = Table(
    "appeal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("against", Text, nullable=False),  # domain.appeal.Against
    Column("step_id", BigInteger, ForeignKey("order_step.id"), nullable=False),  # the decision contested
    Column("party", Text, nullable=False),  # domain.appeal.Party
    Column("unit_id", Text, ForeignKey("unit.id")),  # that answers for the matter, and is told
    Column("filed_by", Text, nullable=False),
    Column("filed_at", STAMP, nullable=False),
    Column("words", Text, nullable=False),
    Column("office", Text, nullable=False),  # the role that decides
    Column("due_at", STAMP, nullable=False),
    Column("state", Text, nullable=False),  # domain.appeal.AppealState
    Column("outcome", Text),  # domain.appeal.AppealOutcome
    Column("reason", Text, nullable=False, server_default=""),  # told to both sides
    Column("decided_by", Text),
    Column("decided_at", STAMP),
    Column("overdue_at", STAMP),  # when the sweep counted it as overdue, once
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name="outcome"),
    Index("ix_appeal_warning", "warning_id", "id"),
    Index("uq_appeal_unit", "step_id", unique=True, postgresql_where=text("party = 'unit'")),
    Index(
        "ix_appeal_due",
        "due_at",
        postgresql_where=text("state IN ('filed', 'accepted') AND overdue_at IS NULL"),
    ),
)
