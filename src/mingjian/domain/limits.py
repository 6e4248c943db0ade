"""The clocks that steps run against; how many working days each allows is the city's policy (`domain.policy`)."""

from __future__ import annotations

from enum import StrEnum


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
    CO_REPORT = "co_report"
    REVIEW = "review"
    EVALUATE = "evaluate"
    FALSE_POSITIVE = "false_positive"
    RECHECK_RESULT = "recheck_result"
    TRANSFER_ANSWER = "transfer_answer"
    TRANSFER_RULING = "transfer_ruling"
    DUTY_MEETING = "duty_meeting"
    TAKEOVER_SIGN = "takeover_sign"
    TAKEOVER_MEETING = "takeover_meeting"
    TAKEOVER_FINISH = "takeover_finish"
    APPEAL = "appeal"
