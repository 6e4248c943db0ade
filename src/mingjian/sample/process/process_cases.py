"""Plays the parts of `process_rows` and `closing_rows` on numbered and handled requests, and writes the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import CITY_CODE, line_org
from mingjian.sample.city.workdays import Workdays
from mingjian.sample.context import City
from mingjian.sample.process.handling import NOTHING

DESK = line_org(str(CITY_CODE), "hotline")
HOUR = np.timedelta64(3600, "s")
ELSEWHERE = ["urban", "transport", "market", "housing", "education", "health", "water"]


@dataclass
class Step:
    """One step that is not of the ordinary course; `to` and `new_due` may be empty."""

    row: int
    at: np.datetime64
    action: str
    by: str
    to: str = ""
    reason: str = ""
    new_due: np.datetime64 = NOTHING


@dataclass
class Play:
    """The requests being played with, the steps beside the ordinary ones, and whose course is told in full."""

    city: City
    workdays: Workdays
    found: pd.DataFrame
    steps: list[Step] = field(default_factory=list)
    routed: set[int] = field(default_factory=set)

    def before(self, count: int, hour: float) -> np.datetime64:
        """A moment on the working day `count` working days before today."""
        now = int(self.workdays.number(np.array([self.city.today]))[0])
        day = self.workdays.open_days[now - 1 - count].astype("datetime64[s]")
        return day + np.timedelta64(int(hour * 3600), "s")

    def get(self, row: int, column: str) -> Any:
        value = self.found.at[row, column]
        return value.to_datetime64().astype("datetime64[s]") if isinstance(value, pd.Timestamp) else value

    def set(self, row: int, **values: Any) -> None:
        for column, value in values.items():
            self.found.at[row, column] = value

    def open(self, row: int) -> None:
        """Not finished, whatever the ordinary course would have been."""
        self.set(row, finished=pd.NaT, close="")

    def step(self, row: int, at: np.datetime64, action: str, by: str, to: str = "", **more: Any) -> None:
        self.steps.append(Step(row, at, action, by, to, **more))

    def plant(self, model: str, row: int, note: str) -> None:
        self.city.plant(f"process.{model}", "complaint", str(self.get(row, "id")), note)


def play(city: City, workdays: Workdays, found: pd.DataFrame) -> Play:
    """Change the requests that have a part and plant what becomes of them."""
    made = Play(city, workdays, found)
    acts: dict[str, Callable[[Play, int, str], None]] = {
        "sign": _sign,
        "accept": _accept,
        "near": _near,
        "over": _over,
        "refuse": _refuse,
        "pass": _pass,
        "rate": _rate,
    }
    for row, part in found.loc[found["part"] != "", "part"].items():
        act, _colon, how = str(part).partition(":")
        if act in acts:
            acts[act](made, int(str(row)), how)
    _plant_refusals(made)
    return made


def _sign(p: Play, row: int, how: str) -> None:
    p.open(row)
    p.set(row, signed=pd.NaT, accepted=pd.NaT)
    urgent = how in ("高", "urgent_fresh")
    p.set(row, urgency="紧急" if urgent else "一般")
    if how == "urgent_fresh":
        p.set(row, dispatched=p.city.today.astype("datetime64[s]") + np.timedelta64(60_300 + row % 1200, "s"))
    if how in ("高", "中", "低"):
        p.plant("not_signed", row, f"{how}: 派出后未签收")


def _accept(p: Play, row: int, how: str) -> None:
    p.open(row)
    p.set(row, accepted=pd.NaT, urgency="一般")
    sent = p.get(row, "dispatched")
    if how == "late":
        p.set(row, accepted=p.before(1, 11))
    elif how == "on_its_way":
        p.routed.add(row)
        p.step(row, sent, "派单", DESK, p.get(row, "org"))
        p.step(row, sent + 2 * HOUR, "退单", p.get(row, "org"), DESK, reason="派单有误")
        p.step(row, sent + 3 * HOUR, "审核同意", DESK)
        p.set(row, returned=1)
    else:
        p.plant("accept_overdue", row, f"{how}: 超过受理时限未受理")
        p.step(row, p.before(1, 15), "催办", DESK, p.get(row, "org"))
        if how == "unsigned":
            p.set(row, signed=pd.NaT)
            p.plant("not_signed", row, "中: 派出数日仍未签收")


def _near(p: Play, row: int, how: str) -> None:
    """Planting is left to `near_due`: whatever is open and near its limit counts, whoever put it there."""
    p.open(row)
    p.set(row, urgency="紧急" if how == "中" else "一般")
    if how in ("中", "低"):
        p.step(row, p.before(1, 10), "联系诉求人", p.get(row, "org"))
    if how == "asked":
        p.step(row, p.before(1, 10), "申请延期", p.get(row, "org"), DESK)
    if how == "exempt":
        p.set(row, exempt=True, exempt_why="诉求不在职责范围")


def _over(p: Play, row: int, how: str) -> None:
    p.open(row)
    if how == "exempt":
        p.set(row, exempt=True, exempt_why="涉及诉讼")
    else:
        p.step(row, p.before(6, 10), "申请延期", p.get(row, "org"), DESK)
        p.step(row, p.before(5, 10), "同意延期", DESK, p.get(row, "org"), new_due=_ahead(p, 8))


def _ahead(p: Play, count: int) -> np.datetime64:
    day = p.workdays.after(np.array([p.city.today]), np.array([count]))[0]
    return day.astype("datetime64[s]") + 18 * HOUR


def _others(p: Play, row: int) -> list[str]:
    """Units of the same district that have other lines than the first one."""
    first = str(p.get(row, "org"))
    names = [line_org(str(p.get(row, "district")), line) for line in ELSEWHERE]
    return [name for name in names if name != first]


def _taken(p: Play, row: int, at: np.datetime64, org: str) -> None:
    """From here on the ordinary course goes on at `org`: signed, accepted, finished."""
    p.set(row, org=org, signed=at + np.timedelta64(900, "s"), accepted=at + HOUR)
    if p.get(row, "finished") <= at + HOUR:
        p.set(row, finished=at + 5 * HOUR)


def _refuse(p: Play, row: int, how: str) -> None:
    """The first unit sends it back before accepting; the desk sends it elsewhere (or insists once)."""
    kind = how.split(":")[0]
    first, sent, others = str(p.get(row, "org")), p.get(row, "dispatched"), _others(p, row)
    p.routed.add(row)
    p.step(row, sent, "派单", DESK, first)
    if kind == "after":
        p.step(row, sent + HOUR, "受理", first)
        p.step(row, sent + 2 * HOUR, "退单", first, DESK, reason="须其他部门办理")
    elif kind == "second":
        p.step(row, sent + HOUR, "派单", DESK, others[0])
        p.step(row, sent + 2 * HOUR, "退单", others[0], DESK, reason="不属本单位职责")
        others = others[1:]
    else:
        reason = "" if kind == "mute" else "不属本单位职责"
        p.step(row, sent + HOUR, "拒收" if row % 2 else "退单", first, DESK, reason=reason)
        if kind == "approved":
            p.step(row, sent + 2 * HOUR, "审核同意", DESK)
        if kind == "twice":
            p.step(row, sent + 2 * HOUR, "审核退回", DESK, first, reason="属本单位职责")
            p.step(row, sent + 3 * HOUR, "退单", first, DESK, reason=reason)
    p.set(row, first_org=first, returned=2 if kind == "twice" else 1)
    p.step(row, sent + 4 * HOUR, "派单", DESK, others[0])
    _taken(p, row, sent + 4 * HOUR, others[0])


def _plant_refusals(p: Play) -> None:
    parts = p.found["part"].str.extract(r"^refuse:(\w+):(\d+)$")
    marked = p.found.assign(kind=parts[0], unit=parts[1])
    levels = {"twice": "高", "many": "高", "some": "中", "few": "低", "mute": "中"}
    for (kind, _unit), rows in marked[marked["kind"].isin(levels)].groupby(["kind", "unit"]):
        note = f"{levels[str(kind)]}: 当月首交拒收 {len(rows)} 件"
        p.city.plant("process.first_duty_refusal", "org", str(rows["first_org"].iloc[0]), note)


def _pass(p: Play, row: int, how: str) -> None:
    """Each hop leads from whoever holds it; `desk` is a return to the dispatcher, who sends it on."""
    pattern, _colon, level = how.partition(":")
    a, sent = str(p.get(row, "org")), p.get(row, "dispatched")
    b, c, d, e, f = _others(p, row)[:5]
    paths = {
        "five": [a, b, c, d, e, f],
        "back_twice": [a, b, a, b],
        "three": [a, b, c, d],
        "through_desk": [a, b, "desk", c, d],
        "back_once": [a, b, a],
        "nobody": [a, b, c],
        "co_handled": [a, b, c, b],
        "once": [a, b],
        "same_again": [a, "desk", a],
        "three_accepted": [a, b, c],
    }
    path = paths[pattern]
    p.routed.add(row)
    p.step(row, sent, "派单", DESK, a)
    if pattern == "co_handled":
        for helper in (b, c):
            p.step(row, sent + np.timedelta64(1800, "s"), "协办", a, helper)
    at = _hops(p, row, path, sent, pattern)
    p.set(row, transferred=max(len(path) - 1 - path.count("desk"), 0), returned=path.count("desk"))
    if pattern == "nobody":
        p.open(row)
        p.set(row, accepted=pd.NaT, org=path[-1])
        p.plant("accept_overdue", row, "中: 多次转办无人受理")
    else:
        _taken(p, row, at, path[-1])
    if level != "-":
        p.plant("ping_pong", row, f"{level}: 流转 {len(path) - 1} 次")


def _hops(p: Play, row: int, path: list[str], sent: np.datetime64, pattern: str) -> np.datetime64:
    """The steps along a path; returns the moment of the last one."""
    at, holder = sent, path[0]
    seen = {path[0]}
    for org in path[1:]:
        at = p.before(4 if len(seen) == 1 else 3, 10) if pattern == "nobody" else at + HOUR
        if holder == "desk":
            p.step(row, at, "派单", DESK, org)
        elif org == "desk":
            p.step(row, at, "退单", holder, DESK, reason="不属本单位职责")
            if holder == path[0]:
                p.step(row, at + np.timedelta64(600, "s"), "审核同意", DESK)
        elif org in seen and holder != path[0]:
            p.step(row, at, "退单", holder, org, reason="应由首接单位办理")
        else:
            p.step(row, at, "转办", holder, org, reason="职责交叉")
        seen.add(org)
        holder = org
    return at


def _rate(p: Play, row: int, how: str) -> None:
    if how == "exempt":
        p.set(row, exempt=True, exempt_why="批准剔除")
    if how == "backlog":
        month = p.city.today.astype("datetime64[M]") - 1
        day = month.astype("datetime64[D]") - 5 - row % 9
        p.set(row, finished=day.astype("datetime64[s]") + 10 * HOUR, close="已解决")
