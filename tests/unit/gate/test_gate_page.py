"""Result pages: complete, escaped, in two languages, and without anything from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gate_city import AMOUNT_ABOVE_ZERO, pay

from mingjian.domain.i18n import set_language
from mingjian.gate import gate_table, write_pages
from mingjian.gate.page import render_table
from mingjian.run import Run

Pulled = Callable[..., str]


@pytest.fixture
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language(None)


@pytest.fixture
def gated(run: Run, pulled: Pulled, expectations: Callable[[str], None]) -> Run:
    expectations(AMOUNT_ABOVE_ZERO)
    pulled([pay("<b>A</b>", "-5"), pay("B"), pay("C", "1"), pay("C", "2")])
    gate_table(run, "pay")
    return run


def test_page_shows_verdict_counts_checks_and_held_rows(gated: Run, tmp_path: Path) -> None:
    index, page = write_pages(gated, tmp_path / "pages")
    assert 'href="pay.html"' in index.read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    for said in ("发放", "不完整", "金额应大于零", "✗ 不符合", "主键不重复", "2 行在隔离区"):
        assert said in text


def test_page_escapes_what_came_from_the_file(gated: Run, tmp_path: Path) -> None:
    text = write_pages(gated, tmp_path / "pages")[1].read_text(encoding="utf-8")
    assert "&lt;b&gt;A&lt;/b&gt;" in text
    assert "<b>A" not in text


def test_page_needs_nothing_from_outside(gated: Run, tmp_path: Path) -> None:
    for page in write_pages(gated, tmp_path / "pages"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)


@pytest.mark.usefixtures("english")
def test_english_page_has_no_chinese_left_but_the_stored_message(gated: Run) -> None:
    with gated.engine.connect() as conn:
        text = render_table(conn, gated.content, "pay")
    without_message = re.sub(r'<p class="message">.*?</p>', "", text)
    assert not re.search(r"[\u4e00-\u9fff]", without_message)
    assert "the amount is above zero. Correct it and pull again" in text


def test_blocked_table_says_whose_fault_it_is(
    run: Run, pulled: Pulled, expectations: Callable[[str], None]
) -> None:
    expectations(AMOUNT_ABOVE_ZERO.replace("column: amount", "column: amuont"))
    pulled([pay("A")])
    gate_table(run, "pay")
    with run.engine.connect() as conn:
        text = render_table(conn, run.content, "pay")
    assert "被拦下" in text
    assert "检查程序自身出错，不是数据问题" in text


def test_row_number_is_the_one_a_person_sees_in_the_file(gated: Run) -> None:
    with gated.engine.connect() as conn:
        text = render_table(conn, gated.content, "pay")
    assert '<td class="number">2</td>' in text


def test_table_that_was_never_gated_says_so(run: Run) -> None:
    with run.engine.connect() as conn:
        assert "还没有检查过" in render_table(conn, run.content, "pay")


def test_run_without_tables_has_an_index(run: Run, tmp_path: Path) -> None:
    (index,) = write_pages(replace(run), tmp_path / "pages")
    assert "还没有检查过任何表" in index.read_text(encoding="utf-8")
