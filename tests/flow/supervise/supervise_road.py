"""Walking an order along its road: who takes which step, and what they say."""

from __future__ import annotations

from typing import Any

from supervise_queue import Queue

from mingjian.domain.evaluation import DIMENSIONS, Scores, Side
from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState
from mingjian.supervise import act, dispatch
from mingjian.supervise.said import Actor, Said

R = Role
PEOPLE: dict[Role, str] = {
    R.R1: "li",
    R.R2: "wang",
    R.R3: "qian",
    R.R4: "zhao",
    R.R5: "sun",
    R.R6: "zhou",
    R.R7: "mayor",
    R.R13: "chen",
}


def passing(**changed: int) -> Scores:
    """The supervisor's scores, each a pass unless another is named."""
    return Scores({**dict.fromkeys(DIMENSIONS[Side.SUPERVISOR], 4), **changed})


FAILING = passing(truth=2)
ROAD: dict[str, tuple[Role, dict[str, Any]]] = {
    "sign": (R.R1, {}),
    "accept": (R.R1, {}),
    "start_verifying": (R.R1, {"note": "已调取发放明细"}),
    "draft_finding": (R.R1, {"note": "起草核查意见"}),
    "confirm": (R.R2, {"reason": "confirmed", "note": "证据见附件"}),
    "plan": (R.R2, {"note": "张某负责,3月底前追回"}),
    "draft_report": (R.R1, {"note": "已追回"}),
    "report": (R.R2, {"reason": "done", "note": "回单见附件"}),
    "accept_report": (R.R4, {}),
    "visit_back": (R.R13, {"reason": "satisfied"}),
    "evaluate": (R.R4, {"scores": passing()}),
}
TO_VERIFYING = ("sign", "accept", "start_verifying")
TO_EVALUATING = (*TO_VERIFYING, *list(ROAD)[3:])  # both sides have spoken


def sent_out(queue: Queue, level: str = "中", **columns: Any) -> str:
    """A warning dispatched to its unit."""
    warned = queue.warn(level=level, **columns)
    dispatch(queue.run, "subsidy")
    return warned


def take(queue: Queue, target: str, action: str, role: Role, actor: str = "", **said: Any) -> WarningState:
    """One step by the person who has this role, unless another is named."""
    with queue.engine.begin() as conn:
        person = Actor(actor or PEOPLE.get(role, "x"), role)
        return act(conn, queue.clock, target, action, person, Said(**said), terms=queue.terms)


def walk(queue: Queue, warned: str, *actions: str) -> None:
    """These steps of the road, one after the other."""
    for action in actions:
        role, said = ROAD[action]
        take(queue, warned, action, role, **said)
