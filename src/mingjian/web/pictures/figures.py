"""A series or a distribution as the page shows it: drawings, a sentence, and every figure in a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from mingjian.domain.i18n import _, pick
from mingjian.explain.pictured import Bar, Event, Point
from mingjian.explain.unusual import figure
from mingjian.web.masking import shorten_tokens
from mingjian.web.pictures.curve import draw_curve
from mingjian.web.pictures.grouped import draw_grouped, in_percent
from mingjian.web.pictures.plot import NARROW, WIDE
from mingjian.web.pictures.time_axis import step_days
from mingjian.web.pictures.words import Words


@dataclass(frozen=True)
class Row:
    """A row of the table beside a drawing; alarms and the like stand out."""

    cells: list[str]
    stands_out: bool


@dataclass(frozen=True)
class Figures:
    """A drawing for wide and one for narrow pages, what they show in a sentence, and the same as a table."""

    title: str
    said: str
    drawings: list[Markup]
    columns: list[str]
    rows: list[Row]
    events: list[str] = field(default_factory=list)
    has_band: bool = False
    has_alarms: bool = False
    has_partial: bool = False


def curve_figures(
    points: Sequence[Point], events: Sequence[Event], growing: int, words: Words
) -> Figures | None:
    """A series in its order of time with the events that fall into it; None without points.

    The last `growing` periods are shown as not reported in full.
    """
    points = sorted((p for p in points if not math.isnan(p.n)), key=lambda p: p.t)
    if not points:
        return None
    partial = {p.t for p in points[len(points) - growing :]}
    first, last = points[0].t, points[-1].t
    known = sorted((e for e in events if e.last >= first and e.first <= last), key=lambda e: e.first)
    title = words.title("curve", _counted(step_days(points)), unit_from="n")
    said = _curve_said(points)
    return Figures(
        title=title,
        said=said,
        drawings=[
            draw_curve(WIDE, points, known, partial, f"{title} · {said}", hover=_point_said),
            draw_curve(NARROW, points, known, partial, f"{title} · {said}"),
        ],
        columns=[_("日期"), _("实际"), _("预期"), _("报警线"), _("备注")],
        rows=[_point_row(p, p.t in partial) for p in reversed(points)],
        events=[_event_said(e) for e in known],
        has_band=any(p.upper is not None for p in points),
        has_alarms=any(p.alarm for p in points),
        has_partial=bool(partial),
    )


def bar_figures(bars: Sequence[Bar], words: Words) -> Figures | None:
    """A distribution in its own order, the class furthest above its expected size named; None without classes."""
    if not bars:
        return None
    shares = in_percent(bars)
    show, unit = (_percent, "%") if shares else (figure, "")
    bars = [bar.model_copy(update={"label": shorten_tokens(bar.label)}) for bar in shares or bars]
    widest = max(bars, key=lambda b: b.observed - b.expected)
    title = words.title("bars", _("实际与预期的分布"))
    said = _("超出预期最多的是 {which}。", which=_bar_said(widest, show))
    return Figures(
        title=title,
        said=said,
        drawings=[
            draw_grouped(plot, bars, f"{title} · {said}", lambda bar: _bar_said(bar, show), unit)
            for plot in (WIDE, NARROW)
        ],
        columns=[_("组别"), _("实际"), _("预期"), _("相差")],
        rows=[_bar_row(bar, show, bar is widest) for bar in bars],
    )


def _counted(step: float) -> str:
    """What a series without a label of its own counts, by the days between its periods."""
    if step == 1:
        return _("每日数量")
    if step == 7:
        return _("每周数量")
    return _("每月数量") if 28 <= step <= 31 else _("各期数量")


def _curve_said(points: Sequence[Point]) -> str:
    span = _("{a} 至 {b}", a=points[0].t, b=points[-1].t)
    alarms = [p for p in points if p.alarm]
    if not alarms:
        return _("{span}，没有报警。", span=span)
    latest = _point_said(alarms[-1])
    return _("{span}，报警 {n} 期，最近一期 {latest}。", span=span, n=len(alarms), latest=latest)


def _point_said(p: Point) -> str:
    if p.expected is None or p.upper is None:
        return _("{day}：实际 {n}", day=p.t, n=figure(p.n))
    return _(
        "{day}：实际 {n}，预期 {expected}，报警线 {upper}",
        day=p.t,
        n=figure(p.n),
        expected=figure(p.expected),
        upper=figure(p.upper),
    )


def _point_row(p: Point, partial: bool) -> Row:
    noted = _("报警") if p.alarm else _("未报齐") if partial else ""
    return Row([p.t.isoformat(), figure(p.n), figure(p.expected), figure(p.upper), noted], p.alarm)


def _event_said(event: Event) -> str:
    name = pick({"zh": event.zh, "en": event.en})
    days = str(event.first)
    if event.last > event.first:
        days = _("{a} 至 {b}", a=event.first, b=event.last)
    return f"{name} {days}"


def _percent(value: float) -> str:
    return f"{value:.1f}%"


def _bar_said(bar: Bar, show: Callable[[float], str]) -> str:
    return _(
        "{label}：实际 {n}，预期 {expected}",
        label=bar.label,
        n=show(bar.observed),
        expected=show(bar.expected),
    )


def _bar_row(bar: Bar, show: Callable[[float], str], stands_out: bool) -> Row:
    more = bar.observed - bar.expected
    sign = "+" if more > 0 else ""
    return Row([bar.label, show(bar.observed), show(bar.expected), sign + show(more)], stands_out)
