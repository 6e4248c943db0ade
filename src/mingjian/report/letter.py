"""Letters: words (YAML with Jinja2 in its strings) become one text, and the text becomes HTML and Word.

Both forms are laid out from the same text, so they cannot say different things.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from docxtpl import DocxTemplate
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import Field, ValidationError

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.source import Strict
from mingjian.domain.typeset import chinese_marks

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Section(Strict):
    """A headed part: an optional table, then paragraphs."""

    heading: str
    columns: list[str] = Field(default_factory=list)
    rows: list[list[str]] = Field(default_factory=list)
    paragraphs: list[str] = Field(default_factory=list)


class LetterText(Strict):
    """A letter's whole text in one language."""

    head: str
    title: str
    number: str
    addressee: str
    opening: str
    sections: list[Section]
    contact: str
    signature: str
    date: str
    copies: str


@dataclass(frozen=True)
class Letter:
    """A finished letter in both forms."""

    text: LetterText
    html: str
    docx: bytes = field(repr=False)


def write_letter(folder: Path, lang: str, facts: Mapping[str, Any]) -> Letter:
    """Fill `folder/words.<lang>.yaml` with the facts and lay it out by `letter.html` and `letter.docx`.

    Raises ContentError naming the file when its words ask for a fact that is not there.
    """
    text = letter_text(folder / f"words.{lang}.yaml", lang, facts)
    layout = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    html = layout.get_template("letter.html").render(letter=text, lang=lang)
    return Letter(text, html, _word(folder / "letter.docx", text))


def letter_text(path: Path, lang: str, facts: Mapping[str, Any]) -> LetterText:
    """The words of one language with the facts filled in; empty paragraphs are left out."""
    words = yaml.safe_load(path.read_text(encoding="utf-8"))
    jinja = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    jinja.filters["day"] = lambda at: _day(at, lang)
    jinja.filters["moment"] = lambda at: _moment(at, lang)
    try:
        filled = _fill(jinja, words["letter"], {**facts, "kinds": words["kinds"]}, lang)
        return LetterText.model_validate(filled)
    except (TemplateError, ValidationError) as error:
        raise ContentError(
            f"{path}: {error}", hint=_("对照同目录的 example.yaml 核对文字中用到的字段")
        ) from error


def _fill(jinja: Environment, part: Any, facts: dict[str, Any], lang: str) -> Any:
    if isinstance(part, dict):
        return {key: _fill(jinja, value, facts, lang) for key, value in part.items()}
    if isinstance(part, list):
        return [filled for filled in (_fill(jinja, value, facts, lang) for value in part) if filled]
    filled = jinja.from_string(part).render(facts).strip()
    return chinese_marks(filled) if lang == "zh" else filled


def _word(template: Path, text: LetterText) -> bytes:
    document = DocxTemplate(template)
    document.render({"letter": text.model_dump()}, autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _day(at: datetime, lang: str) -> str:
    local = at.astimezone(CITY_TZ)
    if lang == "en":
        return f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月{local.day}日"


def _moment(at: datetime, lang: str) -> str:
    local = at.astimezone(CITY_TZ)
    clock = f"{local:%H:%M}"
    return f"{_day(at, lang)}, {clock}" if lang == "en" else f"{_day(at, lang)} {clock}"
