"""Near-duplicate texts among up to millions: who is like whom, and clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mingjian.detect.near.jaccard import jaccard
from mingjian.detect.near.minhash import SLOTS, bands_for, candidates, signatures
from mingjian.detect.near.normalise import normalise_all
from mingjian.detect.near.shingles import shingles_of
from mingjian.detect.near.stars import star_labels
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

BLOCK = 20_000  # texts whose shingles are in memory at once


@dataclass(frozen=True)
class NearDuplicates:
    """`pairs`: left, right (positions, left < right) and their Jaccard similarity, 1 for equal texts.

    `labels`: for each text the position of its cluster's centre. Every text is at least `threshold` like its centre,
    so clusters cannot chain. Equal texts are paired with the first of them only; the labels say the rest.
    """

    pairs: pd.DataFrame
    labels: NDArray[np.int64]


def near_duplicates(
    texts: Sequence[str | None],
    threshold: float = 0.8,
    seed: int = 20260101,
    *,
    within: NDArray[np.int64] | None = None,
    keep_figures: bool = False,
    slots: int = SLOTS,
) -> NearDuplicates:
    """Texts whose sets of shingles have a Jaccard similarity of `threshold` or more.

    Texts are compared normalised (see `normalise`); empty ones are like nothing. `within` keeps pairs inside groups
    of equal code. Candidates come from MinHash bands (a pair at the threshold is missed one time in 200), each is
    then measured exactly. Memory: the texts and `slots` times 4 bytes for each distinct one. RuleError for a
    threshold outside (0, 1].
    """
    if not 0 < threshold <= 1:
        raise RuleError(_("相似度阈值须大于 0、不超过 1"), hint=_("threshold 常用 0.8"))
    plain = normalise_all(texts, keep_figures=keep_figures)
    code = np.zeros(len(plain), dtype=np.int64) if within is None else within
    first, kept = _first_of_equals(plain, code)
    own = [plain[i] for i in kept]
    left, right, alike = _near(own, code[kept], threshold, seed, slots)
    centre = star_labels(left, right, len(own))
    place = np.searchsorted(kept, first)
    labels = kept[centre][place]
    empty = np.fromiter((not t for t in plain), dtype=bool, count=len(plain))
    labels[empty] = np.flatnonzero(empty)
    copies = np.flatnonzero((first != np.arange(len(plain))) & ~empty)
    pairs = pd.DataFrame(
        {
            "left": np.concatenate([first[copies], kept[left]]),
            "right": np.concatenate([copies, kept[right]]),
            "jaccard": np.concatenate([np.ones(len(copies)), alike]),
        }
    )
    return NearDuplicates(pairs.sort_values(["left", "right"], ignore_index=True), labels)


def _first_of_equals(
    plain: Sequence[str], code: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each text the position of the first equal one of its code, and the positions of those, in order."""
    number = (
        pd.MultiIndex.from_arrays([code, np.array(plain, dtype=object)]).factorize()[0]
        if len(plain)
        else np.zeros(0, np.int64)
    )
    kept = np.unique(number, return_index=True)[1]
    first = np.asarray(kept, dtype=np.int64)[number]
    return first, np.sort(np.asarray(kept, dtype=np.int64))


def _near(
    texts: list[str], code: NDArray[np.int64], threshold: float, seed: int, slots: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    none = np.zeros(0, dtype=np.int64)
    if len(texts) < 2:
        return none, none, np.zeros(0)
    parts = (shingles_of(texts[i : i + BLOCK]) for i in range(0, len(texts), BLOCK))
    signed = np.concatenate([signatures(part, seed, slots) for part in parts])
    left, right = candidates(signed, code, threshold, bands_for(threshold, slots))
    alike = jaccard(texts, left, right)
    near = alike >= threshold
    return left[near], right[near], alike[near]
