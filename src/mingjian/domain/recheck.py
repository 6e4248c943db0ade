"""Re-supervision (回头看, catalogue §4.7): which closed matters are looked at again, why, when and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from mingjian.domain.level import Level
from mingjian.domain.named import Named
from mingjian.domain.source import Strict
from mingjian.domain.warning import WarningState

SURE = 1.0
Chance = Annotated[float, Field(ge=0, le=1)]
CheckDays = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]


class RecheckReason(Named):
    """Why a closed matter is looked at again, or is not."""

    HIGH = "high", "高等级，全部回头看", "high level: all are rechecked"
    TIER = "tier", "曾升至二级以上督办", "supervised at level 2 or above"
    LEGACY = "legacy", "历史遗留问题", "legacy matter"
    UNSATISFIED = "unsatisfied", "群众不满意而办结", "closed though the public was not satisfied"
    NOT_REACHED = "not_reached", "回访未联系上，抽中", "nobody was reached: drawn"
    RANDOM = "random", "随机抽中", "drawn at random"
    RISK = "risk", "按单位风险抽中", "drawn by the unit's risk"
    QA = "qa", "误报结案质量抽查", "quality sample of false positives"
    MANUAL = "manual", "监督员提出", "asked for by a supervisor"
    NOT_SAMPLED = "not_sampled", "未抽中，仅由模型复查", "not drawn: only the model looks again"


class RecheckKind(StrEnum):
    """What is looked at again: that a matter was put right, or that a false positive was one."""

    RECHECK = "recheck"
    QA = "qa"


class Method(Named):
    """How people look; the model looks again by itself in every case."""

    DATA = "data", "数据核对", "data check"
    PHONE = "phone", "第三方电话", "call by a third party"
    SITE = "site", "不打招呼直奔现场", "unannounced visit"
    FILE = "file", "复核案卷", "file review"


class CheckState(Named):
    """Where one check stands. DROPPED: the matter was reopened, or settled, before it came to this check."""

    PLANNED = "planned", "已排期", "planned"
    DUE = "due", "待回头看", "due"
    DONE = "done", "已完成", "done"
    DROPPED = "dropped", "不再需要", "no longer needed"


class RecheckResult(Named):
    """What people found: put right, partly, or not at all though reported so."""

    OK = "ok", "合格", "put right"
    PARTIAL = "partial", "整改不到位", "partly put right"
    FALSE = "false", "不实", "not true"


class Rerun(Named):
    """What the model says of a closed matter on data newer than the closing.

    UNCHANGED: it still hits, by the very facts that the matter was closed with. RECURRED: the same model warns of
    the same subject for another period, which is a warning of its own.
    """

    WAITING = "waiting", "等待新数据", "waits for new data"
    MODEL_NOT_RUN = "model_not_run", "模型尚未在新数据上运行，继续等待", "the model has not run on new data"
    QUIET = "quiet", "新数据上未再命中", "quiet on new data"
    UNCHANGED = "unchanged", "仍以同样的事实命中", "still hits by the same facts"
    RECURRED = "recurred", "同一对象另一期再次预警", "the subject was warned of again for another period"
    REPEAT = "repeat", "再次命中，已重启", "hit again: reopened"


@dataclass(frozen=True)
class Finding:
    """A reason code of a recheck and the result it belongs to."""

    result: RecheckResult
    zh: str
    en: str


FINDINGS: dict[str, Finding] = {
    "RC01": Finding(RecheckResult.PARTIAL, "部分事项未整改", "part of it was not put right"),
    "RC02": Finding(RecheckResult.PARTIAL, "款项未全部追回或补发", "money not wholly recovered or paid"),
    "RC03": Finding(RecheckResult.PARTIAL, "群众不认可结果", "the public does not accept the result"),
    "RC11": Finding(RecheckResult.FALSE, "佐证不实", "the proof was not true"),
    "RC12": Finding(RecheckResult.FALSE, "未整改而报已整改", "reported as done, not done"),
    "RC13": Finding(RecheckResult.FALSE, "问题反弹", "the problem came back"),
    "RC21": Finding(RecheckResult.FALSE, "误报结论不成立", "the false positive was none"),
}


# Steps that would tell that somebody looks, or is going to look again: none but supervisors notice them.
UNANNOUNCED = frozenset({"recheck", "recheck_pass", "uphold_fp"})
SHOWN_AS = {WarningState.RECHECK: WarningState.CLOSED}


def shown_state(state: WarningState) -> WarningState:
    """The state that those see who may not know of rechecks."""
    return SHOWN_AS.get(state, state)


def finding_code(reason: str, result: RecheckResult) -> str | None:
    """The code of `result` that `reason` begins with, or None."""
    code = reason.strip()[:4].upper()
    found = FINDINGS.get(code)
    return code if found and found.result is result else None


class RecheckTerms(Strict):
    """Who is looked at again, and when: the section `rechecks` of the policy (catalogue §4.7).

    `due_days` are natural days after closing, `qa_shares` the parts of false positives whose file is reviewed, both for
    levels 高, 中, 低. `risk_slope` and `risk_most` turn a unit's past false share into a chance to be drawn; `risk_prior`
    is the share assumed of a city that has none yet, and `risk_weight` is how many rechecks the city's share counts for
    beside the unit's own; results of the last `risk_days` natural days count.
    """

    due_days: tuple[CheckDays, CheckDays, CheckDays]
    tier_from: int = Field(ge=1, le=3)
    random_share: Chance
    not_reached_share: Chance
    qa_shares: tuple[Chance, Chance, Chance]
    always_kinds: tuple[str, ...]
    risk_slope: float = Field(ge=0)
    risk_most: Chance
    risk_prior: Chance
    risk_weight: float = Field(gt=0)
    risk_days: int = Field(ge=1)

    @model_validator(mode="after")
    def _days_rise(self) -> RecheckTerms:
        if any(list(days) != sorted(set(days)) for days in self.due_days):
            raise ValueError("rechecks.due_days of a level are named in order, each once")
        return self

    def days_of(self, level: Level) -> CheckDays:
        """Natural days after closing on which people look at a matter of this level."""
        return self.due_days[level.rank - 1]

    def qa_share(self, level: Level) -> float:
        """The chance that the file of a false positive of this level is reviewed."""
        return self.qa_shares[level.rank - 1]


@dataclass(frozen=True)
class Record:
    """Past results of people's rechecks: `n` in all, `false` of them not true."""

    n: int = 0
    false: int = 0


