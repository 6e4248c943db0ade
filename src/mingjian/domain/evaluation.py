"""Double evaluation (双重评价, catalogue §4.6): what the public and the supervisor say, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mingjian.domain.i18n import pick
from mingjian.domain.named import Named

LOWEST, HIGHEST = 1, 5
ROUND_BEGINS = "accept_report"  # the step with which each round begins


class Side(StrEnum):
    """Who evaluates."""

    PUBLIC = "public"
    SUPERVISOR = "supervisor"


class PublicOutcome(Named):
    """What one try to reach the public side brought."""

    SATISFIED = "satisfied", "满意", "satisfied"
    UNSATISFIED = "unsatisfied", "不满意", "not satisfied"
    NOT_REACHED = "not_reached", "未联系上", "not reached"


class SupervisorOutcome(Named):
    """What the supervisor's scores come to."""

    PASSED = "passed", "合格", "pass"
    FAILED = "failed", "不合格", "fail"


class Respondent(Named):
    """Who speaks for the public side; a matter without a complainant is asked of whom it affects (catalogue §4.6)."""

    COMPLAINANT = "complainant", "诉求人", "complainant"
    AFFECTED = "affected", "受影响的人", "person affected"
    OWNER_AND_SAMPLE = "owner_and_sample", "项目主管与抽样户", "programme owner and sampled households"


# What each side scores from 1 to 5.
DIMENSIONS: dict[Side, dict[str, dict[str, str]]] = {
    Side.PUBLIC: {
        "result": {"zh": "办理结果", "en": "result"},
        "speed": {"zh": "办理速度", "en": "speed"},
        "manner": {"zh": "服务态度", "en": "manner"},
    },
    Side.SUPERVISOR: {
        "evidence": {"zh": "证据齐全", "en": "evidence complete"},
        "truth": {"zh": "结果属实", "en": "result true"},
        "cause": {"zh": "根源已治", "en": "cause treated"},
        "redress": {"zh": "款项与人员到位", "en": "money and people put right"},
    },
}


@dataclass(frozen=True)
class Scores:
    """What a side says besides its words: scores from 1 to 5 by dimension; the rest is the public side's alone.

    `households` counts those asked beside the programme owner where a matter concerns a whole village.
    """

    values: Mapping[str, int] = field(default_factory=dict)
    resolved: bool | None = None
    respondent: Respondent | None = None
    households: int | None = None

    def fits(self, side: Side) -> bool:
        """Whether only this side's dimensions are scored, each from 1 to 5."""
        known = DIMENSIONS[side]
        return all(name in known and LOWEST <= score <= HIGHEST for name, score in self.values.items())

    def is_whole(self, side: Side) -> bool:
        """Whether every dimension of this side is scored, and no other."""
        return self.fits(side) and set(self.values) == set(DIMENSIONS[side])

    def outcome(self, pass_score: int) -> SupervisorOutcome:
        """The supervisor's: a pass when every score reaches `pass_score`."""
        passed = all(score >= pass_score for score in self.values.values())
        return SupervisorOutcome.PASSED if passed else SupervisorOutcome.FAILED


def outcome_said(reason: str) -> PublicOutcome | None:
    """The outcome that the reason of a call-back begins with, or None: `unsatisfied 仍有积水`."""
    code = reason.split(maxsplit=1)[0].lower() if reason.split() else ""
    return PublicOutcome(code) if code in set(PublicOutcome) else None


@dataclass(frozen=True)
class Try:
    """One try to reach the public side; `contact` is 1 for the first conversation and 2 for the second."""

    contact: int
    outcome: PublicOutcome


class PublicSide(Named):
    """Where the public side of a round stands."""

    OPEN = "open", "公众待评价", "public: awaited"
    SATISFIED = "satisfied", "公众满意", "public: satisfied"
    UNSATISFIED = "unsatisfied", "公众不满意", "public: not satisfied"
    STILL_UNSATISFIED = "still_unsatisfied", "公众仍不满意", "public: still not satisfied"
    UNREACHED = "unreached", "公众未联系上", "public: not reached"


class SupervisorSide(Named):
    """Where the supervisor's side of a round stands."""

    OPEN = "open", "监督待评价", "supervisor: awaited"
    PASSED = "passed", "监督合格", "supervisor: pass"
    FAILED = "failed", "监督不合格", "supervisor: fail"


class Verdict(Named):
    """What follows from both sides."""

    WAIT = "wait", "等待两方评价", "waits for both sides"
    CLOSE = "close", "可以办结", "may be closed"
    CLOSE_UNREACHED = "close_unreached", "可以办结，不计入群众评价", "may be closed, counted as not evaluated"
    REWORK = "rework", "退回整改", "back to be put right"
    ESCALATE = "escalate", "升级督办，退回整改", "one level up and back to be put right"
    SECOND_CONTACT = "second_contact", "由另一人再次联系群众", "another officer contacts the public again"
    EXPLAIN_OR_REWORK = "explain_or_rework", "解释办结，或退回整改", "close with an explanation, or send back"


