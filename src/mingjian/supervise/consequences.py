"""What follows from a step by itself: a number used up turns one step into another, some steps bring the leader in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from mingjian.domain.named import Named
from mingjian.domain.policy import Policy
from mingjian.domain.warning import CONFIRMED_STATES, REOPENINGS, SPENT
from mingjian.store import leaders
from mingjian.supervise import evaluations
from mingjian.supervise.attempt import Attempt


class TakeoverReason(Named):
    """Why a leader takes over without being called."""

    RETURNED = "returned", "多次退回，职责不清", "returned again: duty unclear"
    OBJECTIONS_UPHELD = "objections_upheld", "异议多次成立，职责不清", "objections upheld: duty unclear"
    OVERDUE = "overdue", "长期超期", "long overdue"
    PARTLY_PUT_RIGHT = "partly_put_right", "回头看整改不到位", "a recheck found it partly put right"
    CAME_BACK = "came_back", "办结后多次重启", "came back again after it was closed"
    REPEATED = "repeated", "同一对象多次查实", "confirmed again and again of one subject"
    HOUSEHOLDS = "households", "涉及户数多", "concerns many households"


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
    reason = CALLS[a.step.action](a) if a.step.action in CALLS else None
    return None if reason is None else Follow("take_over", reason)


def _returned(a: Attempt) -> TakeoverReason | None:
    takeover = a.terms.policy.takeover
    if len(a.steps("return_transfer")) + 1 < takeover.returns:
        return None
    upheld = 1 + len(a.steps("object_transfer")) > takeover.objections
    return TakeoverReason.OBJECTIONS_UPHELD if upheld else TakeoverReason.RETURNED


def _came_back(a: Attempt) -> TakeoverReason | None:
    """Reopened so often after it was called resolved."""
    again = len(a.steps(*REOPENINGS)) >= a.terms.policy.takeover.repeats_after_resolved
    return TakeoverReason.CAME_BACK if again else None


def _confirmed(a: Attempt) -> TakeoverReason | None:
    """Confirmed of one subject so often, this time counted, or of concern to so many households."""
    takeover = a.terms.policy.takeover
    alike = leaders.confirmed_alike(a.conn, a.warning["bundle"], a.warning["model"], CONFIRMED_STATES)
    if alike >= takeover.repeats:
        return TakeoverReason.REPEATED
    households = a.warning["measures"].get("households")
    many = isinstance(households, int | float) and households >= takeover.households
    return TakeoverReason.HOUSEHOLDS if many else None


# What calls the leader in by itself after a step (catalogue §4.5); time alone does so in `followup`.
CALLS: dict[str, Callable[[Attempt], TakeoverReason | None]] = {
    "return_transfer": _returned,
    "verify_again": _came_back,
    "confirm": _confirmed,
    "recheck_partial": lambda _a: TakeoverReason.PARTLY_PUT_RIGHT,
}
