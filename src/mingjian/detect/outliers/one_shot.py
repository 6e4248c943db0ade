"""One-shot detectors: fitted on the rows they judge, and their own training scores are the result.

ECOD and COPOD mix the rows they were fitted on with those they are asked about, so no other use of them is sound;
a neighbour or an ensemble by rank is told apart the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyod.models.base import BaseDetector

from mingjian.detect.outliers import catalogue, explain
from mingjian.detect.outliers.ensemble import DEFAULT, members_of, rank_average
from mingjian.detect.outliers.scaling import robust_z

ENSEMBLE = "Ensemble"
NAMES = ("ECOD", "COPOD", "KNN", "LOF", ENSEMBLE)


@dataclass(frozen=True)
class Judged:
    """Scores of the rows (n,), higher is more unusual, and what is needed to say why: one detector or several."""

    z: np.ndarray
    scores: np.ndarray
    fitted: list[BaseDetector]
    each: np.ndarray  # (n, members): every member's own scores

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """For the rows numbered `rows` (k,), each feature's share in the score: (k, d), each row sums to 1."""
        shares = [self._of_member(n, rows) for n in range(len(self.fitted))]
        return np.mean(shares, axis=0)

    def _of_member(self, n: int, rows: np.ndarray) -> np.ndarray:
        detector = self.fitted[n]
        if hasattr(detector, "O"):
            return explain.by_tail(detector.O[rows], self.z[rows])
        return explain.by_occlusion(detector.decision_function, self.z[rows], self.each[rows, n])


def judge(name: str, z: np.ndarray, seed: int, options: dict[str, Any]) -> Judged:
    """Judge the rows `z` (n, d; robust deviations) with the detector `name`; same rows and seed, same scores."""
    names = members_of(options) if name == ENSEMBLE else (name,)
    own = {} if name == ENSEMBLE else {k: v for k, v in options.items() if k != "min_z"}
    fitted, each = zip(*(catalogue.fit(member, z, seed, own) for member in names), strict=True)
    columns = np.column_stack(each)
    scores = rank_average(columns) if name == ENSEMBLE else columns[:, 0]
    return Judged(z, scores, list(fitted), columns)


def candidate_scores(x: np.ndarray, names: tuple[str, ...], seed: int) -> dict[str, np.ndarray]:
    """One-shot scores (n,) of the rows `x` (n, d; as measured, scaled here) by each detector named.

    For use as features of a re-ranking. `Ensemble` is the default ensemble; its members are not fitted twice.
    """
    z = robust_z(np.asarray(x, dtype=float))
    single = [n for n in names if n != ENSEMBLE]
    wanted = dict.fromkeys([*single, *(DEFAULT if ENSEMBLE in names else ())])
    scores = {name: catalogue.fit(name, z, seed, {})[1] for name in wanted}
    if ENSEMBLE in names:
        scores[ENSEMBLE] = rank_average(np.column_stack([scores[m] for m in DEFAULT]))
    return {name: scores[name] for name in names}
