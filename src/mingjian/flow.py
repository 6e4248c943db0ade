"""THE main path. Airflow, the command line and the tests all walk this one list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian import logs
from mingjian.detect import detect_group, groups_of
from mingjian.detect.outliers.refit import refit, refitted
from mingjian.domain.errors import MingjianError
from mingjian.gate import gate_table
from mingjian.notify import notify
from mingjian.pull import pull_source
from mingjian.rerank import rerank_all
from mingjian.run import Run
from mingjian.store.tables import stage_run
from mingjian.supervise import anchor, campaigns, dispatch, recheck, sweep
from mingjian.verdicts import learn_from_verdicts
from mingjian.warn import warn_sector

WATCH = "process"  # the sector in which the service watches itself; it runs after the others


@dataclass(frozen=True)
class Stage:
    """`keys(run, sector)` says what there is to do; `work(run, key)` does one of them and may be done again."""

    name: str
    keys: Callable[[Run, str], list[str]]
    work: Callable[[Run, str], dict[str, int]]


def sources_of(run: Run, sector: str) -> list[str]:
    """Sources that fill the tables which the sector's models read."""
    wanted = set(run.content.tables_of(sector))
    return sorted(name for name, source in run.sources.items() if source.table in wanted)


def tables_of(run: Run, sector: str) -> list[str]:
    """Tables of the sector that some source fills."""
    fed = {source.table for source in run.sources.values()}
    return sorted(fed & set(run.content.tables_of(sector)))


PATH: tuple[Stage, ...] = (
    Stage("pull", sources_of, pull_source),
    Stage("gate", tables_of, gate_table),
    Stage("detect", lambda run, sector: groups_of(run.content, sector), detect_group),
    Stage("warn", lambda run, sector: [sector], warn_sector),
    Stage("dispatch", lambda run, sector: [sector], dispatch),
)
TAIL: tuple[Stage, ...] = (  # after all sectors: one queue, one outbox
    Stage("rerank", lambda run, sector: ["queue"], lambda run, _key: rerank_all(run)),
    Stage("campaigns", lambda run, sector: ["queue"], lambda run, _key: campaigns(run)),
    Stage("supervise", lambda run, sector: ["queue"], lambda run, _key: sweep(run)),
    Stage("recheck", lambda run, sector: ["queue"], lambda run, _key: recheck(run)),
    Stage("verdicts", lambda run, sector: ["models"], lambda run, _key: learn_from_verdicts(run)),
    Stage("notify", lambda run, sector: ["outbox"], notify),
    Stage("anchor", lambda run, sector: ["audit"], lambda run, _key: anchor(run)),
)
WEEKLY: tuple[Stage, ...] = (  # beside the path: what the next days' detection stands on
    Stage("refit", lambda run, _sector: refitted(run), refit),
)


@dataclass(frozen=True)
class Done:
    """What one stage did with one key; `error` is the message when it failed."""

    stage: str
    key: str
    seconds: float
    counts: dict[str, int]
    error: str | None = None


def sectors_of(run: Run, chosen: str | None = None) -> list[str]:
    """The sectors to run, in manifest order; the watching sector always comes last."""
    named = sorted(run.content.sectors.values(), key=lambda s: s.order)
    running = [s.sector for s in named if run.content.models_of(s.sector)]
    return [s for s in running if chosen in (None, s) and s != WATCH] + [WATCH]


def walk(run: Run, sectors: list[str]) -> Iterator[Done]:
    """Walk the whole path for each sector, then sweep the queue and send. A failed key is reported and stops no other.

    What sectors share (a register, a table) is pulled and gated once a walk.
    """
    walked: set[tuple[str, str]] = set()
    for sector in sectors:
        for stage in PATH:
            for key in stage.keys(run, sector):
                if (stage.name, key) not in walked:
                    walked.add((stage.name, key))
                    yield perform(run, stage, key)
    for stage in TAIL:
        for key in stage.keys(run, WATCH):
            yield perform(run, stage, key)


def perform(run: Run, stage: Stage, key: str, *, reraise: bool = False) -> Done:
    """Do one piece of work under its own lock and journal it. With `reraise` an error comes through (Airflow)."""
    started, counts, error = time.monotonic(), {}, None
    with run.engine.connect() as lock:
        lock.execute(text("SELECT pg_advisory_lock(hashtext(:k))"), {"k": f"{stage.name}:{key}"})
        _journal(run, stage.name, key, "running")
        try:
            counts = stage.work(run, key)
        except MingjianError as failure:
            error = str(failure)
            _log(run, stage, key, started, counts, failure)
            if reraise:
                _journal(run, stage.name, key, "failed", time.monotonic() - started, error=error)
                raise
        except Exception as fault:
            _log(run, stage, key, started, counts, fault)
            raise
        finally:
            lock.execute(text("SELECT pg_advisory_unlock(hashtext(:k))"), {"k": f"{stage.name}:{key}"})
    seconds = time.monotonic() - started
    if error is None:
        _log(run, stage, key, started, counts)
    _journal(run, stage.name, key, "failed" if error else "done", seconds, counts, error)
    return Done(stage.name, key, seconds, counts, error)


def _log(
    run: Run, stage: Stage, key: str, started: float, counts: dict[str, int], error: Exception | None = None
) -> None:
    said = {"stage": stage.name, "key": key, "as_of": run.as_of, "counts": counts}
    seconds = round(time.monotonic() - started, 3)
    if error is None:
        logs.logger().info("stage_done", seconds=seconds, **said)
    else:
        logs.logger().error("stage_failed", seconds=seconds, exc_info=error, **said)


def _journal(
    run: Run,
    stage: str,
    key: str,
    status: str,
    seconds: float | None = None,
    counts: dict[str, int] | None = None,
    error: str | None = None,
) -> None:
    now = run.clock.now()
    values: dict[str, Any] = {"status": status, "counts": counts or {}, "error": error}
    values |= (
        {"started_at": now}
        if status == "running"
        else {"finished_at": now, "seconds": round(seconds or 0, 3)}
    )
    row = {"as_of": run.as_of, "stage": stage, "key": key, "started_at": now}
    statement = upsert(stage_run).values(**{**row, **values})
    statement = statement.on_conflict_do_update(index_elements=["as_of", "stage", "key"], set_=values)
    with run.engine.begin() as conn:
        conn.execute(statement)
