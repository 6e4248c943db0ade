"""Pieces of SVG as escaped text: shapes carry classes, never styles, since the pages' policy forbids those inline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

XY = tuple[float, float]


def tag(name: str, *inside: str, **attributes: object) -> Markup:
    """One element. `class_` is written class, `text_anchor` text-anchor; None is left out, text is escaped."""
    written = [
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value is not None
    ]
    head = Markup("<{}{}>").format(name, Markup("").join(written))
    return head + Markup("").join(inside) + Markup("</{}>").format(name)


def path(points: Iterable[XY], class_: str, *, closed: bool = False) -> Markup:
    """A line through points, or the area they enclose."""
    text = " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return tag("path", d=f"M{text}{'Z' if closed else ''}", class_=class_)


def picture(size: Sequence[float], parts: Iterable[Markup], class_: str, said: str) -> Markup:
    """The whole drawing, `said` in its place to those who cannot see it."""
    width, height = size
    return tag(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        class_=class_,
        role="img",
        aria_label=said,
    )


def _value(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
