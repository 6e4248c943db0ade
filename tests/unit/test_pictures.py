"""Pictures from data: nothing leaves the drawing, nothing is unescaped, gaps stay gaps, marks stand where they should."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import set_language
from mingjian.explain.pictured import Bar, Contribution, Event, Point, TypicalPeer, is_listed, read
from mingjian.explain.unusual import figure, ranked, unusual_words
from mingjian.web.pictures.curve import draw_curve
from mingjian.web.pictures.grouped import draw_grouped, in_percent
from mingjian.web.pictures.plot import NARROW, WIDE, Plot, text_width
from mingjian.web.pictures.strip import draw_strip
from mingjian.web.pictures.svg import tag
from mingjian.web.pictures.ticks import date_ticks, number_label, number_ticks

MONDAY = date(2026, 3, 2)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    yield
    set_language(None)


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314 - our own output


def series(
    counts: list[float], step: int = 1, last: date = MONDAY, alarms: tuple[int, ...] = ()
) -> list[Point]:
    first = last - timedelta(days=step * (len(counts) - 1))
    return [
        Point(t=first + timedelta(days=step * i), n=n, expected=5, upper=9, alarm=i in alarms)
        for i, n in enumerate(counts)
    ]


def drawn(
    points: list[Point],
    events: list[Event] | None = None,
    plot: Plot = WIDE,
    partial: frozenset[date] = frozenset(),
) -> ElementTree.Element:
    return parsed(draw_curve(plot, points, events or [], partial, "said"))


def of_class(svg: ElementTree.Element, class_: str) -> list[ElementTree.Element]:
    return [e for e in svg.iter() if e.get("class") == class_]


def edges(rect: ElementTree.Element) -> tuple[float, float]:
    x = float(rect.get("x", "nan"))
    return x, x + float(rect.get("width", "nan"))


def event(first: date, last: date, zh: str = "停水", en: str = "outage") -> Event:
    return Event.model_validate({"from": first, "to": last, "zh": zh, "en": en})


def far(feature: str, value: float, share: float) -> Contribution:
    return Contribution(feature=feature, value=value, share=share, median=2, q1=1, q3=3, z=value)


POINTS = st.lists(
    st.builds(
        lambda n, expected, more, alarm: (n, expected, None if expected is None else expected + more, alarm),
        st.floats(0, 1e7),
        st.none() | st.floats(0, 1e6),
        st.floats(0, 1e5),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@given(rows=POINTS, step=st.sampled_from([1, 7, 30]), plot=st.sampled_from([WIDE, NARROW]))
def test_all_that_is_drawn_lies_inside_the_picture(rows: list[Any], step: int, plot: Plot) -> None:
    points = [
        Point(t=MONDAY + timedelta(days=step * i), n=n, expected=e, upper=u, alarm=alarm)
        for i, (n, e, u, alarm) in enumerate(rows)
    ]
    svg = drawn(points, [event(MONDAY - timedelta(days=9), MONDAY + timedelta(days=9))], plot)
    _x, _y, width, height = map(float, svg.attrib["viewBox"].split())
    for shape in svg.iter("{http://www.w3.org/2000/svg}rect"):
        left, right = edges(shape)
        assert -1 <= left <= right <= width + 1
        assert -1 <= float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height
    for line in svg.iter("{http://www.w3.org/2000/svg}path"):
        numbers = [float(n) for n in NUMBER.findall(line.attrib["d"])]
        assert all(-1 <= x <= width + 1 for x in numbers[::2])
        assert all(-1 <= y <= height for y in numbers[1::2])


def test_each_period_is_a_bar_and_each_alarm_is_marked_without_colour_too() -> None:
    svg = drawn(series([4, 5, 30, 6, 40], alarms=(2, 4)))
    assert len(of_class(svg, "p-seen")) == 3
    assert [e.tag.rpartition("}")[2] for e in of_class(svg, "p-alarm")].count("path") == 2


def test_a_series_too_dense_for_bars_is_a_line_with_its_alarms() -> None:
    svg = drawn(series([5.0] * 600 + [50.0], alarms=(600,)))
    assert len(of_class(svg, "p-series")) == 1
    assert of_class(svg, "p-seen") == []
    assert len(of_class(svg, "p-alarm")) == 2  # the point and its mark


def test_the_band_stops_where_nothing_was_judged() -> None:
    points = series([5.0] * 9)
    gap = [
        p.model_copy(update={"expected": None, "upper": None}) if i == 4 else p for i, p in enumerate(points)
    ]
    assert len(of_class(drawn(points), "p-band")) == 1
    assert len(of_class(drawn(gap), "p-band")) == 2
    assert len(of_class(drawn(gap), "p-upper")) == 2


def test_periods_not_reported_in_full_are_hollow() -> None:
    points = series([5, 6, 2])
    svg = drawn(points, partial=frozenset({points[-1].t}))
    assert [edges(e) for e in of_class(svg, "p-partial")] == [edges(of_class(drawn(points), "p-seen")[2])]


@pytest.mark.parametrize("weekday", [0, 6], ids=["by its Monday", "by its Sunday"])
def test_an_event_lies_over_the_week_it_fell_into(weekday: int) -> None:
    points = series([5.0] * 10, step=7, last=MONDAY + timedelta(days=weekday))
    wednesday = MONDAY + timedelta(days=2 - 21)
    svg = drawn(points, [event(wednesday, wednesday)])
    left, right = edges(of_class(svg, "p-event")[0])
    bar_left, bar_right = edges(of_class(svg, "p-seen")[6])
    assert bar_left < (left + right) / 2 < bar_right


def test_an_event_outside_the_series_is_not_drawn() -> None:
    long_ago = MONDAY - timedelta(days=400)
    assert of_class(drawn(series([5, 5]), [event(long_ago, long_ago)]), "p-event") == []


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=8), st.sampled_from([WIDE, NARROW])
)
def test_names_of_events_never_overlap(spans: list[tuple[int, int]], plot: Plot) -> None:
    points = series([5.0] * 61)
    first = points[0].t
    events = sorted(
        (event(first + timedelta(days=a), first + timedelta(days=a + n), "春节假期") for a, n in spans),
        key=lambda e: e.first,
    )
    names = of_class(drawn(points, events, plot), "p-name")
    halves = [(float(e.attrib["x"]), text_width(e.text or "") / 2) for e in names]
    assert all(a + half <= b - other + 0.2 for (a, half), (b, other) in pairwise(halves))


def test_an_event_goes_by_its_name_in_the_readers_language() -> None:
    set_language("en")
    names = of_class(drawn(series([5.0] * 20), [event(MONDAY, MONDAY, en="Storm")]), "p-name")
    assert [e.text for e in names] == ["1 Storm"]


def test_text_and_attributes_are_escaped_and_no_style_is_written() -> None:
    text = "<script>\"'&"
    assert parsed(tag("text", text, aria_label=text)).attrib["aria-label"] == text
    bad = [event(MONDAY, MONDAY, text, text)]
    svg = draw_curve(WIDE, series([5, 5]), bad, frozenset(), text, hover=lambda _point: text)
    bars = draw_grouped(WIDE, [Bar(label=text, observed=1, expected=2)], text, lambda _bar: text)
    for picture in (svg, bars):
        names = {name for e in parsed(picture).iter() for name in e.attrib}
        assert "<script" not in picture
        assert not any(name == "style" or name.startswith("on") for name in names)


@given(st.floats(1e-6, 1e12), st.booleans())
def test_value_marks_are_even_round_and_reach_the_top(largest: float, whole: bool) -> None:
    ticks = number_ticks(largest, whole=whole)
    steps = [b - a for a, b in pairwise(ticks)]
    assert ticks[0] == 0 and ticks[-1] >= largest * (1 - 1e-6)
    assert 2 <= len(ticks) <= 6
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)
    assert not whole or all(tick == int(tick) for tick in ticks)


def test_large_marks_are_short_in_each_language() -> None:
    set_language("zh")
    assert number_label(1_500_000) == "150万"
    set_language("en")
    assert number_label(1_500_000) == "1.5M"


@given(st.integers(0, 20_000), st.integers(2, 12))
def test_date_marks_are_few_in_order_and_in_range(days: int, most: int) -> None:
    first = MONDAY - timedelta(days=days)
    ticks = [day for day, _said in date_ticks(first, MONDAY, most)]
    assert 1 <= len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert first <= ticks[0] and ticks[-1] <= MONDAY


def test_date_marks_say_days_then_months_then_years() -> None:
    set_language("zh")
    labels = [
        [said for _day, said in date_ticks(MONDAY - timedelta(days=days), MONDAY, 4)]
        for days in (14, 200, 900)
    ]
    assert labels == [
        ["2月16日", "2月23日", "3月2日"],
        ["2025年9月", "2025年11月", "2026年1月", "2026年3月"],
        ["2024年", "2025年", "2026年"],
    ]


@pytest.mark.parametrize(
    ("observed", "expected", "percent"),
    [
        ((0.3, 0.7), (0.5, 0.5), [30, 70]),
        ((30.1, 69.9), (50, 50), [30.1, 69.9]),
        ((3, 7), (5, 5), None),
        ((0.3, 0.7), (5, 5), None),
    ],
)
def test_parts_of_one_whole_are_told_in_per_cent(
    observed: tuple[float, float], expected: tuple[float, float], percent: list[float] | None
) -> None:
    bars = [Bar(label="x", observed=o, expected=e) for o, e in zip(observed, expected, strict=True)]
    found = in_percent(bars)
    assert (found and [b.observed for b in found]) == (percent and pytest.approx(percent))


def test_labels_of_many_classes_are_thinned_until_none_overlap() -> None:
    bars = [Bar(label=f"{n}–{n + 2}", observed=n, expected=n + 1) for n in range(90)]
    svg = parsed(draw_grouped(NARROW, bars, "said", lambda bar: bar.label))
    feet = sorted(
        (float(e.attrib["x"]), text_width(e.text or "") / 2)
        for e in svg.iter("{http://www.w3.org/2000/svg}text")
        if e.get("text-anchor") == "middle"
    )
    assert 2 < len(feet) < 90
    assert all(a + half < b - other for (a, half), (b, other) in pairwise(feet))


@pytest.mark.parametrize(("value", "right"), [(50.0, True), (-50.0, False)])
def test_a_strip_puts_the_value_on_its_side_of_the_peers(value: float, right: bool) -> None:
    svg = parsed(draw_strip(far("x", value, 1)))
    box_left, box_right = edges(of_class(svg, "p-box")[0])
    at = float(of_class(svg, "p-value")[0].attrib["x1"])
    assert (at > box_right) if right else (at < box_left)


def test_a_strip_of_a_value_that_all_share_can_be_drawn() -> None:
    same = Contribution(feature="x", value=2, share=1, median=2, q1=2, q3=2, z=0)
    assert len(of_class(parsed(draw_strip(same)), "p-value")) == 1


def test_data_may_come_as_json_text_with_gaps() -> None:
    points = read(
        {"curve": json.dumps([{"t": "2026-03-02 00:00:00", "n": None, "expected": float("nan")}])},
        "curve",
        Point,
    )
    assert points[0].t == MONDAY and math.isnan(points[0].n) and points[0].expected is None
    assert read({}, "curve", Point) == []


@pytest.mark.parametrize("value", [[{"t": "soon", "n": 1}], "not json", {"t": "2026-03-02"}, 7])
def test_data_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(ContentError):
        read({"curve": value}, "curve", Point)


def test_a_peer_gives_only_numbers_by_feature() -> None:
    peer = TypicalPeer.model_validate({"id": "x", "amount": 3, "name": "secret"})
    assert (peer.value("amount"), peer.value("name"), peer.value("absent")) == (3.0, None, None)


def test_data_for_pictures_and_structures_are_not_listed() -> None:
    assert [
        n
        for n, v in {"n": 3, "curve": [], "places": ["a"], "fit": {"rows": 3}, "odd": [{}]}.items()
        if is_listed(n, v)
    ] == [
        "n",
        "places",
    ]


def test_the_most_unusual_feature_is_said_first_and_slight_ones_not_at_all() -> None:
    set_language("zh")
    measures = {
        "contributions": [
            c.model_dump() for c in (far("a", 4, 0.2), far("b", 0.123456, 0.75), far("c", 9, 0.05))
        ]
    }
    said = unusual_words(ranked(measures), str.upper)
    assert (
        said[0] == "与同类相比，最不寻常的是B：本例 0.1235，同类中位数 2（中间一半在 1 至 3），占偏离的 75%。"
    )
    assert [s[:5] for s in said[1:]] == ["其次是A："]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.02134, "0.0213"),
        (3.14159, "3.14"),
        (250.04, "250"),
        (1234567.8, "1,234,568"),
        (-12.5, "-12.5"),
        (None, "—"),
    ],
)
def test_figures_have_no_more_digits_than_a_reader_can_use(value: float | None, text: str) -> None:
    assert figure(value) == text
