"""Scan statistics as detectors: `hotspot_scan` over circles on a grid, `tree_scan` over districts and topics."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mingjian.detect.detectors.scanrows import (
    HOTSPOT,
    TREE,
    cluster_columns,
    district_spread,
    scope_columns,
    settings,
    table,
)
from mingjian.detect.detectors.treecube import TreeCube
from mingjian.detect.scan import (
    COMMON,
    ROOT,
    Baseline,
    CircleCluster,
    Spread,
    TreeCluster,
    permutation_scan,
    tree_scan,
)
from mingjian.detect.scan.circles import to_km
from mingjian.detect.scan.curve import curve
from mingjian.detect.scan.treescan import to_totals
from mingjian.domain.model import Model

DISTRICT_DIGITS = 6
WEEK = 7


def hotspots(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Space-time clusters of one topic (`mingjian.detect.scan.permutation_scan`), one row each.

    `frame` has a row per request: `service_request_id`, `topic`, `cell`, `lat`, `long` (degrees; a cell stands at the
    median of its requests), `region_code` and `day`. Values: `r_km`, `w_days`, `n` (least requests), `p_low` (largest
    p told), `least_days` of history, and `d_min`, `share`, `lift` for the scope (districts where the topic rose
    against its own days before). Options: `replicates`, `steps` (radii), `method`.

    The subject is the topic and the cell that received most requests, which stays while circles shrink and grow; the
    period is the Monday of the week in which the cluster began. `_members` are the requests.
    """
    where = frame.groupby("cell")[["lat", "long"]].median().dropna()
    frame = frame[frame["cell"].isin(where.index)].sort_values("service_request_id")
    age = (pd.Timestamp(as_of) - pd.to_datetime(frame["day"])).dt.days.to_numpy()
    if not len(frame) or age.max() + 1 < int(values["least_days"]):
        return table([], HOTSPOT)
    topic, names = pd.factorize(frame["topic"], sort=True)
    cell = where.index.get_indexer(pd.Index(frame["cell"]))
    km = to_km(where["lat"].to_numpy(), where["long"].to_numpy())
    limits: dict[str, Any] = {"r_km": float(values["r_km"]), "w_days": int(values["w_days"])}
    found = permutation_scan(topic, cell, age, km, **limits, **settings(model, values))
    rows = []
    for c in found:
        of_topic = topic == c.topic
        own, own_age = frame[of_topic], age[of_topic]
        inside = np.isin(cell[of_topic], c.cells)
        recent = own[inside & (own_age < c.days)]
        cells = recent["cell"].value_counts().sort_index()
        regions = recent["region_code"].dropna().value_counts().sort_index()
        rows.append(
            cluster_columns(c, f"{names[c.topic]}|{cells.idxmax()}", str(names[c.topic]), as_of)
            | scope_columns(_risen(own["region_code"], own_age, c, values))
            | {
                "region_code": regions.idxmax() if len(regions) else None,
                "places": list(cells.index),
                "cells": len(cells),
                "lat": round(float(where["lat"].iloc[c.centre]), 3),
                "long": round(float(where["long"].iloc[c.centre]), 3),
                "radius_km": round(c.radius, 2),
                "curve": _circle_curve(inside, own_age, c.days, as_of, int(age.max())),
                "_members": recent["service_request_id"].tolist(),
            }
        )
    return table(rows, HOTSPOT)


