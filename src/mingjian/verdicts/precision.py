"""A model's precision: of what it told and people judged, how much was confirmed. Formulas: docs/rechecks.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy.stats import CensoredData, ecdf

from mingjian.domain.level import Level
from mingjian.domain.recheck import RecheckResult
from mingjian.domain.verdict import CountsAs, code_of, counts_as
from mingjian.domain.warning import CONFIRMED_STATES, WarningState
from mingjian.verdicts.interval import Proportion, of_counts, of_weighted

_DAY = timedelta(days=1)
_SETTLED = {
    WarningState.CLOSED_DATA: "FP06",
    WarningState.CLOSED_POLICY: "FP10",
}


@dataclass(frozen=True)
class Told:
    """One warning and what became of it. `counts` is None while no verdict stands; `qa` a check (wrong, its share)."""

    model: str
    version: int
    level: Level
    subject_id: str
    told_at: datetime
    counts: CountsAs | None = None
    code: str = ""
    said_at: datetime | None = None
    qa: tuple[bool, float] | None = None

    @property
    def judged(self) -> bool:
        """It says something of the model."""
        return self.counts in (CountsAs.CONFIRMED, CountsAs.FALSE)


@dataclass(frozen=True)
class Precision:
    """Figures of one model (or one version of it).

    `all` counts every verdict there is; `mature` only warnings told at least `ripe_days` ago, so that quick verdicts
    do not stand for slow ones; `checked` lets the quality checks of false positives speak for those not checked.
    Each is None where it cannot be said.
    """

    confirmed: int
    false: int
    data_errors: int
    not_counted: int
    open: int
    by_code: dict[str, int] = field(default_factory=dict)
    all: Proportion | None = None
    ripe_days: float | None = None
    mature: Proportion | None = None
    mature_open: int = 0
    checked: Proportion | None = None

    @property
    def judged(self) -> int:
        return self.confirmed + self.false


def told(row: Any) -> Told:
    """A row of `store.verdicts.told_since` as this module knows it."""
    status = WarningState(row.status)
    code, counts = "", None
    if status in CONFIRMED_STATES:
        counts = CountsAs.CONFIRMED
    elif status is WarningState.CLOSED_FP:
        known = code_of(row.said or "")
        code = known.code if known else ""
        counts = counts_as(code)
    elif status in _SETTLED:
        code = _SETTLED[status]
        counts = counts_as(code)
    qa = None if row.qa_result is None else (row.qa_result == RecheckResult.FALSE, row.qa_share)
    said_at = row.said_at if counts else None
    return Told(
        row.model, row.model_version, Level(row.level), row.subject_id, row.told_at, counts, code, said_at, qa
    )


def precision_of(rows: Sequence[Told], now: datetime, ripe_share: float) -> Precision:
    """The figures of these warnings, all of one model; `ripe_share` as in the policy's reviews."""
    counted = Counter(r.counts for r in rows)
    confirmed, false = counted[CountsAs.CONFIRMED], counted[CountsAs.FALSE]
    ripe = ripe_days(rows, now, ripe_share)
    old = [r for r in rows if ripe is not None and r.told_at <= now - ripe * _DAY]
    judged = [r for r in old if r.judged]
    return Precision(
        confirmed,
        false,
        counted[CountsAs.DATA_ERROR],
        counted[CountsAs.NOT_COUNTED],
        counted[None],
        dict(sorted(Counter(r.code for r in rows if r.code).items())),
        of_counts(confirmed, confirmed + false),
        ripe,
        of_counts(sum(r.counts is CountsAs.CONFIRMED for r in judged), len(judged)),
        sum(r.counts is None for r in old),
        _checked(rows),
    )


def ripe_days(rows: Iterable[Told], now: datetime, share: float) -> float | None:
    """Days until this share of verdicts is reached, by Kaplan and Meier (1958); None before the first verdict.

    Warnings still open are delays not yet over, not delays unknown: left out, they would make verdicts look quick.
    Where fewer ever come, the longest delay seen.
    """
    over, open_ = [], []
    for r in rows:
        if r.said_at is not None:
            over.append((r.said_at - r.told_at) / _DAY)
        elif r.counts is None:
            open_.append(max((now - r.told_at) / _DAY, 0.0))
    if not over:
        return None
    survival = ecdf(CensoredData(uncensored=over, right=open_)).sf
    reached = np.flatnonzero(survival.probabilities <= 1 - share + 1e-9)
    return float(survival.quantiles[reached[0]]) if len(reached) else max(over)


def _checked(rows: Sequence[Told]) -> Proportion | None:
    """Confirmed ones stand for themselves; a checked false positive stands for 1/share, confirmed when it was none.

    None while some level has false positives and no check of them.
    """
    false = [r for r in rows if r.counts is CountsAs.FALSE or r.qa]
    unchecked = {r.level for r in false} - {r.level for r in false if r.qa}
    if unchecked or not false:
        return None
    answers = [(True, 1.0) for r in rows if r.counts is CountsAs.CONFIRMED and not r.qa]
    return of_weighted(answers + [(r.qa[0], 1 / r.qa[1]) for r in false if r.qa])


def by_version(rows: Iterable[Told]) -> dict[tuple[str, int], list[Told]]:
    """Warnings by model and version: another version is another model to be measured."""
    found: defaultdict[tuple[str, int], list[Told]] = defaultdict(list)
    for row in rows:
        found[row.model, row.version].append(row)
    return dict(found)


def by_model(rows: Iterable[Told]) -> dict[str, list[Told]]:
    """Warnings by model."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for row in rows:
        found[row.model].append(row)
    return dict(sorted(found.items()))
