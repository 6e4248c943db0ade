"""Observed beside expected, class by class: first digits against Benford's law."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from mingjian.explain.pictured import Bar
from mingjian.web.pictures.plot import Plot, foot_labels, value_axis
from mingjian.web.pictures.svg import picture, tag
from mingjian.web.pictures.ticks import number_ticks

FILLED = 0.76  # of a class's width
ROUNDING = 0.5  # per cent that rounded shares may miss their sum by


def in_percent(bars: Sequence[Bar]) -> list[Bar] | None:
    """The bars in per cent where both sides are parts of one whole (their sum is 1 or 100), else None."""
    for times in (100, 1):
        found = [_times(bar, times) for bar in bars]
        if all(
            abs(sum(side) - 100) < ROUNDING
            for side in zip(*[(b.observed, b.expected) for b in found], strict=True)
        ):
            return found
    return None


def draw_grouped(
    plot: Plot, bars: Sequence[Bar], said: str, hover: Callable[[Bar], str], unit: str = ""
) -> Markup:
    """Two bars a class, observed to the left; `unit` follows each mark of the value axis."""
    ticks = number_ticks(max(max(b.observed, b.expected) for b in bars), whole=True)
    each = (plot.end - plot.left) / len(bars)
    half = min(FILLED * each / 2, 24)
    parts = value_axis(plot, ticks, unit)
    for n, bar in enumerate(bars):
        middle = plot.left + (n + 0.5) * each
        pair = [(middle - half, bar.observed, "p-observed"), (middle, bar.expected, "p-reference")]
        drawn = [
            tag("rect", x=x, y=plot.y(size / ticks[-1]), width=half, class_=class_,
                height=plot.floor - plot.y(size / ticks[-1]))
            for x, size, class_ in pair
        ]  # fmt: skip
        parts.append(tag("g", tag("title", hover(bar)), *drawn))
    parts += foot_labels(plot, [(plot.left + (n + 0.5) * each, bar.label) for n, bar in enumerate(bars)])
    return picture(plot.size, parts, f"picture {plot.name}", said)


def _times(bar: Bar, times: float) -> Bar:
    return Bar(label=bar.label, observed=times * bar.observed, expected=times * bar.expected)
