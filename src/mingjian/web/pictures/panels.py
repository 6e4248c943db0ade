"""All pictures of one warning, from the row of the warning table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping

from mingjian.content import Content
from mingjian.domain.errors import ContentError
from mingjian.domain.model import Model
from mingjian.explain.pictured import Bar, Event, Point, TypicalPeer, read
from mingjian.explain.unusual import ranked
from mingjian.web.masking import Masker
from mingjian.web.pictures.figures import Figures, bar_figures, curve_figures
from mingjian.web.pictures.peers import Unusual, unusual_figures
from mingjian.web.pictures.words import Words


@dataclass(frozen=True)
class Pictures:
    """The pictures of one warning; `unreadable` says why one that should be there is not."""

    curve: Figures | None = None
    bars: Figures | None = None
    unusual: Unusual | None = None
    unreadable: str = ""


def pictures_of(row: RowMapping, model: Model | None, content: Content, masker: Masker) -> Pictures:
    """The pictures for this reader; none for most warnings, whose model leaves no data for any."""
    words = Words(model, content)
    seen = row["measures"]
    growing = int(seen.get("growing") or 0)

    def masked(peer: str) -> str:
        return masker.subject(row["subject_kind"], peer, row["model"])

    try:
        return Pictures(
            curve_figures(read(seen, "curve", Point), read(seen, "events", Event), growing, words),
            bar_figures(read(seen, "bars", Bar), words),
            unusual_figures(ranked(seen), read(seen, "typical_peers", TypicalPeer), words, masked),
        )
    except ContentError as error:
        return Pictures(unreadable=str(error))
