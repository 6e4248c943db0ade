"""What has become of the requests when all is handled: near their limit, falsely closed, come back.

Whoever planted a request for another reason may have made one of these as well, so they are told by what the
requests are at the end, and not by what was planned.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City
from mingjian.sample.process.closing_rows import DEFAULT_TOPICS
from mingjian.sample.process.process_cases import Play

TROUBLE = ["投诉", "求助", "举报"]
NEAR_WD, REPEAT_DAYS, RECUR_DAYS, SEEN_DAYS, PAST_DAYS = 2, 30, 90, 90, 365
CLOSINGS = {"denied": "高: 回访未解决且未联系", "denied_met": "中: 回访未解决", "no_site": "低: 没有现场核查"}


def plant_outcomes(play: Play, topics: pd.DataFrame) -> None:
    """Write these cases to the truth."""
    city, found = play.city, play.found
    _near_due(play)
    for kind, note in CLOSINGS.items():
        rows = found["part"] == f"close:{kind}"
        city.plant("process.false_closing", "complaint", found.loc[rows, "id"], note)
    trouble = found[found["kind"].isin(TROUBLE)].assign(
        l3=topics["l3"].to_numpy()[found["topic"]][found["kind"].isin(TROUBLE)]
    )
    _repeated(city, trouble)
    _recurring(city, trouble[~topics["seasonal"].to_numpy()[trouble["topic"]]])


def _near_due(play: Play) -> None:
    """Open, not exempt, no extension asked for, and at most two working days left."""
    found, today = play.found, play.city.today
    due = found["finish_due"].to_numpy().astype("datetime64[D]")
    left = play.workdays.number(due) - play.workdays.number(np.array([today]))[0]
    near = (
        found["finished"].isna().to_numpy()
        & (due >= today)
        & (left <= NEAR_WD)
        & ~found["exempt"].to_numpy(bool)
    )
    asked = [s.row for s in play.steps if s.action == "申请延期"]
    near &= ~np.isin(np.arange(len(found)), asked)
    play.city.plant("process.finish_near_due", "complaint", found.loc[near, "id"], "两个工作日内到期未办结")


def _pairs(rows: pd.DataFrame, key: str, days: int) -> pd.DataFrame:
    """A request said to be resolved, and a later one with the same key asked within `days` of its finish."""
    closed = rows[(rows["close"] == "已解决") & rows["finished"].notna() & (rows[key] != "")]
    both = closed.merge(rows, on=key, suffixes=("", "_new"))
    both = both[(both["id"] != both["id_new"]) & (both["at_new"] > both["finished"])]
    gap = both["at_new"].dt.normalize() - both["finished"].dt.normalize()
    return both.assign(gap=gap.dt.days)[gap.dt.days <= days]


def _repeated(city: City, trouble: pd.DataFrame) -> None:
    """The hotline's own group of one matter, raised again within 30 days on the same topic."""
    pairs = _pairs(trouble, "group", REPEAT_DAYS)
    pairs = pairs[(pairs["l3"] == pairs["l3_new"]) & (_ago(city, pairs["finished"]) <= SEEN_DAYS)]
    city.plant("process.false_closing", "complaint", pairs["id"].unique(), "中低: 称已解决后同一诉求又来")


def _recurring(city: City, trouble: pd.DataFrame) -> None:
    """The same topic at the same place again within 90 days, not about different companies."""
    lately = trouble[_ago(city, trouble["at"]) <= PAST_DAYS]
    crowded = lately.groupby("place")["l3"].nunique().loc[lambda n: n > DEFAULT_TOPICS].index
    lately = lately[~lately["place"].isin(crowded)]
    matter = lately.assign(matter=lately["place"] + "|" + lately["l3"])
    pairs = _pairs(matter, "matter", RECUR_DAYS)
    same = (
        (pairs["subject"] == "") | (pairs["subject_new"] == "") | (pairs["subject"] == pairs["subject_new"])
    )
    newest = pairs[same].groupby("matter")["at_new"].max()
    seen = newest[_ago(city, newest) <= SEEN_DAYS].index
    city.plant("process.reoccur_after_close", "place", seen, "同一地点同类诉求解决后又来")


def _ago(city: City, moments: pd.Series) -> pd.Series:
    return (pd.Timestamp(city.today) - moments.dt.normalize()).dt.days
