"""The record of steps of every request: the ordinary course from its dates, and what the cases add to it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import Dates, Flags, Texts
from mingjian.sample.process.closing_rows import SITE_TOPICS
from mingjian.sample.process.handling import NOTHING, closing_hour
from mingjian.sample.process.process_cases import DESK, Play

ORDER = [
    "派单",
    "签收",
    "受理",
    "协办",
    "转办",
    "拒收",
    "退单",
    "审核退回",
    "审核同意",
    "联系诉求人",
    "现场核查",
    "催办",
]
ORDER += ["申请延期", "同意延期", "答复", "报结", "销号"]
MET_SHARE, VISITED_SHARE, REPLIED_SHARE = 0.4, 0.6, 0.95


def build_steps(play: Play, topics: pd.DataFrame) -> pd.DataFrame:
    """Columns object (position), seq, action, by, to, at, reason, new_due, files; nothing after the day of the run."""
    found = play.found
    made = [
        _course(play, topics),
        pd.DataFrame([vars(s) for s in play.steps]).rename(columns={"row": "object"}),
    ]
    steps = pd.concat([m for m in made if len(m)], ignore_index=True)
    steps = steps[steps["at"].notna() & (steps["at"] <= pd.Timestamp(closing_hour(play.city)))]
    steps["rank"] = steps["action"].map({name: i for i, name in enumerate(ORDER)})
    steps = steps.sort_values(["object", "at", "rank"], kind="stable").reset_index(drop=True)
    steps["seq"] = steps.groupby("object").cumcount() + 1
    steps["files"] = np.where(steps["action"] == "现场核查", 1 + steps["object"] % 4, 0)
    return steps.assign(object=found["id"].to_numpy()[steps["object"]])


def _course(play: Play, topics: pd.DataFrame) -> pd.DataFrame:
    """Sent, signed, accepted, in touch, looked at, answered, finished, closed."""
    found = play.found
    sent, signed, accepted, finished = (
        found[c].to_numpy().astype("datetime64[s]") for c in ("dispatched", "signed", "accepted", "finished")
    )
    routed = np.isin(np.arange(len(found)), sorted(play.routed))
    part = found["part"].to_numpy()
    org, first = found["org"].to_numpy(), found["first_org"].to_numpy()
    site = np.isin(topics["l3"].to_numpy()[found["topic"]], SITE_TOPICS)
    alone = np.isnat(finished) & ~np.isnat(accepted)
    met = np.where(alone, accepted + np.timedelta64(3 * 3600, "s"), _between(accepted, finished, MET_SHARE))
    looked = _between(accepted, finished, VISITED_SHARE)
    news = np.full(len(found), play.before(1, 10))
    told = alone & (accepted < play.before(3, 0)) & (part == "")
    course = [
        _some("派单", sent, DESK, first, ~routed),
        _some("签收", signed, np.where(np.isnat(accepted), first, org), "", ~np.isnat(signed)),
        _some("受理", accepted, org, "", ~np.isnat(accepted)),
        _some("联系诉求人", met, org, "", ~np.isnat(met) & (part != "close:no_site")),
        _some("联系诉求人", news, org, "", told),
        _some(
            "现场核查",
            looked,
            org,
            "",
            ~np.isnat(looked) & site & ~np.isin(part, ["close:no_site", "close:called"]),
        ),
        _some("答复", _between(accepted, finished, REPLIED_SHARE), org, "", ~np.isnat(finished)),
        _some("报结", finished, org, DESK, ~np.isnat(finished)),
        _some("销号", finished, DESK, "", ~np.isnat(finished)),
    ]
    return pd.concat(course, ignore_index=True)


def _between(start: Dates, end: Dates, share: float) -> Dates:
    """A moment on the way from start to end; NaT where one is missing."""
    span = np.where(np.isnat(start) | np.isnat(end), np.timedelta64("NaT", "s"), end - start)
    return start + (span / np.timedelta64(1, "s") * share).astype("timedelta64[s]")


def _some(action: str, at: Dates, by: Texts | str, to: Texts | str, which: Flags) -> pd.DataFrame:
    frame = pd.DataFrame({"object": np.arange(len(at)), "at": at})
    return frame.assign(action=action, by=by, to=to, reason="", new_due=NOTHING)[which]