def risk_share(unit: Record, city: Record, terms: RecheckTerms) -> float:
    """The chance that a unit's past adds: slope times its false share, at most `risk_most`.

    The share is drawn towards the city's, f = (false + k f_city) / (n + k), so that one bad result of a unit with
    few rechecks is not taken for its habit, and a unit never rechecked counts as the city.
    """
    k = terms.risk_weight
    whole = (city.false + k * terms.risk_prior) / (city.n + k)
    share = (unit.false + k * whole) / (unit.n + k)
    return min(terms.risk_most, terms.risk_slope * share)


@dataclass(frozen=True)
class Closed:
    """What the decision looks at. `satisfied` is None when nobody said, False for unsatisfied; `reached` likewise."""

    kind: RecheckKind
    level: Level
    tier: int
    subject_kind: str
    satisfied: bool | None = None
    reached: bool | None = None


@dataclass(frozen=True)
class Decision:
    """Every reason that holds, the first one deciding, and the chance of being chosen that the draw was put to."""

    reasons: tuple[RecheckReason, ...]
    share: float

    @property
    def chosen(self) -> bool:
        return self.reasons != (RecheckReason.NOT_SAMPLED,)


def decide(closed: Closed, u: float, risk: float, terms: RecheckTerms) -> Decision:
    """Whether people look again. `u` is the warning's draw, `risk` its unit's `risk_share`.

    One draw serves all shares: below the random share it is RANDOM, above it and below the risk's part of what is
    left RISK. So the chance of being chosen is random + (1 - random) risk, and is kept with the decision.
    """
    if closed.kind is RecheckKind.QA:
        share = terms.qa_share(closed.level)
        return Decision((RecheckReason.QA if u < share else RecheckReason.NOT_SAMPLED,), share)
    sure = _sure(closed, terms)
    if sure:
        return Decision(sure, SURE)
    if closed.reached is False:
        return _drawn(u, terms.not_reached_share, RecheckReason.NOT_REACHED, risk)
    return _drawn(u, terms.random_share, RecheckReason.RANDOM, risk)


def _sure(closed: Closed, terms: RecheckTerms) -> tuple[RecheckReason, ...]:
    holds = {
        RecheckReason.HIGH: closed.level is Level.HIGH,
        RecheckReason.TIER: closed.tier >= terms.tier_from,
        RecheckReason.LEGACY: closed.subject_kind in terms.always_kinds,
        RecheckReason.UNSATISFIED: closed.satisfied is False,
    }
    return tuple(reason for reason, held in holds.items() if held)


def _drawn(u: float, share: float, reason: RecheckReason, risk: float) -> Decision:
    whole = share + (1 - share) * risk
    if u < share:
        return Decision((reason,), whole)
    return Decision((RecheckReason.RISK if u < whole else RecheckReason.NOT_SAMPLED,), whole)


def methods_of(reasons: tuple[RecheckReason, ...]) -> tuple[Method, ...]:
    """How people look, by why they look: serious matters on the spot, the others by data and telephone."""
    if RecheckReason.QA in reasons:
        return (Method.FILE, Method.DATA)
    on_the_spot = {RecheckReason.HIGH, RecheckReason.TIER, RecheckReason.LEGACY, RecheckReason.UNSATISFIED}
    if on_the_spot & set(reasons):
        return (Method.DATA, Method.SITE)
    return (Method.DATA, Method.PHONE)
