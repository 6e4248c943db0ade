"""Every word a reader sees can be read in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes
from jinja2.ext import extract_from_ast

from mingjian.content import load_content
from mingjian.domain.i18n import LANGUAGES, set_language
from mingjian.domain.ladder import TierReason
from mingjian.domain.reason import WarnReason
from mingjian.domain.recheck import RecheckReason
from mingjian.supervise.consequences import TakeoverReason
from mingjian.web import labels, naming
from mingjian.web.codes import coded_words
from mingjian.web.pages import _templates

WEB = Path(labels.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
PLACES = re.compile(r"\{(\w+)\}")
TEMPLATES = sorted((WEB / "templates").glob("*.html"))


def catalogue() -> dict[str, str]:
    with (resources.files("mingjian") / "locale/en/web.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def words_in_templates() -> Iterator[str]:
    for path in TEMPLATES:
        tree = _templates.parse(path.read_text(encoding="utf-8"))
        for _line, _function, message in extract_from_ast(tree, gettext_functions=("_",)):
            if isinstance(message, tuple):
                message = message[0]
            if message:
                yield message


def words_in_code() -> Iterator[str]:
    """Chinese strings of every module; docstrings, which may quote Chinese words, aside."""
    for path in sorted(WEB.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documents = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
                yield node.value


TITLE_OF_THE_APP = "明鉴 Mingjian"


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return catalogue()


def test_every_word_of_the_pages_has_its_english(english: dict[str, str]) -> None:
    said = {*words_in_templates(), *words_in_code()}
    assert sorted(w for w in said - set(english) - {TITLE_OF_THE_APP} if CHINESE.search(w)) == []


def test_every_translation_is_still_used(english: dict[str, str]) -> None:
    assert sorted(set(english) - {*words_in_templates(), *words_in_code()}) == []


def test_translations_fill_the_same_places(english: dict[str, str]) -> None:
    wrong = [zh for zh, en in english.items() if set(PLACES.findall(zh)) != set(PLACES.findall(en))]
    assert wrong == []


def test_no_english_text_is_left_in_chinese(english: dict[str, str]) -> None:
    assert [en for en in english.values() if CHINESE.search(en)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_templates_say_nothing_past_the_catalogue(path: Path) -> None:
    tree = _templates.parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            call.args = []
    loose = [d.data for d in tree.find_all(nodes.TemplateData)] + [
        _text(c) for c in tree.find_all(nodes.Const)
    ]
    assert [text for text in loose if CHINESE.search(text) and text != "中文"] == []


def _text(const: nodes.Const) -> str:
    value: Any = const.value
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(
    "named", [TierReason, TakeoverReason, WarnReason, RecheckReason], ids=lambda e: e.__name__
)
def test_every_reason_of_ours_is_told_in_words(named: type[StrEnum]) -> None:
    for lang in LANGUAGES:
        set_language(lang)
        raw = [reason.value for reason in named if coded_words(reason.value) == reason.value]
        set_language(None)
        assert raw == [], lang


def test_somebodys_own_words_are_told_as_they_were_said() -> None:
    assert coded_words("当事人已说明") == "当事人已说明"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("159903|供水", "赛罕区 · 供水"),
        ("-|159903", "赛罕区"),
        ("159999|供水", "159999 · 供水"),
        ("150102|power", "150102 · 供电"),
        ("PRJ-7", "PRJ-7"),
        ("-", "-"),
    ],
)
def test_a_subject_of_several_keys_is_told_by_its_parts(subject: str, shown: str) -> None:
    assert naming.subject_name(subject, {"159903": "赛罕区"}) == shown


def test_every_kind_of_subject_has_a_word() -> None:
    kinds = {model.subject.kind for model in load_content(WEB.parents[2]).models.values()}
    assert kinds <= set(labels.SUBJECT)


def test_no_unit_is_told_in_the_other_language() -> None:
    content = load_content(WEB.parents[2])
    units = {param.unit for model in content.models.values() for param in model.params.values() if param.unit}
    set_language("en")
    shown = {labels.unit_label(unit) for unit in units}
    set_language(None)
    assert not [unit for unit in shown if CHINESE.search(unit)]
