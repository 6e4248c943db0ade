"""Every table of the store. PostgreSQL holds warnings, orders, people, runs and the audit log; never bulk data."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
STAMP = DateTime(timezone=True)
NOW = text("now()")
EMPTY = text("'{}'::jsonb")

# --- runs: what each stage did, so that a killed run goes on where it stopped ---------------------------------

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

# --- models and what they found ------------------------------------------------------------------------------

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
    Index("ix_warning_facets", "level_rank", "status", "sector", "district_code", "unit_id", "model"),
    Index("ix_warning_fingerprint", "fingerprint"),
    Index("ix_warning_bundle", "bundle"),
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

# --- what people set: parameters of models, and what is to stay silent -----------------------------------------

param_override = Table(
    "param_override",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("model", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("district", Text),  # six digits; NULL for the whole city
    Column("value", JSONB, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),  # the last day; NULL while no end is set
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", STAMP, nullable=False),
)

listed_exception = Table(
    "listed_exception",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("model", Text),  # NULL for every model
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),  # the last day
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", STAMP, nullable=False),
)

snooze = Table(
    "snooze",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("model", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),  # the last silent day
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", STAMP, nullable=False),
)

# --- people, units, orders ------------------------------------------------------------------------------------

unit = Table(
    "unit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent_id", Text),
    Column("path", Text, nullable=False),  # /city/district/unit/ : subtree by prefix
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("level", Text, nullable=False),  # city | district | town | village
    Column("unit_type", Text, nullable=False, server_default="gov_dept"),
    Column("region_code", Text),
    Column("line_code", Text),
    Index("ix_unit_line_region", "line_code", "region_code"),
)

app_user = Table(
    "app_user",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id")),
    Column("role", Text, nullable=False),  # R1..R13 of catalogue §4.1, and LEADER
    Column("data_scope", Text, nullable=False),  # own_org | own_region | line | city
    Column("region_code", Text),
    Column("line_code", Text),
    Column("password_hash", Text),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("failed_logins", Integer, nullable=False, server_default="0"),
    Column("locked_until", STAMP),
)

supervision_order = Table(
    "supervision_order",
    metadata,
    Column("id", Text, primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id"), nullable=False),
    Column("state", Text, nullable=False),  # domain.order.OrderState
    Column("light", Text, nullable=False),  # domain.order.Light
    Column("light_rank", Integer, nullable=False, server_default="0"),
    Column("issued_at", STAMP, nullable=False),
    Column("accept_due", STAMP, nullable=False),
    Column("finish_due", STAMP, nullable=False),
    Column("accepted_at", STAMP),
    Column("finished_at", STAMP),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    Column("calendar_version", Text, nullable=False),
    Column("next_check", STAMP),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("warning_id"),
    CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
    Index("ix_order_unit_queue", "unit_id", "state", "finish_due", "id"),
    Index("ix_order_next_check", "next_check", postgresql_where=text("next_check IS NOT NULL")),
)

order_step = Table(
    "order_step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("object_kind", Text, nullable=False),  # warning | order
    Column("object_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", STAMP, nullable=False),
    UniqueConstraint("object_kind", "object_id", "seq"),
)

# --- audit and outbox -----------------------------------------------------------------------------------------

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
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("created_at", STAMP, nullable=False),
    Column("sent_at", STAMP),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
)
