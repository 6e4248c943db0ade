"""Who is told of events by HTTP; the secrets are derived from a key in the home and stored nowhere."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import STAMP, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", JSONB, nullable=False),  # list of domain.webhook.WebhookEvent
    Column("owner", Text, ForeignKey("app_user.id"), nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("generation", Integer, nullable=False, server_default="1"),  # of its secret
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", STAMP, nullable=False),
    Index("ix_webhook_owner", "owner", "id"),
)
