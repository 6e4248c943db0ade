"""The feed row of a source: what was pulled last, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.errors import SourceError
from mingjian.domain.reason import PullReason
from mingjian.domain.source import Source
from mingjian.store.tables import feed


@dataclass(frozen=True)
class Known:
    """What the store knows of a source's last good pull."""

    batch: str | None
    rows_read: int
    rows_kept: int
    rows_quarantined: int
    watermark: str | None

    @property
    def counts(self) -> dict[str, int]:
        return {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_quarantined": self.rows_quarantined,
        }


def find(engine: Engine, source: str) -> Known | None:
    """The feed of a source, None before its first good pull."""
    columns = [feed.c.batch, feed.c.rows_read, feed.c.rows_kept, feed.c.rows_quarantined, feed.c.watermark]
    with engine.connect() as conn:
        row = conn.execute(select(*columns).where(feed.c.source == source)).one_or_none()
    return Known(*row) if row else None


def save(
    conn: Connection,
    source: Source,
    *,
    as_of: date,
    now: datetime,
    reason: PullReason,
    known: Known,
    content_hash: str,
    lake_version: int | None,
) -> None:
    """Write the feed after a good pull, in the caller's transaction; an earlier error is cleared."""
    values = {
        "table_name": source.table,
        "org": source.org,
        "as_of": as_of,
        "pulled_at": now,
        "reason": reason.value,
        "batch": known.batch,
        "content_hash": content_hash,
        "lake_version": lake_version,
        **known.counts,
        "watermark": known.watermark,
        "fresh_days": source.fresh_days,
        "error": None,
    }
    done = insert(feed).values(source=source.name, **values)
    conn.execute(done.on_conflict_do_update(index_elements=[feed.c.source], set_=values))


def note_unchanged(engine: Engine, source: Source, as_of: date, now: datetime) -> None:
    """The source was read and holds what it held: it is fresh, nothing else changes."""
    values = {"as_of": as_of, "pulled_at": now, "reason": PullReason.UNCHANGED.value, "error": None}
    values |= {"org": source.org, "fresh_days": source.fresh_days}
    with engine.begin() as conn:
        conn.execute(update(feed).where(feed.c.source == source.name).values(**values))


def note_error(engine: Engine, source: Source, error: SourceError) -> None:
    """Keep the message beside the last good pull, which stays as it is."""
    with engine.begin() as conn:
        conn.execute(update(feed).where(feed.c.source == source.name).values(error=str(error)))
