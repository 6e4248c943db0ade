"""Messages that a step sends, besides those of dispatch and sweep."""

from __future__ import annotations

from typing import Any

from mingjian.store import leaders
from mingjian.store.outbox import Letter
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.issue import said
from mingjian.supervise.stamp import Effect

# Goes to the unit, and a copy to the leader in charge of it (catalogue §4.5).
TAKEN_OVER = "taken_over"
TO_THE_UNIT = {
    "grant_extension": "extension_granted",
    "refuse_extension": "extension_refused",
    "third_extension": "extension_refused",
    "raise_tier": "tier_set",
    "lower_tier": "tier_set",
    "take_over": TAKEN_OVER,
    "third_transfer": TAKEN_OVER,
    "return_transfer": "transfer_returned",
    "return_rectify": "sent_back",
    "reopen_on_appeal": "reopened_on_appeal",
}
TO_THE_PROPOSED = {"propose_transfer": "transfer_proposed"}


def after(attempt: Attempt, effect: Effect) -> list[Letter]:
    """The letters of this step; one for each unit that must know, and for the leader who is called."""
    action, order = attempt.step.action, attempt.held()
    now = {**order, **effect.columns}
    if action in TO_THE_PROPOSED:
        return [_letter(attempt, now, str(now["proposed_unit_id"]), TO_THE_PROPOSED[action])]
    if action in TO_THE_UNIT:
        unit = order["unit_id"]
        told = [_letter(attempt, now, unit, TO_THE_UNIT[action])]
        if TO_THE_UNIT[action] == TAKEN_OVER:
            called = leaders.of_units(attempt.conn, [unit]).values()
            told += [_letter(attempt, now, leader, "leader_called") for leader in called]
        return told
    if now["unit_id"] != order["unit_id"]:
        return [
            _letter(attempt, now, now["unit_id"], "order_issued"),
            _letter(attempt, now, order["unit_id"], "transfer_taken"),
        ]
    return []


def _letter(attempt: Attempt, now: dict[str, Any], recipient: str, template: str) -> Letter:
    payload = {
        "order": now["id"],
        "level": attempt.warning["level"],
        "tier": now["tier"],
        "sign_due": _said(now["sign_due"]),
        "accept_due": _said(now["accept_due"]),
        "finish_due": _said(now["finish_due"]),
        "answer_due": _said(now["answer_due"]),
    }
    key = f"{now['id']}:{attempt.step.action}:{attempt.now.isoformat()}:{recipient}"
    return Letter(key, recipient, template, payload)


def _said(moment: Any) -> str:
    return said(moment) if moment else ""
