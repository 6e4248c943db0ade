"""Messages waiting to leave, and where their recipients can be reached."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import STAMP, metadata

WAITS = "sent_at IS NULL AND dead_at IS NULL AND digest_id IS NULL"

contact = Table(
    "contact",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("owner_kind", Text, nullable=False),  # unit | user
    Column("owner_id", Text, nullable=False),
    Column("channel", Text, nullable=False),  # domain.channel.ChannelKind
    Column("address", Text, nullable=False),  # personal: for sending only, never logged or listed in full
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("changed_at", STAMP, nullable=False),
    UniqueConstraint("owner_kind", "owner_id", "channel", "address", name="uq_contact_address"),
    CheckConstraint("owner_kind IN ('unit','user')", name="owner_kind"),
    Index("ix_contact_owner", "owner_id", "channel", postgresql_where=text("active")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),  # empty until routed
    Column("recipient", Text, nullable=False),  # a unit or a user
    Column("contact_id", BigInteger, ForeignKey("contact.id")),
    Column("template", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("created_at", STAMP, nullable=False),
    Column("routed_at", STAMP),
    Column("next_try", STAMP, nullable=False),
    Column("claimed_by", Text),
    Column("claimed_until", STAMP),
    Column("sent_at", STAMP),
    Column("dead_at", STAMP),
    Column("digest_id", BigInteger, ForeignKey("outbox.id")),
    Column("reason", Text, nullable=False, server_default="waiting"),  # domain.message.DeliveryReason
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    CheckConstraint("num_nonnulls(sent_at, dead_at, digest_id) <= 1", name="one_end"),
    Index("ix_outbox_unrouted", "id", postgresql_where=text("routed_at IS NULL")),
    Index("ix_outbox_due", "channel", "next_try", "id", postgresql_where=text(WAITS)),
    Index("ix_outbox_dead", "id", postgresql_where=text("dead_at IS NOT NULL")),
    Index("ix_outbox_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
)
