"""What each stage did, so that a killed run goes on where it stopped: runs, feeds, quarantine, gates."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import EMPTY, STAMP, metadata

stage_run = Table(
    "stage_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("stage", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("inputs_hash", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False),  # running | done | failed
    Column("started_at", STAMP, nullable=False),
    Column("finished_at", STAMP),
    Column("seconds", Numeric(12, 3)),
    Column("counts", JSONB, nullable=False, server_default=EMPTY),
    Column("error", Text),
    UniqueConstraint("as_of", "stage", "key"),
)

feed = Table(
    "feed",
    metadata,
    Column("source", Text, primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("org", Text, nullable=False, server_default=""),
    Column("as_of", Date, nullable=False),
    Column("pulled_at", STAMP, nullable=False),
    Column("reason", Text, nullable=False),  # PullReason
    Column("batch", Text),
    Column("content_hash", Text),
    Column("lake_version", BigInteger),
    Column("rows_read", BigInteger, nullable=False, server_default="0"),
    Column("rows_kept", BigInteger, nullable=False, server_default="0"),
    Column("rows_quarantined", BigInteger, nullable=False, server_default="0"),
    Column("watermark", Text),
    Column("fresh_days", Integer, nullable=False, server_default="35"),
    Column("error", Text),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("stage", Text, nullable=False),  # pull | gate
    Column("source", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("file", Text, nullable=False, server_default=""),
    Column("row_no", BigInteger, nullable=False),
    Column("column_name", Text, nullable=False, server_default=""),
    Column("value_class", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("row_key", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default="held"),  # held | released | superseded
    Column("as_of", Date, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", STAMP),
    UniqueConstraint("stage", "table_name", "batch", "row_no", "column_name", "reason"),
    Index("ix_quarantine_table_status", "table_name", "status"),
)

table_state = Table(
    "table_state",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("verdict", Text, nullable=False),  # GateVerdict
    Column("inputs_hash", Text, nullable=False),
    Column("raw_version", BigInteger),
    Column("ready_version", BigInteger),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    Column("rows_quarantined", BigInteger, nullable=False, server_default="0"),
    Column("checked_at", STAMP, nullable=False),
    Column("message", Text, nullable=False, server_default=""),
)

gate_result = Table(
    "gate_result",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("expectation", Text, nullable=False),
    Column("column_name", Text, nullable=False, server_default=""),
    Column("action", Text, nullable=False),  # block | quarantine | note
    Column("outcome", Text, nullable=False),  # passed | failed | error
    Column("unexpected", BigInteger, nullable=False, server_default="0"),
    Column("observed", JSONB, nullable=False, server_default=EMPTY),
    Index("ix_gate_result_table", "table_name", "as_of"),
)
