"""A series with what was expected, the line above which it alarms, its alarms and declared events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from datetime import date
from itertools import groupby, zip_longest

from markupsafe import Markup

from mingjian.domain.i18n import pick
from mingjian.explain.pictured import Event, Point
from mingjian.web.pictures.plot import GAP, Plot, foot_labels, text_width, value_axis
from mingjian.web.pictures.svg import XY, path, picture, tag
from mingjian.web.pictures.ticks import number_ticks
from mingjian.web.pictures.time_axis import TimeAxis

LEAST_BAR = 2.4  # SVG units for one period; denser series are drawn as a line
HEADING = 16  # room for the names of events


def draw_curve(
    plot: Plot,
    points: Sequence[Point],
    events: Sequence[Event],
    partial: Set[date],
    said: str,
    hover: Callable[[Point], str] | None = None,
) -> Markup:
    """The picture of a series in order of time, periods in `partial` hollow; `hover` gives the text over a period."""
    plot = plot.with_heading(HEADING) if events else plot
    time = TimeAxis.over(plot, points)
    sparse = time.width >= LEAST_BAR
    ticks = number_ticks(
        max(v for p in points for v in (p.n, p.expected, p.upper) if v is not None),
        whole=all(p.n == int(p.n) for p in points),
    )

    def at(day: date, value: float) -> XY:
        return time.x(day), plot.y(value / ticks[-1])

    parts = [
        *_shades(time, events),
        *value_axis(plot, ticks),
        *_bands(points, at),
        *(_bars(time, points, partial, at) if sparse else ()),
        *_lines(points, at),
        *(() if sparse else _line(points, at)),
        *(_mark(*at(p.t, p.n)) for p in points if p.alarm),
        *_event_names(plot, time, events),
        *foot_labels(plot, [(time.x(day), text) for day, text in time.ticks()]),
    ]
    if hover:
        parts += [
            tag("rect", tag("title", hover(p)), x=time.x(p.t) - time.width / 2, y=plot.top,
                width=time.width, height=plot.floor - plot.top, class_="p-hover")
            for p in points
        ]  # fmt: skip
    return picture(plot.size, parts, f"picture {plot.name}", said)


def _runs(points: Sequence[Point], has: Callable[[Point], bool]) -> Iterator[list[Point]]:
    """Stretches of neighbouring points that have a value."""
    for held, run in groupby(points, key=has):
        if held:
            yield list(run)


def _bands(points: Sequence[Point], at: Callable[[date, float], XY]) -> Iterator[Markup]:
    """What may happen without anything unusual: from the expected value up to the alarm line."""
    for run in _runs(points, lambda p: p.expected is not None and p.upper is not None):
        if len(run) > 1:
            above = [at(p.t, p.upper or 0.0) for p in run]
            below = [at(p.t, p.expected or 0.0) for p in reversed(run)]
            yield path(above + below, "p-band", closed=True)


def _lines(points: Sequence[Point], at: Callable[[date, float], XY]) -> Iterator[Markup]:
    for run in _runs(points, lambda p: p.upper is not None):
        yield path([at(p.t, p.upper or 0.0) for p in run], "p-upper")
    for run in _runs(points, lambda p: p.expected is not None):
        yield path([at(p.t, p.expected or 0.0) for p in run], "p-expected")


def _bars(
    time: TimeAxis, points: Sequence[Point], partial: Set[date], at: Callable[[date, float], XY]
) -> Iterator[Markup]:
    width = min(0.72 * time.width, 26)
    for p in points:
        x, y = at(p.t, p.n)
        class_ = "p-alarm" if p.alarm else "p-partial" if p.t in partial else "p-seen"
        yield tag("rect", x=x - width / 2, y=y, width=width, height=time.plot.floor - y, class_=class_)


def _line(points: Sequence[Point], at: Callable[[date, float], XY]) -> Iterator[Markup]:
    yield path([at(p.t, p.n) for p in points], "p-series")
    for p in points:
        if p.alarm:
            x, y = at(p.t, p.n)
            yield tag("circle", cx=x, cy=y, r=2.4, class_="p-alarm")


def _mark(x: float, y: float) -> Markup:
    """A pointer above an alarm, so that it is seen without colour too."""
    return path([(x - 4, y - 10), (x + 4, y - 10), (x, y - 4)], "p-alarm", closed=True)


def _shades(time: TimeAxis, events: Sequence[Event]) -> Iterator[Markup]:
    for event in events:
        edges = time.between(event)
        if edges:
            start, end = edges
            yield tag("rect", x=start, y=time.plot.top, width=end - start, height=time.plot.floor - time.plot.top,
                      class_="p-event")  # fmt: skip


def _event_names(plot: Plot, time: TimeAxis, events: Sequence[Event]) -> Iterator[Markup]:
    """The name over the shade where there is room before the next one, else the event's number in the list below."""
    placed = [(sum(edges) / 2, n, e) for n, e in enumerate(events, 1) if (edges := time.between(e))]
    taken = 0.0
    for (x, n, event), after in zip_longest(placed, placed[1:]):
        room = after[0] - text_width(str(after[1])) if after else plot.end
        for said, limit in ((f"{n} {pick({'zh': event.zh, 'en': event.en})}", room), (str(n), plot.end)):
            half = text_width(said) / 2
            middle = min(max(x, plot.left + half), plot.end - half)
            if taken <= middle - half and middle + half <= limit:
                yield tag("text", said, x=middle, y=plot.top - 15, text_anchor="middle", class_="p-name")
                taken = middle + half + GAP
                break
