"""Counts still growing: what share of a day's events has been reported by now, and which days to leave unjudged."""

from __future__ import annotations

import numpy as np

COMPLETE = 0.8  # of the events of a day, below which its count is marked and not judged


def triangle(event: np.ndarray, arrival: np.ndarray, n: np.ndarray, today: int, longest: int) -> np.ndarray:
    """The reporting triangle: events by day and delay, (days, longest + 1); NaN where the delay is still to come.

    `event` and `arrival` are day numbers (0 the first day, `today` the last), `n` how many events; what comes later
    than `longest` days counts at `longest`, and what arrives before it happens at 0.
    """
    delay = np.clip(arrival - event, 0, longest)
    known = (event >= 0) & (event <= today) & (arrival <= today)
    found = np.zeros((today + 1, longest + 1))
    np.add.at(found, (event[known], delay[known]), n[known])
    age = today - np.arange(today + 1)
    return np.where(np.arange(longest + 1) <= age[:, None], found, np.nan)


def completeness(reports: np.ndarray) -> np.ndarray:
    """The share of events reported at each age 0 … longest, from reporting triangles (..., days, longest + 1).

    The chain-ladder estimate (Mack 1993), which is the maximum likelihood estimate of the reporting delays under
    right truncation (Lawless 1994): the product of the later steps' growth factors, each taken over the days that
    have seen both ages. Leading axes are series of their own; 1 where no event was ever reported.
    """
    total = np.cumsum(reports, axis=-1)  # NaN from the first age that is still to come
    both = np.isfinite(total[..., 1:])
    before = np.where(both, total[..., :-1], 0.0).sum(axis=-2)
    after = np.where(both, total[..., 1:], 0.0).sum(axis=-2)
    step = np.divide(before, after, out=np.ones_like(before), where=after > 0)
    share = np.cumprod(step[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([share, np.ones((*share.shape[:-1], 1))], axis=-1)


def still_growing(days: int, share: np.ndarray, least: float = COMPLETE) -> np.ndarray:
    """Which of the last `days` days, oldest first and today last, are reported to less than `least`: (..., days).

    `share` is by age as `completeness` gives it; beyond its longest age all is reported.
    """
    age = np.arange(days)[::-1]
    known = np.concatenate([share, np.ones((*share.shape[:-1], 1))], axis=-1)
    return np.asarray(known[..., np.minimum(age, known.shape[-1] - 1)] < least)


def settled_after(days: int) -> np.ndarray:
    """The share by age where only a rule of thumb is known: nothing counts as reported before `days` days."""
    return np.append(np.zeros(days), 1.0)
