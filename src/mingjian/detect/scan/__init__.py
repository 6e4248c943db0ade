"""Kulldorff's scan statistics: which places, over which last days, hold more cases than chance would put there.

`tree_scan` looks over an administrative tree and a topic tree against expected counts, `permutation_scan` over
circles on a grid with nothing known but the cases. Both ask of the last 1 … W days ("prospective") and answer with
clusters whose p-value holds for the whole search: however many places, topics and windows were tried, a city where
nothing happens has an alarm of p <= 0.01 on one day in a hundred. `spread` tells a point problem from a common one.
"""

from mingjian.detect.scan.baseline import Baseline, baseline
from mingjian.detect.scan.montecarlo import p_values, recurrence_days
from mingjian.detect.scan.permutation import CircleCluster, permutation_scan
from mingjian.detect.scan.spread import COMMON, POINT, Spread, spread
from mingjian.detect.scan.statistic import poisson_llr
from mingjian.detect.scan.tree import ROOT, Tree
from mingjian.detect.scan.treescan import TreeCluster, tree_scan

__all__ = [
    "COMMON",
    "POINT",
    "ROOT",
    "Baseline",
    "CircleCluster",
    "Spread",
    "Tree",
    "TreeCluster",
    "baseline",
    "p_values",
    "permutation_scan",
    "poisson_llr",
    "recurrence_days",
    "spread",
    "tree_scan",
]
