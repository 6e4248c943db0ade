"""Policies of supervision as they were when orders were issued under them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB

from mingjian.store.tables.base import STAMP, metadata

policy_archive = Table(
    "policy_archive",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", JSONB, nullable=False),
    Column("first_used", STAMP, nullable=False),
)
