"""The dual track: campaigns that go top-down, and the cases each has listed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mingjian.store.tables.base import STAMP, metadata

campaign = Table(
    "campaign",
    metadata,
    Column("id", Text, primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),  # whose order goes top-down
    Column("matter", Text, nullable=False),  # model, and the subject where the model names it
    Column("model", Text, nullable=False),
    Column("reason", Text, nullable=False),  # domain.campaign.CampaignReason
    Column("state", Text, nullable=False),  # domain.campaign.CampaignState
    Column(
        "least_districts", Integer
    ),  # the band of local warnings: fewer than these; NULL where the model tells
    Column("opened_at", STAMP, nullable=False),
    Column("plan_due", STAMP, nullable=False),
    Column("finish_due", STAMP, nullable=False),
    Column("closed_at", STAMP),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("warning_id"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
    Index("ix_campaign_open", "matter", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_campaign_page", "opened_at", "id"),
)

campaign_case = Table(
    "campaign_case",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", Text, ForeignKey("campaign.id"), nullable=False),
    Column("kind", Text, nullable=False),  # domain.campaign.CaseKind
    Column("case_id", Text, nullable=False),
    Column("district_code", Text),
    Column("added_at", STAMP, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),  # domain.campaign.CallOutcome, of the last attempt
    Column("tried_by", Text),
    Column("tried_at", STAMP),
    Column("called_back_at", STAMP),  # when the case was settled; NULL while it is open
    Column("note", Text, nullable=False, server_default=""),
    UniqueConstraint("campaign_id", "kind", "case_id"),
    Index("ix_campaign_case_open", "campaign_id", "id", postgresql_where=text("called_back_at IS NULL")),
    Index("ix_campaign_case_page", "campaign_id", "id"),
)
