"""Every message about the audit log has its English, with the same places."""

from __future__ import annotations

import ast
from pathlib import Path

from babel.messages.pofile import read_po
from tests.unit.report.test_report_words import PACKAGE, places

MODULES = ("domain/audit.py", "store/anchors.py", "store/db.py")


def words(path: Path) -> set[str]:
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        if isinstance(node.args[0], ast.Constant)
    }


def test_every_message_is_translated_with_its_places() -> None:
    with (PACKAGE / "locale" / "en" / "audit.po").open("rb") as file:
        english = {str(m.id): str(m.string) for m in read_po(file) if m.id}
    said = set().union(*(words(PACKAGE / module) for module in MODULES))
    assert said == set(english)
    assert all(places(text) == places(english[text]) and english[text] for text in said)
