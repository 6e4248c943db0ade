"""The answers of R's surveillance on the same series; fixtures/farrington.json says how they were made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mingjian.detect.surge import Alarms, farrington, farrington_flexible

REFERENCE = json.loads((Path(__file__).parent / "fixtures" / "farrington.json").read_text(encoding="utf-8"))
COUNTS = np.array(REFERENCE["counts"], dtype=float)
CASES = REFERENCE["cases"]
LAST = 3
by_name = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def answer(case: dict[str, Any]) -> Alarms:
    settings = dict(case["settings"])
    counts = COUNTS.copy()
    if "missing" in settings:
        counts[:, settings.pop("missing")] = np.nan
    if settings.pop("population", False):
        t = np.arange(counts.shape[1])
        settings["population"] = np.broadcast_to(np.round(1000 + 2 * t + 300 * np.sin(t)), counts.shape)
    method = farrington if case["function"] == "farrington" else farrington_flexible
    return method(counts, last=LAST, **settings)


def array(values: list[list[float | None]]) -> np.ndarray:
    return np.array(values, dtype=float)


@by_name
def test_alarms_are_those_of_r(case: dict[str, Any]) -> None:
    judged = np.isfinite(array(case["upper"]))
    ours = answer(case).alarm[:, -LAST:]
    assert judged.any()
    assert (ours[judged] == np.array(case["alarm"])[judged]).all()


@by_name
def test_thresholds_and_means_are_those_of_r(case: dict[str, Any]) -> None:
    found = answer(case)
    upper, expected = array(case["upper"]), array(case["expected"])
    judged = np.isfinite(upper) & (upper < 1e8)
    np.testing.assert_allclose(found.upper[:, -LAST:][judged], upper[judged], rtol=1e-6, atol=1e-9)
    known = judged & (expected > 1e-9)
    np.testing.assert_allclose(found.expected[:, -LAST:][known], expected[known], rtol=1e-6)


@by_name
def test_pvalues_are_those_of_r(case: dict[str, Any]) -> None:
    known = np.isfinite(array(case["pvalue"])) & np.isfinite(array(case["upper"]))
    ours = answer(case).pvalue
    assert ours is not None
    np.testing.assert_allclose(ours[:, -LAST:][known], array(case["pvalue"])[known], atol=1e-7)


@by_name
def test_a_cell_without_a_threshold_in_r_is_evaluated_only_where_no_case_was_ever_seen(
    case: dict[str, Any],
) -> None:
    found = answer(case)
    only_ours = found.evaluated[:, -LAST:] & ~np.isfinite(array(case["upper"]))
    assert (found.expected[:, -LAST:][only_ours] == 0).all()
    only_r = ~found.evaluated[:, -LAST:] & np.isfinite(array(case["upper"]))
    assert not only_r.any()
