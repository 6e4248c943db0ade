"""Every message of the report room has its English, with the same places."""

from __future__ import annotations

import ast
import string
from pathlib import Path

from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[3] / "src" / "mingjian"


def places(text: str) -> set[str]:
    return {name for _before, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_every_message_is_translated_with_its_places() -> None:
    with (PACKAGE / "locale" / "en" / "report.po").open("rb") as file:
        english = {str(m.id): str(m.string) for m in read_po(file) if m.id}
    said = {
        node.args[0].value
        for path in (PACKAGE / "report").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        if isinstance(node.args[0], ast.Constant)
    }
    assert said == set(english)
    assert all(places(text) == places(english[text]) and english[text] for text in said)
