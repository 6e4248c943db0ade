"""One small city for all tests of the generator."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from mingjian.sample import build_city

AS_OF = date(2026, 6, 30)
PEOPLE = 20_000


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of 20,000 people."""
    out = tmp_path_factory.mktemp("city")
    build_city(out, PEOPLE, 7, AS_OF)
    return out


@pytest.fixture(scope="session")
def truth(city: Path) -> pd.DataFrame:
    """Its planted cases."""
    return pd.read_csv(city / "truth.csv", dtype=str, keep_default_na=False)
