"""Double evaluation (双重评价, catalogue §4.6): what the public and the supervisor say, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mingjian.domain.i18n import pick

LOWEST, HIGHEST = 1, 5
ROUND_BEGINS = "accept_report"  # the step with which each round begins


class Side(StrEnum):
    """Who evaluates."""

    PUBLIC = "public"
    SUPERVISOR = "supervisor"


class PublicOutcome(StrEnum):
    """What one try to reach the public side brought."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    NOT_REACHED = "not_reached"

    @property
    def label(self) -> str:
        """The outcome in the reader's language."""
        return pick(OUTCOME_NAMES[self])


class SupervisorOutcome(StrEnum):
    """What the supervisor's scores come to."""

    PASSED = "passed"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The outcome in the reader's language."""
        return pick(OUTCOME_NAMES[self])


OUTCOME_NAMES: dict[StrEnum, dict[str, str]] = {
    PublicOutcome.SATISFIED: {"zh": "满意", "en": "satisfied"},
    PublicOutcome.UNSATISFIED: {"zh": "不满意", "en": "not satisfied"},
    PublicOutcome.NOT_REACHED: {"zh": "未联系上", "en": "not reached"},
    SupervisorOutcome.PASSED: {"zh": "合格", "en": "pass"},
    SupervisorOutcome.FAILED: {"zh": "不合格", "en": "fail"},
}


class Respondent(StrEnum):
    """Who speaks for the public side; a matter without a complainant is asked of whom it affects (catalogue §4.6)."""

    COMPLAINANT = "complainant"
    AFFECTED = "affected"
    OWNER_AND_SAMPLE = "owner_and_sample"

    @property
    def label(self) -> str:
        """The respondent in the reader's language."""
        return pick(RESPONDENT_NAMES[self])


RESPONDENT_NAMES: dict[Respondent, dict[str, str]] = {
    Respondent.COMPLAINANT: {"zh": "诉求人", "en": "complainant"},
    Respondent.AFFECTED: {"zh": "受影响的人", "en": "person affected"},
    Respondent.OWNER_AND_SAMPLE: {"zh": "项目主管与抽样户", "en": "programme owner and sampled households"},
}

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


class PublicSide(StrEnum):
    """Where the public side of a round stands."""

    OPEN = "open"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    STILL_UNSATISFIED = "still_unsatisfied"
    UNREACHED = "unreached"


class SupervisorSide(StrEnum):
    """Where the supervisor's side of a round stands."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


class Verdict(StrEnum):
    """What follows from both sides."""

    WAIT = "wait"
    CLOSE = "close"
    CLOSE_UNREACHED = "close_unreached"
    REWORK = "rework"
    ESCALATE = "escalate"
    SECOND_CONTACT = "second_contact"
    EXPLAIN_OR_REWORK = "explain_or_rework"

    @property
    def label(self) -> str:
        """What follows, in the reader's language."""
        return pick(VERDICT_NAMES[self])


VERDICT_NAMES: dict[Verdict, dict[str, str]] = {
    Verdict.WAIT: {"zh": "等待两方评价", "en": "waits for both sides"},
    Verdict.CLOSE: {"zh": "可以办结", "en": "may be closed"},
    Verdict.CLOSE_UNREACHED: {
        "zh": "可以办结，不计入群众评价",
        "en": "may be closed, counted as not evaluated",
    },
    Verdict.REWORK: {"zh": "退回整改", "en": "back to be put right"},
    Verdict.ESCALATE: {"zh": "升级督办，退回整改", "en": "one level up and back to be put right"},
    Verdict.SECOND_CONTACT: {"zh": "由另一人再次联系群众", "en": "another officer contacts the public again"},
    Verdict.EXPLAIN_OR_REWORK: {
        "zh": "解释办结，或退回整改",
        "en": "close with an explanation, or send back",
    },
}
SIDE_NAMES: dict[StrEnum, dict[str, str]] = {
    PublicSide.OPEN: {"zh": "公众待评价", "en": "public: awaited"},
    PublicSide.SATISFIED: {"zh": "公众满意", "en": "public: satisfied"},
    PublicSide.UNSATISFIED: {"zh": "公众不满意", "en": "public: not satisfied"},
    PublicSide.STILL_UNSATISFIED: {"zh": "公众仍不满意", "en": "public: still not satisfied"},
    PublicSide.UNREACHED: {"zh": "公众未联系上", "en": "public: not reached"},
    SupervisorSide.OPEN: {"zh": "监督待评价", "en": "supervisor: awaited"},
    SupervisorSide.PASSED: {"zh": "监督合格", "en": "supervisor: pass"},
    SupervisorSide.FAILED: {"zh": "监督不合格", "en": "supervisor: fail"},
}

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
        sides = {
            lang: sep.join(SIDE_NAMES[s][lang] for s in (self.public, self.supervisor))
            for lang, sep in (("zh", "、"), ("en", ", "))
        }
        said = VERDICT_NAMES[self.verdict]
        return pick({"zh": f"{sides['zh']}：{said['zh']}", "en": f"{sides['en']}: {said['en']}"})


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
