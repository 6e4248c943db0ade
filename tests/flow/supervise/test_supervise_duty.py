"""Transfers, extensions, leaders and tiers: who may, how often, by when, and what one time too many brings."""

from __future__ import annotations

import pytest
from supervise_queue import Queue, city_time
from supervise_road import PEOPLE, TO_EVALUATING, TO_VERIFYING, R, sent_out, take, walk

from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role
from mingjian.store.tables import card
from mingjian.supervise import sweep


def lasts(queue: Queue, object_id: str) -> tuple[str, str, str]:
    step = queue.steps(object_id)[-1]
    return step["action"], step["reason"], step["actor"]


def cards(queue: Queue, warned: str) -> list[tuple[str, str, bool]]:
    rows = queue._rows(card.select().where(card.c.order_id == f"D{warned}").order_by(card.c.id))
    return [(row["color"], row["reason"], row["lifted_at"] is not None) for row in rows]


@pytest.fixture
def units(queue: Queue) -> Queue:
    for id in ("MZ", "RS", "CZ"):
        queue.add_unit(id, "civil_affairs" if id == "MZ" else None, "district", "150102")
    queue.add_user("li", "R1", "MZ")
    queue.add_user("rs", "R1", "RS")
    return queue


# --- transfers


def proposed(queue: Queue, to: str = "RS") -> str:
    warned = sent_out(queue)
    walk(queue, warned, "sign", "accept")
    take(queue, warned, "propose_transfer", R.R1, unit_id=to, note="职责条款第3条")
    return warned


def test_no_answer_means_accepted_and_the_clock_goes_on(units: Queue) -> None:
    warned = proposed(units)
    order = units.order(warned)
    assert (order["unit_id"], order["proposed_unit_id"]) == ("MZ", "RS")
    assert order["answer_due"] == city_time(3, 3, 18)
    due = order["finish_due"]
    units.clock.at = city_time(3, 3, 17)
    assert sweep(units.run)["transferred"] == 0
    units.clock.at = city_time(3, 3, 18)
    assert sweep(units.run)["transferred"] == 1 and sweep(units.run)["transferred"] == 0
    order = units.order(warned)
    assert (order["unit_id"], order["proposed_unit_id"], order["finish_due"]) == ("RS", None, due)
    assert lasts(units, warned) == ("take_transfer", "no_answer", "system")
    told = [(row["recipient"], row["template"]) for row in units.letters()][-2:]
    assert told == [("RS", "order_issued"), ("MZ", "transfer_taken")]


@pytest.mark.parametrize(
    ("action", "role"), [("refer", R.R6), ("suspend", R.R5)], ids=["referred out", "suspended"]
)
def test_a_matter_taken_away_meanwhile_waits_for_no_answer(units: Queue, action: str, role: Role) -> None:
    warned = proposed(units)
    take(units, warned, action, role, reason="另案处理", note="法院文书 2026-03-02")
    units.clock.at = city_time(3, 10)
    assert sweep(units.run)["transferred"] == 0
    assert units.order(warned)["unit_id"] == "MZ"


def test_an_objection_stops_silence_and_waits_for_a_ruling(units: Queue) -> None:
    warned = proposed(units)
    with pytest.raises(TransitionError, match="被提名的单位"):
        take(units, warned, "object_transfer", R.R1, note="三定方案第2条")
    take(units, warned, "object_transfer", R.R1, "rs", note="三定方案第2条")
    units.clock.at = city_time(3, 6)
    assert sweep(units.run)["transferred"] == 0
    take(units, warned, "rule_transfer", R.R3, unit_id="RS", reason="职责在人社")
    assert units.order(warned)["unit_id"] == "RS" and units.warning(warned)["status"] == "accepted"


def test_nobody_rules_where_nobody_objected(units: Queue) -> None:
    warned = proposed(units)
    with pytest.raises(TransitionError, match="没有提出异议"):
        take(units, warned, "rule_transfer", R.R3, unit_id="RS", reason="职责在人社")


