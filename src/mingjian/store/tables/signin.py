"""Sessions, second factors and API tokens. Nothing here lets anybody in who reads it: hashes and ciphertexts only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from mingjian.store.tables.base import STAMP, metadata

user_session = Table(
    "user_session",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the random key in the cookie
    Column("user_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("stamp", Text, nullable=False),  # changes with the password
    Column("way", Text, nullable=False),  # domain.sign_in.Way
    Column("agent", Text, nullable=False),  # domain.sign_in.AgentClass
    Column("begun", STAMP, nullable=False),
    Column("last_seen", STAMP, nullable=False),
    Column("ended", STAMP),
    Column("end_reason", Text),  # domain.sign_in.EndReason
    Index("ix_user_session_user_id_begun", "user_id", "begun"),
    Index("ix_user_session_open", "user_id", postgresql_where=text("ended IS NULL")),
)

user_factor = Table(
    "user_factor",
    metadata,
    Column("user_id", Text, ForeignKey("app_user.id"), primary_key=True),
    Column("secret", Text, nullable=False),  # sealed with home/secret/factor.key
    Column("asked_at", STAMP, nullable=False),
    Column("confirmed_at", STAMP),
    Column("last_counter", BigInteger, nullable=False, server_default="0"),  # of the last code taken
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("user_id", Text, ForeignKey("app_user.id"), primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("used_at", STAMP),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),  # SHA-256 of 256 random bits
    Column("user_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),  # domain.sign_in.Scope
    Column("created_at", STAMP, nullable=False),
    Column("expires_at", STAMP, nullable=False),
    Column("last_used", Date),
    Column("revoked_at", STAMP),
    Index("ix_api_token_user_id", "user_id"),
)
