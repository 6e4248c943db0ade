"""Reason codes for what was not confirmed (catalogue §1.4), and what each says about the model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mingjian.domain.i18n import pick


class Outcome(StrEnum):
    """What became of the matter."""

    FALSE_POSITIVE = "false_positive"
    ALREADY_FIXED = "already_fixed"
    DATA_ERROR = "data_error"
    MERGED = "merged"
    POLICY_GAP = "policy_gap"
    WATCH = "watch"
    TRANSFERRED = "transferred"


class CountsAs(StrEnum):
    """What a verdict says about the model's precision.

    DATA_ERROR is counted beside the rest: the model was right about rows that were wrong, which is the feed's to mend.
    """

    CONFIRMED = "confirmed"
    FALSE = "false"
    DATA_ERROR = "data_error"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True)
class FalseReason:
    """One code: what it means, what becomes of the matter, how it counts, and the steps it may be given at."""

    code: str
    zh: str
    en: str
    outcome: Outcome
    counts_as: CountsAs
    steps: frozenset[str]

    @property
    def label(self) -> str:
        """Its meaning in the reader's language."""
        return pick({"zh": self.zh, "en": self.en})


_FP = frozenset({"propose_fp", "approve_fp"})
_DATA = frozenset({"report_data_error"})
_POLICY = frozenset({"report_policy_gap"})
_O, _C = Outcome, CountsAs

FALSE_REASONS: dict[str, FalseReason] = {
    r.code: r
    for r in (
        FalseReason(
            "FP01", "身份或主体匹配错误", "wrong person or company matched", _O.FALSE_POSITIVE, _C.FALSE, _FP
        ),
        FalseReason(
            "FP02",
            "政策允许或依法豁免",
            "allowed by policy or exempt by law",
            _O.FALSE_POSITIVE,
            _C.FALSE,
            _FP,
        ),
        FalseReason(
            "FP03",
            "已按程序备案或审批，系统未见",
            "filed or approved, not seen by the system",
            _O.FALSE_POSITIVE,
            _C.FALSE,
            _FP,
        ),
        FalseReason(
            "FP04",
            "监护、代理、集中供养等合法代收",
            "lawfully received for another",
            _O.FALSE_POSITIVE,
            _C.FALSE,
            _FP,
        ),
        FalseReason(
            "FP05",
            "时间差：已停发或已办结",
            "stopped or settled before, data lagged",
            _O.ALREADY_FIXED,
            _C.NOT_COUNTED,
            _FP,
        ),
        FalseReason("FP06", "源数据错误", "error in the source data", _O.DATA_ERROR, _C.DATA_ERROR, _DATA),
        FalseReason(
            "FP07",
            "阈值或口径不适合本地",
            "threshold or definition does not fit here",
            _O.FALSE_POSITIVE,
            _C.FALSE,
            _FP,
        ),
        FalseReason(
            "FP08", "重复预警，并入他件", "merged into another warning", _O.MERGED, _C.NOT_COUNTED, _FP
        ),
        FalseReason(
            "FP09",
            "不可抗力或司法程序中",
            "force majeure or in court",
            _O.FALSE_POSITIVE,
            _C.FALSE,
            _FP,
        ),
        FalseReason(
            "FP10",
            "政策制度本身的空白或冲突",
            "gap or conflict in the policy itself",
            _O.POLICY_GAP,
            _C.NOT_COUNTED,
            _POLICY,
        ),
        FalseReason(
            "FP11", "证据不足，转观察", "evidence too weak, kept in view", _O.WATCH, _C.NOT_COUNTED, _FP
        ),
        FalseReason(
            "FP12",
            "职责不在本级，已移交",
            "not this level's duty, handed over",
            _O.TRANSFERRED,
            _C.NOT_COUNTED,
            _FP,
        ),
    )
}
CODED_STEPS = frozenset().union(*(r.steps for r in FALSE_REASONS.values()))


def codes_for(step: str) -> list[FalseReason]:
    """The codes that may be given at a step, by code; none for a step that asks for no code."""
    return [r for r in FALSE_REASONS.values() if step in r.steps]


def code_of(reason: str, step: str | None = None) -> FalseReason | None:
    """The code that `reason` begins with, when it may be given at `step` (at any step when None)."""
    found = FALSE_REASONS.get(reason.strip()[:4].upper())
    return found if found and (step is None or step in found.steps) else None


def counts_as(code: str | None) -> CountsAs:
    """How a closing without confirmation counts; without a known code it counts against the model."""
    found = FALSE_REASONS.get(code or "")
    return found.counts_as if found else CountsAs.FALSE
