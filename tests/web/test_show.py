"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mingjian.web import show


def test_the_day_of_a_moment_is_the_citys() -> None:
    assert show.day(datetime(2026, 3, 1, 17, tzinfo=UTC)) == "2026-03-02"
    assert (show.day(date(2026, 3, 1)), show.day("2026-03-01T17:00:00")) == ("2026-03-01", "2026-03-01")
    assert show.day(None) == show.NONE


def test_a_word_that_stands_alone_begins_large() -> None:
    assert [show.capital(text) for text in ("in hand", "R8 collects", "办理中", "")] == [
        "In hand", "R8 collects", "办理中", "",
    ]  # fmt: skip
