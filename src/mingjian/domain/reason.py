"""Why something was decided: every decision keeps a named reason, never a bare yes or no."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.named import Named


class WarnReason(Named):
    """Why a finding did or did not become a new warning."""

    NEW = "new", "首次发现，生成预警", "seen for the first time: a new warning"
    REPEATED = "repeated", "再次命中，更新次数", "seen again: hits counted"
    SEEN_TODAY = "seen_today", "当日已见，未重复计数", "already seen that day: not counted again"
    REOPENED = "reopened", "办结后再次命中，重启", "seen again after closing: reopened"
    UNCHANGED = "unchanged", "仍是办结时的事实，未重启", "the same facts as when it was closed: not reopened"
    SNOOZED = "snoozed", "暂缓期内，未提示", "snoozed: told to nobody"
    INHIBITED = "inhibited", "已由更强的模型预警", "already told by a stronger model"
    OVER_BUDGET = "over_budget", "超过单位当周预警限额，排队", "over the unit's budget of the week: waits"
    EXCEPTION = "exception", "在例外名单内", "on the list of exceptions"
    SHADOW = "shadow", "影子模型，只记录不派发", "shadow model: recorded, sent to nobody"
    WOKEN = "woken", "静默已结束，恢复提示", "no longer silenced: alive again"
    ADMITTED = "admitted", "限额有余，结束排队", "let in: the unit's budget has room"

    @property
    def silences(self) -> bool:
        """Whether the warning rests, recorded and told to nobody, while this is the reason."""
        return self in (self.SHADOW, self.EXCEPTION, self.SNOOZED, self.INHIBITED)


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
