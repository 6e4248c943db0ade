"""Water samples by town over four months, with those out of limit and what excuses them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.companies import WATER, codes_of
from mingjian.sample.city.geography import Geography
from mingjian.sample.context import City

MODEL = "utility.water_quality_fail"
UNITS = {"turbidity": "NTU", "free_cl": "mg/L", "coliform": "MPN/100mL"}
WEEKS = 16
SMALL, SMALL_LIMIT = 3, 3.0  # towns with a small supply, and the turbidity that it may have

# Samples are (point, indicator, value, days before the day of the run, source).
CASES = [
    *[("高", [(0, "coliform", 2.0, 9, "regulator")])] * 2,
    ("高", [(0, "coliform", 5.0, 4, "utility"), (0, "turbidity", 1.3, 4, "utility")]),
    *[("高", [(0, "turbidity", 1.4, 12, "utility"), (1, "free_cl", 0.04, 5, "utility")])] * 2,
    *[("中", [(0, "turbidity", 1.2, 20, "utility"), (0, "turbidity", 1.5, 6, "regulator")])] * 2,
    ("中", [(0, "turbidity", 3.1, 8, "utility")]),
    ("中", [(0, "free_cl", 0.01, 8, "regulator")]),
    *[("低", [(0, "turbidity", 1.2, 15, "utility")])] * 2,
    ("低", [(0, "free_cl", 0.04, 3, "regulator")]),
]
LOOKALIKES = [
    *[[(0, "turbidity", 1.6, 10, "utility"), (0, "turbidity", 0.4, 9, "utility")]] * 2,
    [(0, "coliform", 2.0, 10, "regulator"), (0, "coliform", 0.0, 8, "regulator")],
    *[[(0, "turbidity", 4.2, 7, "citizen")]] * 3,
    *[[(0, "turbidity", 2.4, 7, "utility")]] * SMALL,
]


def build_samples(city: City, geo: Geography) -> pd.DataFrame:
    """One row a sample: id, supplier, indicator, value, unit, high, region (town), grid, at, source."""
    rng = city.rng("water")
    towns = geo.villages.groupby("town")["code"].agg(list)
    codes = rng.permutation(towns.index.to_numpy(dtype=object))
    supplier = codes_of(geo, WATER, 1)[0]
    rows = [*_background(rng, towns)]
    for town, (level, samples) in zip(codes, CASES, strict=False):
        rows += [(town, towns[town][point], *sample) for point, *sample in samples]
        city.plant(MODEL, "water_zone", f"{supplier}|{town}", f"{level}: {len(samples)} 个水样超限")
    for town, samples in zip(codes[len(CASES) :], LOOKALIKES, strict=False):
        rows += [(town, towns[town][point], *sample) for point, *sample in samples]
    found = pd.DataFrame(rows, columns=["region", "village", "indicator", "value", "ago", "source"])
    small = found["region"].isin(codes[len(CASES) + len(LOOKALIKES) - SMALL :][:SMALL])
    found["high"] = np.where(small & (found["indicator"] == "turbidity"), SMALL_LIMIT, np.nan)
    found["at"] = (city.today - found["ago"].to_numpy().astype("timedelta64[D]")).astype("datetime64[s]")
    found["at"] += rng.integers(8 * 3600, 16 * 3600, len(found)).astype("timedelta64[s]")
    found = found.sort_values(["at", "village", "indicator"], kind="stable", ignore_index=True)
    found["id"] = "SY" + pd.Series(np.arange(len(found)) + 100_000).astype(str)
    return found.assign(supplier=supplier, grid=found["village"] + "001", unit=found["indicator"].map(UNITS))


def _background(rng: np.random.Generator, towns: pd.Series) -> Iterator[tuple[object, ...]]:
    """Three indicators each week at a point of every town where nothing is planted, all in limit."""
    for town, villages in towns.items():
        for week in range(WEEKS):
            ago = 1 + 7 * week + int(rng.integers(0, 2))
            yield town, villages[2], "turbidity", round(float(rng.uniform(0.1, 0.8)), 2), ago, "utility"
            yield town, villages[2], "free_cl", round(float(rng.uniform(0.08, 0.6)), 2), ago, "utility"
            yield town, villages[2], "coliform", 0.0, ago, "utility"
