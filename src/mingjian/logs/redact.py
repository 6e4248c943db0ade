"""Numbers of people and secrets, cut out of any string; the second net below the list of fields."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

CUT = "[cut]"
_PATTERNS = (
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]+"),
    re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*(?=@)"),  # user:password of an address
    re.compile(r"(?i)(?<![\w-])(?:password|passwd|token|secret|api[_-]?key)=[^\s&;]+"),
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),  # identity number
    re.compile(r"(?<!\d)(?:\d[ -]?){14,18}\d(?!\d)"),  # old identity number, bank card
    re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),  # mobile phone
    re.compile(r"(?<![\w-])0\d{2,3}-\d{7,8}(?!\d)"),  # fixed line
)


def redact(text: str) -> str:
    """The text with identity numbers, phones, bank cards, tokens and passwords cut out."""
    for pattern in _PATTERNS:
        text = pattern.sub(CUT, text)
    return text


def combed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: redacts every string of the line, within lists and mappings too."""
    return {k: _comb(v) for k, v in line.items()}


def _comb(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return [_comb(v) for v in value]
    if isinstance(value, dict):
        return {_comb(k): _comb(v) for k, v in value.items()}
    return value


def holds_personal(text: str) -> bool:
    """Whether anything in the text would be cut out."""
    return redact(text) != text
