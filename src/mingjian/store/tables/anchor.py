"""The audit log's daily anchors: what the chain looked like, kept beside it and printed on paper."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Table, Text

from mingjian.store.tables.base import STAMP, metadata

audit_anchor = Table(
    "audit_anchor",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last_id", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("made_at", STAMP, nullable=False),
)
