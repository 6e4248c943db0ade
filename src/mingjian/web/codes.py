"""Reason codes as the form of a step offers them and as the history tells them."""

from __future__ import annotations

from dataclasses import dataclass

from mingjian.domain.campaign import CampaignReason
from mingjian.domain.evaluation import (
    DIMENSIONS,
    EXEMPT_REASONS,
    PublicOutcome,
    Side,
    Verdict,
    outcome_said,
)
from mingjian.domain.i18n import _, pick
from mingjian.domain.reason import WarnReason
from mingjian.domain.recheck import FINDINGS, RecheckReason, RecheckResult
from mingjian.domain.verdict import FALSE_REASONS, codes_for
from mingjian.store.rechecks import RESULT_OF
from mingjian.supervise.consequences import TakeoverReason
from mingjian.web import labels


@dataclass(frozen=True)
class Code:
    """One code and its meaning in the reader's language."""

    code: str
    label: str


def codes_of(action: str) -> list[Code]:
    """The codes that a step's reason must begin with one of; none for a step that takes any words."""
    if action == "visit_back":
        return [Code(o, o.label) for o in PublicOutcome]
    if action == "exempt":
        return [Code(r.code, r.label) for r in EXEMPT_REASONS.values()]
    verdicts = [Code(r.code, r.label) for r in codes_for(action)]
    result = RESULT_OF.get(action, RecheckResult.OK)
    return verdicts + [
        Code(c, pick({"zh": f.zh, "en": f.en})) for c, f in FINDINGS.items() if f.result is result
    ]


def dimensions_of(side: Side) -> list[Code]:
    """What a side of the evaluation scores from 1 to 5."""
    return [Code(name, pick(words)) for name, words in DIMENSIONS[side].items()]


def coded_words(reason: str) -> str:
    """A reason in the reader's language: a word of ours by its label, a code with its meaning, else as it was said."""
    for named in (WarnReason, RecheckReason, CampaignReason):
        if reason in [known.value for known in named]:
            return named(reason).label
    if reason in labels.REASON:
        return labels.label(labels.REASON, reason)
    outcome = outcome_said(reason)
    if outcome is not None:
        return _("：").join([outcome.label, *reason.split(maxsplit=1)[1:]])
    if reason in set(Verdict):
        return Verdict(reason).label
    if reason in set(TakeoverReason):
        return TakeoverReason(reason).label
    code, words = reason[:4].upper(), reason[4:].strip()
    if code in FALSE_REASONS:
        meaning = FALSE_REASONS[code].label
    elif code in EXEMPT_REASONS:
        meaning = EXEMPT_REASONS[code].label
    elif code in FINDINGS:
        meaning = pick({"zh": FINDINGS[code].zh, "en": FINDINGS[code].en})
    else:
        return reason
    return (
        _("{code} {meaning}：{words}", code=code, meaning=meaning, words=words)
        if words
        else f"{code} {meaning}"
    )