def tree_clusters(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Clusters over the district tree and the topic tree (`mingjian.detect.scan.tree_scan`), one row each.

    `frame` has a row per place, topic and day: `place` (region code of the town, or of the district where no town is
    known), `place_name`, `district_name`, `topic`, `topic_group` (may be missing), `day`, `n`. Values: `w_days`,
    `history_days`, `least_days` (of history), `n` (least requests), `p_low` (largest p told), and for the scope
    `d_min`, `share`, `lift`. Options: `replicates`, `method`.

    A topic that rose in many districts is a common problem and one row, whose place is the whole city (`*`) and whose
    figures are those of the districts that rose; its `p` and `rank` are those of its strongest cluster. Everything
    else is a point problem at its own node. `_members` are "place|topic" of the leaves.
    """
    days = int(values["w_days"])
    cube = TreeCube.of(frame, as_of, most=int(values["history_days"]) + days)
    if cube is None or cube.days - days < max(int(values["least_days"]), WEEK):
        return table([], TREE)
    usual = cube.baseline(cube.days - days)
    last = slice(cube.days - days, cube.days)
    seen, learnt = cube.counts[:, :, last], usual.expected(last)
    known: dict[str, Any] = {"cases": usual.cases, "dispersion": usual.dispersion}
    found = tree_scan(seen, learnt, cube.places, cube.topics, **known, **settings(model, values))
    scaled = to_totals(learnt, seen) if found else learnt
    rows = [_tree_row(cube, usual, scaled, c, values) for c in found]
    strongest = {row["cluster"]: row for row in reversed(rows)}
    return table(sorted(strongest.values(), key=lambda row: row["rank"]), TREE)


def _tree_row(
    cube: TreeCube, usual: Baseline, scaled: np.ndarray, c: TreeCluster, values: dict[str, Any]
) -> dict[str, Any]:
    topic, window = cube.topics.nodes[c.topic], slice(-c.days, None)
    topics, inside = cube.topics.under(c.topic), cube.places.under(c.place)
    n, expected = (cells[:, topics, window].sum(axis=(1, 2)) for cells in (cube.counts, scaled))
    dispersion = float(np.average(usual.dispersion[topics], weights=usual.rate[:, topics].sum(axis=0)))
    districts = cube.places.level(1)
    member = cube.places.member[districts]
    over = district_spread(member @ n, member @ expected, values, dispersion)
    place, name = cube.places.nodes[c.place], cube.name(c.place)
    codes = [cube.places.leaves[i] for i in np.flatnonzero(inside & (n > 0))]
    if over.scope == COMMON and topic != ROOT:
        risen = districts[over.risen]
        inside = np.any([cube.places.under(d) for d in risen], axis=0)
        place, name = ROOT, "、".join(cube.name(d) for d in risen)
        codes = [cube.places.nodes[d] for d in risen]
    here, due = float(n[inside].sum()), float(expected[inside].sum())
    per_day = cube.counts[inside][:, topics].sum(axis=(0, 1))
    due_per_day = usual.rate[inside][:, topics].sum(axis=0) @ usual.factor[topics]
    figures = {
        "region_code": None if place == ROOT else place,
        "place": place,
        "place_name": name,
        "n": round(here),
        "expected": round(due, 2),
        "ratio": round(here / due, 2),
        "places": codes,
        "curve": curve(per_day, due_per_day, c.days, cube.as_of, dispersion),
        "_members": cube.members(inside, topics, window),
    }
    return cluster_columns(c, f"{place}|{topic}", topic, cube.as_of) | scope_columns(over) | figures


def _risen(regions: pd.Series, age: np.ndarray, c: CircleCluster, values: dict[str, Any]) -> Spread:
    """Where the cluster's topic rose in its days, against the days before, by district."""
    known = regions.notna().to_numpy()
    code, names = pd.factorize(regions[known].str[:DISTRICT_DIGITS], sort=True)
    recent = age[known] < c.days
    n, before = (np.bincount(code[part], minlength=len(names)) for part in (recent, ~recent))
    return district_spread(n, before * c.days / max(int(age.max()) + 1 - c.days, 1), values)


def _circle_curve(
    inside: np.ndarray, age: np.ndarray, days: int, as_of: date, oldest: int
) -> list[dict[str, Any]]:
    """Daily requests of one topic in the circle; expected is the circle's share of the topic's own day."""
    n, all_n = (np.bincount(oldest - ages, minlength=oldest + 1) for ages in (age[inside], age))
    return curve(n, all_n * inside.mean(), days, as_of)
