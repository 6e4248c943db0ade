"""Fit-then-score detectors: fitted once on past rows; a new row's score does not depend on what comes with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyod.models.base import BaseDetector

from mingjian.detect.outliers import catalogue, explain
from mingjian.detect.outliers.ensemble import members_of, rank_against
from mingjian.detect.outliers.peers import Peers, groups, peers_of
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _
from mingjian.domain.model import Model, detector_of

ENSEMBLE = "FittedEnsemble"
NAMES = ("IForest", "HBOS", "PCA", "GMM", ENSEMBLE)


@dataclass(frozen=True)
class Fitted:
    """One group's fit: its peers of the training day, and a detector (or several) with the scores they gave them."""

    peers: Peers
    detectors: list[BaseDetector]
    trained: np.ndarray  # (n, members)
    ensemble: bool

    def score(self, z: np.ndarray) -> np.ndarray:
        """Scores (k,) of rows `z` (k, d; robust deviations by the training peers), higher is more unusual."""
        each = self._each(z)
        return rank_against(each, self.trained) if self.ensemble else each[:, 0]

    def shares(self, z: np.ndarray) -> np.ndarray:
        """Each feature's share in the rows' scores: (k, d), each row sums to 1."""
        each = self._each(z)
        parts = [
            explain.by_occlusion(d.decision_function, z, each[:, n]) for n, d in enumerate(self.detectors)
        ]
        return np.mean(parts, axis=0)

    def quantiles(self) -> list[float]:
        """The training scores' quartiles, tenths and last hundredth: what a rebuilt fit must come to again."""
        scores = rank_against(self.trained, self.trained) if self.ensemble else self.trained[:, 0]
        return [float(q) for q in np.quantile(scores, [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0])]

    def _each(self, z: np.ndarray) -> np.ndarray:
        columns = zip(self.detectors, self.trained.T, strict=True)
        return np.column_stack(
            [catalogue.finite(type(d).__name__, d.decision_function(z), known) for d, known in columns]
        )


def fit(frame: pd.DataFrame, model: Model) -> dict[str, Fitted]:
    """A fit for each peer group of the training rows that is large enough, by the group's name."""
    return {name: _fit(peers_of(rows, model), model) for name, rows in groups(frame, model)}


def _fit(peers: Peers, model: Model) -> Fitted:
    detector = detector_of(model)
    ensemble = detector.name == ENSEMBLE
    names = members_of(detector.options) if ensemble else (detector.name,)
    for name in names:
        _refuse_mixing(name)
    own = {} if ensemble else {k: v for k, v in detector.options.items() if k != "min_z"}
    z = peers.scaled(peers.x)
    fits, trained = zip(*(catalogue.fit(name, z, detector.seed, own) for name in names), strict=True)
    return Fitted(peers, list(fits), np.column_stack(trained), ensemble)


def _refuse_mixing(name: str) -> None:
    if name in catalogue.ENTRIES and catalogue.ENTRIES[name].mixes:
        raise RuleError(
            _("{name} 的得分取决于同批的其他行，不能先拟合后打分", name=name),
            hint=_("改用 Ensemble，或换成 {names}", names="、".join(NAMES[:-1])),
        )
