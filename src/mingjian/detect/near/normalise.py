"""Texts in one spelling: width, case, accents and punctuation aside, figures as a sign of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_FIGURES = re.compile(r"\d+")
_APART = re.compile(r"[\W_]+")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_BETWEEN = re.compile(r"(?<=[\u2e80-\u9fff\uf900-\ufaff]) | (?=[\u2e80-\u9fff\uf900-\ufaff])")
_PLAIN = re.compile(r"[a-z0-9 ]*")
FIGURE = "0"


def normalise(text: str, *, keep_figures: bool = False) -> str:
    """NFKC, lower case, Latin letters without accents, punctuation as one blank; figures become 0 unless kept.

    Replies that differ only in a date, a number or an amount are the same template. Between Chinese signs blanks
    mean nothing and go; between Latin words one stays.
    """
    flat = unicodedata.normalize("NFKC", text).lower()
    if _ACCENTED.search(flat):
        bare = unicodedata.normalize("NFKD", flat)
        flat = unicodedata.normalize("NFC", "".join(c for c in bare if not unicodedata.combining(c)))
    flat = _APART.sub(" ", flat if keep_figures else _FIGURES.sub(FIGURE, flat)).strip()
    return flat if _PLAIN.fullmatch(flat) else _close_up(flat)


def normalise_all(texts: Iterable[str | None], *, keep_figures: bool = False) -> list[str]:
    """Each text normalised, equal texts once; a missing text is empty."""
    done: dict[str | None, str] = {None: ""}
    found = []
    for text in texts:
        if text not in done:
            done[text] = normalise(text, keep_figures=keep_figures) if isinstance(text, str) else ""
        found.append(done[text])
    return found


def _close_up(text: str) -> str:
    return _BETWEEN.sub("", text)
