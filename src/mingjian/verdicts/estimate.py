"""What a model misses, and so its recall, from the reviews of subjects that it did not flag."""

from __future__ import annotations

from dataclasses import dataclass

from mingjian.verdicts.interval import Proportion, exact


@dataclass(frozen=True)
class Recall:
    """The share of all true cases that the model told, and its bounds from those of the miss rate."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Missed:
    """`rate` of missed among reviewed unflagged subjects; `recall` is None when the model confirmed nothing."""

    rate: Proportion | None
    recall: Recall | None


def missed(hits: int, reviewed: int, unflagged: int, confirmed: int) -> Missed:
    """`hits` missed among `reviewed` of `unflagged` subjects; `confirmed` subjects the model told rightly.

    recall = C / (C + N r). Its bounds take Clopper and Pearson's of the miss rate r, with C as counted.
    """
    rate = exact(hits, reviewed)
    if rate is None or not confirmed:
        return Missed(rate, None)
    return Missed(
        rate,
        Recall(
            _recall(confirmed, unflagged, rate.share),
            _recall(confirmed, unflagged, rate.high),
            _recall(confirmed, unflagged, rate.low),
        ),
    )


def _recall(confirmed: int, unflagged: int, rate: float) -> float:
    return confirmed / (confirmed + unflagged * rate)
