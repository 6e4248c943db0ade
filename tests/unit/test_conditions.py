"""Level conditions read as a person would say them, with SQL's own logic for what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mingjian.content.conditions import Reader, columns_of
from mingjian.domain.i18n import set_language

NAMES = {"months": "月数", "amount": "金额"}
SEEN = {"months": 5, "amount": 100, "problem": "late", "excess": 3, "contracted": 4, "z": -16.2, "near": 5}


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language(None)


@pytest.fixture
def reader() -> Reader:
    return Reader(SEEN, lambda column: NAMES.get(column, column))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("months >= 3 OR amount >= 3000", True),
        ("months >= 3 AND amount >= 3000", False),
        ("problem IN ('failed', 'blocked')", False),
        ("months BETWEEN 0 AND :near", True),
        ("ABS(z) >= 15", True),
        ("excess >= contracted * 0.5", True),
        ("NOT (months = 5)", False),
        ("missing IS NULL", True),
        ("missing >= 3", None),
        ("missing >= 3 OR months = 5", True),
        ("missing >= 3 AND months = 4", False),
        ("contracted / (months - 5) > 1", None),
        ("CASE WHEN months = 1 THEN TRUE ELSE FALSE END", None),
    ],
)
def test_holds(reader: Reader, condition: str, holds: bool | None) -> None:
    assert reader.holds(condition) is holds


def test_says_threshold_and_what_was_seen(reader: Reader) -> None:
    assert reader.say("months >= 3") == "月数 不少于 3（实为 5）"


def test_alternatives_are_told_apart(reader: Reader) -> None:
    parts = reader.parts("(months >= 3 OR amount >= 3000)")
    assert [holds for _words, holds in parts] == [True, False]


def test_speaks_english(reader: Reader) -> None:
    set_language("en")
    assert (
        reader.say("months >= 3 AND amount < :near")
        == "月数 at least 3 (it was 5) and 金额 below 5 (it was 100)"
    )


def test_columns_of() -> None:
    assert columns_of("months >= 3 OR (amount > :x AND months < 9)") == ["months", "amount"]
