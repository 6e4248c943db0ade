"""Names of people and companies in one spelling, how they are read, and how rare their parts are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from mingjian.detect.near.normalise import normalise

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_FORM_ZH = re.compile(r"(股份|有限责任|有限|责任|集团)*(公司|集团)$|(合伙企业|个体工商户|经营部)$")
_DOTTED = re.compile(r"\b([^\W\d_])[./](?=[^\W\d_]\b)")
# What kind of company it is says little of which one: Portuguese, English, German and French forms.
_FORMS = """ltda ltd limitada limited eireli epp mei me sa s a cia inc llc llp co corp corporation company plc gmbh ag
    sarl sas de da do das dos e and the of"""
FORMS = frozenset(_FORMS.split())


@dataclass(frozen=True)
class Names:
    """n names: `plain` in one spelling, `read` as they sound or without order, `parts` words or signs of each.

    `weight` is the information of each part in nats, -log(share of names that have it). `known` is that of each whole
    name: how unlikely it is to draw its number of parts, and just these from all parts of all names.
    """

    plain: list[str]
    read: list[str]
    parts: list[tuple[str, ...]]
    weight: dict[str, float]
    known: NDArray[np.float64]


def names_of(texts: Sequence[str | None]) -> Names:
    """Names made comparable; a missing one is empty throughout."""
    once = {text: _parsed(text) for text in dict.fromkeys(texts)}
    rows = [once[text] for text in texts]
    kinds = {row[2] for row in rows if row[2]}
    having = Counter(part for parts in kinds for part in set(parts))
    lengths = Counter(len(parts) for parts in kinds)
    names, drawn = len(kinds), sum(having.values())
    weight = {part: float(np.log((names + 1) / n)) for part, n in having.items()}
    longer = {size: float(np.log((names + 1) / n)) for size, n in lengths.items()}
    more = float(np.log((drawn + 1) / (names + 1)))
    known = [longer.get(len(r[2]), 0.0) + sum(weight[p] + more for p in set(r[2])) for r in rows]
    return Names([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], weight, np.array(known))


def _parsed(text: str | None) -> tuple[str, str, tuple[str, ...]]:
    if not isinstance(text, str):
        return "", "", ()
    plain = normalise(_DOTTED.sub(r"\1", text), keep_figures=True)
    if _HAN.search(plain):
        plain = plain.replace(" ", "")
        short = _FORM_ZH.sub("", plain) or plain
        sounds = tuple(reading(sign) for sign in short)
        return plain, " ".join(sounds), sounds
    words = plain.split()
    telling = tuple(sorted(w for w in words if w not in FORMS)) or tuple(sorted(words))
    return plain, " ".join(telling), telling


@cache
def reading(sign: str) -> str:
    """How a Chinese sign is read, without tone (traditional and simplified signs are read alike); others as they are."""
    return lazy_pinyin(sign)[0]


def is_chinese(text: str) -> bool:
    return bool(_HAN.search(text))
