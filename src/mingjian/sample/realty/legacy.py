"""Old projects with unsolved problems: planned days that have passed, and those that are solved, deferred or in court."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.context import City, levels

MODEL = "realty.legacy_overdue"
PROBLEMS = ["用地手续", "规划手续", "竣工验收", "消防", "人防", "税费", "开发主体缺失", "配套设施"]
FIRST = 9000
ALIKE = 3


def build_legacy(city: City, geo: Geography, developers: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Old projects (project_id, district, developer, area) and one case each, in the task force's words.

    Look-alikes: due today, solved late, in bankruptcy without a planned day; the rest lie ahead.
    """
    rng = city.rng("legacy")
    late = city.cases_for(1 / 5000, 12)
    n = late + 3 * ALIKE + max(12, late // 2)
    district = np.arange(n) % len(geo.district_codes)
    projects = pd.DataFrame(
        {
            "project_id": [f"XM{geo.district_codes[d]}{FIRST + i}" for i, d in enumerate(district)],
            "district": district,
            "developer": developers.to_numpy()[np.arange(n) % len(developers)],
            "area": rng.integers(60, 400, n) * 110.0,
        }
    )
    level = np.r_[levels(late), np.full(n - late, "", dtype=object)]
    kept = np.resize(np.array([True, False]), n)
    by_days = (level == "高") & kept
    past = np.select(
        [by_days, level == "中", level != ""],
        [rng.integers(190, 700, n), rng.integers(65, 175, n), rng.integers(3, 58, n)],
        -rng.integers(20, 400, n),
    )
    many = (level == "高") & ~kept
    place = np.arange(n) - late
    past = np.where((place >= 0) & (place < ALIKE), 0, past)
    solved = (place >= ALIKE) & (place < 2 * ALIKE)
    past = np.where(solved, rng.integers(40, 300, n), past)
    in_court = (place >= 2 * ALIKE) & (place < 3 * ALIKE)
    plan = city.today - past.astype("timedelta64[D]")
    cases = pd.DataFrame(
        {
            "legacy_id": [f"YL{i + 1000}" for i in range(n)],
            "project_id": projects["project_id"],
            "problem": rng.choice(PROBLEMS, n),
            "households": np.where(many, rng.integers(100, 600, n), rng.integers(8, 95, n)),
            "identified": plan - rng.integers(400, 900, n).astype("timedelta64[D]"),
            "plan": pd.Series(plan).where(~in_court),
            "org": [line_org(str(geo.district_codes[d]), "legacy") for d in district],
            "status": np.where(solved, "已销号", np.where((level == "低") & kept, "重新立案", "未化解")),
            "solved": pd.Series(plan + np.timedelta64(25, "D")).where(solved),
            "note": np.where(in_court, "司法破产程序中，暂不设化解期限", ""),
        }
    )
    notes = {"高": "高: 百户以上或超期半年", "中": "中: 超期两至六个月", "低": "低: 超期不足两个月"}
    for name, note in notes.items():
        city.plant(MODEL, "legacy_case", cases.loc[level == name, "legacy_id"], note)
    return projects, cases
