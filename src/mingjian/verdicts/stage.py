"""The verdicts stage: this month's reviews are drawn, and models below their bar are proposed for shadow."""

from __future__ import annotations

from mingjian.run import Run
from mingjian.verdicts.propose import propose_shadows
from mingjian.verdicts.unflagged import draw_month


def learn_from_verdicts(run: Run) -> dict[str, int]:
    """May be run again at any time: a month is drawn once for a model, a model has one open proposal at most."""
    terms = run.content.policy.reviews
    return {**draw_month(run, terms), "proposed": propose_shadows(run, terms)}
