"""Appeals (申诉, catalogue §4.7): who may contest what, which office decides, and the steps of an appeal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _, pick
from mingjian.domain.named import Named
from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState


class Against(Named):
    """What is contested: that the matter was confirmed, that it was put right, that it was a false positive."""

    FINDING = "finding", "对查实结论", "against the finding"
    CLOSING = "closing", "对办结结论", "against the closing"
    FALSE_POSITIVE = "false_positive", "对误报结案", "against the false positive"


class Party(StrEnum):
    """For whom it is filed."""

    UNIT = "unit"
    PERSON = "person"

    @property
    def label(self) -> str:
        """The party in the reader's language."""
        return pick(
            {Party.UNIT: {"zh": "单位", "en": "unit"}, Party.PERSON: {"zh": "个人", "en": "person"}}[self]
        )


class AppealState(Named):
    """Where an appeal stands. OUT_OF_TIME: it came too late and was recorded only."""

    FILED = "filed", "已提出", "filed"
    ACCEPTED = "accepted", "已受理", "accepted"
    DECIDED = "decided", "已决定", "decided"
    WITHDRAWN = "withdrawn", "已撤回", "withdrawn"
    OUT_OF_TIME = "out_of_time", "逾期提出，不予受理", "out of time"


class AppealOutcome(StrEnum):
    """What was decided."""

    UPHELD = "upheld"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """The outcome in the reader's language."""
        return pick(
            {
                AppealOutcome.UPHELD: {"zh": "申诉成立", "en": "upheld"},
                AppealOutcome.REJECTED: {"zh": "申诉不成立", "en": "rejected"},
            }[self]
        )


class AppealStep(StrEnum):
    """What may be done with an appeal once it is filed."""

    ACCEPT = "accept"
    DECIDE = "decide"
    WITHDRAW = "withdraw"

    @property
    def label(self) -> str:
        """The step in the reader's language."""
        return pick(
            {
                AppealStep.ACCEPT: {"zh": "受理申诉", "en": "accept the appeal"},
                AppealStep.DECIDE: {"zh": "作出决定", "en": "decide"},
                AppealStep.WITHDRAW: {"zh": "撤回申诉", "en": "withdraw"},
            }[self]
        )


_S, _R = AppealState, Role
OPEN = frozenset({_S.FILED, _S.ACCEPTED})
STEPS: dict[tuple[AppealState, AppealStep], AppealState] = {
    (_S.FILED, AppealStep.ACCEPT): _S.ACCEPTED,
    (_S.FILED, AppealStep.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, AppealStep.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, AppealStep.DECIDE): _S.DECIDED,
}


@dataclass(frozen=True)
class Contested:
    """What an appeal may be about: the steps that told it, states in which it still holds, who may contest it.

    `upheld` is the step that the warning takes when the appeal is upheld.
    """

    steps: frozenset[str]
    states: frozenset[WarningState]
    parties: frozenset[Party]
    upheld: str


_W = WarningState
CONTESTED: dict[Against, Contested] = {
    Against.FINDING: Contested(
        frozenset({"confirm"}),
        frozenset(
            {_W.CONFIRMED, _W.RECTIFYING, _W.REPORTED, _W.EVALUATING, _W.CLOSED, _W.RECHECK, _W.ARCHIVED}
        ),
        frozenset({Party.UNIT, Party.PERSON}),
        "correct_label",
    ),
    Against.CLOSING: Contested(
        frozenset({"close", "exempt"}),
        frozenset({_W.CLOSED, _W.RECHECK, _W.ARCHIVED}),
        frozenset({Party.PERSON}),
        "reopen_on_appeal",
    ),
    Against.FALSE_POSITIVE: Contested(
        frozenset({"approve_fp"}), frozenset({_W.CLOSED_FP}), frozenset({Party.PERSON}), "reopen_on_appeal"
    ),
}
# "Decided by another level" (catalogue §4.7): the one above; what the highest decided goes to the one below it.
OFFICE_FOR: dict[Role, Role] = {_R.R2: _R.R4, _R.R4: _R.R5, _R.R5: _R.R6, _R.R6: _R.R5}
PARTY_OF: dict[Role, Party] = {
    _R.R1: Party.UNIT,
    _R.R2: Party.UNIT,
    _R.R3: Party.PERSON,
    _R.R12: Party.PERSON,
}


def office_for(role: str) -> Role:
    """The office that decides about what a person of this role decided; an unknown role counts as a unit's."""
    return OFFICE_FOR.get(Role(role), Role.R4) if role in set(Role) else Role.R4


def next_state(state: AppealState, step: AppealStep) -> AppealState:
    """The state after this step; TransitionError tells what is possible instead."""
    to = STEPS.get((state, step))
    if to is None:
        may = [s.label for (of, s) in STEPS if of is state]
        raise TransitionError(
            _("申诉{state}，不能{step}", state=state.label, step=step.label),
            hint=_("此时可：{steps}", steps="、".join(may) or _("无")),
        )
    return to
