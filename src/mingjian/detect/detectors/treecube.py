"""Daily counts by place and topic as a cube with its two trees, from rows of place, topic, day and n."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from mingjian.detect.scan import Baseline, Tree, baseline
from mingjian.detect.scan.tree import DIGITS


@dataclass(frozen=True)
class TreeCube:
    """`counts`: (n_places, n_topics, n_days), leaves in the trees' order, the last day being `as_of`."""

    counts: np.ndarray
    places: Tree
    topics: Tree
    as_of: date
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame, as_of: date, most: int) -> TreeCube | None:
        """The last `most` days, or fewer where the rows begin later; None without rows."""
        age = (pd.Timestamp(as_of) - pd.to_datetime(frame["day"])).dt.days.to_numpy()
        kept = (age >= 0) & (age < most)
        frame, age = frame[kept], age[kept]
        if frame.empty:
            return None
        groups = frame.dropna(subset=["topic_group"]).groupby("topic")["topic_group"].min().to_dict()
        places = Tree.of_codes(frame["place"].tolist())
        topics = Tree.of_paths(
            {t: [groups[t]] if groups.get(t, t) != t else [] for t in sorted(set(frame["topic"]))}
        )
        days = int(age.max()) + 1
        at = (
            pd.Index(places.leaves).get_indexer(pd.Index(frame["place"])),
            pd.Index(topics.leaves).get_indexer(pd.Index(frame["topic"])),
            days - 1 - age,
        )
        counts = np.zeros((len(places.leaves), len(topics.leaves), days), dtype=np.float32)
        np.add.at(counts, at, frame["n"].to_numpy(dtype=np.float32))
        return cls(counts, places, topics, as_of, _names(frame))

    @property
    def days(self) -> int:
        return self.counts.shape[2]

    def baseline(self, history: int) -> Baseline:
        """What the first `history` days lead one to expect of all days."""
        first = pd.Timestamp(self.as_of) - pd.Timedelta(days=self.days - 1)
        return baseline(self.counts, history, first.weekday())

    def name(self, place: int) -> str:
        """The region's name, its code where it has none."""
        return self.names.get(self.places.nodes[place], self.places.nodes[place])

    def members(self, places: np.ndarray, topics: np.ndarray, window: slice) -> list[str]:
        """ "place|topic" of the leaves that had cases in the window."""
        had = self.counts[:, :, window].sum(axis=2) * places[:, None] * topics[None, :]
        return [f"{self.places.leaves[p]}|{self.topics.leaves[t]}" for p, t in np.argwhere(had)]


def _names(frame: pd.DataFrame) -> dict[str, str]:
    own = frame.dropna(subset=["place_name"]).groupby("place")["place_name"].min()
    named = frame.dropna(subset=["district_name"])
    districts = named.groupby(named["place"].str[: DIGITS[0]])["district_name"].min()
    return {str(code): str(name) for part in (own, districts) for code, name in part.items()}
