"""From a model's rows to series: counts by day of every series and of every node above it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from mingjian.detect.surge.hierarchy import Tree, tree
from mingjian.domain.model import Model, detector_of

WHOLE_PLACE, WHOLE_TOPIC = "全市", "全部"
PART, RECENT = 0.02, 28  # a place with less of a node's last days does not say when the node's history begins


@dataclass(frozen=True)
class Series:
    """Nodes of the hierarchy, the leaves last; `counts` is sparse, (n_nodes, days), its last day is `last`.

    `begun` is the first day (a column) on which the node's places all report: counts before it mean nothing.
    """

    names: np.ndarray
    regions: np.ndarray
    topics: list[list[str]]
    hierarchy: Tree
    counts: csr_array
    begun: np.ndarray
    last: date

    @property
    def days(self) -> int:
        return int(self.counts.shape[1])

    def day(self, column: int) -> date:
        return self.last - timedelta(days=self.days - 1 - column)

    def window(self, rows: np.ndarray, columns: int, until: int) -> np.ndarray:
        """Counts of some nodes over the `columns` days that end before column `until`."""
        return np.asarray(self.counts[rows][:, until - columns : until].toarray())


def series_of(frame: pd.DataFrame, places: list[str], topics: list[str], last: date) -> Series:
    """Series from rows of `series`, `region_code`, `day`, `n`, and the columns `places` and `topics` (coarse first).

    Days without a row count 0 from the day on which the series' place (its coarsest, else its region) first reports.
    """
    days = pd.to_datetime(frame["day"])
    column = (days - days.min()).dt.days.to_numpy()
    span = (pd.Timestamp(last) - days.min()).days + 1
    code, names = pd.factorize(frame["series"], sort=True)
    known = column < span
    leaf_counts = csr_array(
        (frame["n"].to_numpy(dtype=float)[known], (code[known], column[known])), shape=(len(names), span)
    )
    about = frame.groupby("series", sort=True)[["region_code", *places, *topics]].first()
    labels = about[[*places, *topics]].astype(object).fillna("").astype(str)
    hierarchy = tree(labels, places, topics)
    home = pd.factorize(labels[places[0]] if places else about["region_code"].fillna(""))[0]
    first = pd.Series(column).groupby(home[code]).min().to_numpy()
    return Series(
        names=_names(hierarchy.labels, places, topics, np.asarray(names, dtype=object)),
        regions=_regions(hierarchy.labels, places, about["region_code"].to_numpy(dtype=object)),
        topics=[[t for t in row if t] for row in hierarchy.labels[topics].to_numpy(dtype=object)],
        hierarchy=hierarchy,
        counts=csr_array(hierarchy.members @ leaf_counts),
        begun=_begun(hierarchy, leaf_counts, home, first),
        last=last,
    )


def options_of(model: Model) -> tuple[list[str], list[str]]:
    """The detector's `options`: columns of places and of topics, coarse first; none where the model names none."""
    options = detector_of(model).options
    return list(options.get("places", [])), list(options.get("topics", []))


def weekly(series: Series) -> csr_array:
    """Counts by full week (seven days that end on the series' last day), oldest first: (n_nodes, weeks)."""
    weeks = series.days // 7
    days = np.arange(series.days - 7 * weeks, series.days)
    week = np.repeat(np.arange(weeks), 7)
    return csr_array(
        series.counts @ csr_array((np.ones(len(days)), (days, week)), shape=(series.days, weeks))
    )


def _begun(hierarchy: Tree, leaf_counts: csr_array, home: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The latest first day among the places that hold a part of a node's last days; `home` is each leaf's place."""
    lately = np.asarray(leaf_counts[:, -RECENT:].sum(axis=1)).ravel() + 1e-9  # a quiet place is a place too
    leaves = np.arange(len(home))
    held = csr_array(hierarchy.members @ csr_array((lately, (leaves, home)), shape=(len(home), len(first))))
    whole = np.repeat(np.asarray(held.sum(axis=1)).ravel(), np.diff(held.indptr))
    counted = np.where(held.data >= PART * whole, first[held.indices], 0)
    return np.maximum.reduceat(counted, held.indptr[:-1]).astype(int)


def _names(labels: pd.DataFrame, places: list[str], topics: list[str], leaves: np.ndarray) -> np.ndarray:
    """Leaves keep their own names; a node above is told by the whole path to it."""
    inner = labels.iloc[: len(labels) - len(leaves)]
    place = [_path(row, WHOLE_PLACE) for row in inner[places].to_numpy(dtype=object)]
    topic = [_path(row, WHOLE_TOPIC) for row in inner[topics].to_numpy(dtype=object)]
    above = [f"{p}|{t}" for p, t in zip(place, topic, strict=True)]
    return np.array([*above, *leaves], dtype=object)


def _path(row: np.ndarray, whole: str) -> str:
    known = [str(label) for label in row if label]  # a broader topic that the source does not give is empty
    if not len(row) or row[0] is None:
        return whole
    return "/".join([*known, WHOLE_TOPIC] if row[-1] is None else known)


def _regions(labels: pd.DataFrame, places: list[str], leaves: np.ndarray) -> np.ndarray:
    """A leaf's own region; above it the finest place known, and none for the whole."""
    found = np.full(len(labels), None, dtype=object)
    for place in places:
        known = labels[place].notna().to_numpy()
        found[known] = labels[place].to_numpy(dtype=object)[known]
    found[len(labels) - len(leaves) :] = leaves
    return found
