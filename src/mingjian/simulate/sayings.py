"""What each step says: the table of bodies. `draws` are alternatives with their weights."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mingjian.domain.evaluation import DIMENSIONS, EXEMPT_REASONS, HIGHEST, Side


@dataclass(frozen=True)
class Saying:
    """A step's reason (one of these, by weight) and note, and what else its body must name."""

    reasons: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    unit: bool = False  # the unit that it goes to
    days: int = 0  # at most so many working days are asked for
    scores: tuple[str, ...] = ()  # what is scored from 1 to 5 in the double evaluation


def _one(reason: str, note: str = "") -> Saying:
    return Saying({reason: 1}, note)


_FINDING = Saying(
    {"FP01 主体匹配错误": 40, "FP03 已备案": 30, "FP05 已停发": 20, "FP09 司法程序中": 10}, "核对记录见附件"
)
VISITS = {"satisfied": 82.0, "unsatisfied": 8.0, "not_reached": 10.0}

SAYINGS: dict[str, Saying] = {
    "admit": Saying(),
    "triage": Saying(note="证据已核对，予以分办"),
    "dispatch": Saying(unit=True),
    "assign": Saying(unit=True),
    "merge": _one("duplicate", "同一事项，并案办理"),
    "sign": Saying(),
    "accept": Saying(),
    "start_verifying": Saying(note="已联系当事人并调取资料"),
    "draft_finding": Saying(note="起草核查意见"),
    "confirm": _one("confirmed", "证据见附件"),
    "propose_fp": _FINDING,
    "report_data_error": _one("FP06 源数据错误", "源系统登记有误"),
    "report_policy_gap": _one("FP10 制度空白", "现行办法未作规定"),
    "plan": Saying(note="责任到人，期限内整改"),
    "draft_report": Saying(note="已整改，起草报告"),
    "report": _one("done", "佐证见附件"),
    "accept_report": Saying(),
    "return_report": _one("佐证不全"),
    "visit_back": Saying(VISITS, scores=tuple(DIMENSIONS[Side.PUBLIC])),
    "evaluate": Saying(note="监督评价", scores=tuple(DIMENSIONS[Side.SUPERVISOR])),
    "exempt": Saying({next(iter(EXEMPT_REASONS)): 1}, "已向群众解释政策依据"),
    "accept_and_propose": Saying(note="需有关单位协办", unit=True),
    "propose_co_handler": Saying(note="需有关单位协办", unit=True),
    "add_co_handler": Saying(unit=True),
    "release_co_handler": Saying({"无需协办": 1}, unit=True),
    "co_report": Saying(note="协办意见：情况属实"),
    "close": _one("put_right", "双重评价通过"),
    "return_rectify": _one("整改不到位"),
    "recheck": _one("manual"),
    "recheck_pass": Saying(note="合格"),
    "archive": Saying(note="合格，归档"),
    "recheck_partial": _one("RC01 部分未整改"),
    "recheck_false": _one("RC12 未整改"),
    "uphold_fp": Saying(note="复核案卷，误报成立"),
    "overturn_fp": _one("RC21 误报不成立"),
    "reopen": _one("evidence_false"),
    "verify_again": _one("reopened"),
    "approve_fp": _FINDING,
    "reject_fp": _one("证据不足"),
    "close_data": Saying(note="源数据已更正"),
    "close_policy": Saying(note="已答复，转面上问题"),
    "propose_transfer": Saying(note="依据三定方案第二条", unit=True),
    "take_transfer": Saying(unit=True),
    "object_transfer": Saying(note="依据三定方案第五条，不属本单位职责"),
    "rule_transfer": Saying({"职责清单": 1}, unit=True),
    "return_transfer": _one("属原单位职责"),
    "ask_extension": Saying({"evidence": 1}, "取证尚需时日", days=5),
    "grant_extension": _one("属实"),
    "refuse_extension": _one("理由不充分"),
    "raise_tier": _one("办理不力"),
    "lower_tier": _one("已有进展"),
    "take_over": _one("职责不清"),
    "leader_sign": Saying(),
    "hold_meeting": Saying(note="现场会已召开，明确责任单位"),
    "leader_step": Saying(note="本周进展"),
    "hand_back": Saying(note="责任已明确，交回办理。举一反三：已排查同类点位"),
    "suspend": _one("诉讼中", "民初字第12号裁定，2025-11-03"),
    "resume": Saying(),
    "refer": _one("问题线索移送"),
}


def say(
    action: str, drawn: random.Random, unit_id: str | None, lead_id: str | None, public: str = ""
) -> dict[str, Any]:
    """The body of this step; KeyError for a step that the table does not know. `public` is what the public
    says whatever is drawn."""
    known = SAYINGS[action]
    body: dict[str, Any] = {"action": action}
    if known.reasons:
        body["reason"] = drawn.choices(list(known.reasons), list(known.reasons.values()))[0]
    if action == "visit_back" and public:
        body["reason"] = public
    if known.scores:
        body["evaluation"] = {"scores": {name: _score(drawn) for name in known.scores}}
    if known.note:
        body["note"] = known.note
    if known.unit and unit_id:
        body["unit_id"] = unit_id
    if known.days:
        body["days"] = drawn.randint(1, known.days)
    if action == "merge":
        body["lead_id"] = lead_id
    return body


def _score(drawn: random.Random) -> int:
    """Nearly always enough to pass."""
    return drawn.choices((2, 3, 4, HIGHEST), (1, 20, 45, 34))[0]
