"""The ground of a picture: its size, its margins, and the grid with the marks of the value axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from mingjian.web.pictures.svg import tag
from mingjian.web.pictures.ticks import number_label

FONT = 12  # as style.css has it for .picture text
GAP = 6  # between two labels


@dataclass(frozen=True)
class Plot:
    """A drawing area in SVG units. Pages hold a wide and a narrow one and show the one that fits the screen."""

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height

    @property
    def floor(self) -> float:
        """Where 0 of the value axis lies."""
        return self.height - self.bottom

    @property
    def end(self) -> float:
        """The right edge of the area."""
        return self.width - self.right

    def with_heading(self, room: float) -> Plot:
        """The same area below a strip for names."""
        return replace(self, height=self.height + room, top=self.top + room)

    def x(self, share: float) -> float:
        """A place along the area, 0 to 1."""
        return self.left + share * (self.end - self.left)

    def y(self, share: float) -> float:
        """A height above the floor, 0 to 1."""
        return self.floor - share * (self.floor - self.top)


WIDE = Plot("wide", 760, 252, left=46, right=10, top=16, bottom=26)
NARROW = Plot("narrow", 330, 216, left=38, right=8, top=16, bottom=26)


def value_axis(plot: Plot, ticks: list[float], unit: str = "") -> list[Markup]:
    """Grid lines with their values; the last tick is the top of the area."""
    drawn = []
    for tick in ticks:
        y = plot.y(tick / ticks[-1])
        drawn.append(tag("line", x1=plot.left, x2=plot.end, y1=y, y2=y, class_="p-grid"))
        drawn.append(tag("text", number_label(tick) + unit, x=plot.left - 6, y=y + 4, text_anchor="end"))
    return drawn


def foot_labels(plot: Plot, labels: Sequence[tuple[float, str]]) -> list[Markup]:
    """Labels below the area at their places along x, kept inside the picture; where two would touch, the right one."""
    drawn, taken = [], plot.width
    for x, said in reversed(labels):
        half = text_width(said) / 2
        middle = min(max(x, half), plot.width - half)
        if middle + half <= taken:
            drawn.append(tag("text", said, x=middle, y=plot.floor + 18, text_anchor="middle"))
            taken = middle - half - GAP
    return drawn


def text_width(said: str) -> float:
    """About how wide a text is: Chinese characters are square, Latin ones about 0.55 of that."""
    return sum(FONT if ord(c) > 0x2E7F else 0.55 * FONT for c in said)
