"""Every message of the pull can be read in English, and no class of problem is without words."""

from __future__ import annotations

import ast
import string
from importlib import resources
from pathlib import Path

from babel.messages.pofile import read_po

import mingjian.pull
from mingjian.domain import i18n
from mingjian.pull.reasons import WORDS, explain

FOLDER = Path(mingjian.pull.__file__).parent


def messages() -> set[str]:
    """The Chinese of every `_("…")` in the package, and the words for problems."""
    found = set(WORDS.values())
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                text = node.args[0]
                found |= {text.value} if isinstance(text, ast.Constant) else set()
    return found


def test_every_message_has_its_english_with_the_same_places() -> None:
    with (resources.files("mingjian") / "locale" / "en" / "pull.po").open("rb") as file:
        english = {m.id: m.string for m in read_po(file) if m.id}

    def places(text: str) -> set[str]:
        return {name for _said, name, _spec, _conv in string.Formatter().parse(text) if name}

    assert messages() == set(english)
    assert all(english[m] and places(m) == places(english[m]) for m in english)


def test_a_problem_is_explained_in_the_readers_language() -> None:
    i18n.set_language("en")
    try:
        assert "check character" in explain("bad_check_digit")
    finally:
        i18n.set_language(None)
    assert "校验码" in explain("bad_check_digit")


def test_every_value_class_that_the_code_names_has_words() -> None:
    sources = "".join(p.read_text() for p in FOLDER.rglob("*.py") if p.name != "reasons.py")
    assert all(f'"{value_class}"' in sources for value_class in WORDS)
