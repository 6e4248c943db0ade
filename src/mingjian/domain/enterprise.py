"""Enterprise issues (三员, catalogue §4.5): collected each quarter, promised, answered, called back about, closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _, pick
from mingjian.domain.named import Named
from mingjian.domain.roles import Role

_QUARTER = re.compile(r"(20\d{2}|21\d{2})Q([1-4])")


class IssueLevel(StrEnum):
    """Who answers： 部门级 a unit's 勤务员， 区级 the leader as 指导员."""

    DEPARTMENT = "department"
    DISTRICT = "district"

    @property
    def label(self) -> str:
        """The level in the reader's language."""
        return pick(
            {
                IssueLevel.DEPARTMENT: {"zh": "部门级", "en": "department"},
                IssueLevel.DISTRICT: {"zh": "区级", "en": "district"},
            }[self]
        )


class IssueState(Named):
    """Where an issue stands."""

    COLLECTED = "collected", "已收集", "collected"
    ASSIGNED = "assigned", "办理中", "in hand"
    ANSWERED = "answered", "已答复", "answered"
    CLOSED = "closed", "已办结", "closed"


class IssueStep(Named):
    """What may be done with an issue. RAISE is the sweep's: a promise not kept."""

    ASSIGN = "assign", "分派", "assign"
    PRESS = "press", "督促", "press"
    ANSWER = "answer", "答复", "answer"
    SATISFIED = "satisfied", "回访满意", "call-back: satisfied"
    UNSATISFIED = "unsatisfied", "回访不满意", "call-back: not satisfied"
    RAISE = "raise", "升为区级", "raise to district level"


@dataclass(frozen=True)
class IssueMove:
    """One row of the table: from where to where, by whom."""

    of: IssueState
    to: IssueState
    roles: frozenset[Role]


_S, _R = IssueState, Role
COLLECTOR = _R.R8  # 司号员
_ANSWERERS = frozenset({_R.R1, _R.R2, _R.R7})
MOVES: dict[IssueStep, IssueMove] = {
    IssueStep.ASSIGN: IssueMove(_S.COLLECTED, _S.ASSIGNED, frozenset({COLLECTOR})),
    IssueStep.PRESS: IssueMove(_S.ASSIGNED, _S.ASSIGNED, frozenset({COLLECTOR})),
    IssueStep.ANSWER: IssueMove(_S.ASSIGNED, _S.ANSWERED, _ANSWERERS),
    IssueStep.SATISFIED: IssueMove(_S.ANSWERED, _S.CLOSED, frozenset({COLLECTOR})),
    # The first time it goes back with half the time; after that it is closed as not satisfied.
    IssueStep.UNSATISFIED: IssueMove(_S.ANSWERED, _S.ASSIGNED, frozenset({COLLECTOR})),
    IssueStep.RAISE: IssueMove(_S.ASSIGNED, _S.ASSIGNED, frozenset({_R.SYSTEM})),
}


def allowed_steps(state: IssueState, role: Role) -> list[IssueStep]:
    """What this role may do with an issue in this state."""
    return [step for step, move in MOVES.items() if move.of is state and role in move.roles]


def move(state: IssueState, step: IssueStep, role: Role) -> IssueState:
    """The state after this step; TransitionError says what is possible, or who may."""
    found = MOVES[step]
    if found.of is not state:
        may = [s.label for s, m in MOVES.items() if m.of is state and s is not IssueStep.RAISE]
        raise TransitionError(
            _("企业问题{state}，不能{step}", state=state.label, step=step.label),
            hint=_("此时可：{steps}", steps="、".join(may) or _("无")),
        )
    if role not in found.roles:
        raise TransitionError(
            _("角色 {role} 不能{step}企业问题", role=role, step=step.label),
            hint=_("须由这些角色执行：{roles}", roles="、".join(sorted(found.roles))),
        )
    return found.to


def quarter_of(day: date) -> str:
    """The quarter of a day: 2026Q3."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def last_quarters(newest: str, number: int) -> list[str]:
    """So many quarters up to the newest one, which comes first."""
    last = int(newest[:4]) * 4 + int(newest[5]) - 1
    return [f"{one // 4}Q{one % 4 + 1}" for one in range(last, last - number, -1)]


def is_quarter(text: str) -> bool:
    """Whether this names a quarter as `quarter_of` writes it."""
    return _QUARTER.fullmatch(text) is not None
