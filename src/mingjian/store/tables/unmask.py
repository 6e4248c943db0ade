"""Requests to see what pages hide, and the vault that leads a token back to what it stands for."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from mingjian.store.tables.base import STAMP, metadata

unmask_request = Table(
    "unmask_request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),  # domain.unmask.Field
    Column("sight", Integer, nullable=False),  # domain.unmask.Sight
    Column("purpose", Text, nullable=False),  # domain.unmask.Purpose
    Column("reason", Text, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("asked_at", STAMP, nullable=False),
    Column("approver_id", Text, ForeignKey("app_user.id")),
    Column("decided_at", STAMP),
    Column("approved", Boolean),
    Column("decision_reason", Text),
    Column("expires_at", STAMP),
    CheckConstraint("hours BETWEEN 1 AND 24", name="hours"),
    CheckConstraint("approver_id <> user_id", name="second_person"),
    Index("ix_unmask_request_open", "asked_at", postgresql_where=text("decided_at IS NULL")),
    Index("ix_unmask_request_user_id_warning_id", "user_id", "warning_id"),
)

vault = Table(
    "vault",
    metadata,
    Column("token", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # person | account | phone | name | …: as the source file calls it
    Column("ciphertext", LargeBinary, nullable=False),
    Column("key_version", Text, nullable=False),  # start of the key's hash: tells a wrong key from damage
)
