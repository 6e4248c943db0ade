"""Permits in their proper order, with the planted disorders and the tolerated, phased and repeated ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.context import City
from mingjian.sample.realty.projects import reached
from mingjian.sample.realty.works_cases import move_permits

# Days after the start of construction; project-level permits first, then those issued building by building.
PROJECT_LEVEL = {
    "land_cert": -240, "plan_land": -210, "plan_works": -150, "cd_design": -110, "fire_design": -95,
    "construction": -20, "cd_mid": 285, "cd_equip": 350, "cd_accept": 722,
}  # fmt: skip
BUILDING_LEVEL = {
    "presale": 150, "plan_verify": 703, "fire_accept": 712, "completion_accept": 735, "joint_accept": 740,
    "completion_filing": 752, "first_reg": 800,
}  # fmt: skip
LINE = {
    "cd_design": "civil_defence",
    "cd_mid": "civil_defence",
    "cd_equip": "civil_defence",
    "cd_accept": "civil_defence",
}
LIFECYCLE = "realty.lifecycle_disorder"
NOTES = {
    "order_presale": "高: 施工许可之前发放预售许可",
    "order_registration": "高: 竣工备案之前办理首次登记",
    "order_construction": "中: 工程规划许可之前发放施工许可",
    "order_same_day": "低: 竣工备案与首次登记同日",
}


def build_permits(
    city: City, geo: Geography, projects: pd.DataFrame, buildings: pd.DataFrame
) -> pd.DataFrame:
    """One row a permit: project_id, building_id (empty for project-level ones), kind, apply, issue, result, tolerated."""
    frame = pd.concat([_of_projects(projects), _of_buildings(projects, buildings)], ignore_index=True)
    frame["result"], frame["tolerated"] = "通过", False
    frame = move_permits(_apply_parts(city, frame))
    done = pd.Series(reached(projects["age"].to_numpy(), projects["part"].to_numpy()), projects["project_id"])
    start = projects.set_index("project_id")["start"].loc[frame["project"]].to_numpy()
    frame = frame[frame["issue"] <= start + done.loc[frame["project"]].to_numpy().astype("timedelta64[D]")]
    frame = frame.reset_index(drop=True)
    rng = city.rng("permits")
    frame["issue"] = frame["issue"].astype("datetime64[s]") + np.where(
        frame["hour"].isna(), rng.integers(9, 17, len(frame)), frame["hour"]
    ).astype("timedelta64[h]")
    frame["apply"] = frame["issue"] - rng.integers(6, 15, len(frame)).astype("timedelta64[D]")
    codes = geo.district_texts()[projects.set_index("project_id")["district"].loc[frame["project"]]]
    line = [LINE.get(k, "approval") for k in frame["kind"]]
    frame["org"] = [line_org(c, x) for c, x in zip(codes, line, strict=True)]
    frame = frame.sort_values(["project", "issue", "kind"], kind="stable").reset_index(drop=True)
    frame["permit_id"] = "XK" + pd.Series(np.arange(len(frame)) + 100_000).astype(str)
    for part, note in NOTES.items():
        city.plant(LIFECYCLE, "project", projects.loc[projects["part"] == part, "project_id"], note)
    return frame


def _of_projects(projects: pd.DataFrame) -> pd.DataFrame:
    frames = []
    for kind, day in PROJECT_LEVEL.items():
        frame = pd.DataFrame({"project": projects["project_id"], "part": projects["part"], "building": ""})
        frames.append(
            frame.assign(kind=kind, number=0, issue=projects["start"] + np.timedelta64(day, "D"), hour=np.nan)
        )
    return pd.concat(frames)


def _of_buildings(projects: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    frames = []
    of = buildings["project"].to_numpy()
    start = projects["start"].to_numpy()[of] + buildings["delay"].to_numpy().astype("timedelta64[D]")
    for kind, day in BUILDING_LEVEL.items():
        frame = pd.DataFrame({"project": projects["project_id"].to_numpy()[of], "part": buildings["part"]})
        frame = frame.assign(
            building=buildings["building_id"], kind=kind, number=buildings["number"], hour=np.nan
        )
        frames.append(frame.assign(issue=start + np.timedelta64(day, "D")))
    return pd.concat(frames)


def _apply_parts(city: City, frame: pd.DataFrame) -> pd.DataFrame:
    """Move, drop, mark or add permits by the project's part."""
    part, kind = frame["part"], frame["kind"]

    def at(name: str, *kinds: str) -> pd.Series:
        return (part == name) & kind.isin(kinds)

    day = np.timedelta64(1, "D")
    frame.loc[at("order_presale", "construction"), "issue"] += 200 * day
    frame.loc[at("order_registration", "first_reg"), "issue"] -= 55 * day
    frame.loc[at("order_construction", "plan_works"), "issue"] += 160 * day
    same = at("order_same_day", "first_reg")
    frame.loc[same, "issue"] -= 48 * day
    frame.loc[same, "hour"] = 16
    frame.loc[at("order_same_day", "completion_filing"), "hour"] = 9
    early = at("tolerated", "presale", "construction")
    frame.loc[at("tolerated", "presale"), "issue"] -= 175 * day
    frame.loc[early, "tolerated"] = True
    later = (part == "phased") & (frame["number"] == 2)
    frame.loc[later, "issue"] += 25 * day
    exempt = at("defence_exempt", "cd_design", "cd_mid", "cd_equip")
    frame.loc[exempt, "result"] = "免办"
    missing = at(
        "moved_in_no_fire",
        "fire_accept",
        "completion_accept",
        "joint_accept",
        "completion_filing",
        "first_reg",
    )
    missing |= at("moved_in", "completion_accept", "joint_accept", "completion_filing", "first_reg")
    missing |= at("moved_in_many", "completion_accept", "joint_accept", "completion_filing", "first_reg")
    missing |= at("show_flat", "completion_accept", "joint_accept", "completion_filing", "first_reg")
    missing |= (
        at("defence_high", "cd_equip", "cd_mid")
        | at("defence_medium", "cd_mid")
        | at("defence_low", "cd_equip")
    )
    failed = frame[at("failed_then_passed", "fire_accept", "completion_accept")].copy()
    failed["issue"] -= 6 * day
    failed["result"] = "不通过"
    return pd.concat([frame[~missing], failed], ignore_index=True)
