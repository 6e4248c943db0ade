"""Connected components of a two-sided graph (persons and accounts, companies and addresses), hubs taken out."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mingjian.domain.model import Model, detector_of

MEASURES = ["members", "groups", "links", "kinds", "amount", "flag"]


def components(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """One row per component of two or more groups, told by its central right node.

    The detector's `columns` name the left and the right node of an edge (person, account). `frame` has one row per
    edge, kind and group: the two nodes, `kind` (programme), `grouping` (household or kin tie of the left node; may
    be missing), `amount`, `since` (ISO text), `flag` (0 or 1) and `region_code`. Left nodes that share a grouping
    count as one group. Right nodes with more than `hub_max` left nodes join what has nothing to do with each other
    and are taken out first.

    The central right node serves most groups, then most money, then comes first by name; `since` is when its second
    left node appeared, so it stays the same while the component lasts. Measures: members and links (left and right
    nodes), groups, kinds (most kinds on one right node of two or more groups), amount, flag (largest). `_members`
    lists the right nodes, for the evidence.
    """
    detector = detector_of(model)
    left, right = detector.columns
    edges = _without_hubs(frame, left, right, int(values["hub_max"]))
    if edges.empty:
        return _none(right)
    grouping = edges["grouping"].fillna("alone " + edges[left])
    edges = edges.assign(component=_labels(edges[left], edges[right]), group=_labels(edges[left], grouping))
    once = edges.sort_values([left, right, "kind"]).drop_duplicates([left, right, "kind"])
    nodes = _right_nodes(once, left, right)
    whole = once.groupby("component").agg(
        members=(left, "nunique"),
        groups=("group", "nunique"),
        links=(right, "nunique"),
        amount=("amount", "sum"),
        flag=("flag", "max"),
        _members=(right, lambda names: sorted(set(names))),
    )
    central = nodes.sort_values(
        ["component", "groups", "amount", right], ascending=[True, False, False, True]
    )
    central = central.drop_duplicates("component").set_index("component")
    kinds = nodes["kinds"].where(nodes["groups"] >= 2, 0).groupby(nodes["component"]).max()
    whole = whole.join(central[[right, "region_code", "since"]]).assign(kinds=kinds)
    whole["amount"] = whole["amount"].round(2)
    found = whole[whole["groups"] >= 2].sort_values(right)
    return found[[right, "region_code", "since", *MEASURES, "_members"]].reset_index(drop=True)


def _without_hubs(frame: pd.DataFrame, left: str, right: str, hub_max: int) -> pd.DataFrame:
    degree = frame.groupby(right)[left].nunique()
    return frame[frame[right].map(degree) <= hub_max]


def _labels(left: pd.Series, right: pd.Series) -> np.ndarray:
    """For each edge the number of the connected component it belongs to."""
    one, names = pd.factorize(left, sort=True)
    two, others = pd.factorize(right, sort=True)
    size = len(names) + len(others)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, two + len(names))), shape=(size, size))
    _count, label = connected_components(graph, directed=False)
    return np.asarray(label)[one]


def _right_nodes(once: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Per right node: component, groups, kinds, amount, region and when its second left node appeared."""
    nodes = once.groupby(right).agg(
        component=("component", "first"),
        groups=("group", "nunique"),
        kinds=("kind", "nunique"),
        amount=("amount", "sum"),
        region_code=("region_code", "max"),
    )
    first = once.groupby([right, left])["since"].min().sort_values(kind="stable").reset_index()
    place = first.groupby(right).cumcount()
    return nodes.assign(since=first[place <= 1].groupby(right)["since"].max()).reset_index()


def _none(right: str) -> pd.DataFrame:
    texts: dict[str, pd.Series] = {c: pd.Series(dtype="str") for c in (right, "region_code", "since")}
    numbers = {c: pd.Series(dtype="int64") for c in MEASURES} | {"amount": pd.Series(dtype="float64")}
    return pd.DataFrame(texts | numbers | {"_members": pd.Series(dtype="object")})
