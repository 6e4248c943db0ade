"""Formula cells without a result: an error, or never calculated. The value reader shows both as empty."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile

from mingjian.pull.clean import UNCACHED_FORMULA

_SHEET = re.compile(r"<sheet\b[^>]*?\br:id=\"([^\"]+)\"")
_RELATION = re.compile(r"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r"\b(Id|Target)=\"([^\"]*)\"")
_CELL = re.compile(r"<c r=\"([A-Z]+)(\d+)\"([^>]*)>(.*?)</c>", re.DOTALL)
_VALUE = re.compile(r"<v>([^<]+)</v>")


def failed_cells(data: bytes, sheet: int) -> dict[tuple[int, int], str]:
    """`{(row, column): shown}`, both from 0, for the failed formulas of sheet number `sheet` of an xlsx file.

    Other formats answer nothing: they store the results of their formulas.
    """
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = _sheet_xml(archive, sheet)
    if "<f" not in xml and 't="e"' not in xml:
        return {}
    found = {}
    for letters, row, attributes, body in _CELL.findall(xml):
        value = _VALUE.search(body)
        if 't="e"' in attributes:
            shown = value[1] if value else UNCACHED_FORMULA
        elif "<f" in body and not value and 't="str"' not in attributes:
            shown = UNCACHED_FORMULA
        else:
            continue
        found[int(row) - 1, _column(letters)] = shown
    return found


def _sheet_xml(archive: zipfile.ZipFile, sheet: int) -> str:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return ""
    ids = _SHEET.findall(archive.read("xl/workbook.xml").decode())
    relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    targets = {
        a["Id"]: a["Target"] for a in (dict(_ATTRIBUTE.findall(r)) for r in _RELATION.findall(relations))
    }
    path = (
        posixpath.normpath(posixpath.join("/xl", targets[ids[sheet]])).lstrip("/") if sheet < len(ids) else ""
    )
    return archive.read(path).decode() if path in names else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
