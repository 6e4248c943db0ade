"""The reminder letter: who gets one, what it says, and that HTML and Word say the same."""

from __future__ import annotations

import io
import re
import runpy
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from sqlalchemy import Connection
from tests.dash_rows import add_order, add_units, add_warning, sectors_only

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import ContentError, NotFound
from mingjian.domain.model import Model
from mingjian.report.facts import NotLate, ReminderFacts, masked
from mingjian.report.letter import Letter, letter_text
from mingjian.report.reminder import render_reminder, write_reminder
from mingjian.supervise.calendar import CITY_CALENDAR

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "reports" / "reminder"
TOKEN = "4f1d0c9ab27e4f1d0c9ab27e4f1d0c9a"


@pytest.fixture(scope="module")
def content() -> Content:
    """The sectors and the one model that the orders of these tests come from."""
    model = yamlfile.read(ROOT / "rules" / "subsidy" / "deceased_payee.yaml", Model)
    return replace(sectors_only(), models={model.id: model})


@pytest.fixture
def late(conn: Connection, clock: MovableClock) -> Connection:
    """Order DW1 of Monday 2 March, due on the 9th; it is now Thursday the 12th and nobody accepted it."""
    add_units(conn)
    add_warning(conn, "W1")
    add_order(conn, "W1")
    clock.move(days=10, hours=9.5)
    return conn


def example() -> ReminderFacts:
    return yamlfile.read(FOLDER / "example.yaml", ReminderFacts)


