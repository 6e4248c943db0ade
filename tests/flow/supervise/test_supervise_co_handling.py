"""Co-handling with a lead: by rule, by the dispatcher or proposed by the lead; the report waits for each part."""

from __future__ import annotations

import pytest
from supervise_queue import Queue, city_time
from supervise_road import sent_out, take, walk
from test_supervise_routing import ruled

from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role
from mingjian.store import co_handlers
from mingjian.store.identity import find_user
from mingjian.store.invariants import broken
from mingjian.supervise import dispatch
from mingjian.web.access import access_of

R = Role
TO_REPORT = ("sign", "accept", "start_verifying", "draft_finding", "confirm", "plan", "draft_report")


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """A lead (MZ), two units to take part (CZ, NY), and their people."""
    queue.add_unit("MZ", "civil_affairs", "district", "150102")
    queue.add_unit("CZ", "finance", "district", "150102")
    queue.add_unit("NY", "agriculture", "district", "150102")
    for name, role, unit in [
        ("li", "R1", "MZ"),
        ("wang", "R2", "MZ"),
        ("cai", "R1", "CZ"),
        ("nong", "R1", "NY"),
    ]:
        queue.add_user(name, role, unit)
    return queue


def states(queue: Queue, warned: str) -> dict[str, str]:
    with queue.engine.connect() as conn:
        return {row["unit_id"]: row["state"] for row in co_handlers.of_warning(conn, warned)}


def sees(queue: Queue, user_id: str, warned: str) -> bool:
    with queue.engine.connect() as conn:
        user = find_user(conn, user_id)
        assert user is not None
        return queue.warning(warned)["id"] in user.co_handled and access_of(user).warnings


def whole(queue: Queue) -> bool:
    with queue.engine.connect() as conn:
        return broken(conn) == []


def letters(queue: Queue, template: str) -> list[str]:
    return [row["recipient"] for row in queue.letters() if row["template"] == template]


def test_a_rule_asks_other_lines_for_their_part_at_dispatch(desk: Queue) -> None:
    rule = {"name": "money", "to": {"line": "owner"}, "co_handlers": ["finance", "civil_affairs", "housing"]}
    ruled(desk, rule)
    warned = desk.warn(level="高")
    dispatch(desk.run, "subsidy")
    with desk.engine.connect() as conn:
        (row,) = co_handlers.of_warning(conn, warned)
    assert (row["unit_id"], row["state"], row["why"], row["task"]) == ("CZ", "asked", "rule", "money")
    assert row["due"] == city_time(3, 9, 18)
    assert desk.order(warned)["unit_id"] == "MZ" and letters(desk, "co_handling_asked") == ["CZ"]
    issued = next(a for a in desk.audited(warned) if a["action"] == "dispatch")
    assert issued["detail"]["lines_unmanned"] == ["housing"]
    assert sees(desk, "cai", warned) and not sees(desk, "nong", warned)
    assert whole(desk)


def test_the_report_waits_for_each_part_or_a_release(desk: Queue) -> None:
    warned = sent_out(desk)
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ", note="核对资金")
    take(desk, warned, "add_co_handler", R.R3, unit_id="NY")
    walk(desk, warned, *TO_REPORT)
    with pytest.raises(TransitionError, match="CZ、NY"):
        walk(desk, warned, "report")
    take(desk, warned, "co_report", R.R1, "cai", note="资金已核对")
    with pytest.raises(TransitionError, match="NY"):
        walk(desk, warned, "report")
    take(desk, warned, "release_co_handler", R.R3, unit_id="NY", reason="与农业无关")
    walk(desk, warned, "report")
    assert states(desk, warned) == {"CZ": "reported", "NY": "released"}
    assert letters(desk, "co_part_in") == ["MZ"] and letters(desk, "co_handling_released") == ["NY"]
    assert sees(desk, "cai", warned) and not sees(desk, "nong", warned)
    assert whole(desk)


