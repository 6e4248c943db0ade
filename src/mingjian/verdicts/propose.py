"""Models whose verdicts fall below their bar are proposed for shadow; only a model steward's word changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import RowMapping

from mingjian.domain.model import Model
from mingjian.domain.review import ProposalState, ReviewTerms
from mingjian.run import Run
from mingjian.store import proposals, verdicts
from mingjian.verdicts.precision import Precision, by_version, precision_of, told
from mingjian.verdicts.unflagged import live_models

DIGITS = 4


def propose_shadows(run: Run, terms: ReviewTerms) -> int:
    """Propose every live model below its bar that is not proposed yet; returns how many proposals are new."""
    now = run.clock.now()
    with run.engine.begin() as conn:
        rows = by_version(told(r) for r in verdicts.told_since(conn, now - terms.window))
        last = proposals.last_of(conn)
        made = 0
        for model in live_models(run):
            key = (model.id, model.version)
            found = precision_of(rows.get(key, []), now, terms.ripe_share)
            if below_bar(found, bar_of(model, terms), terms) and _asks_again(last.get(key), found, terms):
                figures = figures_of(found, bar_of(model, terms))
                made += proposals.propose(conn, model.id, model.version, figures, now) is not None
    return made


def bar_of(model: Model, terms: ReviewTerms) -> float:
    """The precision a model must keep: a rule's, or a statistical model's."""
    return terms.rule_bar if model.detector is None else terms.statistical_bar


def below_bar(found: Precision, bar: float, terms: ReviewTerms) -> bool:
    """Even the upper bounds lie below the bar, of all verdicts and of the mature ones, and there are enough.

    The mature ones guard against quick refusals that come before slow confirmations; where checks showed false
    positives that were none, their figure must be below as well.
    """
    if found.all is None or found.mature is None or found.mature.n < terms.least:
        return False
    bounds = [found.all.high, found.mature.high, *([found.checked.high] if found.checked else [])]
    return max(bounds) < bar


def _asks_again(last: RowMapping | None, found: Precision, terms: ReviewTerms) -> bool:
    """After a refusal, not before as many verdicts again have come."""
    if last is None or last["state"] != ProposalState.REJECTED:
        return True
    return found.judged >= last["figures"]["judged"] + terms.least


def figures_of(found: Precision, bar: float) -> dict[str, Any]:
    """What a proposal keeps and its letter says."""
    mature = found.mature
    return {
        "judged": found.judged,
        "confirmed": found.confirmed,
        "open": found.open,
        "by_code": found.by_code,
        "bar": bar,
        **_rounded("all", found.all),
        **_rounded("mature", mature),
        **_rounded("checked", found.checked),
        "ripe_days": None if found.ripe_days is None else round(found.ripe_days, 1),
    }


def _rounded(name: str, p: Any) -> dict[str, float]:
    values: Iterable[tuple[str, float]] = (
        () if p is None else (("share", p.share), ("low", p.low), ("high", p.high))
    )
    return {f"{name}_{k}": round(v, DIGITS) for k, v in values}
