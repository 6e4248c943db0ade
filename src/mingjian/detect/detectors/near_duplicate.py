"""Units that give near-duplicate texts to different matters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from mingjian.detect.near import near_duplicates
from mingjian.domain.model import Model, detector_of

MEASURES = ["texts", "alike", "topics", "unresolved", "share_pct"]


def near_duplicate(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """One row for each subject: its largest cluster of texts that say nearly the same about different topics.

    The detector's `columns` name the key of a text and the text. `frame` has one row per text: these two, the subject,
    the period, `region_code`, `topic` and `unresolved` (0 or 1). Parameters: `similarity`, the least Jaccard similarity
    of a text with its cluster's centre; `n` texts of a cluster over `topics_min` topics are the least. Adds `texts` of
    the subject, `alike` (texts of the cluster), its `topics` and `unresolved`, `share_pct`; `_members` are the keys of
    the cluster's texts.
    """
    detector = detector_of(model)
    key, text = detector.columns
    subject, period = model.subject.column, model.period
    within, _names = pd.factorize(frame[subject], sort=True)
    found = near_duplicates(
        frame[text].tolist(), float(values["similarity"]), detector.seed, within=within.astype("int64")
    )
    rows = frame.assign(cluster=found.labels)
    clusters = rows.groupby([subject, "cluster"], as_index=False, sort=True).agg(
        **{period: (period, "first")},
        region_code=("region_code", "first"),
        alike=(key, "size"),
        topics=("topic", "nunique"),
        unresolved=("unresolved", "sum"),
        _members=(key, lambda keys: sorted(map(str, keys))),
    )
    many = (clusters["alike"] >= int(values["n"])) & (clusters["topics"] >= int(values["topics_min"]))
    most = clusters[many].sort_values([subject, "alike", "cluster"], ascending=[True, False, True])
    most = most.drop_duplicates(subject).reset_index(drop=True)
    most["texts"] = most[subject].map(frame.groupby(subject).size()).astype("int64")
    most["share_pct"] = (100 * most["alike"] / most["texts"]).round(1)
    return most[[subject, period, "region_code", *MEASURES, "_members"]]
