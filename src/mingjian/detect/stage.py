"""The detect stage: a group of models over the newest gated snapshots, findings into the store."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sqlalchemy import select

from mingjian.content import Content
from mingjian.detect import journal
from mingjian.detect.districts import findings_by_district
from mingjian.detect.engine import Engine, OutOfMemory, open_engine
from mingjian.detect.located import told
from mingjian.detect.narrow import share_scans
from mingjian.detect.outliers.room import kept_fits
from mingjian.detect.own import record_own_tables
from mingjian.detect.plan import Outcome, Plan, plans
from mingjian.detect.tables import reads, show
from mingjian.domain.errors import RuleError
from mingjian.domain.finding import Finding
from mingjian.domain.i18n import _
from mingjian.run import Run
from mingjian.store.tables import table_state

LOG = logging.getLogger(__name__)
WORKERS = int(os.environ.get("MINGJIAN_RULE_WORKERS", "0")) or os.cpu_count() or 1


@dataclass(frozen=True)
class Done:
    """What one model's run came to; `crowded` when it failed for memory that others were using too."""

    outcome: Outcome
    message: str
    found: list[Finding]
    seconds: float
    crowded: bool = False


def groups_of(content: Content, sector: str) -> list[str]:
    """The sector's groups: `<sector>.rules` and `<sector>.models`, where there are any."""
    models = content.models_of(sector)
    groups = {
        f"{sector}.rules": [m for m in models if m.query],
        f"{sector}.models": [m for m in models if m.detector],
    }
    return [name for name, members in groups.items() if members]


def detect_group(run: Run, group: str) -> dict[str, int]:
    """Run every model of one group; a model that cannot run says why in `model_run` and stops no other."""
    sector, _dot, kind = group.partition(".")
    models = [m for m in run.content.models_of(sector) if (m.detector is None) == (kind == "rules")]
    record_own_tables(run, {table for model in models for table in reads(model)})
    with run.engine.connect() as conn:
        planned = plans(conn, run.content, models, run.as_of)
    counts = {"models": len(planned), "findings": 0, "not_run": 0}
    for plan, done in _run_all(run, planned):
        journal.write(run, plan, done.outcome, done.message, done.found, done.seconds)
        counts["findings"] += len(done.found)
        counts["not_run"] += done.outcome != Outcome.DONE
    counts["findings"] += sum(p.known or 0 for p in planned)
    return counts


def _run_all(run: Run, planned: list[Plan]) -> Iterator[tuple[Plan, Done]]:
    """Run the plans that need it side by side; each result comes when it is there, and is then let go.

    All share one memory limit, so a model that passed it may have been crowded out by another: it is tried once
    more, alone, when the rest is done.
    """
    engine = open_engine(run.home / "spill")
    waiting = [p for p in planned if p.known is None]
    crowded: list[Plan] = []
    try:
        stands = _prepare(run, engine, [p for p in waiting if p.runs])
        workers = WORKERS if engine.parallel else 1
        work = partial(_try, run, engine, stands)
        with ThreadPoolExecutor(workers, thread_name_prefix="model") as pool:
            for plan, done in _side_by_side(pool, workers, waiting, work):
                if done.crowded and workers > 1:
                    crowded.append(plan)
                else:
                    yield plan, done
        for plan in crowded:
            yield plan, work(plan)
    finally:
        engine.close()


def _side_by_side(
    pool: ThreadPoolExecutor, workers: int, waiting: list[Plan], work: Callable[[Plan], Done]
) -> Iterator[tuple[Plan, Done]]:
    """Each plan with what it came to, as it is done; a plan starts when there is room for its findings.

    A night's findings fill hundreds of megabytes, so no more are held than there are workers.
    """
    left = iter(waiting)

    def start(plan: Plan) -> Future[Done]:
        # A thread starts without the reader's language, which lives in the context.
        return pool.submit(copy_context().run, work, plan)

    running = {start(p): p for p in islice(left, workers)}
    try:
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
                running |= {start(p): p for p in islice(left, 1)}
    finally:
        for future in running:
            future.cancel()


def _prepare(run: Run, engine: Engine, planned: list[Plan]) -> dict[str, dict[str, str]]:
    """Show the engine every table the plans need; returns the shared tables that stand in for big ones."""
    lake = {t: v for p in planned for t, v in p.lake.items()}
    absent = {t for p in planned for t in p.absent}
    show(engine, run.lake, run.content.tables, lake, absent)
    with run.engine.connect() as conn:
        rows = {
            r.table_name: r.rows for r in conn.execute(select(table_state.c.table_name, table_state.c.rows))
        }
    wanted = [(p.model, p.value_sets(run.as_of)) for p in planned if p.model.narrow]
    return share_scans(
        engine,
        wanted,
        run.content.tables,
        rows,
        lambda model, error: run.say(told(run.content.paths[model.id], error)),
    )


def _try(run: Run, engine: Engine, stands: dict[str, dict[str, str]], plan: Plan) -> Done:
    """Run one model; whatever goes wrong in it is its own failure and nobody else's."""
    if plan.outcome != Outcome.DONE:
        return Done(plan.outcome, plan.message, [], 0.0)
    started = time.monotonic()
    path, crowded = run.content.paths[plan.model.id], False
    found: list[Finding] = []
    outcome, message = Outcome.DONE, plan.message
    worker = engine.worker()
    try:
        for table, name in stands.get(plan.model.id, {}).items():
            worker.alias(table, name)
        with kept_fits(run, plan.lake, keeps=True):
            found = findings_by_district(worker, plan, run.content.tables, run.as_of)
    except RuleError as error:
        outcome, message, crowded = Outcome.FAILED, told(path, error), isinstance(error, OutOfMemory)
    except Exception as error:
        LOG.exception("model %s", plan.model.id)
        outcome = Outcome.FAILED
        message = _("{path}：意外错误 {kind}：{error}", path=path, kind=type(error).__name__, error=error)
    finally:
        worker.close()
    return Done(outcome, message, found, time.monotonic() - started, crowded)
