"""The gate: raw batches in, one ready table out, bad rows held by number, a broken table stopped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from mingjian.domain.errors import GateError
from mingjian.domain.i18n import _
from mingjian.domain.reason import GateVerdict
from mingjian.domain.sector import Table
from mingjian.gate import hold, raw, state
from mingjian.gate.check import Outcome, run_checks
from mingjian.gate.frame import check_frame
from mingjian.gate.keys import check_keys
from mingjian.gate.raw import Intake
from mingjian.gate.ruling import Judged, blocking, held_rows, message, result_rows
from mingjian.gate.state import Ruling
from mingjian.gate.suite import AS_OF, Suite, arguments, load_suite
from mingjian.lake.delta import BATCH, ROW
from mingjian.run import Run

NOTHING = {"rows_in": 0, "rows_ready": 0, "rows_quarantined": 0, "rows_duplicate": 0}


@dataclass(frozen=True)
class _Job:
    """One table at the gate, with everything its ruling depends on."""

    run: Run
    table: str
    shape: Table
    suite: Suite
    taken: Intake
    batches: list[str]
    released: set[tuple[str, int]]
    last_rows: int
    inputs_hash: str


def gate_table(run: Run, table: str) -> dict[str, int]:
    """Check one table; returns the counts rows_in, rows_ready, rows_quarantined and rows_duplicate.

    Unchanged inputs keep their ruling. The ready version is written before the state that names it: killed in
    between, the next run writes the same rows again and names that version.

    Raises GateError when the table is not in the manifests or its raw zone cannot be read, and ContentError
    when its suite breaks the format. A fault inside Great Expectations blocks the table and says so.
    """
    shape = run.content.tables.get(table)
    if shape is None:
        raise GateError(
            _("sectors/ 中没有表 {table}", table=table), hint=_("在 sectors/<条线>.yaml 中登记该表及其列")
        )
    suite, suite_hash = load_suite(run.content, table)
    with run.engine.connect() as conn:
        taken = raw.intake(conn, run, table)
        known = state.of_table(conn, table)
        job = _job(conn, run, table, shape, suite, suite_hash, taken, int(known["rows"]) if known else 0)
    if not taken.fed:
        return _rule_missing(job)
    settled = known is not None and known["verdict"] in (GateVerdict.OK, GateVerdict.PARTIAL)
    if known is not None and settled and known["inputs_hash"] == job.inputs_hash:
        with run.engine.begin() as conn:
            return state.carry_over(conn, known, run.as_of, run.clock.now())
    return _rule(job)


def _job(
    conn: Connection,
    run: Run,
    table: str,
    shape: Table,
    suite: Suite,
    suite_hash: str,
    taken: Intake,
    last_rows: int,
) -> _Job:
    batches = raw.batches(run, table, taken)
    released = hold.released_rows(conn, table, batches)
    inputs = state.inputs_hash(
        batches=batches,
        intake=taken,
        shape=shape.model_dump(),
        suite=suite_hash,
        released=sorted(released),
        day=run.as_of if suite.uses(AS_OF) else None,
    )
    return _Job(run, table, shape, suite, taken, batches, released, last_rows, inputs)


def _rule(job: _Job) -> dict[str, int]:
    rows = raw.read(job.run, job.table, job.shape, job.batches)
    keyed = check_keys(rows, job.shape.key)
    checked = rows.take(keyed.kept)
    outcomes = _run_suite(job, checked)
    held = _held_positions(checked, outcomes, job.released)
    good = np.setdiff1d(np.arange(checked.num_rows), held, assume_unique=True)
    judged = Judged(job.table, job.shape, job.taken, rows, keyed, checked, outcomes, held)
    blocked = blocking(judged, good.size)
    counts = {
        "rows_in": rows.num_rows,
        "rows_ready": 0 if blocked else int(good.size),
        "rows_quarantined": 0 if blocked else int(held.size + keyed.missing.size + keyed.conflicting.size),
        "rows_duplicate": keyed.repeated + keyed.superseded,
    }
    version = None if blocked else _write_ready(job, checked, good)
    _store(job, judged, counts, blocked, version)
    return counts


def _run_suite(job: _Job, rows: pa.Table) -> list[Outcome]:
    checks = job.suite.expectations
    types = {name: column.type for name, column in job.shape.columns.items()}
    filled = [arguments(c, types, as_of=job.run.as_of, last_rows=job.last_rows) for c in checks]
    frame = check_frame(rows, {column for check in checks for column in check.columns})
    return run_checks(frame, checks, filled) if checks else []


def _held_positions(rows: pa.Table, outcomes: list[Outcome], released: set[tuple[str, int]]) -> np.ndarray:
    """Positions of the rows that some quarantine check holds and nobody has released."""
    bad = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(o.rows for o in outcomes)]))
    if not released:
        return bad
    ids = rows.select([BATCH, ROW]).take(bad)
    pairs = zip(ids.column(BATCH).to_pylist(), ids.column(ROW).to_pylist(), strict=True)
    return bad[[pair not in released for pair in pairs]]


def _write_ready(job: _Job, rows: pa.Table, good: np.ndarray) -> int:
    schema = raw.arrow_schema(job.shape)
    return job.run.lake.replace(job.table, rows.select(schema.names).take(good).cast(schema), job.run.as_of)


def _store(
    job: _Job, judged: Judged, counts: dict[str, int], blocked: list[str], version: int | None
) -> None:
    partial = counts["rows_quarantined"] or job.taken.absent or job.taken.failing or job.taken.late
    verdict = GateVerdict.BLOCKED if blocked else GateVerdict.PARTIAL if partial else GateVerdict.OK
    ruling = Ruling(
        table=job.table,
        as_of=job.run.as_of,
        verdict=verdict,
        inputs_hash=job.inputs_hash,
        message=message(judged, counts, blocked),
        raw_version=job.run.lake.version("raw", job.table),
        ready_version=version,
        counts=counts,
        results=result_rows(judged, counts),
    )
    with job.run.engine.begin() as conn:
        if not blocked:
            hold.replace_held(conn, job.table, job.run.as_of, held_rows(judged))
        state.write(conn, ruling, job.run.clock.now())
    job.run.say(ruling.message or _("表 {table} 通过", table=job.table))


def _rule_missing(job: _Job) -> dict[str, int]:
    said = _("表 {table} 还没有任何数据：先拉取它的数据源", table=job.table)
    ruling = Ruling(job.table, job.run.as_of, GateVerdict.MISSING, job.inputs_hash, said)
    with job.run.engine.begin() as conn:
        state.write(conn, ruling, job.run.clock.now())
    return dict(NOTHING)
