"""Answers kept for a while, so that a write sent again is answered again and not done again."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import EMPTY, STAMP, metadata

idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False, server_default=EMPTY),
    Column("body", JSONB, nullable=False),
    Column("at", STAMP, nullable=False),
    Index("ix_idempotency_age", "user_id", "at"),
)
