"""What every scan detector says of a cluster: the columns, their types, and the figures that all clusters have."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.detect.scan import CircleCluster, Spread, TreeCluster, recurrence_days, spread
from mingjian.detect.scan.curve import TYPE
from mingjian.domain.model import Model, detector_of

SHARED = {
    "cluster": pa.string(),
    "topic": pa.string(),
    "region_code": pa.string(),
    "week": pa.date32(),
    "first_day": pa.date32(),
    "last_day": pa.date32(),
    "days": pa.int64(),
    "n": pa.int64(),
    "expected": pa.float64(),
    "ratio": pa.float64(),
    "p": pa.float64(),
    "rank": pa.int64(),
    "recurrence": pa.int64(),
    "scope": pa.string(),
    "districts": pa.int64(),
    "all_districts": pa.int64(),
    "share_pct": pa.float64(),
    "places": pa.list_(pa.string()),
    "curve": TYPE,
    "_members": pa.list_(pa.string()),
}
TREE = SHARED | {"place": pa.string(), "place_name": pa.string()}
HOTSPOT = SHARED | {
    "lat": pa.float64(),
    "long": pa.float64(),
    "radius_km": pa.float64(),
    "cells": pa.int64(),
}


def cluster_columns(c: CircleCluster | TreeCluster, subject: str, topic: str, as_of: date) -> dict[str, Any]:
    """The cluster's own figures; `week` is the Monday of the week in which it began."""
    first = as_of - timedelta(days=c.days - 1)
    return {
        "cluster": subject,
        "topic": topic,
        "week": first - timedelta(days=first.weekday()),
        "first_day": first,
        "last_day": as_of,
        "days": c.days,
        "n": c.n,
        "expected": round(c.expected, 2),
        "ratio": round(c.ratio, 2),
        "p": round(c.p, 6),
        "rank": c.rank,
        "recurrence": round(recurrence_days(c.p)),
    }


def scope_columns(s: Spread) -> dict[str, Any]:
    """In how many districts the topic rose, and so whether it is a point or a common problem."""
    return {
        "scope": s.scope,
        "districts": int(s.risen.sum()),
        "all_districts": len(s.risen),
        "share_pct": round(100 * s.share, 1),
    }


def district_spread(
    n: np.ndarray, expected: np.ndarray, values: dict[str, Any], dispersion: float = 1.0
) -> Spread:
    """`spread` over districts with the model's own thresholds."""
    return spread(
        n,
        expected,
        dispersion=dispersion,
        lift=float(values["lift"]),
        least=int(values["d_min"]),
        least_share=float(values["share"]),
    )


def settings(model: Model, values: dict[str, Any]) -> dict[str, Any]:
    """What both scans are told: least cases, largest p, seed, and the detector's options."""
    detector = detector_of(model)
    limits = {"n_min": int(values["n"]), "p_max": float(values["p_low"])}
    return {**detector.options, **limits, "seed": detector.seed}


def table(rows: list[dict[str, Any]], types: dict[str, pa.DataType]) -> pd.DataFrame:
    """Typed also where there is no row, so that the level's SQL always finds its columns."""
    rows_as_arrow = pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))
    return rows_as_arrow.to_pandas(types_mapper=pd.ArrowDtype)
