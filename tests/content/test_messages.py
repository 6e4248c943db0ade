"""Chinese first, English by switch: every message of the package has its English, and its places are the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mingjian.domain import i18n

PACKAGE = Path(i18n.__file__).parents[1]
HAN = re.compile("[\u4e00-\u9fff]")
PLACE = re.compile(r"\{(\w*)")


def messages() -> dict[str, str]:
    """Every text given to `_()` in the package, with the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
            if named and node.args and isinstance(node.args[0], ast.Constant):
                found.setdefault(str(node.args[0].value), str(path.relative_to(PACKAGE)))
    return found


def test_every_message_has_its_english() -> None:
    english = i18n._catalogue("en")
    missing = [
        f"{path}: {text}" for text, path in messages().items() if HAN.search(text) and text not in english
    ]
    assert missing == []


@pytest.mark.parametrize("text", sorted(t for t in messages() if HAN.search(t)))
def test_translation_keeps_the_places(text: str) -> None:
    english = i18n._catalogue("en")[text]
    assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(english))
