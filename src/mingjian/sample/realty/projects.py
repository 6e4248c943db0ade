"""Real-estate projects on a common timetable, each with one part to play."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import Geography
from mingjian.sample.context import City, Numbers, Texts
from mingjian.sample.realty.land_parts import NEVER_BEGUN
from mingjian.sample.realty.land_parts import PARTS as LAND_PARTS

# Days after the start of construction at which each node is planned, and progress in per cent when it is passed.
NODES = {
    "start": 0,
    "foundation": 120,
    "half": 260,
    "topped_out": 420,
    "facade": 560,
    "completed": 700,
    "handover": 765,
}
PROGRESS = {
    "start": 1,
    "foundation": 15,
    "half": 40,
    "topped_out": 70,
    "facade": 85,
    "completed": 98,
    "handover": 100,
}
DELIVER_DUE = 900
UNIT_AREA = 112.0
INVEST_PER_M2 = 4200
DEVELOPER = 3000

# Part -> (number of projects, youngest, oldest) in days since the start of construction.
PARTS: dict[str, tuple[int, int, int]] = {
    "order_presale": (2, 220, 330),
    "order_registration": (2, 880, 1200),
    "order_construction": (2, 220, 330),
    "order_same_day": (2, 880, 1200),
    "late_high": (2, 1100, 1250),
    "late_medium": (2, 1100, 1250),
    "late_soon": (2, 800, 880),
    "escrow_high": (2, 310, 350),
    "escrow_medium": (2, 310, 350),
    "escrow_low": (2, 310, 350),
    "moved_in_no_fire": (2, 712, 745),
    "moved_in_many": (1, 722, 745),
    "moved_in": (2, 722, 745),
    "defence_high": (2, 678, 692),
    "defence_medium": (2, 440, 550),
    "defence_low": (2, 392, 412),
    "tolerated": (3, 220, 330),
    "phased": (3, 880, 1200),
    "failed_then_passed": (3, 880, 1200),
    "defence_exempt": (3, 440, 550),
    "defence_pending": (3, 440, 540),
    "show_flat": (3, 722, 745),
    "extended": (3, 600, 660),
    "escrow_exact": (3, 310, 350),
    "planned": (2, -60, -30),
    **LAND_PARTS,
}
CLEAN_AGES = [(160, 360), (440, 690), (880, 1500), (880, 1500)]


def build_projects(city: City, geo: Geography) -> pd.DataFrame:
    """One row a project: project_id, part, start (of construction), age in days, district, developer, buildings, price.

    `price` is yuan a square metre. Projects without a planted part or look-alike have part `clean`.
    """
    rng = city.rng("projects")
    parts = [part for part, (count, _, _) in PARTS.items() for _ in range(count)]
    clean = max(14, city.people // 10_000)
    ages = [CLEAN_AGES[i % len(CLEAN_AGES)] for i in range(clean)]
    low = np.array([PARTS[p][1] for p in parts] + [a for a, _ in ages])
    high = np.array([PARTS[p][2] for p in parts] + [b for _, b in ages])
    n = len(low)
    age = rng.integers(low, high + 1)
    district = rng.permutation(np.arange(n) % len(geo.district_codes))
    most = 6 if city.people >= 100_000 else 3
    developers = [ids.uscc(int(geo.district_codes[d]), DEVELOPER + i // 2) for i, d in enumerate(district)]
    frame = pd.DataFrame(
        {
            "project_id": [f"XM{geo.district_codes[d]}{i:04d}" for i, d in enumerate(district)],
            "part": parts + ["clean"] * clean,
            "age": age,
            "start": city.today - age.astype("timedelta64[D]"),
            "district": district,
            "developer": developers,
            "buildings": rng.integers(2, most + 1, n),
            "price": rng.integers(58, 118, n) * 100,
        }
    )
    return (
        frame.sample(frac=1, random_state=int(rng.integers(2**31)))
        .sort_values("project_id")
        .reset_index(drop=True)
    )


def build_buildings(city: City, projects: pd.DataFrame) -> pd.DataFrame:
    """One row a building: building_id, project (position), part, age, start, floors, units; buildings differ by a few days."""
    rng = city.rng("buildings")
    project = np.repeat(np.arange(len(projects)), projects["buildings"])
    first = np.r_[True, project[1:] != project[:-1]]
    number = np.arange(len(project)) - np.maximum.accumulate(np.where(first, np.arange(len(project)), 0)) + 1
    size = (24, 49) if city.people < 100_000 else (48, 110)
    units = rng.integers(*size, len(project)) // 4 * 4
    part = projects["part"].to_numpy()[project]
    units = np.where(part == "moved_in_many", 48, units)
    names = projects["project_id"].to_numpy()[project] + "-" + number.astype(str).astype(object)
    return pd.DataFrame(
        {
            "building_id": names,
            "project": project,
            "number": number,
            "part": part,
            "delay": number % 3,
            "units": units,
            "floors": units // 4,
        }
    )


def floor_area(projects: pd.DataFrame, buildings: pd.DataFrame) -> np.ndarray:
    """Square metres of each project."""
    return buildings.groupby("project")["units"].sum().reindex(range(len(projects))).to_numpy() * UNIT_AREA


def node_date(start: np.ndarray, delay: Numbers | int, node: str) -> np.ndarray:
    """The day a building passes (or should pass) a node."""
    return start + (NODES[node] + np.asarray(delay)).astype("timedelta64[D]")


STALLED = {"late_high": 300, "late_medium": 300, "late_soon": 280} | dict.fromkeys(NEVER_BEGUN, -1)


def reached(age: Numbers, part: Texts) -> Numbers:
    """Days of work really done: late projects have stood still, idle ones never began."""
    limit = np.array([STALLED.get(p, 10_000) for p in part])
    return np.minimum(age, limit)


def progress(age: Numbers, part: Texts) -> np.ndarray:
    """Physical progress in per cent, by interpolation between nodes."""
    return np.interp(reached(age, part), list(NODES.values()), list(PROGRESS.values())).round(1)


def milestones(city: City, projects: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """Seven node rows a building: planned day, actual day where passed, progress as last reported."""
    rows = []
    start = projects["start"].to_numpy()[buildings["project"]]
    age = projects["age"].to_numpy()[buildings["project"]]
    part, delay = buildings["part"].to_numpy(), buildings["delay"].to_numpy()
    done, now = reached(age, part) - delay, progress(age, part)
    for node, day in NODES.items():
        passed = done >= day
        # Work that stands still has been planned anew, more than half a year ahead.
        again = np.isin(part, list(STALLED)) & ~passed
        plan = np.where(again, city.today + (200 + day // 4), node_date(start, 0, node))
        actual = np.where(passed, node_date(start, delay, node), np.datetime64("NaT"))
        following = min([d for d in NODES.values() if d > day], default=10_000)
        current = passed & (done < following)
        pct = np.where(current, np.maximum(now, PROGRESS[node]), np.where(passed, PROGRESS[node], 0.0))
        frame = pd.DataFrame(
            {
                "building": buildings["building_id"],
                "project": projects["project_id"].to_numpy()[buildings["project"]],
            }
        )
        frame = frame.assign(node=node, plan=plan, actual=actual.astype("datetime64[s]"), pct=pct)
        rows.append(frame)
    frame = pd.concat(rows, ignore_index=True).sort_values(["building", "plan"], kind="stable")
    return frame.reset_index(drop=True)
