"""What follows from a step by itself: a number used up turns one step into another, some steps bring the leader in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import RowMapping

from mingjian.domain.policy import Policy
from mingjian.domain.warning import SPENT
from mingjian.supervise import evaluations
from mingjian.supervise.attempt import Attempt


class TakeoverReason(StrEnum):
    """Why a leader takes over without being called."""

    RETURNED = "returned"
    OBJECTIONS_UPHELD = "objections_upheld"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Follow:
    """A step that the service takes after another one, in the same transaction."""

    action: str
    reason: str


def spent(action: str, history: Sequence[RowMapping], policy: Policy) -> str:
    """The action that really happens: the same one, or what it becomes once its number is used up."""
    most = {"propose_transfer": policy.transfers.most, "ask_extension": policy.extensions.most}
    counted = {"propose_transfer": "propose_transfer", "ask_extension": "grant_extension"}
    if action not in SPENT:
        return action
    done = sum(step["action"] == counted[action] for step in history)
    return SPENT[action] if done >= most[action] else action


def follows(a: Attempt) -> Follow | None:
    """What the service does next because of this step; the step itself is not in the attempt's history yet."""
    verdict = evaluations.sends_back(a)
    if verdict is not None:
        return Follow("return_rectify", verdict)
    takeover = a.terms.policy.takeover
    if a.step.action != "return_transfer":
        return None
    if len(a.steps("return_transfer")) + 1 < takeover.returns:
        return None
    upheld = 1 + len(a.steps("object_transfer")) > takeover.objections
    return Follow("take_over", TakeoverReason.OBJECTIONS_UPHELD if upheld else TakeoverReason.RETURNED)
