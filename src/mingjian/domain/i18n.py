"""Chinese first, English by switch: messages are written in Chinese and translated by gettext catalogues."""

from __future__ import annotations

import os
from contextvars import ContextVar
from functools import cache
from importlib import resources

from babel.messages.pofile import read_po

from mingjian.domain.typeset import chinese_marks

LANGUAGES = ("zh", "en")
_language: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """The reader's language: set for this request, else MINGJIAN_LANG, else zh."""
    chosen = _language.get() or os.environ.get("MINGJIAN_LANG", "zh")
    return chosen if chosen in LANGUAGES else "zh"


def set_language(lang: str | None) -> None:
    """Choose the language of this request or command."""
    _language.set(lang)


@cache
def _catalogue(lang: str) -> dict[str, str]:
    """All messages of one language: every `locale/<lang>/*.po`, one file per room."""
    found: dict[str, str] = {}
    folder = resources.files("mingjian") / "locale" / lang
    if not folder.is_dir():
        return found
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                found.update({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})
    return found


def _(text: str, **values: object) -> str:
    """Translate a Chinese message and fill its `{named}` places."""
    lang = language()
    said = _typeset(text) if lang == "zh" else _catalogue(lang).get(text, text)
    return said.format(**values) if values else said


def pick(names: dict, lang: str | None = None) -> str:
    """The zh or en text of a content file's name pair."""
    wanted = lang or language()
    said = str(names.get(wanted) or names.get("zh") or "")
    return _typeset(said) if wanted == "zh" else said


@cache
def _typeset(text: str) -> str:
    """Files are typed with half-width marks; readers of Chinese get full-width ones."""
    return chinese_marks(text)
