"""One feature of an outlier on a line: the middle half of the peers, their median, and the value itself.

The strip is stretched to whatever width there is, so it holds no text and nothing round.
"""

from __future__ import annotations

from markupsafe import Markup

from mingjian.explain.pictured import Contribution
from mingjian.web.pictures.svg import tag

WIDTH, HEIGHT = 1000, 26
MARGIN = 0.04  # of the width, on either side
LEAST_BOX = 12.0


def draw_strip(c: Contribution) -> Markup:
    """Decoration beside figures in words, so it is hidden from screen readers."""
    low, high = min(c.value, c.q1, c.median), max(c.value, c.q3, c.median)

    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return WIDTH * (MARGIN + (1 - 2 * MARGIN) * share)

    width = max(x(c.q3) - x(c.q1), LEAST_BOX)
    left = (x(c.q1) + x(c.q3) - width) / 2
    return tag(
        "svg",
        tag("line", x1=0, x2=WIDTH, y1=HEIGHT / 2, y2=HEIGHT / 2, class_="p-track"),
        tag("rect", x=left, y=5, width=width, height=HEIGHT - 10, class_="p-box"),
        tag("line", x1=x(c.median), x2=x(c.median), y1=3, y2=HEIGHT - 3, class_="p-median"),
        tag("line", x1=x(c.value), x2=x(c.value), y1=0, y2=HEIGHT, class_="p-value"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        class_="strip",
        aria_hidden="true",
    )
