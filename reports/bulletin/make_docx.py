"""Makes bulletin.docx, the bulletin's Word layout: run `python reports/bulletin/make_docx.py` after a change.

One A4 page in the order of the HTML page; a machine without the named fonts shows its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xC8, 0x10, 0x2E)
LEFT, CENTER, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def make() -> Doc:
    """The template: places in double braces are filled by docxtpl from a BulletinText."""
    document = Document()
    _page(document)
    _line(document, "{{ bulletin.head }}", TITLE, 12, CENTER).runs[0].font.color.rgb = RED
    _line(document, "{{ bulletin.title }}", TITLE, 20, CENTER, bold=True)
    _line(document, "{{ bulletin.date }}", BODY, 11, CENTER)
    _line(document, "{{ bulletin.lead }}", BODY, 12, space=6)
    _tiles(document)
    _line(document, "{%p for section in bulletin.sections %}", BODY, 10)
    _line(document, "{{ section.heading }}", HEADING, 11, space=5)
    _line(document, "{%p if section.rows %}", BODY, 10)
    _rows(document)
    _line(document, "{%p endif %}", BODY, 10)
    _line(document, "{%p for paragraph in section.paragraphs %}", BODY, 10)
    _line(document, "{{ paragraph }}", BODY, 10)
    _line(document, "{%p endfor %}", BODY, 10)
    _line(document, "{%p endfor %}", BODY, 10)
    _line(document, "{%p for line in bulletin.data %}", BODY, 9)
    _line(document, "{{ line }}", BODY, 9, space=4)
    _line(document, "{%p endfor %}", BODY, 9)
    _line(document, "{{ bulletin.anchor }}", HEADING, 10, space=6)
    _line(document, "{%p if bulletin.hash %}", BODY, 10)
    _line(document, "{{ bulletin.hash }}", BODY, 10, latin="Courier New")
    _line(document, "{{ bulletin.check }}", BODY, 9)
    _line(document, "{%p endif %}", BODY, 10)
    _line(document, "{{ bulletin.foot }}", BODY, 9, space=4)
    return document


def _page(document: Doc) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(14)
    section.left_margin = section.right_margin = Mm(20)
    document.core_properties.author = "Mingjian"
    document.core_properties.created = document.core_properties.modified = datetime(2026, 1, 1, tzinfo=UTC)


def _line(
    document: Doc,
    text: str,
    font: str,
    size: float,
    align: WD_ALIGN_PARAGRAPH = LEFT,
    *,
    bold: bool = False,
    space: int = 0,
    latin: str = "Times New Roman",
) -> Paragraph:
    paragraph = document.add_paragraph()
    _set(paragraph, text, font, size, align, latin).runs[0].bold = bold
    paragraph.paragraph_format.space_before = Pt(space)
    return paragraph


def _set(
    paragraph: Paragraph,
    text: str,
    font: str,
    size: float,
    align: WD_ALIGN_PARAGRAPH,
    latin: str = "Times New Roman",
) -> Paragraph:
    paragraph.alignment = align
    shape = paragraph.paragraph_format
    shape.line_spacing, shape.space_before, shape.space_after = 1.1, Pt(0), Pt(0)
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), latin
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return paragraph


def _tiles(document: Doc) -> None:
    """The first figures side by side: label, value, note."""
    table = _table(document, rows=3)
    for row, (name, font, size) in zip(
        table.rows, [("label", BODY, 10), ("value", HEADING, 18), ("note", BODY, 9)], strict=True
    ):
        cells = ("{%tc for tile in bulletin.tiles %}", f"{{{{ tile.{name} }}}}", "{%tc endfor %}")
        for cell, text in zip(row.cells, cells, strict=True):
            _set(cell.paragraphs[0], text, font, size, CENTER)


def _rows(document: Doc) -> None:
    """Docxtpl repeats the columns ({%tc) and the rows ({%tr) that stand between its marks."""
    table = _table(document, rows=4)
    columns = ("{%tc for cell in section.columns %}", "{{ cell }}", "{%tc endfor %}")
    cells = ("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}")
    for row, texts, font in ((table.rows[0], columns, HEADING), (table.rows[2], cells, BODY)):
        for cell, text in zip(row.cells, texts, strict=True):
            _set(cell.paragraphs[0], text, font, 10, LEFT)
    table.rows[1].cells[0].text = "{%tr for row in section.rows %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"


def _table(document: Doc, rows: int) -> Table:
    """A table as wide as the text with any number of columns: widths fixed for three would overflow with six."""
    table = document.add_table(rows=rows, cols=3)
    table.style = "Table Grid"
    width = table._tbl.tblPr.find(qn("w:tblW"))
    width.set(qn("w:type"), "pct")
    width.set(qn("w:w"), "5000")
    for cell_width in table._tbl.iter(qn("w:tcW")):
        cell_width.set(qn("w:type"), "auto")
        cell_width.set(qn("w:w"), "0")
    return table


if __name__ == "__main__":
    make().save(str(Path(__file__).parent / "bulletin.docx"))
