"""Monthly investment reports, and the truth of presale permits issued without their conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City
from mingjian.sample.realty.projects import reached

MODEL = "realty.presale_unqualified"
NOTES = {
    "presale_two": "高: 价款未缴清且投入不足四分之一",
    "presale_land": "中: 价款未缴清",
    "presale_account": "中: 监管账户开立在后",
    "presale_invest": "中: 投入不足四分之一",
    "presale_lag": "低: 只有早于当月的月报且投入不足",
    "no_account": "中: 没有监管账户",
    "order_presale": "中: 没有施工许可",
}
CURVE = ([-240, 0, 120, 150, 260, 420, 700, 900], [0.03, 0.1, 0.29, 0.34, 0.5, 0.7, 0.97, 1.0])
LITTLE = 0.01
BY_BUILDING = 0.18


def build_reports(
    city: City, projects: pd.DataFrame, permits: pd.DataFrame, total: np.ndarray
) -> pd.DataFrame:
    """One row a project and month since the start of work: project_id, month, invested (yuan), workers.

    Look-alikes: money counted for the first building only, and a month without a report after enough was invested.
    """
    rng = city.rng("investment")
    done = reached(projects["age"].to_numpy(), projects["part"].to_numpy())
    presale = permits[permits["kind"] == "presale"].groupby("project")["issue"]
    first, last = presale.min(), presale.max()
    frames = [
        _reports(city, rng, project, total[i], int(done[i]), first, last)
        for i, (_row, project) in enumerate(projects.iterrows())
        if done[i] >= 0 and project["part"] != "no_ledger"
    ]
    plant(city, permits)
    frame = pd.concat(frames, ignore_index=True)
    frame["report_id"] = "YB" + pd.Series(np.arange(len(frame)) + 100_000).astype(str)
    return frame


def _reports(
    city: City,
    rng: np.random.Generator,
    project: pd.Series,
    total: float,
    done: int,
    first: pd.Series,
    last: pd.Series,
) -> pd.DataFrame:
    start = np.datetime64(project["start"], "D")
    months = np.arange(start.astype("datetime64[M]"), city.today.astype("datetime64[M]"))
    age = ((months + 1).astype("datetime64[D]") - start).astype(int)
    share = np.interp(np.minimum(age, done), *CURVE)
    keep = np.ones(len(months), dtype=bool)
    if project["project_id"] in first.index:
        opened = np.datetime64(first[project["project_id"]], "M")
        closed = np.datetime64(last[project["project_id"]], "M")
        share, keep = _by_part(str(project["part"]), months, share, opened, closed)
    workers = rng.integers(20, 240, len(months))
    frame = pd.DataFrame({"project_id": project["project_id"], "month": months.astype("datetime64[D]")})
    frame = frame.assign(invested=(share * total).round(2), workers=workers)
    return frame[keep]


def _by_part(
    part: str, months: np.ndarray, share: np.ndarray, opened: np.datetime64, closed: np.datetime64
) -> tuple[np.ndarray, np.ndarray]:
    """Shares as reported and which months were reported, around the months of the presale permits."""
    keep = np.ones(len(months), dtype=bool)
    if part in ("presale_two", "presale_invest", "presale_lag"):
        share = np.where(months <= closed, np.minimum(share, LITTLE), share)
    if part == "presale_parts":
        share = np.where(months <= opened, np.minimum(share, BY_BUILDING), share)
    if part == "presale_lag":
        keep = (months < opened - 1) | (months > closed)
    if part == "presale_late_report":
        keep = months != opened
    return share, keep


def plant(city: City, permits: pd.DataFrame) -> None:
    """Every presale permit of the projects that play a part."""
    presale = permits[permits["kind"] == "presale"]
    for part, note in NOTES.items():
        city.plant(MODEL, "permit", presale.loc[presale["part"] == part, "permit_id"], note)
