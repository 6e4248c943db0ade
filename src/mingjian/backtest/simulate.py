"""Walk the weeks from one day to another with one model and one set of values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mingjian.backtest.past import stand_on
from mingjian.backtest.result import Load, Outcome, Skipped, Week
from mingjian.backtest.verdicts import overlap_of, precision_of
from mingjian.detect.engine import Engine, open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.sql import values_of
from mingjian.domain.errors import MingjianError
from mingjian.domain.finding import Finding, fingerprint
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.model import Model, Status
from mingjian.run import Run
from mingjian.store.tables import unit
from mingjian.store.units import owner_units

WEEK = timedelta(days=7)
DISTRICT_DIGITS = 6


@dataclass(frozen=True)
class Comparison:
    """Two sets of values over the same weeks: subjects that both hit, and that only one of them hit."""

    first: Outcome
    second: Outcome
    both: int
    only_first: int
    only_second: int


def backtest(run: Run, model: Model, start: date, end: date, params: dict[str, Any] | None = None) -> Outcome:
    """Simulate the model on `start` and every seventh day after it up to `end`.

    Raises MingjianError when `end` is before `start` or no day at all can be simulated.
    """
    if end < start:
        raise MingjianError(_("止日 {b} 早于起日 {a}", a=start, b=end), hint=_("交换 --from 与 --to"))
    weeks: list[Week] = []
    skipped: list[Skipped] = []
    first_hit: dict[str, tuple[int, Finding]] = {}
    engine = open_engine(spill=run.home / "spill")
    try:
        for day in _days(start, end):
            found = _findings(run, engine, model, day, params)
            if isinstance(found, str):
                skipped.append(Skipped(day, found))
                continue
            new = {fingerprint(f): f for f in found if fingerprint(f) not in first_hit}
            first_hit.update({print_: (len(weeks), f) for print_, f in new.items()})
            levels = Counter(f.level.value for f in new.values())
            weeks.append(Week(day, len(found), len(new), {v.value: levels[v.value] for v in Level}))
    finally:
        engine.close()
    if not weeks:
        raise MingjianError(
            _("没有一天可以回测：{why}", why=skipped[0].reason),
            hint=_("换较近的日期，或先积累快照"),
        )
    values = values_of(model, params)
    return _outcome(run, model, values, weeks, skipped, list(first_hit.values()))


def compare(
    run: Run, model: Model, start: date, end: date, first: dict[str, Any], second: dict[str, Any]
) -> Comparison:
    """The same weeks with two sets of values."""
    a, b = (backtest(run, model, start, end, values) for values in (first, second))
    both = len(a.subjects & b.subjects)
    return Comparison(a, b, both, len(a.subjects) - both, len(b.subjects) - both)


def _days(start: date, end: date) -> Iterator[date]:
    while start <= end:
        yield start
        start += WEEK


def _findings(
    run: Run, engine: Engine, model: Model, day: date, params: dict[str, Any] | None
) -> list[Finding] | str:
    worker = engine.worker()
    try:
        if missing := stand_on(run, worker, model, day):
            return missing
        return findings_of(worker, model, run.content.tables, day, overrides=params)
    finally:
        worker.close()


def _outcome(
    run: Run,
    model: Model,
    values: dict[str, Any],
    weeks: list[Week],
    skipped: list[Skipped],
    hits: list[tuple[int, Finding]],
) -> Outcome:
    subjects = frozenset((f.subject_kind, f.subject_id) for _week, f in hits)
    live = [m.id for m in run.content.models.values() if m.status is Status.LIVE]
    with run.engine.connect() as conn:
        overlap = overlap_of(conn, model.id, live, subjects)
        precision = precision_of(conn, model.id, subjects)
    return Outcome(
        model=model.id,
        version=model.version,
        params=values,
        weeks=weeks,
        skipped=skipped,
        overlap=overlap,
        precision=precision,
        load=_load(run, model, len(weeks), hits),
        subjects=subjects,
    )


def _load(run: Run, model: Model, weeks: int, hits: list[tuple[int, Finding]]) -> list[Load]:
    """New alerts by unit. The first week holds all that stood before it, so it is left out of the average."""
    owner = run.content.sectors[model.sector].owners[model.owner]
    by_district: defaultdict[str | None, Counter[int]] = defaultdict(Counter)
    for week, found in hits:
        if week:
            by_district[found.region_code[:DISTRICT_DIGITS] if found.region_code else None][week] += 1
    with run.engine.connect() as conn:
        owning = owner_units(conn, [owner], list(by_district))
        ids = {owning[owner.line, d].unit_id for d in by_district}
        named = {row.id: row.name for row in conn.execute(select(unit).where(unit.c.id.in_(ids)))}
        conn.rollback()  # a stand-in unit made while asking is not a change anybody asked for
    by_unit: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for district, counts in by_district.items():
        by_unit[owning[owner.line, district].unit_id].update(counts)
    loads = [
        Load(
            unit_id,
            named.get(unit_id, unit_id),
            round(sum(c.values()) / max(1, weeks - 1), 2),
            max(c.values()),
        )
        for unit_id, c in by_unit.items()
    ]
    return sorted(loads, key=lambda load: (-load.per_week, load.unit))
