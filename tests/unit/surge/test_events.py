"""Known events: the city's file is checked by line, reaches the models that ask, and is shown where it touches."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mingjian.content import Content, load_content
from mingjian.content.events import FILE, with_events
from mingjian.detect.surge.events import days_off, touching
from mingjian.detect.surge.holidays import Kind
from mingjian.domain.errors import ContentError

MODEL = "utility.surge_district"
STORM = "- {from: 2011-08-27, to: 2011-08-29, kind: storm, zh: 飓风艾琳, en: Hurricane Irene}"


@pytest.fixture(scope="module")
def content(repo_root: Path) -> Content:
    return load_content(repo_root)


def declared(content: Content, folder: Path, text: str) -> Content:
    (folder / FILE).write_text(text, encoding="utf-8")
    return with_events(content, folder)


def told(**more: object) -> dict[str, object]:
    base = {"from": "2026-06-20", "to": "2026-06-22", "kind": "storm", "zh": "暴雨", "en": "rain"}
    return {**base, "places": [], "topics": [], **more}


def test_without_the_file_the_models_stay_as_they_are(content: Content, tmp_path: Path) -> None:
    assert with_events(content, tmp_path) is content


def test_declared_events_become_values_of_the_models_that_ask_for_them(
    content: Content, tmp_path: Path
) -> None:
    found = declared(content, tmp_path, f"calendar: none\nevents:\n  {STORM}\n")
    params = found.models[MODEL].params
    assert params["calendar"].value == "none"
    assert [(e["from"], e["to"], e["en"]) for e in params["events"].value] == [
        ("2011-08-27", "2011-08-29", "Hurricane Irene")
    ]
    assert content.models[MODEL].params["events"].value == []
    assert found.models["utility.bill_outlier"] is content.models["utility.bill_outlier"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("events:\n  - {from: 2026-06-02, to: 2026-06-01, kind: storm, zh: 暴雨, en: rain}", ":2: events.0"),
        ("events:\n  - {from: 2026-06-01, kind: storm, zh: 暴雨, en: rain}", ":2: events.0.to"),
        (
            "events:\n  "
            + STORM
            + "\n  - {from: 2026-06-01, to: 2026-06-02,\n     kind: flood, zh: 洪水, en: flood}",
            ":4: events.1.kind",
        ),
        ("calendar: mars", ":1: calendar"),
        ("events: []\nstorms: []", ":2: storms"),
    ],
    ids=["ends before it begins", "no end", "unknown kind", "unknown calendar", "unknown key"],
)
def test_what_the_file_gets_wrong_is_told_by_line(
    content: Content, tmp_path: Path, text: str, at: str
) -> None:
    with pytest.raises(ContentError) as error:
        declared(content, tmp_path, text)
    messages = str(error.value)
    assert messages.startswith(f"{tmp_path / FILE}{at.split(' ')[0]}") and at in messages


def test_public_holidays_of_the_calendar_and_declared_ones_are_days_off() -> None:
    own = told(kind="holiday", **{"from": "2025-10-20", "to": "2025-10-20"})
    storm = told(**{"from": "2025-10-15", "to": "2025-10-16"})
    days = np.arange("2025-09-28", "2025-10-28", dtype="datetime64[D]")
    off = days[days_off([own, storm], "china")(days) == Kind.OFF]
    assert [str(d) for d in off] == [*(f"2025-10-{d:02d}" for d in range(1, 9)), "2025-10-20"]
    assert [str(d) for d in days[days_off([own], "none")(days) != Kind.ORDINARY]] == ["2025-10-20"]


@pytest.mark.parametrize(
    ("event", "place", "topics", "shown"),
    [
        (told(), "150102", ["供水"], True),
        (told(places=["1501"]), "150102", ["供水"], True),
        (told(places=["150103"]), "150102", ["供水"], False),
        (told(places=["150103"]), "", ["供水"], True),
        (told(topics=["供水"]), "150102", ["公用事业", "供水"], True),
        (told(topics=["供电"]), "150102", ["公用事业", "供水"], False),
        (told(topics=["供电"]), "150102", [], True),
        (told(**{"from": "2026-05-01", "to": "2026-05-31"}), "150102", ["供水"], False),
        (told(**{"from": "2026-05-01", "to": "2026-06-01"}), "150102", ["供水"], True),
    ],
)
def test_an_event_is_shown_where_and_when_it_touches(
    event: dict[str, object], place: str, topics: list[str], shown: bool
) -> None:
    found = touching([event], "none", date(2026, 6, 1), date(2026, 6, 30), place, topics)
    assert [e["en"] for e in found] == (["rain"] if shown else [])


def test_public_holidays_are_shown_with_their_names() -> None:
    found = touching([], "china", date(2025, 9, 20), date(2025, 10, 3), "150102", [])
    assert {"from": "2025-10-01", "zh": "国庆节", "en": "National Day"}.items() <= found[-1].items()


def test_a_year_without_a_published_table_has_no_public_holidays() -> None:
    assert touching([], "china", date(2035, 1, 1), date(2035, 12, 31), "150102", []) == []
