"""The PyOD detectors that models may name, alone or as members of an ensemble, and how one is made."""

from __future__ import annotations

import importlib
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyod.models.base import BaseDetector

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

# Neighbours are searched among at most so many rows: beyond, a search takes minutes and gigabytes.
MOST_NEIGHBOURS = 100_000
REFERENCE = 20_000  # rows drawn as the reference of a group larger than that

# A constant feature makes a covariance singular: MCD then takes the pseudo-inverse, which is what is wanted.
warnings.filterwarnings("ignore", message="The covariance matrix associated to your dataset is not full rank")


@dataclass(frozen=True)
class Entry:
    """`seeded`: draws random numbers. `mixes`: its score of a row depends on the batch the row came in.

    `neighbours`: looks for each row's neighbours, so that its cost grows faster than the rows.
    """

    seeded: bool = False
    mixes: bool = False
    neighbours: bool = False


ENTRIES: dict[str, Entry] = {
    "ECOD": Entry(mixes=True),
    "COPOD": Entry(mixes=True),
    "IForest": Entry(seeded=True),
    "HBOS": Entry(),
    "PCA": Entry(seeded=True),
    "GMM": Entry(seeded=True),
    "MCD": Entry(seeded=True),
    "INNE": Entry(seeded=True),
    "LODA": Entry(seeded=True),
    "CBLOF": Entry(seeded=True),
    "KNN": Entry(neighbours=True),
    "LOF": Entry(neighbours=True),
    "OCSVM": Entry(neighbours=True),
}


def make(name: str, seed: int, settings: dict[str, Any] | None = None) -> BaseDetector:
    """A detector that is not fitted yet; RuleError for a name or a setting that it does not know."""
    if name not in ENTRIES:
        raise RuleError(
            _("没有离群检测器 {name}", name=name),
            hint=_("可用检测器:{names}", names="、".join(ENTRIES)),
        )
    drawn = {"random_state": seed} if ENTRIES[name].seeded else {}
    found = getattr(importlib.import_module(f"pyod.models.{name.lower()}"), name)
    try:
        return found(**(settings or {}), **drawn)
    except TypeError as error:
        raise RuleError(
            _("检测器 {name} 没有这样的设置：{error}", name=name, error=error),
            hint=_("detector.options 只写 min_z、members 和 PyOD 该检测器的参数"),
        ) from error


def fit(
    name: str, z: np.ndarray, seed: int, settings: dict[str, Any] | None = None
) -> tuple[BaseDetector, np.ndarray]:
    """The detector fitted on `z` (n, d), and its scores (n,) of these very rows, higher is more unusual.

    Where neighbours of too many rows would have to be found it is fitted on a drawn reference, and all are scored.
    """
    detector = make(name, seed, settings)
    drawn = reference(name, len(z), seed)
    detector.fit(z[drawn])
    if len(drawn) == len(z):
        return detector, finite(name, detector.decision_scores_)
    scores = np.asarray(detector.decision_function(z), dtype=float)
    scores[drawn] = detector.decision_scores_  # a row of the reference is not its own neighbour
    return detector, finite(name, scores)


def finite(name: str, scores: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Scores with what is infinite put just beyond the finite ones of `among` (else of themselves).

    PCA and others divide by the spread of a direction, which is zero where one feature follows from another.
    Raises RuleError when there is no finite score at all.
    """
    known = np.asarray(scores if among is None else among, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        raise RuleError(
            _("检测器 {name} 对这组数据没有可用的得分", name=name),
            hint=_("去掉恒定或可由其他特征推出的特征，或换用 default"),
        )
    low, beyond = float(known.min()), float(known.max()) + float(known.std() or 1.0)
    return np.nan_to_num(np.asarray(scores, dtype=float), nan=low, posinf=beyond, neginf=low)


def reference(name: str, rows: int, seed: int) -> np.ndarray:
    """Which of `rows` rows the detector is fitted on: all, or a sample drawn without replacement, in order."""
    if not ENTRIES[name].neighbours or rows <= MOST_NEIGHBOURS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, REFERENCE, replace=False))