_P, _S, _V = PublicSide, SupervisorSide, Verdict

# The matrix of catalogue §4.6. A row of its own for each pair, so that none is decided by chance.
MATRIX: dict[tuple[PublicSide, SupervisorSide], Verdict] = {
    (_P.OPEN, _S.OPEN): _V.WAIT,
    (_P.OPEN, _S.PASSED): _V.WAIT,
    (_P.OPEN, _S.FAILED): _V.WAIT,
    (_P.SATISFIED, _S.OPEN): _V.WAIT,
    (_P.SATISFIED, _S.PASSED): _V.CLOSE,
    (_P.SATISFIED, _S.FAILED): _V.REWORK,
    (_P.UNSATISFIED, _S.OPEN): _V.WAIT,
    (_P.UNSATISFIED, _S.PASSED): _V.SECOND_CONTACT,
    (_P.UNSATISFIED, _S.FAILED): _V.ESCALATE,
    (_P.STILL_UNSATISFIED, _S.OPEN): _V.WAIT,
    (_P.STILL_UNSATISFIED, _S.PASSED): _V.EXPLAIN_OR_REWORK,
    (_P.STILL_UNSATISFIED, _S.FAILED): _V.ESCALATE,
    (_P.UNREACHED, _S.OPEN): _V.WAIT,
    (_P.UNREACHED, _S.PASSED): _V.CLOSE_UNREACHED,
    (_P.UNREACHED, _S.FAILED): _V.REWORK,
}
# Somebody must act by a day; the others wait for a side, or act by themselves.
DATED = frozenset({Verdict.SECOND_CONTACT, Verdict.EXPLAIN_OR_REWORK})
CLOSABLE = frozenset({Verdict.CLOSE, Verdict.CLOSE_UNREACHED})
SENT_BACK = frozenset({Verdict.REWORK, Verdict.ESCALATE})
DISSATISFIED = frozenset({PublicSide.UNSATISFIED, PublicSide.STILL_UNSATISFIED})


def public_side(tries: Sequence[Try], attempts: int) -> PublicSide:
    """Where the public side stands after these tries of one round, of at most `attempts` for each contact.

    Whoever said "not satisfied" once and cannot be reached again stays not satisfied.
    """
    first, second = _contact(tries, 1), _contact(tries, 2)
    if first[-1:] == [PublicOutcome.UNSATISFIED]:
        if second[-1:] == [PublicOutcome.SATISFIED]:
            return PublicSide.SATISFIED
        over = second[-1:] == [PublicOutcome.UNSATISFIED] or len(second) >= attempts
        return PublicSide.STILL_UNSATISFIED if over else PublicSide.UNSATISFIED
    if first[-1:] == [PublicOutcome.SATISFIED]:
        return PublicSide.SATISFIED
    return PublicSide.UNREACHED if len(first) >= attempts else PublicSide.OPEN


def _contact(tries: Sequence[Try], number: int) -> list[PublicOutcome]:
    return [one.outcome for one in tries if one.contact == number]


@dataclass(frozen=True)
class Standing:
    """Both sides of one round."""

    public: PublicSide
    supervisor: SupervisorSide

    @property
    def verdict(self) -> Verdict:
        """What the matrix says of them."""
        return MATRIX[self.public, self.supervisor]

    @property
    def contact(self) -> int:
        """Which conversation with the public is due: the second once the first brought "not satisfied"."""
        return 2 if self.public in DISSATISFIED else 1

    @property
    def label(self) -> str:
        """Both sides and what follows： 公众满意、监督不合格：退回整改."""
        public, supervisor, verdict = self.public, self.supervisor, self.verdict
        zh = f"{public.zh}、{supervisor.zh}：{verdict.zh}"
        return pick({"zh": zh, "en": f"{public.en}, {supervisor.en}: {verdict.en}"})


@dataclass(frozen=True)
class ExemptReason:
    """Why a matter may be closed though the public is not satisfied."""

    code: str
    zh: str
    en: str

    @property
    def label(self) -> str:
        """Its meaning in the reader's language."""
        return pick({"zh": self.zh, "en": self.en})


EXEMPT_REASONS: dict[str, ExemptReason] = {
    r.code: r
    for r in (
        ExemptReason("EX01", "诉求超出法律法规和政策规定", "the demand is outside law and policy"),
        ExemptReason("EX02", "诉求不合理", "the demand is unreasonable"),
    )
}


def exempt_code(reason: str) -> ExemptReason | None:
    """The code that this reason begins with, or None."""
    return EXEMPT_REASONS.get(reason.strip()[:4].upper())
