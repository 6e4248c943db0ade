"""Issues that enterprises raise each quarter (三员, catalogue §4.5)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from mingjian.store.tables.base import STAMP, metadata

enterprise_issue = Table(
    "enterprise_issue",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("enterprise", Text, nullable=False),  # its name
    Column("district_code", Text, nullable=False),
    Column("quarter", Text, nullable=False),  # 2026Q3
    Column("words", Text, nullable=False),
    Column("collected_by", Text, nullable=False),  # 司号员
    Column("collected_at", STAMP, nullable=False),
    Column("level", Text),  # domain.enterprise.IssueLevel; NULL until it is assigned
    Column("unit_id", Text, ForeignKey("unit.id")),  # whose 勤务员 answers
    Column("leader_user_id", Text),  # 指导员 of an issue at district level
    Column("assigned_at", STAMP),
    Column("promised_on", Date),
    Column("state", Text, nullable=False),  # domain.enterprise.IssueState
    Column("pressed_at", STAMP),
    Column("raised_at", STAMP),  # when a promise not kept brought it to district level
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_by", Text),
    Column("answered_at", STAMP),
    Column("satisfied", Boolean),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("closed_at", STAMP),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("(state = 'collected') = (level IS NULL)", name="level"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    Index("ix_enterprise_issue_quarter", "quarter", "district_code", "id"),
    Index("ix_enterprise_issue_unit", "unit_id", "id"),
    Index(
        "ix_enterprise_issue_promised",
        "promised_on",
        postgresql_where=text("state = 'assigned' AND level = 'department'"),
    ),
)