@pytest.mark.parametrize("action", ["accept_and_propose", "propose_co_handler"])
def test_what_the_lead_proposes_the_dispatcher_settles(desk: Queue, action: str) -> None:
    warned = sent_out(desk)
    walk(desk, warned, *(("sign",) if action == "accept_and_propose" else ("sign", "accept")))
    take(desk, warned, action, R.R1, unit_id="CZ", note="资金归财政核")
    assert desk.warning(warned)["status"] == "accepted" and desk.order(warned)["accepted_at"]
    assert states(desk, warned) == {"CZ": "proposed"} and not sees(desk, "cai", warned)
    assert not letters(desk, "co_handling_asked")
    with pytest.raises(TransitionError, match="已在协办"):
        take(desk, warned, "propose_co_handler", R.R1, unit_id="CZ", note="再提一次")
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    assert states(desk, warned) == {"CZ": "asked"} and sees(desk, "cai", warned)
    assert desk.order(warned)["unit_id"] == "MZ"
    assert whole(desk)


def test_a_proposal_is_declined_without_a_word_to_the_unit(desk: Queue) -> None:
    warned = sent_out(desk)
    walk(desk, warned, "sign", "accept")
    take(desk, warned, "propose_co_handler", R.R1, unit_id="CZ", note="资金归财政核")
    take(desk, warned, "release_co_handler", R.R3, unit_id="CZ", reason="由牵头单位自核")
    assert states(desk, warned) == {"CZ": "released"} and not letters(desk, "co_handling_released")


def test_while_others_take_part_the_lead_is_not_passed_on(desk: Queue) -> None:
    warned = sent_out(desk)
    walk(desk, warned, "sign")
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    with pytest.raises(TransitionError, match="牵头到底"):
        take(desk, warned, "propose_transfer", R.R1, unit_id="NY", note="职责条款第3条")
    take(desk, warned, "release_co_handler", R.R3, unit_id="CZ", reason="不再需要")
    take(desk, warned, "propose_transfer", R.R1, unit_id="NY", note="职责条款第3条")
    assert desk.warning(warned)["status"] == "transfer_pending"


@pytest.mark.parametrize(
    ("action", "role", "who", "said", "why"),
    [
        ("sign", R.R1, "cai", {}, "协办单位只提交"),
        ("co_report", R.R1, "li", {"note": "意见"}, "不是该事项的协办单位"),
        ("co_report", R.R1, "nong", {"note": "意见"}, "不是该事项的协办单位"),
        ("co_report", R.R1, "cai", {}, "须写明协办意见"),
        ("add_co_handler", R.R3, "", {"unit_id": "MZ"}, "已由该单位承办"),
        ("add_co_handler", R.R3, "", {"unit_id": "CZ"}, "已在协办"),
        ("add_co_handler", R.R3, "", {"unit_id": "NOBODY"}, "没有单位"),
        ("add_co_handler", R.R3, "", {}, "须指明"),
        ("release_co_handler", R.R3, "", {"unit_id": "NY", "reason": "x"}, "不是协办单位"),
        ("release_co_handler", R.R3, "", {"unit_id": "CZ"}, "须写明理由"),
        ("add_co_handler", R.R1, "li", {"unit_id": "NY"}, "R1"),
    ],
)
def test_refusals_say_why_and_change_nothing(desk: Queue, action, role, who, said, why) -> None:
    warned = sent_out(desk)
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    before = (states(desk, warned), len(desk.steps(warned)), len(desk.letters()))
    with pytest.raises(TransitionError, match=why):
        take(desk, warned, action, role, who, **said)
    assert (states(desk, warned), len(desk.steps(warned)), len(desk.letters())) == before


def test_the_office_above_a_co_handling_unit_takes_no_step_of_the_lead(desk: Queue) -> None:
    desk.add_unit("GOV", None, "district", "150103", path="/GOV/")
    desk.add_unit("CZ2", "finance", "district", "150103", path="/GOV/CZ2/")
    desk.add_user("fu", "R1", "GOV")
    warned = sent_out(desk)
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ2")
    with pytest.raises(TransitionError, match="协办单位只提交"):
        take(desk, warned, "sign", R.R1, "fu")


def test_a_matter_that_ends_waits_for_no_part(desk: Queue) -> None:
    lead, warned = sent_out(desk), sent_out(desk)
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    take(desk, warned, "merge", R.R3, reason="FP08", note="同一事项", lead_id=lead)
    assert states(desk, warned) == {"CZ": "released"} and letters(desk, "co_handling_released") == ["CZ"]
    assert whole(desk)
