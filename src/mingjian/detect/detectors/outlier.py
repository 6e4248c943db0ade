"""Outliers among peers: the `top_k` of each peer group, robustly far off, with the reasons as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.detect.outliers import fitted, one_shot
from mingjian.detect.outliers.explain import contributions, typical_peers
from mingjian.detect.outliers.kept import Standing, fit_for
from mingjian.detect.outliers.peers import Peers, groups, peers_of
from mingjian.detect.outliers.scaling import MOST_Z
from mingjian.domain.model import Detector, Model, detector_of

DEFAULT = "default"  # what stands behind it: docs/decisions/0012
NAMES = (DEFAULT, *one_shot.NAMES, *fitted.NAMES)
MIN_Z = 3.5
_TEXT, _NUMBER = pa.string(), pa.float64()
_SHARES = pa.list_(
    pa.struct([("feature", _TEXT), *((c, _NUMBER) for c in ("value", "share", "median", "q1", "q3", "z"))])
)
_LAKE = pa.list_(pa.struct([("table", _TEXT), ("version", pa.int64())]))
_FIT = pa.struct([("trained_on", _TEXT), ("rows", pa.int64()), ("record", _TEXT), ("lake", _LAKE)])


@dataclass(frozen=True)
class Judged:
    """Rows of one group: their peers, features as measured (n, d), scores (n,), and shares (k, d) of the k rows asked."""

    peers: Peers
    x: np.ndarray
    scores: np.ndarray
    shares: Callable[[np.ndarray], np.ndarray]


def outliers(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """The `top_k` rows of each peer group that also lie `min_z` robust deviations off in some feature.

    `frame` holds one row per entity with the detector's `columns` (numeric; rows with a gap are left out).
    Adds: outlier_rank (1 = most unusual), outlier_pct (its share from the top, in %), peers, top_feature,
    top_value, top_median, top_z (robust z of the most deviating feature: (x - median) / (1.4826 MAD), at most
    ±999; the spread is taken as at least a thousandth of the median), contributions (features by their share in the
    score) and typical_peers (the three nearest the median). Groups below `min_peers` are not judged.

    A one-shot detector is fitted on the rows it judges; a fit-then-score one judges them by a kept fit of past rows,
    whose peers they are compared with, and adds `fit` (its training day, rows, lake versions and record).
    """
    standing = fit_for(model, values, as_of, frame) if detector_of(model).name in fitted.NAMES else None
    told = []
    for name, rows in groups(frame, model, whole=standing is None):
        judged = _by_own(rows, model) if standing is None else _by_fit(name, rows, model, standing)
        if judged is not None:
            told.append(_told(rows, model, judged))
    if not told:
        told.append(_nobody(frame.iloc[:0], model))
    found = pd.concat(told, ignore_index=True)
    return found.assign(fit=_column([standing.said] * len(found), _FIT)) if standing else found


def _by_own(rows: pd.DataFrame, model: Model) -> Judged:
    detector, peers = detector_of(model), peers_of(rows, model)
    name = one_shot.ENSEMBLE if detector.name == DEFAULT else detector.name
    judged = one_shot.judge(name, peers.scaled(peers.x), detector.seed, detector.options)
    return Judged(peers, peers.x, judged.scores, judged.shares)


def _by_fit(name: str, rows: pd.DataFrame, model: Model, standing: Standing) -> Judged | None:
    """None for a group that was not there, or too small, on the training day."""
    fit = standing.groups.get(name)
    if fit is None:
        return None
    x = rows[detector_of(model).columns].to_numpy(dtype=float)
    z = fit.peers.scaled(x)
    return Judged(fit.peers, x, fit.score(z), lambda chosen: fit.shares(z[chosen]))


def _nobody(rows: pd.DataFrame, model: Model) -> pd.DataFrame:
    peers = peers_of(rows, model)
    return _told(rows, model, Judged(peers, peers.x, np.zeros(0), lambda _chosen: peers.x))


def _told(rows: pd.DataFrame, model: Model, judged: Judged) -> pd.DataFrame:
    """The rows to report, with their measures."""
    detector, peers = detector_of(model), judged.peers
    rank = pd.Series(judged.scores, dtype=float).rank(ascending=False, method="first").to_numpy()
    z = peers.scaled(judged.x)
    far = np.round(np.abs(z).max(axis=1, initial=0.0), 2) >= float(detector.options.get("min_z", MIN_Z))
    chosen = np.flatnonzero(far & (rank <= detector.top_k))
    x, z, rank = judged.x[chosen], z[chosen], rank[chosen]
    n, top = np.arange(len(x)), np.abs(z).argmax(axis=1)
    out = rows.iloc[chosen].copy()
    out["outlier_rank"] = rank.astype(int)
    out["outlier_pct"] = np.round(100 * rank / max(len(rows), 1), 3)
    out["peers"] = len(peers.x)
    out["top_feature"] = np.array(detector.columns)[top]
    out["top_value"] = np.round(x[n, top], 4)
    out["top_median"] = np.round(peers.center[top], 4)
    out["top_z"] = np.round(np.clip(z[n, top], -MOST_Z, MOST_Z), 2)
    why = contributions(peers, detector.columns, x, judged.shares(chosen)) if len(chosen) else []
    out["contributions"] = _column(why, _SHARES)
    out["typical_peers"] = _column([typical_peers(peers, detector.columns)] * len(chosen), _typical(detector))
    return out


def _typical(detector: Detector) -> pa.DataType:
    return pa.list_(pa.struct([("id", _TEXT), *((c, _NUMBER) for c in detector.columns)]))


def _column(values: list[Any], kind: pa.DataType) -> pd.api.extensions.ExtensionArray:
    """A typed column, so that an engine knows its kind when nothing was found."""
    return pd.arrays.ArrowExtensionArray(pa.array(values, type=kind))
