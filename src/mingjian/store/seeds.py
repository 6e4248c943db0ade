"""The repository of seeds: one for each purpose and month, made once and kept, so that every draw can be made again."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.draw import commitment
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit
from mingjian.store.tables import monthly_seed


def seed_of(conn: Connection, purpose: str, month: str) -> str | None:
    """The seed of this month, or None when none has been made."""
    c = monthly_seed.c
    return conn.scalar(select(c.seed).where(c.purpose == purpose, c.month == month))


def seed_for(conn: Connection, purpose: str, month: str, at: datetime) -> str:
    """The seed of this month, made now from the system's randomness when it is the first asked for.

    Two that ask at once get one seed. The audit log keeps its SM3 mark, not the seed: who could read the seed could
    foretell the draws.
    """
    made = secrets.token_hex(16)
    row = {"purpose": purpose, "month": month, "seed": made, "made_at": at}
    new = conn.execute(
        insert(monthly_seed).values(row).on_conflict_do_nothing().returning(monthly_seed.c.seed)
    ).scalar()
    if new is None:
        known = seed_of(conn, purpose, month)
        assert known is not None  # noqa: S101 - the insert has just met it
        return known
    audit.record(
        conn,
        at=at,
        actor=SYSTEM_ACTOR,
        action="make_seed",
        object_kind="seed",
        object_id=f"{purpose}:{month}",
        detail={"sm3": commitment(made)},
    )
    return made
