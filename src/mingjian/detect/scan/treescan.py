"""The tree-based space-time scan against expected counts, over places x topics x the last 1 … W days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mingjian.detect.scan.montecarlo import Method, add_up, batches, largest, p_values
from mingjian.detect.scan.statistic import Cluster, poisson_llr
from mingjian.detect.scan.tree import Tree
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _


@dataclass(frozen=True, kw_only=True)
class TreeCluster(Cluster):
    """A node of each tree over the last `days` days; `expected` is scaled to the total that was seen."""

    place: int
    topic: int


def tree_scan(
    counts: np.ndarray,
    expected: np.ndarray,
    places: Tree,
    topics: Tree,
    *,
    cases: np.ndarray | None = None,
    dispersion: np.ndarray | float = 1.0,
    n_min: int = 3,
    p_max: float = 1.0,
    most: int = 50,
    replicates: int = 999,
    seed: int = 0,
    method: Method = "rank",
) -> list[TreeCluster]:
    """Clusters of p <= p_max that share no leaf, the largest likelihood ratio first, at most `most`.

    `counts`, `expected`: (n_places, n_topics, W), leaves in the trees' order, oldest day first. Every pair of a place
    node and a topic node is tried over the last 1, 2 … W days (Kulldorff, Fang & Walsh, Biometrics 59 (2003), for
    the tree; Kulldorff, JRSS A 164 (2001), for windows that end today). The search is conditional on the total of each
    day: expectations are scaled to it, and a day when everything is up by the same factor is no cluster. Nodes of fewer
    than `n_min` cases are passed over, in the replicates too.

    A replicate puts each day's total into the leaves at random by the expected counts. With `cases` (n_places, n_topics;
    how many past cases each expectation rests on) it first draws each leaf's rate from what those cases allow
    (gamma), and with `dispersion` above 1 (number, or (n_topics,)) each cell's level too. The latter is exactly the
    null of negative binomial cells of variance `dispersion` x mean given the total (Dirichlet-multinomial), which
    adds up over the tree as Poisson counts do. Leaving both out takes expectations as known and cells as Poisson.

    p counts the replicates whose largest ratio anywhere reaches the cluster's, so it holds for the whole search and
    is conservative for all but the first cluster. Memory is bounded by batches. Raises RuleError on shapes that differ
    and on a day without expectations.
    """
    _refuse_shapes(counts, expected, places, topics)
    daily = counts.sum(axis=(0, 1)).astype(int)
    total = int(daily.sum())
    if total == 0:
        return []
    scaled = to_totals(expected, counts)
    usual = _over_nodes(scaled[None], places, topics)[:, :, 0]
    seen = _over_nodes(counts[None], places, topics)[:, :, 0]
    ratio = np.where(seen >= n_min, poisson_llr(seen, usual, total), 0.0)
    if ratio.max() <= 0:
        return []
    rng = np.random.default_rng(seed)
    maxima = []
    for size in batches(replicates, usual.size):
        drawn = _replicates(rng, scaled, daily, cases, dispersion, size)
        zones = _over_nodes(drawn, places, topics).reshape(-1, size, usual.shape[2])
        maxima.append(largest(zones, usual.reshape(-1, usual.shape[2]), total, n_min))
    p = p_values(ratio.max(axis=2), np.concatenate(maxima), method)
    return _apart(seen, usual, ratio, p, places, topics, p_max, most)


def to_totals(expected: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Expected counts (n_places, n_topics, W) scaled so that each day sums to what was seen."""
    daily = expected.sum(axis=(0, 1))
    if not (daily > 0).all():
        raise RuleError(_("有的日子没有任何期望件数"), hint=_("每天的期望合计须大于 0，例如用 baseline 计算"))
    return expected * (counts.sum(axis=(0, 1)) / daily)


def _refuse_shapes(counts: np.ndarray, expected: np.ndarray, places: Tree, topics: Tree) -> None:
    if counts.shape != expected.shape or counts.shape[:2] != (len(places.leaves), len(topics.leaves)):
        raise RuleError(
            _("计数 {a} 与期望 {b} 的形状不合", a=counts.shape, b=expected.shape),
            hint=_(
                "两者都须为 地点叶 × 主题叶 × 日：{n} × {m} × 日", n=len(places.leaves), m=len(topics.leaves)
            ),
        )


def _over_nodes(cells: np.ndarray, places: Tree, topics: Tree) -> np.ndarray:
    """(B, n_places, n_topics, W) leaf cells to sums (topic nodes, place nodes, B, W) over the last 1 … W days."""
    size, n_places, n_topics, days = cells.shape
    last = add_up(np.ascontiguousarray(cells[..., ::-1].transpose(1, 0, 2, 3)), axis=3)
    by_place = places.member @ last.reshape(n_places, -1)
    by_topic = by_place.reshape(-1, size, n_topics, days).transpose(2, 0, 1, 3).reshape(n_topics, -1)
    return np.asarray(topics.member @ by_topic).reshape(-1, len(places.nodes), size, days)


def _replicates(
    rng: np.random.Generator,
    scaled: np.ndarray,
    daily: np.ndarray,
    cases: np.ndarray | None,
    dispersion: np.ndarray | float,
    size: int,
) -> np.ndarray:
    """`size` draws of the leaf cells under "nothing happens", (size, n_places, n_topics, W)."""
    excess = np.asarray(dispersion, dtype=float) - 1.0
    mean = np.broadcast_to(scaled, (size, *scaled.shape))
    if cases is not None:
        shape = cases / np.maximum(1.0, 1.0 + excess)  # scattered cases tell less of their rate
        mean = mean * (rng.standard_gamma(shape, (size, *shape.shape)) / shape)[..., None]
    if np.any(excess > 0):
        step = np.maximum(np.broadcast_to(excess, (scaled.shape[1],)), 1e-3)[:, None]
        mean = rng.standard_gamma(mean / step) * step
    share = np.moveaxis(mean, 3, 1).reshape(size, len(daily), -1)
    share = share / share.sum(axis=2, keepdims=True)
    drawn = rng.multinomial(daily, share).astype(np.float32)
    return np.moveaxis(drawn.reshape(size, len(daily), *scaled.shape[:2]), 1, 3)


def _apart(
    seen: np.ndarray,
    usual: np.ndarray,
    ratio: np.ndarray,
    p: np.ndarray,
    places: Tree,
    topics: Tree,
    p_max: float,
    most: int,
) -> list[TreeCluster]:
    """Greedily the best window of each node, leaving out nodes that overlap a better one; ties go to the narrower."""
    best = ratio.max(axis=2)
    topic, place = np.nonzero((best > 0) & (p <= p_max))
    narrow = topics.depth[topic] + places.depth[place]
    order = np.lexsort((topic, place, -narrow, -np.round(best[topic, place], 9)))
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    found: list[TreeCluster] = []
    for t, q in zip(topic[order], place[order], strict=True):
        if len(found) == most:
            break
        mine = topics.under(t), places.under(q)
        if any((mine[0] & a).any() and (mine[1] & b).any() for a, b in taken):
            continue
        taken.append(mine)
        w = int(ratio[t, q].argmax())
        found.append(
            TreeCluster(
                place=int(q),
                topic=int(t),
                days=w + 1,
                n=round(float(seen[t, q, w])),
                expected=float(usual[t, q, w]),
                llr=float(best[t, q]),
                p=float(p[t, q]),
                rank=len(found) + 1,
            )
        )
    return found
