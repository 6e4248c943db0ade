"""The audit log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import EMPTY, STAMP, metadata

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", STAMP, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=EMPTY),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(
        "ix_audit_log_issue",
        "object_id",
        "id",
        postgresql_where=text("object_kind = 'enterprise_issue'"),
    ),
)
