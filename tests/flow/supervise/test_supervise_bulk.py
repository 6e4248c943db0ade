"""Bulk actions: every item is done or refused by itself; versions keep two officers from overwriting each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, true
from supervise_queue import Queue, city_time

from mingjian.domain.errors import NotFound, StaleVersion, TransitionError
from mingjian.domain.roles import Role
from mingjian.notify.wording import render
from mingjian.store import webhooks
from mingjian.store.tables import app_user, outbox, webhook
from mingjian.supervise import act, assign_many, dispatch_many, merge_many, urge_many
from mingjian.supervise.bulk import By, Item, Outcome
from mingjian.supervise.said import Actor

R3 = Role.R3


def by(queue: Queue, role: Role = R3) -> By:
    return By("qian", role, true(), queue.clock, queue.terms)


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [type(o.error).__name__ if o.error else str(o.state) for o in outcomes]


@pytest.fixture
def triaged(queue: Queue) -> list[str]:
    queue.add_unit("u1", "civil_affairs", "district", "150102")
    queue.add_unit("u2", "civil_affairs", "district", "150102")
    return queue.warn_many([{"status": "triaged", "bundle": "B", "unit_id": "u1"} for _ in range(4)])


def test_dispatch_takes_the_proposed_unit_or_the_one_named_and_refuses_each_for_itself(
    queue: Queue, triaged: list[str]
) -> None:
    new = queue.warn()
    items = [
        Item(triaged[0]),
        Item(triaged[1], unit_id="u2"),
        Item(triaged[2], unit_id="nowhere"),
        Item(triaged[3], version=9),
        Item(new),
        Item("W-none"),
    ]
    with queue.engine.begin() as conn:
        found = dispatch_many(conn, by(queue), items)
    refused = ["TransitionError", "StaleVersion", "TransitionError", "NotFound"]
    assert kinds(found) == ["dispatched", "dispatched", *refused]
    assert [queue.order(i)["unit_id"] for i in triaged[:2]] == ["u1", "u2"]
    assert [queue.warning(i)["status"] for i in triaged[2:]] == ["triaged", "triaged"]
    assert [queue.warning(i)["version"] for i in triaged] == [2, 2, 1, 1]
    assert queue.chain_holds()


def test_only_a_dispatcher_dispatches_assigns_merges_and_urges(queue: Queue, triaged: list[str]) -> None:
    items, clerk = [Item(triaged[0], unit_id="u2")], by(queue, Role.R1)
    with queue.engine.begin() as conn:
        found = [
            *dispatch_many(conn, clerk, items),
            *assign_many(conn, clerk, items),
            *merge_many(conn, clerk, items, triaged[1]),
            *urge_many(conn, clerk, items),
        ]
    assert kinds(found) == ["TransitionError"] * 4
    assert queue.steps(triaged[0]) == []


def test_assign_proposes_a_unit_and_leaves_the_state(queue: Queue, triaged: list[str]) -> None:
    with queue.engine.begin() as conn:
        found = assign_many(conn, by(queue), [Item(triaged[0], unit_id="u2")])
    assert kinds(found) == ["triaged"]
    row = queue.warning(triaged[0])
    assert (row["unit_id"], row["status"], row["version"]) == ("u2", "triaged", 2)
    assert [s["action"] for s in queue.steps(triaged[0])] == ["assign"]
    assert [a["action"] for a in queue.audited(triaged[0])] == ["assign"]


def test_a_duplicate_ends_merged_and_its_lead_keeps_the_link(queue: Queue, triaged: list[str]) -> None:
    lead, twin, ordered, *_ = triaged
    with queue.engine.begin() as conn:
        dispatch_many(conn, by(queue), [Item(ordered)])
        found = merge_many(conn, by(queue), [Item(twin), Item(ordered), Item(lead)], lead)
    assert kinds(found) == ["closed_merged", "closed_merged", "TransitionError"]
    assert queue.warning(twin)["merged_into"] == lead
    assert queue.warning(twin)["unit_id"] is None  # its unit never had the order and must not learn of it
    assert (queue.order(ordered)["state"], queue.order(ordered)["light"]) == ("closed", "none")
    assert [(s["action"], s["reason"], s["note"]) for s in queue.steps(lead)] == [
        ("absorb", "FP08", twin),
        ("absorb", "FP08", ordered),
    ]
    assert queue.warning(lead)["status"] == "triaged"


@pytest.mark.parametrize(
    ("lead_unit", "named"), [("u1", True), ("below", True), ("u2", False), (None, False)], ids=str
)
def test_the_unit_hears_into_which_only_when_it_sees_that(
    queue: Queue, triaged: list[str], lead_unit: str | None, named: bool
) -> None:
    lead, merged = triaged[:2]
    queue.add_unit("below", "civil_affairs", "district", "150102", path="/u1/below/")
    sent = [Item(merged, unit_id="u1"), *([Item(lead, unit_id=lead_unit)] if lead_unit else [])]
    queue.add_user("hears", "R3", None)
    with queue.engine.begin() as conn:
        conn.execute(app_user.update().where(app_user.c.id == "hears").values(data_scope="city"))
        heard = {"events": ["warning.step"], "created_at": queue.clock.now()}
        webhooks.add(conn, {"id": "H", "owner": "hears", "url": "https://example.org/h", **heard})
        dispatch_many(conn, by(queue), sent)
        merge_many(conn, by(queue), [Item(merged)], lead)
    (letter,) = [x for x in queue.letters() if x["template"] == "order_merged"]
    assert (letter["recipient"], letter["payload"]["into"]) == ("u1", lead if named else "")
    subject, body = render(letter["template"], letter["payload"])
    assert f"D{merged}" in subject and (lead in body) is named
    (event,) = [x["payload"] for x in queue.letters() if x["payload"].get("action") == "merge"]
    assert (event["object"], event["state"], event["into"]) == (merged, "closed_merged", lead)


def test_a_merge_before_dispatch_writes_to_nobody(queue: Queue, triaged: list[str]) -> None:
    with queue.engine.begin() as conn:
        merge_many(conn, by(queue), [Item(triaged[1])], triaged[0])
    assert queue.letters() == []


def test_another_subject_is_merged_only_with_a_word_on_why(queue: Queue, triaged: list[str]) -> None:
    other = queue.warn(status="triaged")
    with queue.engine.begin() as conn:
        first = merge_many(conn, by(queue), [Item(other)], triaged[0])
        second = merge_many(conn, by(queue), [Item(other)], triaged[0], "同一工程的两个编号")
    assert kinds(first + second) == ["TransitionError", "closed_merged"]


def test_nothing_is_merged_into_a_closed_matter_or_one_out_of_sight(queue: Queue, triaged: list[str]) -> None:
    closed = queue.warn(status="closed", bundle="B")
    with queue.engine.begin() as conn:
        assert kinds(merge_many(conn, by(queue), [Item(triaged[0])], closed)) == ["TransitionError"]
        with pytest.raises(NotFound):
            merge_many(conn, by(queue), [Item(triaged[0])], "W-none")


def test_urging_writes_to_the_unit_once_a_working_day(queue: Queue, triaged: list[str]) -> None:
    with queue.engine.begin() as conn:
        dispatch_many(conn, by(queue), [Item(triaged[0])])
    queue.clock.at = city_time(3, 6, 10)  # a Friday
    found = []
    for wait in (timedelta(0), timedelta(hours=3), timedelta(days=1), timedelta(days=3)):
        queue.clock.at = city_time(3, 6, 10) + wait
        with queue.engine.begin() as conn:
            found += urge_many(conn, by(queue), [Item(triaged[0]), Item(triaged[1])], "请说明进展")
    assert kinds(found)[0::2] == ["issued", "TransitionError", "TransitionError", "issued"]
    assert kinds(found)[1::2] == ["TransitionError"] * 4  # no order yet
    assert [s["action"] for s in queue.steps(f"D{triaged[0]}")] == ["issue", "urge", "urge"]
    assert [r["template"] for r in queue.letters()] == ["order_issued", "urged", "urged"]


def test_a_step_on_an_old_reading_is_refused_and_says_which_version_holds(queue: Queue) -> None:
    queue.add_unit("u1", "civil_affairs", "district", "150102")
    warned = queue.warn(status="triaged", unit_id="u1")
    with queue.engine.begin() as conn:
        act(conn, queue.clock, warned, "dispatch", Actor("qian", R3), terms=queue.terms, expected_version=1)
    with pytest.raises(StaleVersion) as refusal, queue.engine.begin() as conn:
        act(conn, queue.clock, warned, "sign", Actor("li", Role.R1), terms=queue.terms, expected_version=1)
    assert refusal.value.current == 2
    assert queue.warning(warned)["status"] == "dispatched"


def test_a_single_merge_needs_its_lead(queue: Queue, triaged: list[str]) -> None:
    with pytest.raises(TransitionError, match="并入"), queue.engine.begin() as conn:
        act(conn, queue.clock, triaged[0], "merge", Actor("qian", R3), terms=queue.terms)


def test_subscribers_of_the_whole_city_hear_what_they_asked_for(queue: Queue, triaged: list[str]) -> None:
    with queue.engine.begin() as conn:
        for id, role, scope in (("city", "R9", "city"), ("part", "R3", "own_region"), ("gone", "R4", "city")):
            conn.execute(insert(app_user).values(id=id, name=id, role=role, data_scope=scope))
            row = {"id": f"wh_{id}", "url": "https://a.test/", "owner": id, "created_at": queue.clock.now()}
            conn.execute(insert(webhook).values(events=["order.issued", "warning.step"], **row))
        dispatch_many(conn, by(queue), [Item(triaged[0])])
        urge_many(conn, by(queue), [Item(triaged[0])])
        letters = conn.execute(select(outbox).where(outbox.c.channel == "subscription")).mappings().all()
    assert {row["recipient"] for row in letters} == {"wh_city"}
    assert [(r["payload"]["event"], r["payload"]["object"], r["payload"]["state"]) for r in letters] == [
        ("order.issued", f"D{triaged[0]}", "issued"),
        ("warning.step", triaged[0], "dispatched"),
    ]
