"""Nothing that is kept of a failure tells a secret or where a person can be reached."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "***"
MOST = 300
_SHORTEST_SECRET = 4  # a shorter one would hide ordinary words and is no secret
_TELLING = (
    re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.I),  # addresses of gateways, with whatever stands in them
    re.compile(r"[^\s@<>'\"(]+@[^\s@<>'\",)]+"),
    re.compile(r"\+?\d[\d -]{5,}\d"),  # phone numbers
)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """`text` on one line, without these secrets, URLs, mail addresses and phone numbers, at most 300 characters."""
    said = " ".join(text.split())
    for secret in sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True):
        said = said.replace(secret, HIDDEN)
    for telling in _TELLING:
        said = telling.sub(HIDDEN, said)
    return said[:MOST]
