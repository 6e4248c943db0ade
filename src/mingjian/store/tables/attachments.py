"""Files that people put beside a warning; the bytes lie in the home, named by their hash."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import STAMP, metadata

attachment = Table(
    "attachment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # domain.attachment.FileKind
    Column("size", Integer, nullable=False),  # bytes
    Column("sha256", Text, nullable=False),
    Column(
        "phash", BigInteger
    ),  # dHash of a photo as a signed 64-bit number; NULL where it would say nothing
    Column(
        "like", JSONB, nullable=False, server_default=text("'[]'::jsonb")
    ),  # ids of photos alike elsewhere
    Column("scan", Text, nullable=False),  # domain.attachment.ScanState
    Column("uploaded_by", Text, nullable=False),
    Column("at", STAMP, nullable=False),
    CheckConstraint("size > 0", name="size"),
    Index("ix_attachment_warning", "warning_id", "at", "id"),
    Index(
        "ix_attachment_phash",
        "phash",
        postgresql_include=["warning_id", "id"],
        postgresql_where=text("phash IS NOT NULL"),
    ),
)
