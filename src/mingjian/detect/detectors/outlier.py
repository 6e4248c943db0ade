"""Outliers among peers with PyOD: robust scaling inside the peer group, one-shot scores, a top-k budget."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mingjian.domain.model import Detector, Model

# ECOD and COPOD mix training rows with new ones when asked to score a batch, so all are used one-shot here.
ONE_SHOT = ("ECOD", "COPOD", "IForest", "HBOS", "KNN", "PCA")
SEEDED = ("IForest", "PCA")
# Peers that agree to within rounding noise would make any real difference look like billions of deviations.
LEAST_SPREAD = 1e-3  # of the median: a row must lie min_z thousandths of the median off to be far at all
MOST_Z = 999.0


def outliers(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """The `top_k` rows of each peer group that also lie `min_z` robust deviations off in some feature.

    `frame` holds one row per entity with the detector's `columns` (numeric; rows with a gap are left out).
    Adds: outlier_rank (1 = most unusual), outlier_pct (its share from the top, in %), peers, top_feature,
    top_value, top_median, top_z (robust z of the most deviating feature: (x - median) / (1.4826 MAD), at most
    ±999; the spread is taken as at least a thousandth of the median).
    Groups below `min_peers` are not judged.
    """
    detector = model.detector
    assert detector is not None  # noqa: S101 - registered for models with a detector
    usable = frame.dropna(subset=detector.columns)
    groups = usable.groupby(detector.peer_group, sort=True) if detector.peer_group else [("", usable)]
    judged = [_judge(group, detector) for _name, group in groups if len(group) >= detector.min_peers]
    if not judged:
        judged = [_judge(usable.iloc[:0], detector)]
    return pd.concat(judged, ignore_index=True)


def _judge(group: pd.DataFrame, detector: Detector) -> pd.DataFrame:
    x = group[detector.columns].to_numpy(dtype=float)
    center = np.median(x, axis=0) if len(x) else np.zeros(x.shape[1])
    z = (x - center) / _spread(x, center)
    raw = _scores(z, detector) if len(x) else np.zeros(0)
    rank = pd.Series(raw).rank(ascending=False, method="first").to_numpy()
    top = np.abs(z).argmax(axis=1) if len(x) else np.zeros(0, dtype=int)
    rows = np.arange(len(x))
    out = group.copy()
    out["outlier_rank"] = rank.astype(int)
    out["outlier_pct"] = np.round(100 * rank / max(len(x), 1), 3)
    out["peers"] = len(x)
    out["top_feature"] = np.array(detector.columns)[top]
    out["top_value"] = np.round(x[rows, top], 4)
    out["top_median"] = np.round(center[top], 4)
    out["top_z"] = np.round(np.clip(z[rows, top], -MOST_Z, MOST_Z), 2)
    far = np.abs(out["top_z"]) >= float(detector.options.get("min_z", 3.5))
    return out[far & (out["outlier_rank"] <= detector.top_k)]


def _spread(x: np.ndarray, center: np.ndarray) -> np.ndarray:
    """1.4826 MAD; where more than half of the peers agree, the mean deviation, then 1. Never below the floor."""
    if not len(x):
        return np.ones(x.shape[1])
    deviation = np.abs(x - center)
    mad = 1.4826 * np.median(deviation, axis=0)
    mean = 1.2533 * deviation.mean(axis=0)
    floor = LEAST_SPREAD * np.maximum(np.abs(center), 1e-9)
    return np.maximum(np.where(mad > 0, mad, np.where(mean > 0, mean, 1.0)), floor)


def _scores(z: np.ndarray, detector: Detector) -> np.ndarray:
    import importlib

    module = importlib.import_module(f"pyod.models.{detector.name.lower()}")
    settings = {k: v for k, v in detector.options.items() if k != "min_z"}
    if detector.name in SEEDED:
        settings["random_state"] = detector.seed
    fitted = getattr(module, detector.name)(**settings).fit(z)
    return np.asarray(fitted.decision_scores_, dtype=float)
