"""What may stand in a log, and what may not."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import pytest

from mingjian import logs
from mingjian.logs import lines, redact

ID, PHONE, CARD = "150102194001010016", "13812345678", "6222021234567890123"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lines written since, each read back from its JSON."""
    monkeypatch.setenv(lines.VARIABLE, "debug")
    capsys.readouterr()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_holds_the_fields_that_are_listed_and_counts_the_others(said: Any) -> None:
    before = logs.dropped()
    logs.logger().info(
        "stage_done", stage="pull", as_of=date(2026, 3, 2), counts={"rows": 3}, name="张三", note="x"
    )
    (line,) = said()
    assert list(line) == ["time", "level", "event", "stage", "as_of", "counts", "dropped"]
    assert (line["level"], line["event"], line["counts"], line["dropped"]) == (
        "info",
        "stage_done",
        {"rows": 3},
        2,
    )
    assert logs.dropped() == before + 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "新城区 张三"),
        ("reason", "called the wife"),
        ("counts", {"张三": 1}),
        ("count", "7"),
        ("status", "张三"),
    ],
)
def test_free_text_in_a_listed_field_is_left_out(said: Any, field: str, value: Any) -> None:
    logs.logger().warning("odd", **{field: value})
    (line,) = said()
    assert field not in line
    assert line["dropped"] == 1


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID[:-1] + "X",
        "150102400101001",
        f"id={ID};",
        PHONE,
        "+86 138-1234-5678",
        "0471-1234567",
        CARD,
        "6222 0212 3456 7890 123",
        "Bearer abc.def-ghi",
        "postgresql+psycopg://city:pass@db/city",
        "https://sms.example.com/send?api_key=abc&to=1",
    ],
)
def test_numbers_of_people_and_secrets_are_cut_out(text: str) -> None:
    kept = redact.redact(f"before {text} after")
    assert redact.CUT in kept
    assert kept.startswith("before ") and kept.endswith(" after")
    assert not any(secret in kept for secret in (ID, PHONE, CARD, "pass@", "abc"))


@pytest.mark.parametrize(
    "text", ["W3f9a0c77d1e2", "2026-03-02T09:00:00.123456Z", "150102", "D000123", "1234567.25"]
)
def test_what_is_nobodys_number_stays(text: str) -> None:
    assert redact.redact(text) == text


def test_an_error_is_told_by_class_and_place_without_its_text(said: Any) -> None:
    try:
        try:
            int("张三 secret")
        except ValueError as fault:
            raise KeyError(ID) from fault
    except KeyError:
        logs.logger().exception("stage_failed", stage="pull")
    (line,) = said()
    assert (line["level"], line["error"], line["causes"]) == ("error", "KeyError", ["ValueError"])
    assert line["where"][-1].startswith("logs/test_log_lines.py:")
    assert not {"张三", ID} & set(json.dumps(line, ensure_ascii=False).split('"'))


def test_another_librarys_line_tells_its_place_and_not_its_text(said: Any) -> None:
    handler, library = lines._Libraries(), logging.getLogger("some.library")
    library.addHandler(handler)
    try:
        library.warning("could not store %s", "张三")
    finally:
        library.removeHandler(handler)
    (line,) = said()
    assert (line["event"], line["logger"], line["level"]) == ("library", "some.library", "warning")
    assert line["where"][0].startswith("test_log_lines:")
    assert "张三" not in str(line)


def test_fields_bound_stand_in_every_line_within(said: Any) -> None:
    with logs.bound(request_id="r-1"):
        logs.logger().info("one")
    logs.logger().info("two")
    assert [line.get("request_id") for line in said()] == ["r-1", None]


@pytest.mark.parametrize(("level", "written"), [("info", 2), ("error", 1), ("off", 0), ("nonsense", 1)])
def test_the_level_is_that_of_the_variable(
    said: Any, monkeypatch: pytest.MonkeyPatch, level: str, written: int
) -> None:
    monkeypatch.setattr(lines, "_default", logs.Level.ERROR)
    monkeypatch.setenv(lines.VARIABLE, level)
    logs.logger().info("one")
    logs.logger().error("two")
    assert len(said()) == written
