"""An outlier beside its peers as the page shows it: a strip a feature, and typical peers in a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mingjian.domain.i18n import _
from mingjian.explain.pictured import Contribution, TypicalPeer
from mingjian.explain.unusual import figure, unusual_words
from mingjian.web.pictures.strip import draw_strip
from mingjian.web.pictures.words import Words


@dataclass(frozen=True)
class Feature:
    """One feature of an outlier: its label, its share of the deviation, its strip and the figures of that."""

    name: str
    share: str
    strip: Markup
    value: str
    median: str
    middle_half: str


@dataclass(frozen=True)
class Unusual:
    """What sets an outlier apart, and its features beside those of typical peers."""

    said: str
    features: list[Feature]
    columns: list[str]
    rows: list[list[str]]


def unusual_figures(
    contributions: Sequence[Contribution],
    peers: Sequence[TypicalPeer],
    words: Words,
    masked: Callable[[str], str],
) -> Unusual | None:
    """Contributions in their given order; `masked` gives a peer's id as this reader may see it. None without any."""
    if not contributions:
        return None
    marks = [_("同类 {id}", id=masked(peer.id)) for peer in peers]
    return Unusual(
        said=unusual_words(contributions, words.feature)[0],
        features=[_feature(c, words) for c in contributions],
        columns=[_("特征"), _("本例"), _("同类中位数"), _("偏离（倍标准差）"), *marks],
        rows=[
            [
                words.feature(c.feature),
                figure(c.value),
                figure(c.median),
                f"{round(c.z, 1) + 0:+,.1f}",  # + 0: no minus before a zero
                *(figure(peer.value(c.feature)) for peer in peers),
            ]
            for c in contributions
        ],
    )


def _feature(c: Contribution, words: Words) -> Feature:
    return Feature(
        name=words.feature(c.feature),
        share=f"{c.share:.0%}",
        strip=draw_strip(c),
        value=figure(c.value),
        median=figure(c.median),
        middle_half=_("{a} 至 {b}", a=figure(c.q1), b=figure(c.q3)),
    )
