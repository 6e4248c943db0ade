"""Why something was decided: every decision keeps a named reason, never a bare yes or no."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.i18n import pick


class WarnReason(StrEnum):
    """Why a finding did or did not become a new warning."""

    NEW = "new"
    REPEATED = "repeated"
    SEEN_TODAY = "seen_today"
    REOPENED = "reopened"
    UNCHANGED = "unchanged"
    SNOOZED = "snoozed"
    INHIBITED = "inhibited"
    OVER_BUDGET = "over_budget"
    EXCEPTION = "exception"
    SHADOW = "shadow"
    WOKEN = "woken"
    ADMITTED = "admitted"

    @property
    def silences(self) -> bool:
        """Whether the warning rests, recorded and told to nobody, while this is the reason."""
        return self in (self.SHADOW, self.EXCEPTION, self.SNOOZED, self.INHIBITED)

    @property
    def label(self) -> str:
        """The reason in the reader's language."""
        return pick(WARN_REASON_NAMES[self])


WARN_REASON_NAMES: dict[WarnReason, dict[str, str]] = {
    WarnReason.NEW: {"zh": "首次发现，生成预警", "en": "seen for the first time: a new warning"},
    WarnReason.REPEATED: {"zh": "再次命中，更新次数", "en": "seen again: hits counted"},
    WarnReason.SEEN_TODAY: {"zh": "当日已见，未重复计数", "en": "already seen that day: not counted again"},
    WarnReason.REOPENED: {"zh": "办结后再次命中，重启", "en": "seen again after closing: reopened"},
    WarnReason.UNCHANGED: {
        "zh": "仍是办结时的事实，未重启",
        "en": "the same facts as when it was closed: not reopened",
    },
    WarnReason.SNOOZED: {"zh": "暂缓期内，未提示", "en": "snoozed: told to nobody"},
    WarnReason.INHIBITED: {"zh": "已由更强的模型预警", "en": "already told by a stronger model"},
    WarnReason.OVER_BUDGET: {
        "zh": "超过单位当周预警限额，排队",
        "en": "over the unit's budget of the week: waits",
    },
    WarnReason.EXCEPTION: {"zh": "在例外名单内", "en": "on the list of exceptions"},
    WarnReason.SHADOW: {"zh": "影子模型，只记录不派发", "en": "shadow model: recorded, sent to nobody"},
    WarnReason.WOKEN: {"zh": "静默已结束，恢复提示", "en": "no longer silenced: alive again"},
    WarnReason.ADMITTED: {"zh": "限额有余，结束排队", "en": "let in: the unit's budget has room"},
}


class DispatchReason(StrEnum):
    """Why a warning did or did not become an order."""

    DISPATCHED = "dispatched"
    ALREADY_ORDERED = "already_ordered"
    AWAITS_TRIAGE = "awaits_triage"
    MERGED = "merged"
    LEAD_BUSY = "lead_busy"
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
