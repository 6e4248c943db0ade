"""The detectors on amounts: what a warning gets, and nothing from nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect import detectors
from mingjian.detect.sql import values_of
from mingjian.domain.model import Model

MODELS = load_content(Path(__file__).parents[3]).models


def found(model: Model, frame: pd.DataFrame) -> list[dict[str, Any]]:
    return detectors.run(frame, model, values_of(model), date(2026, 6, 30)).to_pylist()


def payments(**groups: np.ndarray) -> pd.DataFrame:
    """Amounts by group with the columns of both models' features."""
    parts = [
        pd.DataFrame(
            {"org_id": g, "approver_id": g, "year_text": "2026", "region_code": "150102", "amount": a}
        )
        for g, a in groups.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(times=1)


def test_a_unit_of_even_digits_is_told_with_its_picture() -> None:
    rng = np.random.default_rng(1)
    frame = payments(even=np.r_[9.0, rng.uniform(100, 99_999, 899)], natural=10 ** rng.uniform(1, 5, 900))
    (row,) = found(MODELS["subsidy.benford_amounts"], frame)
    assert (row["org_id"], row["n"], row["region_code"]) == ("even", 900, "150102")
    assert [bar["label"] for bar in row["bars"]] == list("123456789")
    assert sum(bar["observed"] for bar in row["bars"]) == pytest.approx(100, abs=0.1)
    assert row["bars"][0]["expected"] == 30.1


def test_an_approver_below_the_limit_is_told_with_the_picture() -> None:
    rng = np.random.default_rng(2)
    even = rng.uniform(2.5e6, 7.5e6, 300)
    frame = payments(
        crowded=np.r_[even, rng.uniform(4.9e6, 4.999e6, 50)], calm=rng.uniform(2.5e6, 7.5e6, 300)
    )
    (row,) = found(MODELS["realty.escrow_bunching"], frame)
    assert (row["approver_id"], row["subjects"]) == ("crowded", 2)
    assert sum(bar["observed"] for bar in row["bars"]) == row["n"] + row["below"] + row["above"]
    assert [bar["label"] for bar in row["bars"]][:2] == ["250–275", "275–300"]


@pytest.mark.parametrize("model_id", ["subsidy.benford_amounts", "realty.escrow_bunching"])
def test_no_payment_is_no_finding(model_id: str) -> None:
    assert found(MODELS[model_id], payments(one=np.array([10.0])).iloc[:0]) == []


def test_no_reply_is_no_finding() -> None:
    columns = [
        "lead_org_id",
        "service_request_id",
        "reply_text",
        "topic",
        "region_code",
        "unresolved",
        "quarter_text",
    ]
    assert found(MODELS["process.template_reply"], pd.DataFrame(columns=columns)) == []
