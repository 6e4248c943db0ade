"""Unmasking: who may ask to see what a page hides, who may allow it, and for how long (catalogue §4.1 and §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from mingjian.domain.i18n import _
from mingjian.domain.named import Named
from mingjian.domain.roles import Role

MOST_HOURS = 24
OPEN_FOR = timedelta(days=3)  # nobody decides on what was asked longer ago: it is asked anew
MAY_ASK = frozenset({Role.R1, Role.R2, Role.R3, Role.R4, Role.R5, Role.R6, Role.R7})  # never R9


class Sight(IntEnum):
    """How much is asked for. L2: names, and the last four signs of numbers. L3: all of it."""

    L2 = 2
    L3 = 3


APPROVERS = {
    Sight.L2: frozenset({Role.R4, Role.R5, Role.R6}),
    Sight.L3: frozenset({Role.R5, Role.R6}),
}


class Field(Named):
    """What kind of personal data is asked for."""

    IDENTITY = "identity", "姓名、证件号、账号、电话", "name, identity number, account, phone"
    BIRTH_DATE = "birth_date", "出生与其他个人日期", "birth and other personal dates"
    FREE_TEXT = "free_text", "诉求、地址等原文", "original texts such as requests and addresses"


class Purpose(Named):
    """What the data is needed for."""

    VERIFY = "verify", "核查事实", "verify the facts"
    CONTACT = "contact", "联系当事人", "contact the person"
    RECOVER = "recover", "追回或补发资金", "recover or pay out money"
    APPEAL = "appeal", "处理申诉", "handle an appeal"
    REFER = "refer", "移送线索", "refer a clue"


class Refusal(StrEnum):
    """Why a request cannot be made or decided."""

    NOT_YOUR_ROLE = "not_your_role"
    OWN_REQUEST = "own_request"
    DECIDED = "decided"
    TOO_OLD = "too_old"
    NOTHING_ASKED = "nothing_asked"
    NO_REASON = "no_reason"
    TOO_LONG = "too_long"
    ASKED_ALREADY = "asked_already"

    @property
    def message(self) -> str:
        """The refusal in the reader's language."""
        return {
            Refusal.NOT_YOUR_ROLE: _("您的角色不能申请或审批查看完整信息"),
            Refusal.OWN_REQUEST: _("不能审批自己的申请"),
            Refusal.DECIDED: _("这份申请已有决定"),
            Refusal.TOO_OLD: _("这份申请已超过 3 天，请申请人重新提出"),
            Refusal.NOTHING_ASKED: _("请选择要看哪些内容"),
            Refusal.NO_REASON: _("请写明理由"),
            Refusal.TOO_LONG: _("查看时限须为 1 至 24 小时"),
            Refusal.ASKED_ALREADY: _("对这条预警已有待审批或有效的申请"),
        }[self]


@dataclass(frozen=True)
class Asked:
    """A request as its approver finds it."""

    user_id: str
    sight: Sight
    asked_at: datetime
    decided_at: datetime | None


def refuse_asking(role: Role, fields: list[Field], reason: str, hours: int) -> Refusal | None:
    """Why this request cannot be made, or None."""
    if role not in MAY_ASK:
        return Refusal.NOT_YOUR_ROLE
    if not fields:
        return Refusal.NOTHING_ASKED
    if not reason.strip():
        return Refusal.NO_REASON
    return None if 1 <= hours <= MOST_HOURS else Refusal.TOO_LONG


def refuse_deciding(asked: Asked, user_id: str, role: Role, now: datetime, reason: str) -> Refusal | None:
    """Why this user cannot decide on the request, or None. Whether the approver sees the object is asked elsewhere."""
    if asked.user_id == user_id:
        return Refusal.OWN_REQUEST
    if role not in APPROVERS[asked.sight]:
        return Refusal.NOT_YOUR_ROLE
    if asked.decided_at is not None:
        return Refusal.DECIDED
    if now - asked.asked_at > OPEN_FOR:
        return Refusal.TOO_OLD
    return None if reason.strip() else Refusal.NO_REASON
