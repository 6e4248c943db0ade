"""Re-supervision: the month's seeds, what was decided about each closing, and the checks that people make."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
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

monthly_seed = Table(
    "monthly_seed",
    metadata,
    Column("purpose", Text, primary_key=True),  # recheck | review
    Column("month", Text, primary_key=True),  # 2026-03
    Column("seed", Text, nullable=False),
    Column("made_at", STAMP, nullable=False),
)

recheck_plan = Table(
    "recheck_plan",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("closing", BigInteger, ForeignKey("order_step.id"), nullable=False),  # the step that closed it
    Column("round", Integer, nullable=False),  # 1 for the first closing, one more after each reopening
    Column("kind", Text, nullable=False),  # domain.recheck.RecheckKind
    Column("reasons", JSONB, nullable=False),  # RecheckReason, the first one deciding
    Column("month", Text, nullable=False),  # of the seed that it was drawn with
    Column("draw", Float, nullable=False),
    Column("share", Float, nullable=False),  # chance of being chosen
    Column("risk", Float, nullable=False),  # of it, what the unit's past added
    Column("model", Text, nullable=False),
    Column("unit_id", Text),
    Column("level", Text, nullable=False),
    Column("closed_at", STAMP, nullable=False),
    Column("decided_at", STAMP, nullable=False),
    Column("watch_until", Date, nullable=False),
    Column("rerun", Text, nullable=False),  # domain.recheck.Rerun
    Column("rerun_as_of", Date),  # the newest run on newer data that was looked at
    Column("rerun_detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    UniqueConstraint("closing"),
    Index("ix_recheck_plan_warning", "warning_id"),
    Index("ix_recheck_plan_unit", "unit_id", "closed_at"),
    Index("ix_recheck_plan_watch", "rerun", "watch_until"),
)

recheck_check = Table(
    "recheck_check",
    metadata,
    Column("plan_id", BigInteger, ForeignKey("recheck_plan.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("reason", Text, nullable=False),  # RecheckReason
    Column("methods", JSONB, nullable=False),  # domain.recheck.Method
    Column("state", Text, nullable=False),  # domain.recheck.CheckState
    Column("opened_at", STAMP),
    Column("result_due", STAMP),
    Column("result", Text),  # domain.recheck.RecheckResult
    Column("finding", Text, nullable=False, server_default=""),  # as said: a code, with words after it
    Column("note", Text, nullable=False, server_default=""),
    Column("actor", Text),
    Column("done_at", STAMP),
    CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result"),
    Index("ix_recheck_check_due", "state", "due_on"),
)
