"""The pull stage: one source in, one batch in the lake, its bad rows in quarantine, its feed up to date."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
from sqlalchemy import text

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import NotFound, SourceError
from mingjian.domain.i18n import _
from mingjian.domain.reason import PullReason
from mingjian.domain.source import Source
from mingjian.lake.delta import BATCH, PULLED_AT, ROW, SOURCE
from mingjian.pull import feeds, increments, quarantine, tokens
from mingjian.pull.part import Ask, Reading
from mingjian.pull.plan import Plan, make_plan
from mingjian.pull.readers import READERS
from mingjian.pull.shape import Shaped, shape
from mingjian.run import Run
from mingjian.store.vault import Original, Vault

# Part of every batch id: raise it when reading changes, so that unchanged files are read again.
READING_VERSION = 1


def pull_source(run: Run, source_name: str) -> dict[str, int]:
    """Pull one source; returns rows_read, rows_kept and rows_quarantined.

    Same content under the same definition is a no-op. Raises SourceError, and changes nothing but the feed's
    error, when the source as a whole cannot be read; ContentError when its file does not fit its table.
    """
    source = run.sources.get(source_name)
    if source is None:
        raise NotFound(
            _("没有数据源 {source}", source=source_name),
            hint=_("现有数据源：{names}", names="、".join(sorted(run.sources))),
        )
    try:
        return _pull(run, source)
    except SourceError as error:
        feeds.note_error(run.engine, source, error)
        raise


def _pull(run: Run, source: Source) -> dict[str, int]:
    plan = make_plan(source, run.content.tables)
    key = tokens.load_key(run.home)
    known = feeds.find(run.engine, source.name)
    since = increments.since(source, known)
    reading = READERS[source.kind](source, Ask(run.sources_dir, since))
    batch = _batch_id(run, source, key, reading.digest)
    if known and known.batch == batch and (not known.rows_kept or batch in run.lake.batches(source.table)):
        feeds.note_unchanged(run.engine, source, run.as_of, run.clock.now())
        run.say(_("{source}：没有变化", source=source.name))
        return known.counts
    tokenise = tokens.Tokeniser(key, keep=tokens.vault_is_kept())
    shaped = _shape_all(run, source, plan, tokenise, reading)
    counts = _store(run, source, plan, shaped, batch, reading.digest, known, tokenise.originals)
    run.say(
        _(
            "{source}：读取 {rows_read} 行，保留 {rows_kept}，隔离 {rows_quarantined}",
            source=source.name,
            **counts,
        )
    )
    return counts


def _batch_id(run: Run, source: Source, key: bytes, digest: str) -> str:
    """What was read, how it was read, and under which key: 16 hex digits."""
    definition = source.model_dump_json() + run.content.tables[source.table].model_dump_json()
    said = [str(READING_VERSION), source.name, digest, definition, tokens.fingerprint(key)]
    if tokens.vault_is_kept():
        said.append(
            tokens.VAULT_VARIABLE
        )  # turned on later, every source is read again and its originals kept
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def _shape_all(run: Run, source: Source, plan: Plan, tokenise: tokens.Tokeniser, reading: Reading) -> Shaped:
    parts = [shape(part, plan, tokenise) for part in reading.parts]
    for name in dict.fromkeys(n for part in parts for n in part.missing):
        run.say(_("{source}：没有列“{column}”，按空值处理", source=source.name, column=name))
    problems = pd.concat([p.problems for p in parts], ignore_index=True)
    return Shaped(pa.concat_tables([p.rows for p in parts]), problems, sum(p.read for p in parts))


def _store(
    run: Run,
    source: Source,
    plan: Plan,
    shaped: Shaped,
    batch: str,
    digest: str,
    known: feeds.Known | None,
    originals: dict[str, Original],
) -> dict[str, int]:
    """Lake first, then the commit: a pull killed between the two finds its batch and repeats the rest."""
    now = run.clock.now()
    rows = increments.only_new(run, source, shaped.rows) if source.load == "increment" else shaped.rows
    bad_rows = shaped.problems[["file", "row_no"]].drop_duplicates()
    nothing_new = source.load == "increment" and not rows.num_rows
    counts = {"rows_read": shaped.read, "rows_kept": rows.num_rows, "rows_quarantined": len(bad_rows)}
    with run.engine.begin() as conn:
        # Sources of one table are pulled side by side, and the first of them creates the table.
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"pull:{source.table}"})
        # Killed after an earlier append of this very batch: it is in the lake, and nothing of it is new.
        already = batch in run.lake.batches(source.table)
        if nothing_new:
            version = run.lake.version("raw", source.table)
        else:
            version = run.lake.append_batch(source.table, _with_origin(rows, source, batch, now))
        Vault(run.home).put_many(conn, originals)
        quarantine.hold(conn, source, batch, run.as_of, shaped.problems)
        seen = increments.keys_seen(shaped, plan) if source.load == "increment" else None
        quarantine.supersede(conn, source, batch, seen)
        done = feeds.Known(
            batch=known.batch if known and nothing_new and not already else batch,
            # An increment that brought nothing says nothing new of what lies in the lake.
            **(known.counts if known and nothing_new else counts),
            watermark=increments.watermark(source, shaped.rows, known, now.astimezone(CITY_TZ)),
        )
        feeds.save(
            conn,
            source,
            as_of=run.as_of,
            now=now,
            reason=PullReason.EMPTY_INCREMENT if nothing_new else PullReason.APPENDED,
            known=done,
            content_hash=digest,
            lake_version=version,
        )
    return counts


def _with_origin(rows: pa.Table, source: Source, batch: str, now: datetime) -> pa.Table:
    """The rows with the lake's system columns."""
    moment = now.astimezone(UTC).replace(tzinfo=None)
    same = {
        SOURCE: pa.scalar(source.name),
        BATCH: pa.scalar(batch),
        PULLED_AT: pa.scalar(moment, pa.timestamp("us")),
    }
    for name, value in same.items():
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    return rows.select([n for n in rows.column_names if n != ROW] + [ROW])
