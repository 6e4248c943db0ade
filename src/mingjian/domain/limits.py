"""Time limits in working days by step and level (catalogue §4.2 and `sla_wd`)."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.level import Level

SIGN_HOURS = {Level.HIGH: 4, Level.MEDIUM: 8, Level.LOW: 8}


class Limit(StrEnum):
    """Which clock a step runs against."""

    TRIAGE = "triage"
    DISPATCH = "dispatch"
    SIGN = "sign"
    ACCEPT = "accept"
    CONTACT = "contact"
    VERIFY = "verify"
    PLAN = "plan"
    RECTIFY = "rectify"
    REVIEW = "review"
    EVALUATE = "evaluate"
    FALSE_POSITIVE = "false_positive"
    RECHECK_RESULT = "recheck_result"
    TRANSFER_ANSWER = "transfer_answer"


_BY_LEVEL: dict[Limit, tuple[int, int, int]] = {
    Limit.TRIAGE: (1, 2, 0),
    Limit.DISPATCH: (0, 0, 0),
    Limit.SIGN: (1, 1, 1),
    Limit.ACCEPT: (2, 2, 2),
    Limit.CONTACT: (1, 1, 1),
    Limit.VERIFY: (5, 10, 15),
    Limit.PLAN: (3, 3, 5),
    Limit.RECTIFY: (15, 20, 30),
    Limit.REVIEW: (2, 3, 3),
    Limit.EVALUATE: (3, 3, 5),
    Limit.FALSE_POSITIVE: (2, 3, 5),
    Limit.RECHECK_RESULT: (5, 5, 5),
    Limit.TRANSFER_ANSWER: (1, 1, 1),
}


def limit_days(limit: Limit, level: Level) -> int:
    """Working days allowed for a step of a warning of this level."""
    return _BY_LEVEL[limit][level.rank - 1]
