"""Models with the detector a test asks for, and made-up groups of peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mingjian.content import Content, load_content
from mingjian.domain.model import Detector, Model
from tests.content.test_content import ROOT

COLUMNS = ["unit_price", "fee_share", "usage_log", "peak_ratio"]
Make = Callable[..., Model]


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(ROOT)


@pytest.fixture(scope="session")
def bills(content: Content) -> Make:
    """The bill model with another detector: `bills("KNN", top_k=3)`."""

    def make(name: str, **settings: Any) -> Model:
        known = {"columns": COLUMNS, "peer_group": "tariff_code", "min_peers": 30, "top_k": 5}
        detector = Detector(name=name, **(known | settings))
        return content.models["utility.bill_outlier"].model_copy(update={"detector": detector})

    return make


def accounts(n: int = 200, seed: int = 3, tariff: str = "T") -> pd.DataFrame:
    """`n` ordinary accounts of one tariff; the one numbered 7 is far off, most by its unit price."""
    frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(n, 4)), columns=COLUMNS)
    frame["tariff_code"] = tariff
    frame["acct_id"] = [f"{tariff}{i:04d}" for i in range(n)]
    frame.loc[7, ["unit_price", "fee_share", "usage_log"]] = [60.0, 30.0, 20.0]
    return frame
