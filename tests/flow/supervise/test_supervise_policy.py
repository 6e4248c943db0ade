"""A city's policy is data: another file gives other deadlines, and an order keeps the policy it was issued under."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from supervise_queue import Queue, city_time

from mingjian.content.loader import shipped_policy
from mingjian.domain.errors import ContentError
from mingjian.domain.policy import Policy
from mingjian.domain.roles import Role
from mingjian.supervise import act, dispatch, sweep
from mingjian.supervise.said import Actor, Said


def another(version: int = 2, **changes: Any) -> Policy:
    told = {**shipped_policy().model_dump(mode="json"), "version": version, **changes}
    return Policy.model_validate(told)


def rules(queue: Queue, policy: Policy) -> None:
    """From now on this policy is in force."""
    queue.run = replace(queue.run, content=replace(queue.run.content, policy=policy))


def limits(**changed: list[float]) -> dict[str, Any]:
    return {**shipped_policy().model_dump(mode="json")["limits"], **changed}


def rechecks(**changed: Any) -> dict[str, Any]:
    return {**shipped_policy().model_dump(mode="json")["rechecks"], **changed}


def sent_out(queue: Queue) -> str:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    return warned


def test_deadlines_come_from_the_citys_file(queue: Queue) -> None:
    rules(queue, another(limits=limits(sign=[0.5, 0.5, 0.5], accept=[1, 1, 1], verify=[2, 3, 4])))
    order = queue.order(sent_out(queue))
    dues = (order["sign_due"], order["accept_due"], order["finish_due"], order["policy_version"])
    assert dues == (city_time(3, 2, 18), city_time(3, 3, 18), city_time(3, 5, 18), 2)


def test_an_order_goes_on_under_the_policy_it_was_issued_under(queue: Queue) -> None:
    old = sent_out(queue)
    rules(queue, another(limits=limits(plan=[1, 1, 1]), ladder=[]))
    new = sent_out(queue)
    for warned in (old, new):
        with queue.engine.begin() as conn:
            for action, role, said in (
                ("sign", Role.R1, {}),
                ("accept", Role.R1, {}),
                ("start_verifying", Role.R1, {"note": "已联系"}),
                ("draft_finding", Role.R1, {"note": "属实"}),
                ("confirm", Role.R2, {"reason": "confirmed", "note": "见附件"}),
            ):
                act(
                    conn, queue.clock, warned, action, Actor(f"{role}", role), Said(**said), terms=queue.terms
                )
    assert queue.order(old)["finish_due"] == city_time(3, 5, 18)
    assert queue.order(new)["finish_due"] == city_time(3, 3, 18)
    queue.clock.at = city_time(4, 10)
    sweep(queue.run)
    assert (queue.order(old)["tier"], queue.order(new)["tier"]) == (3, 1)


def test_another_text_under_a_used_version_is_refused_and_nothing_is_issued(queue: Queue) -> None:
    sent_out(queue)
    rules(queue, another(version=1, urgent_days=5))
    waits = queue.warn()
    with pytest.raises(ContentError, match="urgent_days"):
        dispatch(queue.run, "subsidy")
    assert queue.warning(waits)["status"] == "new" and len(queue.orders()) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"limits": {"sign": [1, 1, 1]}}, "limits are missing: .*verify"),
        ({"limits": limits(sign=[0.3, 1, 1])}, "multiple of 0.5"),
        ({"tiers": {"1": {"offices": ["R4"], "reply": 3, "card": "blue"}}}, "tiers must be 1, 2 and 3"),
        ({"ladder": [{"reason": "not_signed", "tier": 4, "since": "sign_due", "days": 0}]}, "leads to tier"),
        ({"urgent_day": 3}, "Extra inputs"),
        ({"rechecks": rechecks(due_days=[[90, 30], [60], [90]])}, "in order, each once"),
        ({"rechecks": rechecks(due_days=[[], [60], [90]])}, "at least 1 item"),
        ({"rechecks": rechecks(random_share=1.5)}, "less than or equal to 1"),
        ({"reviews": {"per_month": 5}}, "Field required"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_reason(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        another(**changes)
