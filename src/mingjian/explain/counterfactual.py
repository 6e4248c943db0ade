"""What would make a warning not fire: other parameter values, and single rows without which nothing is left.

Each answer is found by running the model again, for this one subject, on the very snapshot the warning was made from;
nothing is derived from the text of its SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mingjian.domain.model import Model

DOUBLINGS = 12
HALVINGS = 12

Fires = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Threshold:
    """With `name` at `value` (now `now`) or further in that direction the model would not have fired."""

    name: str
    now: float
    value: float


def thresholds(model: Model, params: dict[str, Any], fires: Fires) -> list[Threshold]:
    """For each numeric parameter the nearest value that silences the warning, upwards or downwards, if there is one.

    `fires(values)` says whether the model still fires with these values. Whole parameters get whole answers;
    others are found to a thousandth of the way.
    """
    found = []
    for name in model.params:
        now = params.get(name)
        if isinstance(now, bool) or not isinstance(now, int | float):
            continue
        for direction in (1, -1):
            quiet = _nearest(now, direction, partial(_fires_at, fires, params, name))
            if quiet is not None:
                found.append(Threshold(name, now, quiet))
    return found


def _fires_at(fires: Fires, params: dict[str, Any], name: str, value: float) -> bool:
    return fires({**params, name: value})


def _nearest(now: float, direction: int, still: Callable[[float], bool]) -> float | None:
    """The value nearest to `now` at which it is quiet, by doubling the step and then halving the gap."""
    whole = isinstance(now, int)
    step: float = 1 if whole else abs(now) / 8 or 1.0
    loud: float = now
    for _attempt in range(DOUBLINGS):
        tried = now + direction * step
        if tried < 0 <= now:
            tried = 0 if whole else 0.0
        if tried == loud:
            return None
        if not still(tried):
            return _between(loud, tried, whole, still)
        loud, step = tried, step * 2
    return None


def _between(loud: float, quiet: float, whole: bool, still: Callable[[float], bool]) -> float:
    for _attempt in range(HALVINGS if not whole else 64):
        if whole and abs(quiet - loud) <= 1:
            break
        middle = (loud + quiet) // 2 if whole else (loud + quiet) / 2
        loud, quiet = (middle, quiet) if still(middle) else (loud, middle)
    return quiet if whole else float(f"{quiet:.4g}")
