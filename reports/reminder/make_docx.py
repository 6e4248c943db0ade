"""Makes letter.docx, the reminder's Word layout: run `python reports/reminder/make_docx.py` after a change.

The layout follows GB/T 9704 in the main; a machine without the named fonts shows its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xC8, 0x10, 0x2E)
INDENT = Pt(32)  # two characters of 16 pt


def make() -> Doc:
    """The template: places in double braces are filled by docxtpl from a LetterText."""
    document = Document()
    _page(document)
    head = _line(document, "{{ letter.head }}", TITLE, 26, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    head.runs[0].font.color.rgb = RED
    _rule_below(head)
    _line(document, "{{ letter.number }}", BODY, 14, WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, "{{ letter.title }}", TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, bold=True, space=18)
    _line(document, "{{ letter.addressee }}", BODY, 16)
    _line(document, "{{ letter.opening }}", BODY, 16, WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True)
    _line(document, "{%p for section in letter.sections %}", BODY, 16)
    _line(document, "{{ section.heading }}", HEADING, 16, indent=True)
    _line(document, "{%p if section.rows %}", BODY, 16)
    _table(document)
    _line(document, "{%p endif %}", BODY, 16)
    _line(document, "{%p for paragraph in section.paragraphs %}", BODY, 16)
    _line(document, "{{ paragraph }}", BODY, 16, WD_ALIGN_PARAGRAPH.JUSTIFY, indent=True)
    _line(document, "{%p endfor %}", BODY, 16)
    _line(document, "{%p endfor %}", BODY, 16)
    _line(document, "{{ letter.signature }}", BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT, space=24)
    _line(document, "{{ letter.date }}", BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, "{{ letter.contact }}", BODY, 14, space=18)
    _line(document, "{{ letter.copies }}", BODY, 14)
    return document


def _page(document: Doc) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    document.core_properties.author = "Mingjian"
    document.core_properties.created = document.core_properties.modified = datetime(2026, 1, 1, tzinfo=UTC)


def _line(
    document: Doc,
    text: str,
    font: str,
    size: int,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    *,
    bold: bool = False,
    indent: bool = False,
    space: int = 0,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.line_spacing, shape.space_before, shape.space_after = Pt(28), Pt(space), Pt(0)
    if size > 20:
        shape.line_spacing = 1.2
        shape.space_after = Pt(6)
    if indent:
        shape.first_line_indent = INDENT
    _in_font(paragraph.add_run(text), font, size).bold = bold
    return paragraph


def _in_font(run: Run, font: str, size: float) -> Run:
    run.font.size = Pt(size)
    run.font.name = "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _table(document: Doc) -> None:
    """Docxtpl repeats the columns ({%tc) and the rows ({%tr) that stand between its marks."""
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    _full_width(table)
    columns = ("{%tc for cell in section.columns %}", "{{ cell }}", "{%tc endfor %}")
    cells = ("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}")
    _cells(table.rows[0].cells, columns, HEADING)
    table.rows[1].cells[0].text = "{%tr for row in section.rows %}"
    _cells(table.rows[2].cells, cells, BODY)
    table.rows[3].cells[0].text = "{%tr endfor %}"


def _full_width(table: Table) -> None:
    """As wide as the text with any number of columns: widths fixed for three would overflow with five."""
    width = table._tbl.tblPr.find(qn("w:tblW"))
    width.set(qn("w:type"), "pct")
    width.set(qn("w:w"), "5000")
    for cell_width in table._tbl.iter(qn("w:tcW")):
        cell_width.set(qn("w:type"), "auto")
        cell_width.set(qn("w:w"), "0")


def _cells(cells: tuple, texts: tuple[str, ...], font: str) -> None:
    for cell, text in zip(cells, texts, strict=True):
        _in_font(cell.paragraphs[0].add_run(text), font, 12)


def _rule_below(paragraph: Paragraph) -> None:
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in {"val": "single", "sz": "12", "space": "6", "color": "C8102E"}.items():
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._element.get_or_add_pPr().append(borders)


if __name__ == "__main__":
    make().save(str(Path(__file__).parent / "letter.docx"))
