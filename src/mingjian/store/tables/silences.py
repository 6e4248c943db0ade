"""What people set: parameters of models, and what is to stay silent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import STAMP, metadata

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
