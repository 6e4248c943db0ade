"""Messages that a step sends, besides those of dispatch and sweep."""

from __future__ import annotations

from typing import Any

from mingjian.store.outbox import Letter
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.issue import said
from mingjian.supervise.merge import lead_for
from mingjian.supervise.stamp import Effect

TO_THE_UNIT = {
    "grant_extension": "extension_granted",
    "refuse_extension": "extension_refused",
    "third_extension": "extension_refused",
    "raise_tier": "tier_set",
    "lower_tier": "tier_set",
    "take_over": "taken_over",
    "third_transfer": "taken_over",
    "return_transfer": "transfer_returned",
    "merge": "order_merged",
}
TO_THE_PROPOSED = {"propose_transfer": "transfer_proposed"}


def after(attempt: Attempt, effect: Effect) -> list[Letter]:
    """The letters of this step; one for each unit that must know."""
    action, order = attempt.step.action, attempt.held()
    now = {**order, **effect.columns}
    if action in TO_THE_PROPOSED:
        return [_letter(attempt, now, str(now["proposed_unit_id"]), TO_THE_PROPOSED[action])]
    if action in TO_THE_UNIT:
        return [_letter(attempt, now, order["unit_id"], TO_THE_UNIT[action])]
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
    if attempt.step.action == "merge":
        payload["into"] = lead_for(attempt)
    key = f"{now['id']}:{attempt.step.action}:{attempt.now.isoformat()}:{recipient}"
    return Letter(key, recipient, template, payload)


def _said(moment: Any) -> str:
    return said(moment) if moment else ""
