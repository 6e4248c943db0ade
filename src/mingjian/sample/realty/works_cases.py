"""Permits, nodes and shelter items of projects that build too early or without shelters, and of those that only look so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City, days
from mingjian.sample.realty.land_parts import EARLY, SHELTER

EARLY_NOTES = {
    "early_start": "低: 施工许可之前开工",
    "early_foundation": "中: 施工许可之前完成基础",
    "early_topped": "高: 没有施工许可而封顶",
    "order_presale": "高: 施工许可之前已售房",
}
SHELTER_NOTES = {
    "shelter_high": "高: 已封顶而未见人防设计与易地建设费",
    "shelter_medium": "中: 已发施工许可而未见人防设计与易地建设费",
    "shelter_low": "低: 工程规划许可后两月未见人防设计",
}
NO_SHELTER = [*SHELTER, "shelter_fee", "renovation"]
NO_REVIEW = [*NO_SHELTER, "shelter_accepted"]
SHELTER_KINDS = ["cd_design", "cd_mid", "cd_equip"]
FEE_PER_M2 = 2100.0


def move_permits(frame: pd.DataFrame) -> pd.DataFrame:
    """Move, drop or add permits by the project's part; a first permit for earthworks makes early work honest."""
    part, kind, day = frame["part"], frame["kind"], np.timedelta64(1, "D")
    construction = kind == "construction"
    for name, later in {
        "early_start": 80,
        "early_foundation": 160,
        "works_exempt": 60,
        "old_entry": 80,
    }.items():
        frame.loc[(part == name) & construction, "issue"] += later * day
    frame.loc[(part == "works_exempt") & construction, "result"] = "免办"
    frame.loc[(part == "presale_parts") & (kind == "presale") & (frame["number"] > 1), "issue"] += 60 * day
    whole = frame[(part == "by_stages") & construction].copy()
    whole["issue"] += 110 * day
    gone = (part == "early_topped") & kind.isin(["construction", "presale"])
    gone |= part.isin(NO_REVIEW) & kind.isin(SHELTER_KINDS)
    gone |= (part == "renovation") & (kind == "presale")
    return pd.concat([frame[~gone], whole], ignore_index=True)


def plant_works(city: City, projects: pd.DataFrame, buildings: pd.DataFrame) -> None:
    """The truth of both models, and of those that a missing shelter touches too."""
    for part, note in EARLY_NOTES.items():
        city.plant("realty.build_before_permit", "project", _of(projects, part), note)
    for part, note in SHELTER_NOTES.items():
        city.plant("realty.cd_missing", "project", _of(projects, part), note)
    for part in ("shelter_high", "shelter_medium", "shelter_accepted"):
        city.plant(
            "realty.lifecycle_disorder", "project", _of(projects, part), "中: 施工许可前缺人防设计审查"
        )
    topped = buildings.loc[buildings["part"] == "shelter_high", "building_id"]
    city.plant("realty.cd_accept_risk", "building", topped, "中: 主体封顶而缺人防各项许可")


def _of(projects: pd.DataFrame, part: str) -> list[str]:
    return projects.loc[projects["part"] == part, "project_id"].astype(str).tolist()


def work_nodes(
    city: City, projects: pd.DataFrame, buildings: pd.DataFrame, nodes: pd.DataFrame
) -> pd.DataFrame:
    """Nodes with who reported them: satellites and residents where the builder would not; and lots held by a court."""
    part = nodes["building"].map(buildings.set_index("building_id")["part"])
    seen = part.isin(list(EARLY)) & nodes["actual"].notna()
    nodes = nodes.assign(source="月报")
    nodes.loc[seen & nodes["node"].isin(["start", "topped_out"]), "source"] = "遥感"
    nodes.loc[seen & (nodes["node"] == "foundation"), "source"] = "群众反映"
    mine = buildings[buildings["part"] == "idle_held"]
    when = city.today - days(city.rng("holds"), 120, 300, len(mine))
    held = pd.DataFrame(
        {
            "building": mine["building_id"], "project": projects["project_id"].to_numpy()[mine["project"]],
            "node": "suspend", "plan": when, "actual": when, "pct": 0.0, "source": "巡查",
        }
    )  # fmt: skip
    return pd.concat([nodes, held], ignore_index=True)


def shelter_items(items: pd.DataFrame, part: pd.Series, projects: pd.DataFrame) -> pd.DataFrame:
    """Shelter rows without a shelter: fee paid instead, nothing due in a renovation, one project left out of the ledger."""
    shelter = items["kind"] == "civil_defence"
    items["fee_due"] = np.where(shelter & (part == "shelter_fee"), items["should"] * FEE_PER_M2, np.nan)
    items["fee_paid"] = items["fee_due"]
    none_due = shelter & (part == "renovation")
    items.loc[none_due, "required"] = "否"
    items.loc[none_due, ["should", "design"]] = np.nan
    undone = shelter & part.isin(NO_SHELTER)
    items.loc[undone, "result"], items.loc[undone, "inspected"], items.loc[undone, "actual"] = (
        "待验",
        pd.NaT,
        np.nan,
    )
    items.loc[undone, "design"] = np.nan
    left_out = items["project"] == _of(projects, "shelter_medium")[0]
    return items[~(shelter & left_out)].reset_index(drop=True)
