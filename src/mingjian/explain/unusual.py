"""What makes an outlier unusual, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mingjian.domain.i18n import _
from mingjian.explain.pictured import Contribution, read

MOST_SAID = 3
LEAST_SHARE = 0.1  # a feature that adds less is in the table, not in the sentence


def ranked(measures: Mapping[str, Any]) -> list[Contribution]:
    """The contributions among a finding's measures, the largest share first. Raises ContentError."""
    return sorted(read(measures, "contributions", Contribution), key=lambda c: -c.share)


def unusual_words(contributions: Sequence[Contribution], name: Callable[[str], str]) -> list[str]:
    """A sentence for each of the features that matter most; `name` gives a feature's label."""
    said = []
    for n, c in enumerate(contributions[:MOST_SAID]):
        if n and c.share < LEAST_SHARE:
            break
        lead = _("其次是{x}", x=name(c.feature)) if n else _("与同类相比，最不寻常的是{x}", x=name(c.feature))
        rest = _(
            "：本例 {v}，同类中位数 {m}（中间一半在 {q1} 至 {q3}），占偏离的 {share}。",
            v=figure(c.value),
            m=figure(c.median),
            q1=figure(c.q1),
            q3=figure(c.q3),
            share=f"{c.share:.0%}",
        )
        said.append(lead + rest)
    return said


def figure(value: float | None) -> str:
    """A number in a sentence or a table: separators, and no more digits than a reader can use."""
    if value is None:
        return "—"
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
