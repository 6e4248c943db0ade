"""Chinese punctuation for printed Chinese: half-width marks are set as full-width ones."""

from __future__ import annotations

import re

_HAN = "\u4e00-\u9fff"
_CLOSING = "\uff09\u300b\u201d\u3015"
_FULL = {",": "\uff0c", ";": "\uff1b", ":": "\uff1a", "?": "\uff1f", "!": "\uff01"}
_MARK = re.compile(rf"(?<=[{_HAN}{_CLOSING}])[,;:?!]\s*|[,;:?!](?=[{_HAN}])")
_BRACKETS = re.compile(rf"\(([^()]*[{_HAN}][^()]*)\)|(?<=[{_HAN}])\(([^()]*)\)")


def chinese_marks(text: str) -> str:
    """Full-width marks beside Chinese characters; numbers, times and codes keep theirs.

    >>> chinese_marks("\u5408\u8ba1 1,500 \u5143(\u542b 2 \u9879),\u8bf7\u6838\u5bf9:18:00") == (
    ...     "\u5408\u8ba1 1,500 \u5143\uff08\u542b 2 \u9879\uff09\uff0c\u8bf7\u6838\u5bf9\uff1a18:00")
    True
    """
    text = _BRACKETS.sub(lambda m: f"\uff08{m[1] if m[1] is not None else m[2]}\uff09", text)
    return _MARK.sub(lambda m: _FULL[m[0][0]], text)
