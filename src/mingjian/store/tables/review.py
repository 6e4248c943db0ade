"""What verdicts say of models: samples of unflagged subjects for review, proposals, and states set instead."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
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

from mingjian.store.tables.base import STAMP, metadata

review_draw = Table(
    "review_draw",
    metadata,
    Column("model", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("model_version", Integer, nullable=False),
    Column("outcome", Text, nullable=False),  # verdicts.unflagged.DrawOutcome
    Column("source_table", Text, nullable=False, server_default=""),
    Column("source_version", BigInteger),  # the snapshot that it was drawn from
    Column("population", BigInteger, nullable=False, server_default="0"),  # subjects, flagged ones too
    Column("flagged", BigInteger, nullable=False, server_default="0"),
    Column("drawn", Integer, nullable=False, server_default="0"),
    Column("drawn_at", STAMP, nullable=False),
)

review_task = Table(
    "review_task",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("model", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("place", Integer, nullable=False),  # in the draw, from 1
    Column("assigned_to", Text),
    Column("verdict", Text),  # verdicts.unflagged.ReviewVerdict; NULL while open
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text),
    Column("decided_at", STAMP),
    UniqueConstraint("model", "month", "subject_kind", "subject_id"),
    Index("ix_review_task_open", "id", postgresql_where=text("verdict IS NULL")),
)

shadow_proposal = Table(
    "shadow_proposal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("model", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("figures", JSONB, nullable=False),  # what it was proposed on
    Column("proposed_at", STAMP, nullable=False),
    Column("state", Text, nullable=False),  # open | accepted | rejected
    Column("decided_by", Text),
    Column("decided_at", STAMP),
    Column("reason", Text, nullable=False, server_default=""),
    Index(
        "ix_shadow_proposal_open",
        "model",
        "model_version",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
)

status_override = Table(
    "status_override",
    metadata,
    Column("model", Text, primary_key=True),
    Column("model_version", Integer, primary_key=True),
    Column("status", Text, nullable=False),  # domain.model.Status
    Column("valid_from", Date, nullable=False),
    Column("proposal_id", BigInteger, ForeignKey("shadow_proposal.id"), nullable=False),
)
