"""Why something was decided: every decision keeps a named reason, never a bare yes or no."""

from __future__ import annotations

from enum import StrEnum


class WarnReason(StrEnum):
    """Why a finding did or did not become a new warning."""

    NEW = "new"
    REPEATED = "repeated"
    SEEN_TODAY = "seen_today"
    REOPENED = "reopened"
    SNOOZED = "snoozed"
    INHIBITED = "inhibited"
    OVER_BUDGET = "over_budget"
    EXCEPTION = "exception"
    SHADOW = "shadow"


class DispatchReason(StrEnum):
    """Why a warning did or did not become an order."""

    DISPATCHED = "dispatched"
    ALREADY_ORDERED = "already_ordered"
    AWAITS_TRIAGE = "awaits_triage"
    SHADOW = "shadow"
    CLOSED = "closed"


class PullReason(StrEnum):
    """What a pull did with its source."""

    APPENDED = "appended"
    UNCHANGED = "unchanged"
    EMPTY_INCREMENT = "empty_increment"


class GateVerdict(StrEnum):
    """What the gate says of a table."""

    OK = "ok"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    MISSING = "missing"
