"""The time axis of a series: where a period, a day or an event stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from mingjian.explain.pictured import Event, Point
from mingjian.web.pictures.plot import Plot
from mingjian.web.pictures.ticks import date_ticks

LEAST_SHADE = 3.0  # SVG units; a narrower event would not be seen
LABEL_ROOM = 68  # for one label


def step_days(points: Sequence[Point]) -> float:
    """Days from one period to the next: 1 for days, 7 for weeks, about 30 for months."""
    gaps = [(b.t - a.t).days for a, b in pairwise(points)]
    return max(float(median(gaps)), 1.0) if gaps else 1.0


@dataclass(frozen=True)
class TimeAxis:
    """Days along the plot; a period goes by the day of its point and is `width` SVG units wide.

    A week's point may be any day of it; `lag` is how many days that lies after the Monday.
    """

    plot: Plot
    first: date
    last: date
    step: float
    lag: int

    @classmethod
    def over(cls, plot: Plot, points: Sequence[Point]) -> TimeAxis:
        """The axis of a series in order of time."""
        step, first = step_days(points), points[0].t
        return cls(plot, first, points[-1].t, step, first.weekday() if step == 7 else 0)

    @property
    def span(self) -> float:
        """Days over the whole plot, half a period to spare at either end."""
        return (self.last - self.first).days + self.step

    @property
    def width(self) -> float:
        return self.step / self.span * (self.plot.end - self.plot.left)

    def x(self, day: date) -> float:
        """The middle of the period whose point this is."""
        return self.plot.x(((day - self.first).days + self.step / 2) / self.span)

    def between(self, event: Event) -> tuple[float, float] | None:
        """Both edges of an event inside the plot; None where it lies outside."""
        start = max(self._edge(event.first), self.plot.left)
        end = min(self._edge(event.last + timedelta(days=1)), self.plot.end)
        if start >= end:
            return None
        spare = max(LEAST_SHADE - (end - start), 0) / 2
        return start - spare, end + spare

    def _edge(self, day: date) -> float:
        """Where a day begins."""
        return self.plot.x(((day - self.first).days + self.lag) / self.span)

    def ticks(self) -> list[tuple[date, str]]:
        """The days to be labelled."""
        return date_ticks(self.first, self.last, int((self.plot.end - self.plot.left) / LABEL_ROOM))
