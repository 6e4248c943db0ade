"""The prospective space-time permutation scan over circles: only cases, no population and no expected counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mingjian.detect.scan.circles import Circles, circles, keep
from mingjian.detect.scan.montecarlo import Method, add_up, batches, largest, p_values
from mingjian.detect.scan.statistic import Cluster, poisson_llr


@dataclass(frozen=True, kw_only=True)
class CircleCluster(Cluster):
    """Cases of one topic in a circle over the last `days` days; `cells` are those of the circle that hold cases."""

    topic: int
    centre: int
    radius: float
    cells: np.ndarray


@dataclass(frozen=True)
class _Study:
    """The cases in an order that does not depend on how they came, and the margins that permuting keeps."""

    topic: np.ndarray  # (n_sites,) a site is a cell that holds cases of a topic
    cell: np.ndarray
    site: np.ndarray  # (n_cases,) sorted by site, hence by topic
    recent: np.ndarray  # positions of the cases of the last W days
    age: np.ndarray  # (n_recent,) 0 is the last day
    days: int
    total: np.ndarray  # (n_topics,)
    share: np.ndarray  # (n_topics, W) share of a topic's cases in the last 1 … W days

    def counts(self, picked: np.ndarray) -> np.ndarray:
        """(B, n_recent) sites that received the recent days, to (n_sites, B, W) counts of the last 1 … W days."""
        size, sites = len(picked), len(self.topic)
        key = (picked.astype(np.int64) * size + np.arange(size)[:, None]) * self.days + self.age[None, :]
        cells = np.bincount(key.ravel(), minlength=sites * size * self.days).astype(np.float32)
        return add_up(cells.reshape(sites, size, self.days), axis=2)


def permutation_scan(
    topic: np.ndarray,
    cell: np.ndarray,
    age: np.ndarray,
    cell_km: np.ndarray,
    *,
    r_km: float,
    w_days: int,
    steps: int = 4,
    n_min: int = 2,
    p_max: float = 1.0,
    most: int = 50,
    replicates: int = 999,
    seed: int = 0,
    method: Method = "rank",
) -> list[CircleCluster]:
    """Clusters of p <= p_max, the largest likelihood ratio first; two of one topic share no cell.

    `topic`, `cell`, `age`: (n_cases,) integers; age 0 is today, larger ages reach back over the study period.
    `cell_km`: (n_cells, 2). Circles about every cell with cases, of radius 0, 1/steps … 1 times `r_km`, over the last
    1 … `w_days` days. Within a topic the expected count of a circle and window is (its share of the places) x (its
    share of the days), and a replicate deals the topic's days out to its cases afresh, so that neither a busy place
    nor a busy day is a cluster: only a place that is busy on those days more than elsewhere (Kulldorff, Heffernan,
    Hartman, Assunção & Mostashari, PLoS Medicine 2 (2005) e59).

    All topics are searched at once and p counts the replicates whose largest ratio over all of them reaches the
    cluster's, so it holds for the whole search. A replicate's window holds 4 bytes a recent case; all else goes by
    blocks of bounded size.
    """
    study = _study(topic, cell, age, w_days)
    if not len(study.recent) or not len(cell_km):
        return []
    picked = _deal(study, topic_sizes=study.total, replicates=replicates, seed=seed)
    seen_sites = study.counts(study.site[study.recent][None, :])
    whole = np.bincount(study.site, minlength=len(study.topic))
    maxima = np.zeros(replicates)
    best: list[np.ndarray] = []
    for block in circles(cell_km[study.cell], study.topic, r_km, steps):
        zone = np.cumsum((block.rings @ whole).reshape(-1, block.n_rings), axis=1)
        enough = zone[:, -1] >= n_min
        if not enough.any():
            continue
        inside, zone = keep(block, enough), zone[enough]
        of = study.topic[inside.centres]
        usual = zone[:, :, None] * study.share[of][:, None, :]
        best.append(_best(inside, seen_sites, usual, study.total[of], n_min))
        done = 0
        for size in batches(replicates, max(usual.size, len(study.topic) * w_days)):
            now = slice(done, done + size)
            zones = _inside(inside, study.counts(picked[now])).reshape(-1, size, w_days)
            peak = largest(
                zones, usual.reshape(-1, w_days), np.repeat(study.total[of], inside.n_rings), n_min
            )
            maxima[now] = np.maximum(maxima[now], peak)
            done += size
    found = np.concatenate(best) if best else np.zeros((0, 6))
    found = np.column_stack([found, p_values(found[:, 5], maxima, method)])
    return _apart(found[(found[:, 5] > 0) & (found[:, 6] <= p_max)], study, cell_km, r_km / steps, most)


def _study(topic: np.ndarray, cell: np.ndarray, age: np.ndarray, w_days: int) -> _Study:
    order = np.lexsort((age, cell, topic))
    topic, cell, age = topic[order], cell[order], age[order]
    sites, site = np.unique(np.column_stack([topic, cell]), axis=0, return_inverse=True)
    recent = np.flatnonzero(age < w_days)
    total = np.bincount(topic)
    daily = np.bincount(topic[recent] * w_days + age[recent], minlength=len(total) * w_days)
    share = np.cumsum(daily.reshape(len(total), w_days), axis=1) / np.maximum(total, 1)[:, None]
    return _Study(
        sites[:, 0], sites[:, 1], site.ravel().astype(np.int32), recent, age[recent], w_days, total, share
    )


def _deal(study: _Study, topic_sizes: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """For each replicate the sites that receive the recent days, (replicates, n_recent)."""
    rng = np.random.default_rng(seed)
    topic = np.repeat(np.arange(len(topic_sizes)), topic_sizes)
    picked = np.empty((replicates, len(study.recent)), dtype=np.int32)
    for number in range(replicates):
        order = np.argsort(topic + rng.random(len(topic)))
        picked[number] = study.site[order[study.recent]]
    return picked


def _inside(block: Circles, sites: np.ndarray) -> np.ndarray:
    """(n_sites, B, W) counts to (n_centres, n_rings, B, W) counts inside each circle."""
    _n, size, days = sites.shape
    rings = np.asarray(block.rings @ sites.reshape(len(sites), -1))
    return add_up(rings.reshape(-1, block.n_rings, size, days), axis=1)


def _best(block: Circles, sites: np.ndarray, usual: np.ndarray, total: np.ndarray, n_min: int) -> np.ndarray:
    """Each centre's best circle and window: (n_centres, 6) of centre site, ring, days, n, expected, ratio."""
    seen = _inside(block, sites)[:, :, 0, :]
    ratio = np.where(seen >= n_min, poisson_llr(seen, usual, total[:, None, None]), 0.0)
    at = ratio.reshape(len(ratio), -1).argmax(axis=1)
    ring, window = np.divmod(at, ratio.shape[2])
    i = np.arange(len(ratio))
    where = (i, ring, window)
    return np.column_stack([block.centres, ring, window + 1, seen[where], usual[where], ratio[where]])


def _apart(
    found: np.ndarray, study: _Study, cell_km: np.ndarray, step: float, most: int
) -> list[CircleCluster]:
    """Greedily by ratio, then the smaller circle; a circle that shares a cell with a better one of its topic goes."""
    taken = np.zeros(len(study.topic), dtype=bool)
    clusters: list[CircleCluster] = []
    for row in found[np.lexsort((found[:, 0], found[:, 1], -np.round(found[:, 5], 9)))]:
        if len(clusters) == most:
            break
        site, radius = int(row[0]), row[1] * step
        away = np.hypot(*(cell_km[study.cell] - cell_km[study.cell[site]]).T)
        mine = (study.topic == study.topic[site]) & (away <= radius * (1 + 1e-6) + 1e-6)
        if (mine & taken).any():
            continue
        taken |= mine
        clusters.append(
            CircleCluster(
                topic=int(study.topic[site]),
                centre=int(study.cell[site]),
                radius=float(radius),
                cells=study.cell[mine],
                days=int(row[2]),
                n=int(row[3]),
                expected=float(row[4]),
                llr=float(row[5]),
                p=float(row[6]),
                rank=len(clusters) + 1,
            )
        )
    return clusters