def words_of_html(letter: Letter) -> list[str]:
    """Every non-empty text of the page's body, in order."""

    class Texts(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []
            self.inside = False

        def handle_starttag(self, tag: str, _attrs: object) -> None:
            self.inside = self.inside or tag == "main"

        def handle_data(self, data: str) -> None:
            if self.inside and data.strip():
                self.found.append(data.strip())

    parser = Texts()
    parser.feed(letter.html)
    return parser.found


def words_of_docx(letter: Letter) -> list[str]:
    """Every non-empty text of the Word file: paragraphs and table cells."""
    document = Document(io.BytesIO(letter.docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [text for text in [*(p.text for p in document.paragraphs), *cells] if text.strip()]


@pytest.mark.parametrize(("lang", "name"), [("zh", "expected.html"), ("en", "expected.en.html")])
def test_the_example_makes_the_expected_page(lang: str, name: str) -> None:
    assert write_reminder(ROOT, example(), lang).html == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_and_html_say_the_same_and_no_place_is_left_unfilled(lang: str) -> None:
    letter = write_reminder(ROOT, example(), lang)
    in_word = words_of_docx(letter)
    assert sorted(in_word) == sorted(words_of_html(letter))
    assert not re.search(r"\{[{%]|[%}]\}|None|Undefined", " ".join(in_word))


def test_the_word_layout_is_the_one_its_script_makes(tmp_path: Path) -> None:
    made = runpy.run_path(str(FOLDER / "make_docx.py"))["make"]()
    made.save(str(tmp_path / "made.docx"))
    body = "word/document.xml"
    committed, fresh = ZipFile(FOLDER / "letter.docx").read(body), ZipFile(tmp_path / "made.docx").read(body)
    assert committed == fresh, "run reports/reminder/make_docx.py"


def test_no_table_of_the_word_file_is_wider_than_the_text() -> None:
    document = Document(io.BytesIO(write_reminder(ROOT, example(), "zh").docx))
    page = document.sections[0]
    text_width = page.page_width - page.left_margin - page.right_margin
    for table in document.tables:
        assert sum(column.width for column in table.columns) <= text_width
        assert all(cell.width in (None, 0) for row in table.rows for cell in row.cells)


def test_a_late_order_is_written_from_its_own_rows(
    late: Connection, content: Content, clock: MovableClock
) -> None:
    letter = render_reminder(late, content, "DW1", "zh", clock.now(), CITY_CALENDAR)
    said = " ".join(words_of_html(letter))
    for fact in [
        "明督提〔2026〕1号", "东湖区民政局\uff1a", "惠民惠农补贴 · 死亡后仍领补贴", "DW1",
        "2026年3月4日 18:00",
        "已超期 6 个工作日", "2026年3月9日 18:00", "已超期 3 个工作日", "2026年3月17日前", "合计 1,500 元",
        "调取死亡证明", "B01、B02", "抄送\uff1a市民政局", "2026年3月12日",
    ]:  # fmt: skip
        assert fact in said


def test_it_is_written_in_english_too(late: Connection, content: Content, clock: MovableClock) -> None:
    letter = render_reminder(late, content, "DW1", "en", clock.now(), CITY_CALENDAR)
    assert "late by 3 working day(s)" in letter.html
    assert "17 March 2026" in letter.html


def test_a_person_is_never_shown_not_even_by_the_whole_token(
    late: Connection, content: Content, clock: MovableClock
) -> None:
    letter = render_reminder(late, content, "DW1", "zh", clock.now(), CITY_CALENDAR)
    assert TOKEN not in letter.html + " ".join(words_of_docx(letter))
    assert "个人 4f1d0c…" in letter.html


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("person", "4f1d0c…"), ("account", "4f1d0c…"), ("unheard_of", "4f1d0c…"), ("project", TOKEN)],
)
def test_only_things_and_offices_are_named_in_full(kind: str, shown: str) -> None:
    assert masked(kind, TOKEN) == shown


def test_the_letter_says_that_it_is_a_lead_and_accuses_nobody() -> None:
    said = " ".join(words_of_html(write_reminder(ROOT, example(), "zh")))
    assert "是提请核实的线索\uff0c不是结论" in said
    assert not any(word in said for word in ("违规", "违法", "骗取", "冒领", "问责", "嫌疑"))


def test_late_acceptance_is_told_apart_from_none(
    conn: Connection, content: Content, clock: MovableClock
) -> None:
    add_units(conn)
    add_warning(conn, "W1")
    add_order(conn, "W1", state="accepted", accepted_at=clock.now() + timedelta(days=3, hours=1))
    clock.move(days=8)
    letter = render_reminder(conn, content, "DW1", "zh", clock.now(), CITY_CALENDAR)
    assert "逾期 1 个工作日受理" in letter.html
    assert "已超期 1 个工作日" in letter.html


def test_numbers_run_through_the_year_and_stay_with_their_order(
    late: Connection, content: Content, clock: MovableClock
) -> None:
    add_warning(late, "W0")
    add_order(late, "W0", unit_id="B-civil")
    add_warning(late, "W9")
    add_order(late, "W9", issued_at=datetime(2025, 12, 31, 9, tzinfo=clock.now().tzinfo))
    numbers = {
        order: render_reminder(late, content, order, "zh", clock.now(), CITY_CALENDAR).text.number
        for order in ("DW0", "DW1", "DW9")
    }
    assert numbers == {"DW0": "明督提〔2026〕1号", "DW1": "明督提〔2026〕2号", "DW9": "明督提〔2025〕1号"}


def test_an_order_in_time_gets_no_reminder(conn: Connection, content: Content, clock: MovableClock) -> None:
    add_units(conn)
    add_warning(conn, "W1")
    add_order(conn, "W1")
    with pytest.raises(NotLate, match="未超期"):
        render_reminder(conn, content, "DW1", "zh", clock.now(), CITY_CALENDAR)


def test_a_unit_that_has_reported_is_not_reminded(
    conn: Connection, content: Content, clock: MovableClock
) -> None:
    add_units(conn)
    add_warning(conn, "W1")
    add_order(conn, "W1", state="reported", accepted_at=clock.now())
    clock.move(days=20)
    with pytest.raises(NotLate, match="reported"):
        render_reminder(conn, content, "DW1", "zh", clock.now(), CITY_CALENDAR)


def test_an_unknown_order_is_named(conn: Connection, content: Content, clock: MovableClock) -> None:
    with pytest.raises(NotFound, match="D-nobody"):
        render_reminder(conn, content, "D-nobody", "zh", clock.now(), CITY_CALENDAR)


def test_words_that_ask_for_a_missing_fact_fail_and_name_the_file() -> None:
    with pytest.raises(ContentError, match=r"words\.zh\.yaml"):
        letter_text(FOLDER / "words.zh.yaml", "zh", {"unit": "东湖区民政局"})


def test_what_a_unit_wrote_cannot_become_markup() -> None:
    hostile = example().model_copy(update={"unit": "<script>alert(1)</script>{{ letter }}局"})
    letter = write_reminder(ROOT, hostile, "zh")
    assert "<script>" not in letter.html
    assert "<script>alert(1)</script>{{ letter }}局\uff1a" in words_of_docx(letter)
