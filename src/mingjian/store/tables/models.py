"""Models and what they found: archives, runs, findings, warnings and the decisions about them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import EMPTY, NOW, STAMP, metadata

model_archive = Table(
    "model_archive",
    metadata,
    Column("model_id", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("first_used", STAMP, nullable=False, server_default=NOW),
)

model_run = Table(
    "model_run",
    metadata,
    Column("model_id", Text, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # done | no_feed | blocked | failed
    Column("reads", JSONB, nullable=False, server_default=EMPTY),  # snapshots and program it was run on
    Column("findings", Integer, nullable=False, server_default="0"),
    Column("seconds", Numeric(12, 3)),
    Column("message", Text, nullable=False, server_default=""),
    Column("score_histogram", JSONB),  # detect.drift.Histogram of this run's findings
)

reranking = Table(
    "reranking",
    metadata,
    Column("model", Text, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("reason", Text, nullable=False),  # rerank.Reason
    Column("judged", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    # average precision of the order without and with verdicts, and the bounds of the gain; NULL where not compared
    Column("before", Float),
    Column("after", Float),
    Column("low", Float),
    Column("high", Float),
)

finding = Table(
    "finding",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("model", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("model_hash", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("region_code", Text),
    Column("level", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("score_parts", JSONB, nullable=False),
    Column("measures", JSONB, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("lake", JSONB, nullable=False),
    UniqueConstraint("model", "as_of", "subject_kind", "subject_id", "period"),
)

warning = Table(
    "warning",
    metadata,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("model_hash", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("region_code", Text),
    Column("district_code", Text),
    Column("owner", Text, nullable=False),
    Column("unit_id", Text),
    Column("level", Text, nullable=False),
    Column("level_rank", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("score_parts", JSONB, nullable=False),
    Column("amount", Numeric(18, 2)),
    Column("measures", JSONB, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("lake", JSONB, nullable=False),
    Column("explanation", JSONB, nullable=False),  # {"zh", "en"}
    Column("digest", Text, nullable=False),  # what replay must reproduce
    Column("reason", Text, nullable=False),  # WarnReason of the last decision
    Column("status", Text, nullable=False),  # domain.warning.WarningState
    Column("first_seen", Date, nullable=False),
    Column("last_seen", Date, nullable=False),
    Column("hits", Integer, nullable=False, server_default="1"),
    Column("created_at", STAMP, nullable=False),
    Column("closed_at", STAMP),
    Column("budget_unit", Text),  # the unit whose alert budget it takes from; NULL when it takes from none
    Column("admitted_on", Date),  # the day it took from that budget; NULL while it waits
    Column("chance", Float),  # to be confirmed, by past verdicts; NULL while they do not order its model
    Column("moved", Integer, nullable=False, server_default="0"),  # by that order, in millionths of a point
    Column("queue_key", Integer, Computed("score * 1000000 + moved", persisted=True), nullable=False),
    # Whoever changes a warning raises its version, so that a step taken on an old reading can be refused.
    Column("version", Integer, nullable=False, server_default="1", onupdate=text("warning.version + 1")),
    Column(
        "unseen", Integer, nullable=False, server_default="0"
    ),  # of these, by steps that are not announced
    Column("merged_into", Text),  # the warning that carries this duplicate on
    CheckConstraint("level IN ('高','中','低')", name="level"),
    # Rows are wide, so the queue and its counts are read from indexes alone: whatever the filters, a page or a
    # count never touches more rows of the table than it shows.
    Index(
        "ix_warning_queue",
        "level_rank",
        text("queue_key DESC"),
        "id",
        postgresql_include=["status", "sector", "district_code", "unit_id", "model"],
    ),
    Index(
        "ix_warning_unit_queue",
        "unit_id",
        "level_rank",
        text("queue_key DESC"),
        "id",
        postgresql_include=["status", "sector", "district_code", "model"],
    ),
    Index(
        "ix_warning_model_queue",
        "model",
        "level_rank",
        text("queue_key DESC"),
        "id",
        postgresql_include=["status", "sector", "unit_id", "district_code"],
    ),
    Index(
        "ix_warning_district_queue",
        "district_code",
        "level_rank",
        text("queue_key DESC"),
        "id",
        postgresql_include=["status", "sector", "unit_id", "model"],
    ),
    Index(
        "ix_warning_district_model_queue",
        "district_code",
        "model",
        "level_rank",
        text("queue_key DESC"),
        "id",
        postgresql_include=["status", "sector", "unit_id"],
    ),
    Index("ix_warning_undispatched", "sector", "id", postgresql_where=text("status IN ('new', 'triaged')")),
    Index("ix_warning_facets", "level_rank", "status", "sector", "district_code", "unit_id", "model"),
    Index("ix_warning_fingerprint", "fingerprint"),
    Index("ix_warning_bundle", "bundle"),
    Index("ix_warning_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index(
        "ix_warning_budget",
        "budget_unit",
        "admitted_on",
        "status",
        postgresql_where=text("budget_unit IS NOT NULL"),
    ),
)

warning_decision = Table(
    "warning_decision",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("reason", Text, nullable=False),  # WarnReason
    Column("level", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("decided_at", STAMP, nullable=False),
    Column(
        "detail", JSONB, nullable=False, server_default=EMPTY
    ),  # what silenced it, or which budget was full
    UniqueConstraint("warning_id", "as_of"),
)
