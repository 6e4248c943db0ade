"""The ladder of supervision: which missed deadline leads to which tier, and when."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from mingjian.domain.source import Strict


class TierReason(StrEnum):
    """Why a reminder is sent or a tier raised; each acts once for each deadline."""

    NOT_SIGNED = "not_signed"
    NOT_ACCEPTED = "not_accepted"
    OVERDUE_3WD = "overdue_3wd"
    REMINDER_UNANSWERED = "reminder_unanswered"
    OVERDUE_5WD = "overdue_5wd"
    LETTER_UNANSWERED = "letter_unanswered"
    OVERDUE_10WD = "overdue_10wd"


class Since(StrEnum):
    """The deadline from which a rung counts."""

    SIGN_DUE = "sign_due"
    ACCEPT_DUE = "accept_due"
    FINISH_DUE = "finish_due"


class Rung(Strict):
    """Supervision reaches `tier` when `days` working days have passed since a missed deadline."""

    reason: TierReason
    tier: int
    since: Since
    days: int = Field(ge=0)