def test_a_transfer_is_proposed_within_two_days_of_signing(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, "sign", "accept")
    units.clock.at = city_time(3, 5)
    with pytest.raises(TransitionError, match="2 个工作日内提出"):
        take(units, warned, "propose_transfer", R.R1, unit_id="RS", note="条款")


def test_a_third_attempt_brings_the_leader_and_the_second_tier(units: Queue) -> None:
    warned = proposed(units)
    take(units, warned, "take_transfer", R.R1, "rs", unit_id="RS")
    take(units, warned, "propose_transfer", R.R1, unit_id="CZ", note="条款")
    take(units, warned, "return_transfer", R.R3, reason="条款不符")
    assert take(units, warned, "propose_transfer", R.R1, unit_id="CZ", note="条款") == "leader_takeover"
    order = units.order(warned)
    assert (order["tier"], order["state"], order["unit_id"]) == (2, "taken_over", "RS")
    assert (order["sign_due"], order["accept_due"]) == (city_time(3, 4, 18), city_time(3, 9, 18))
    assert lasts(units, warned)[0] == "third_transfer" and cards(units, warned) == [
        ("yellow", "third_transfer", False)
    ]


def test_two_returns_bring_the_leader_by_themselves(units: Queue) -> None:
    warned = proposed(units)
    take(units, warned, "return_transfer", R.R3, reason="条款不符")
    take(units, warned, "propose_transfer", R.R1, unit_id="CZ", note="条款")
    assert take(units, warned, "return_transfer", R.R3, reason="条款不符") == "leader_takeover"
    assert lasts(units, warned) == ("take_over", "returned", "system")
    assert units.chain_holds()


# --- extensions


