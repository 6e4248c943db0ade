"""The daily bulletin: its figures, that HTML and Word say the same, and that its anchor can be read back."""

from __future__ import annotations

import re
import runpy
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection
from tests.dash_rows import MONDAY, add_city, add_order, add_units, add_warning, sectors_only
from tests.unit.report.test_reminder import words_of_docx, words_of_html

from mingjian.content import yamlfile
from mingjian.domain.errors import NotFound
from mingjian.report.bulletin import Bulletin, render_bulletin, write_bulletin
from mingjian.report.bulletin_facts import BulletinFacts, gather
from mingjian.report.printed import NoAnchor, printed_anchor
from mingjian.store import anchors, audit

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "reports" / "bulletin"
DAY = date(2026, 3, 2)


def example() -> BulletinFacts:
    return yamlfile.read(FOLDER / "example.yaml", BulletinFacts)


@pytest.mark.parametrize(("lang", "name"), [("zh", "expected.html"), ("en", "expected.en.html")])
def test_the_example_makes_the_expected_page(lang: str, name: str) -> None:
    assert write_bulletin(ROOT, example(), lang).html == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_and_html_say_the_same_and_no_place_is_left_unfilled(lang: str) -> None:
    made = write_bulletin(ROOT, example(), lang)
    in_word = words_of_docx(made)
    assert sorted(in_word) == sorted(words_of_html(made))
    assert not re.search(r"\{[{%]|[%}]\}|None|Undefined", " ".join(in_word))


def test_the_word_layout_is_the_one_its_script_makes(tmp_path: Path) -> None:
    runpy.run_path(str(FOLDER / "make_docx.py"))["make"]().save(str(tmp_path / "made.docx"))
    body = "word/document.xml"
    committed = ZipFile(FOLDER / "bulletin.docx").read(body)
    assert committed == ZipFile(tmp_path / "made.docx").read(body), "run reports/bulletin/make_docx.py"


def test_the_figures_are_those_of_the_day_and_the_seven_days_before(conn: Connection) -> None:
    add_city(conn)
    for number, (status, days) in enumerate([("closed", 0), ("closed_fp", -6), ("closed_policy", -7)]):
        at = MONDAY + timedelta(days=days)
        add_warning(conn, f"C{number}", status=status, closed_at=at, first_seen=at.date(), level="中")
    add_warning(conn, "T3", status="dispatched", first_seen=date(2026, 2, 20))
    add_order(conn, "T3", light="alarm", light_rank=4, tier=3, unit_id="B-civil")
    facts = gather(conn, sectors_only(), DAY, MONDAY)
    new = {line.sector["zh"]: (line.high, line.medium, line.low, line.recent) for line in facts.new}
    assert new == {"惠民惠农补贴": (1, 2, 0, 5), "公用事业诉求与服务": (0, 0, 1, 1)}
    assert facts.new_before == 2
    lights = {line.light.value: line.tiers for line in facts.lights if sum(line.tiers)}
    assert lights == {"alarm": [1, 0, 1], "none": [1, 0, 0]}
    assert [(u.unit, u.overdue, u.open) for u in facts.units] == [
        ("东湖区民政局", 1, 1),
        ("西山县民政局", 1, 2),
    ]
    assert [(c.verdict, c.recent, c.before) for c in facts.closed] == [
        ("confirmed", 1, 0), ("rejected", 1, 0), ("policy", 0, 1),
    ]  # fmt: skip
    assert (facts.feeds, facts.feeds_troubled, facts.newest_run) == (2, 2, DAY)


def test_a_day_without_anything_does_not_look_like_health(conn: Connection) -> None:
    add_units(conn)
    said = " ".join(words_of_html(render_bulletin(conn, sectors_only(), DAY, "zh", MONDAY)))
    assert "系统尚未运行，各数为零不代表没有问题" in said
    assert "没有单位超期" in said
    assert "尚未设立" in said


def test_no_person_and_no_subject_is_named(conn: Connection) -> None:
    add_city(conn)
    made = render_bulletin(conn, sectors_only(), DAY, "zh", MONDAY)
    assert "4f1d0c" not in made.html + " ".join(words_of_docx(made))


@pytest.fixture
def anchored(conn: Connection) -> Bulletin:
    """A bulletin with the anchor of a log of twelve rows."""
    entry = {"actor": "a", "action": "b", "object_kind": "c", "object_id": "d"}
    audit.record_many(conn, at=MONDAY, entries=[entry] * 12)
    anchors.make(conn, MONDAY)
    return render_bulletin(conn, sectors_only(), DAY, "zh", MONDAY)


def write(made: Bulletin, path: Path) -> Path:
    if path.suffix == ".docx":
        path.write_bytes(made.docx)
    else:
        path.write_text(made.html if path.suffix == ".html" else f"{made.text.anchor}\n{made.text.hash}")
    return path


@pytest.mark.parametrize("name", ["b.html", "b.docx", "b.txt"])
def test_the_printed_anchor_reads_back(
    conn: Connection, anchored: Bulletin, tmp_path: Path, name: str
) -> None:
    assert printed_anchor(write(anchored, tmp_path / name)) == anchors.newest(conn)


def test_the_anchor_of_an_english_page_reads_back_too(tmp_path: Path) -> None:
    made, said = write_bulletin(ROOT, example(), "en"), example().anchor
    assert said is not None
    assert printed_anchor(write(made, tmp_path / "b.html"))._asdict() == said.model_dump()


def test_a_file_without_an_anchor_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        printed_anchor(tmp_path / "none.html")
    (tmp_path / "a.html").write_text("<p>nothing</p>")
    with pytest.raises(NoAnchor, match="没有审计锚"):
        printed_anchor(tmp_path / "a.html")
    (tmp_path / "a.docx").write_bytes(b"not a word file")
    with pytest.raises(NoAnchor, match="读不出"):
        printed_anchor(tmp_path / "a.docx")
