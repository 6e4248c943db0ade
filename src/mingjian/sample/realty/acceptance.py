"""Special acceptances by building: civil defence before the rest, fire and quality at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.context import City, Texts
from mingjian.sample.realty.projects import reached
from mingjian.sample.realty.works_cases import shelter_items

KINDS = {"civil_defence": 380, "plan": 704, "fire": 713, "quality": 730, "elevator": 720}
RISK = {
    "defence_high": "高: 临近竣工而人防缺项",
    "defence_medium": "中: 主体封顶而缺人防中间验收",
    "defence_low": "低: 进度过六成而缺防护设备验收",
}


def build_acceptance(
    city: City, geo: Geography, projects: pd.DataFrame, buildings: pd.DataFrame
) -> pd.DataFrame:
    """One row a building and kind: required, areas, result, days; also writes the truth of the forward-looking rule.

    Look-alikes: exempt projects (nothing to build) and topped-out ones whose final check lies months ahead.
    """
    rng = city.rng("acceptance")
    of = buildings["project"].to_numpy()
    part, names = buildings["part"].to_numpy(), buildings["building_id"].to_numpy()
    done = reached(projects["age"].to_numpy(), projects["part"].to_numpy())[of]
    start = projects["start"].to_numpy()[of]
    codes = geo.district_texts()[projects["district"].to_numpy()[of]]
    frames = []
    for kind, day in KINDS.items():
        passed = _passed(kind, day, done, part)
        when = start + (day + rng.integers(0, 6, len(of))).astype("timedelta64[D]")
        line = "civil_defence" if kind == "civil_defence" else "housing"
        frame = pd.DataFrame(
            {"project": projects["project_id"].to_numpy()[of], "building": names, "kind": kind}
        )
        frame = frame.assign(
            required=np.where((kind == "civil_defence") & (part == "defence_exempt"), "否", "是")
        )
        frame = frame.assign(
            result=np.where(passed, "合格", "待验"), inspected=np.where(passed, when, np.datetime64("NaT"))
        )
        frames.append(frame.assign(org=[line_org(c, line) for c in codes]))
    frame = pd.concat(frames, ignore_index=True)
    exempt = frame["required"] == "否"
    frame.loc[exempt, "result"], frame.loc[exempt, "inspected"] = "待验", pd.NaT
    area = np.tile(buildings["units"].to_numpy() * 6.5, len(KINDS)).round(2)
    shelter = (frame["kind"] == "civil_defence") & (frame["required"] == "是")
    for column in ("should", "design", "actual"):
        frame[column] = np.where(shelter, area, np.nan)
    frame.loc[frame["result"] != "合格", "actual"] = np.nan
    frame = shelter_items(frame, pd.Series(np.tile(part, len(KINDS))), projects)
    frame["item_id"] = "YS" + pd.Series(np.arange(len(frame)) + 100_000).astype(str)
    for name, note in RISK.items():
        city.plant("realty.cd_accept_risk", "building", names[part == name], note)
    return frame


def _passed(kind: str, day: int, done: np.ndarray, part: Texts) -> np.ndarray:
    passed = done >= day + 8
    if kind == "civil_defence":
        return passed & ~np.isin(part, [*RISK, "defence_pending", "defence_exempt"])
    if kind == "fire":
        return passed & (part != "moved_in_no_fire")
    return passed
