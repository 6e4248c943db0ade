"""Letters: words (YAML with Jinja2 in its strings) become one text, and the text becomes HTML and Word.

Both forms are laid out from the same text, so they cannot say different things.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from docxtpl import DocxTemplate
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, Field, ValidationError

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.source import Strict
from mingjian.domain.typeset import chinese_marks

T = TypeVar("T", bound=BaseModel)
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
    return Letter(text, *lay_out(folder, "letter", lang, text))


def letter_text(path: Path, lang: str, facts: Mapping[str, Any]) -> LetterText:
    """The words of one language with the facts filled in; empty paragraphs are left out."""
    return read_words(path, "letter", lang, facts, LetterText)


def lay_out(folder: Path, name: str, lang: str, text: BaseModel) -> tuple[str, bytes]:
    """The text as a page by `folder/<name>.html` and as a Word file by `<name>.docx`; both know it as `<name>`."""
    layout = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    html = layout.get_template(f"{name}.html").render({name: text, "lang": lang})
    return html, _word(folder / f"{name}.docx", {name: text.model_dump()})


def read_words(path: Path, part: str, lang: str, facts: Mapping[str, Any], into: type[T]) -> T:
    """`part` of a words file with the facts filled in; raises ContentError when it asks for one that is not there.

    Filters: `day`, `moment`, and `count` for a number with its thousands marked. Where a table's `rows` are a name
    instead of a list, they are those of `facts["tables"]`.
    """
    words = yaml.safe_load(path.read_text(encoding="utf-8"))
    jinja = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    jinja.filters["day"] = lambda at: _day(at, lang)
    jinja.filters["count"] = "{:,}".format
    jinja.filters["moment"] = lambda at: _moment(at, lang)
    try:
        filled = _fill(jinja, words[part], {**facts, "kinds": words.get("kinds", {})}, lang)
        return into.model_validate(filled)
    except (TemplateError, ValidationError) as error:
        raise ContentError(
            f"{path}: {error}", hint=_("对照同目录的 example.yaml 核对文字中用到的字段")
        ) from error


def _fill(jinja: Environment, part: Any, facts: dict[str, Any], lang: str) -> Any:
    if isinstance(part, dict):
        named = part.get("rows")
        filled = {key: _fill(jinja, value, facts, lang) for key, value in part.items()}
        return {**filled, "rows": facts["tables"][named]} if isinstance(named, str) else filled
    if isinstance(part, list):
        return [filled for filled in (_fill(jinja, value, facts, lang) for value in part) if filled]
    said = jinja.from_string(part).render(facts).strip()
    return chinese_marks(said) if lang == "zh" else said


def _word(template: Path, context: dict[str, Any]) -> bytes:
    document = DocxTemplate(template)
    document.render(context, autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _day(at: date, lang: str) -> str:
    local = at.astimezone(CITY_TZ) if isinstance(at, datetime) else at
    if lang == "en":
        return f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月{local.day}日"


def _moment(at: datetime, lang: str) -> str:
    local = at.astimezone(CITY_TZ)
    clock = f"{local:%H:%M}"
    return f"{_day(at, lang)}, {clock}" if lang == "en" else f"{_day(at, lang)} {clock}"