def test_an_extension_moves_the_deadline_by_what_was_asked(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    take(units, warned, "ask_extension", R.R1, days=5, note="等待法院材料")
    assert units.order(warned)["finish_due"] == city_time(3, 16, 18)
    take(units, warned, "grant_extension", R.R3)
    assert units.order(warned)["finish_due"] == city_time(3, 23, 18)
    assert [(s["action"], s["note"]) for s in units.steps(f"D{warned}")][-1] == ("stamp", "15")


@pytest.mark.parametrize(
    ("day", "days", "says"),
    [
        (2, 6, "1 至 5"),
        (2, 0, "1 至 5"),
        (2, None, "1 至 5"),
        (16, 3, "至少 1 个工作日"),
        (17, 3, "至少 1 个工作日"),
    ],
)
def test_an_extension_asked_too_late_or_too_long_is_refused(units: Queue, day: int, days, says: str) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    units.clock.at = city_time(3, day)
    with pytest.raises(TransitionError, match=says):
        take(units, warned, "ask_extension", R.R1, days=days, note="等待法院材料")


def test_who_grants_depends_on_the_number_and_nobody_grants_their_own(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    with pytest.raises(TransitionError, match="没有待答复"):
        take(units, warned, "grant_extension", R.R3)
    take(units, warned, "ask_extension", R.R1, days=2, note="等待材料")
    with pytest.raises(TransitionError, match="尚未答复"):
        take(units, warned, "ask_extension", R.R1, days=2, note="等待材料")
    with pytest.raises(TransitionError, match="R3"):
        take(units, warned, "grant_extension", R.R5)
    with pytest.raises(TransitionError, match="自己"):
        take(units, warned, "grant_extension", R.R3, PEOPLE[R.R1])
    take(units, warned, "grant_extension", R.R3)
    take(units, warned, "ask_extension", R.R1, days=2, note="等待材料")
    with pytest.raises(TransitionError, match="R5"):
        take(units, warned, "grant_extension", R.R3)
    take(units, warned, "grant_extension", R.R5)
    with pytest.raises(TransitionError, match="没有待答复"):
        take(units, warned, "grant_extension", R.R5)


def test_a_third_extension_raises_the_tier_and_gives_no_day(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    for role in (R.R3, R.R5):
        take(units, warned, "ask_extension", R.R1, days=2, note="等待材料")
        take(units, warned, "grant_extension", role)
    due = units.order(warned)["finish_due"]
    assert take(units, warned, "ask_extension", R.R1, days=2, note="还要", reason="材料未到") == "verifying"
    order = units.order(warned)
    assert (order["tier"], order["finish_due"]) == (2, due)
    assert cards(units, warned) == [("yellow", "third_extension", False)]


# --- leaders


def test_ten_days_overdue_brings_the_leader_once(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    units.clock.at = city_time(3, 30, 18)
    assert sweep(units.run)["taken_over"] == 0
    units.clock.at = city_time(3, 30, 19)
    assert sweep(units.run)["taken_over"] == 1 and sweep(units.run)["taken_over"] == 0
    assert lasts(units, warned) == ("take_over", "overdue", "system")
    assert units.order(warned)["finish_due"] == city_time(4, 28, 18)


def test_a_leader_signs_meets_and_hands_back_under_his_own_end(units: Queue) -> None:
    warned = sent_out(units)
    walk(units, warned, *TO_VERIFYING)
    take(units, warned, "take_over", R.R5, reason="责任不清")
    take(units, warned, "leader_sign", R.R7)
    take(units, warned, "hold_meeting", R.R7, note="由民政局牵头")
    order = units.order(warned)
    assert order["signed_at"] == order["accepted_at"] == units.clock.now() and order["state"] == "taken_over"
    take(units, warned, "leader_step", R.R7, note="本周已核对账目")
    assert take(units, warned, "hand_back", R.R7, note="举一反三：同类点位 3 处已排查") == "verifying"
    assert units.order(warned)["finish_due"] == order["finish_due"]


def test_handed_back_before_it_was_signed_the_unit_signs_anew(units: Queue) -> None:
    warned = sent_out(units)
    take(units, warned, "take_over", R.R5, reason="责任不清")
    take(units, warned, "hold_meeting", R.R7, note="由民政局牵头")
    assert take(units, warned, "hand_back", R.R7, note="举一反三：同类点位 3 处已排查") == "dispatched"
    order = units.order(warned)
    assert (order["signed_at"], order["accepted_at"], order["light"]) == (None, None, "register")
    assert order["sign_due"] == city_time(3, 3, 18) and order["accept_due"] == city_time(3, 4, 18)


# --- tiers and cards


@pytest.mark.parametrize(
    ("tier", "role", "may"), [(2, R.R4, False), (2, R.R5, True), (3, R.R5, False), (3, R.R6, True)]
)
def test_a_tier_is_lowered_only_by_the_office_that_holds_it(
    units: Queue, tier: int, role: Role, may: bool
) -> None:
    warned = sent_out(units)
    for by in (R.R5, R.R6)[: tier - 1]:
        take(units, warned, "raise_tier", by, reason="处置不力")
    assert units.order(warned)["tier"] == tier
    if may:
        take(units, warned, "lower_tier", role, reason="已见成效")
        assert units.order(warned)["tier"] == tier - 1
    else:
        with pytest.raises(TransitionError, match="只能由"):
            take(units, warned, "lower_tier", role, reason="已见成效")


def test_a_second_tier_matter_is_not_closed_by_the_first_tier(units: Queue) -> None:
    warned = sent_out(units)
    take(units, warned, "raise_tier", R.R5, reason="处置不力")
    walk(units, warned, *TO_EVALUATING)
    with pytest.raises(TransitionError, match="只能由"):
        take(units, warned, "close", R.R4, reason="satisfied")
    take(units, warned, "close", R.R5, reason="satisfied")
    assert cards(units, warned) == [("yellow", "raise_tier", True)]


def test_cards_follow_the_ladder_once_each(units: Queue) -> None:
    warned = sent_out(units)
    for day in (4, 6, 10, 17, 20):
        units.clock.at = city_time(3, day, 19)
        sweep(units.run)
    assert [color for color, _reason, _lifted in cards(units, warned)] == ["blue", "yellow", "red"]


def test_a_tier_one_office_cannot_raise_beyond_its_own(units: Queue) -> None:
    warned = sent_out(units)
    with pytest.raises(TransitionError, match="R4"):
        take(units, warned, "raise_tier", R.R4, reason="处置不力")
    with pytest.raises(TransitionError, match="理由"):
        take(units, warned, "raise_tier", R.R5)
