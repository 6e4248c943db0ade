"""The queue and the organisation: mergers hand orders over, deputies are one person with whom they stand in for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pyarrow as pa
import pytest
from sqlalchemy import insert, select, text
from supervise_queue import Queue

from mingjian.domain.errors import MingjianError, TransitionError
from mingjian.domain.level import Level
from mingjian.domain.roles import Role
from mingjian.domain.unit import AbsenceReason
from mingjian.domain.warning import WarningState
from mingjian.organisation import change, cover
from mingjian.organisation.change import Merged
from mingjian.run import sync_units
from mingjian.store.tables import duty, unit, unit_change
from mingjian.supervise import act, dispatch
from mingjian.supervise.deputies import lent_roles
from mingjian.supervise.issue import Assigned, issue
from mingjian.supervise.said import Actor, Said

R = Role
TIMES = (
    "state",
    "light",
    "light_rank",
    "tier",
    "issued_at",
    "accept_due",
    "finish_due",
    "next_check",
    "accepted_at",
)


@pytest.fixture
def two(queue: Queue) -> Queue:
    """Two bureaus of one line, and people in the first."""
    queue.add_unit("CA", "civil_affairs", "district", "150102")
    queue.add_unit("CB", None, "district", "150105")
    for id, role in (("li", "R1"), ("ma", "R1"), ("wang", "R2"), ("hu", "R2")):
        queue.add_user(id, role, "CA")
    return queue


def take(queue: Queue, warned: str, action: str, actor: str, role: Role, **said: str) -> WarningState:
    with queue.engine.begin() as conn:
        return act(conn, queue.clock, warned, action, Actor(actor, role), Said(**said), terms=queue.terms)


def to_drafted(queue: Queue, by: str = "li") -> str:
    """A warning of CA with an opinion drafted by `by`."""
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    take(queue, warned, "sign", by, R.R1)
    take(queue, warned, "accept", by, R.R1)
    take(queue, warned, "start_verifying", by, R.R1, note="已调取明细")
    take(queue, warned, "draft_finding", by, R.R1, note="起草")
    return warned


def away(queue: Queue, user: str, deputy: str, days: int = 5) -> None:
    today = queue.clock.now().date()
    with queue.engine.begin() as conn:
        last = today + timedelta(days=days)
        cover.be_absent(conn, queue.clock, user, deputy, today, last, AbsenceReason.TRAVEL, "boss")


def back(queue: Queue, user: str) -> None:
    with queue.engine.begin() as conn:
        cover.be_back(conn, queue.clock, user, queue.clock.now().date() + timedelta(days=1), "boss")


def merge(queue: Queue, *units: str, into: str) -> Merged:
    with queue.engine.begin() as conn:
        return change.merge(conn, units, into, change.decide(queue.clock, "boss", "编委发〔2026〕8号"))


def confirm(queue: Queue, warned: str, actor: str, role: Role) -> WarningState:
    return take(queue, warned, "confirm", actor, role, reason="confirmed", note="属实")


def test_a_merger_hands_over_open_orders_with_their_clocks(two: Queue) -> None:
    early = to_drafted(two)
    two.clock.move(days=1)
    late = two.warn()
    dispatch(two.run, "subsidy")
    before = {w: two.order(w) for w in (early, late)}
    assert merge(two, "CA", into="CB") == Merged(orders=2, users=4, units=0)
    for warned, old in before.items():
        new = two.order(warned)
        assert (new["unit_id"], two.warning(warned)["unit_id"]) == ("CB", "CB")
        assert [new[c] for c in TIMES] == [old[c] for c in TIMES]
        assert new["version"] == old["version"] + 1
        step = two.steps(new["id"])[-1]
        assert (step["action"], step["from_state"], step["to_state"]) == (
            "hand_over",
            old["state"],
            old["state"],
        )
        assert [a["action"] for a in two.audited(new["id"])][-1] == "hand_over"
    assert two.chain_holds()
    assert confirm(two, early, "wang", R.R2) is WarningState.CONFIRMED


def test_a_finished_matter_stays_with_the_unit_that_finished_it(two: Queue) -> None:
    done, shut = two.warn(), two.warn()
    dispatch(two.run, "subsidy")
    with two.engine.begin() as conn:
        conn.execute(text("UPDATE warning SET status = 'archived' WHERE id = :i"), {"i": done})
        conn.execute(text("UPDATE warning SET status = 'closed' WHERE id = :i"), {"i": shut})
    assert merge(two, "CA", into="CB").orders == 1
    assert (two.order(done)["unit_id"], two.order(shut)["unit_id"]) == ("CA", "CB")


def test_a_unit_with_an_open_order_is_not_closed_and_says_how_many(two: Queue) -> None:
    two.warn_many([{}, {}])
    dispatch(two.run, "subsidy")
    with two.engine.begin() as conn, pytest.raises(MingjianError, match="2 件未了结"):
        change.close(conn, "CA", change.decide(two.clock, "boss", "文"))


def test_nothing_new_reaches_a_closed_unit(two: Queue) -> None:
    warned = to_drafted(two)
    two.add_unit("CX", None, "district", "150102")
    merge(two, "CX", into="CB")
    with pytest.raises(TransitionError, match="由 CB 承接"):
        take(two, warned, "propose_transfer", "li", R.R1, unit_id="CX", note="职责条款")
    merge(two, "CA", into="CB")
    new = two.warn()
    dispatch(two.run, "subsidy")
    assert two.order(new)["unit_id"] not in ("CA", "CX")


def test_an_order_issued_while_its_unit_is_merged_goes_to_the_successor(two: Queue) -> None:
    warned = two.warn(status="triaged", unit_id="CA")
    merging, go = Event(), Event()

    def merger() -> None:
        with two.engine.begin() as conn:
            change.merge(conn, ["CA"], "CB", change.decide(two.clock, "boss", "文"))
            merging.set()
            go.wait(5)

    def dispatcher() -> WarningState:
        merging.wait(5)
        with two.engine.begin() as conn:
            conn.execute(text("SET LOCAL application_name = 'dispatcher'"))
            to_ca = Said(unit_id="CA")
            return act(conn, two.clock, warned, "dispatch", Actor("qian", R.R3), to_ca, terms=two.terms)

    with ThreadPoolExecutor(2) as pool:
        merged, sent = pool.submit(merger), pool.submit(dispatcher)
        _until_it_waits(two)
        go.set()
        merged.result()
        with pytest.raises(TransitionError, match="由 CB 承接"):
            sent.result()


def _until_it_waits(queue: Queue) -> None:
    """Return when the dispatcher waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dispatcher' AND wait_event_type = 'Lock'"
    )
    with queue.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for _try in range(10_000):
            if conn.scalar(waiting):
                return
    pytest.fail("the dispatcher never waited for the merger")


def test_orders_on_their_way_to_a_merged_unit_are_issued_to_its_successor(two: Queue) -> None:
    warned = two.warn(status="triaged")
    merge(two, "CA", into="CB")
    with two.engine.begin() as conn:
        sent = [Assigned(warned, "subsidy", Level.MEDIUM, "CA", "district")]
        issue(conn, two.clock.now(), two.terms, sent, "system")
    assert (two.order(warned)["unit_id"], two.letters()[0]["recipient"]) == ("CB", "CB")


def test_a_deputy_takes_the_step_of_the_absent_and_the_record_says_for_whom(two: Queue) -> None:
    warned = to_drafted(two, by="ma")
    away(two, "wang", "li")
    assert confirm(two, warned, "li", R.R1) is WarningState.CONFIRMED
    step = two.steps(warned)[-1]
    assert (step["actor"], step["on_behalf_of"]) == ("li", "wang")
    detail = two.audited(warned)[-1]["detail"]
    assert (detail["role"], detail["on_behalf_of"]) == ("R2", "wang")


def test_without_an_absence_nobody_lends_a_role(two: Queue) -> None:
    warned = to_drafted(two, by="ma")
    with pytest.raises(TransitionError):
        confirm(two, warned, "li", R.R1)
    away(two, "wang", "li", days=1)
    two.clock.move(days=3)
    with pytest.raises(TransitionError):
        confirm(two, warned, "li", R.R1)


# Who drafted, who was away for whom meanwhile, who approves in which own role, and whether that is one person.
ONE_PERSON = {
    "the deputy approves the own draft in the lent role": ("li", ("wang", "li"), "li", R.R1, True),
    "the principal approves what the deputy drafted": ("ma", ("hu", "ma"), "hu", R.R2, True),
    "the deputy approves what the principal drafted": ("li", ("li", "wang"), "wang", R.R2, True),
    "somebody else approves": ("ma", ("wang", "li"), "hu", R.R2, False),
    "the deputy approves somebody else's draft": ("ma", ("wang", "li"), "li", R.R1, False),
}


@pytest.mark.parametrize("name", ONE_PERSON)
def test_deputy_and_principal_are_one_person(two: Queue, name: str) -> None:
    drafter, (absent, deputy), approver, role, refused = ONE_PERSON[name]
    warned = to_drafted(two, by=drafter)
    away(two, absent, deputy)
    if refused:
        with pytest.raises(TransitionError, match="视为一人"):
            confirm(two, warned, approver, role)
        assert two.warning(warned)["status"] == "verifying"
    else:
        assert confirm(two, warned, approver, role) is WarningState.CONFIRMED


def test_coming_back_does_not_make_two_persons_of_one(two: Queue) -> None:
    away(two, "hu", "ma")
    warned = to_drafted(two, by="ma")
    two.clock.move(days=2)
    back(two, "hu")
    two.clock.move(days=2)
    with pytest.raises(TransitionError, match="视为一人"):
        confirm(two, warned, "hu", R.R2)


def test_two_deputies_of_one_principal_are_one_person(two: Queue) -> None:
    warned = to_drafted(two, by="ma")
    away(two, "li", "hu", days=0)
    take(two, warned, "draft_finding", "hu", R.R2, note="代起草")
    two.clock.move(days=1)
    away(two, "li", "wang", days=0)
    with pytest.raises(TransitionError, match="视为一人"):
        confirm(two, warned, "wang", R.R2)


def test_a_handlers_role_is_lent_within_the_unit_only(two: Queue) -> None:
    away(two, "wang", "li")
    with two.engine.connect() as conn:
        asked = [lent_roles(conn, "li", unit_id, two.clock.now()) for unit_id in ("CA", "CB", None)]
    assert asked == [[R.R2], [], []]


def test_the_notice_of_a_serious_matter_names_who_is_on_duty(two: Queue) -> None:
    today = two.clock.now().date()
    with two.engine.begin() as conn:
        conn.execute(
            insert(duty).values(
                unit_id="CA",
                user_id="li",
                role="R1",
                first_day=today,
                actor="boss",
                created_at=two.clock.now(),
            )
        )
    two.warn(level="高")
    two.warn(level="低")
    dispatch(two.run, "subsidy")
    told = {letter["payload"]["level"]: letter["payload"].get("on_duty") for letter in two.letters()}
    assert told == {"高": ["li"], "低": None}


def _register(queue: Queue, day: date, **parents: str | None) -> None:
    """Tonight's pull: each unit with its parent; names are the ids, or what follows a colon in the parent."""
    rows = []
    for id, said in parents.items():
        parent, _colon, name = (said or "").partition(":")
        rows.append(
            {
                "org_id": id,
                "parent_org_id": parent or None,
                "name": name or id,
                "level": "district",
                "org_type": "gov_dept",
                "region_code": "150102",
                "line_code": None,
                "valid_from": None,
                "valid_to": None,
            }
        )
    schema = pa.schema(
        [(c, pa.string()) for c in list(rows[0])[:-2]]
        + [("valid_from", pa.date32()), ("valid_to", pa.date32())]
    )
    queue.run.lake.replace("org_unit", pa.Table.from_pylist(rows, schema=schema), day)
    object.__setattr__(queue.run, "as_of", day)
    sync_units(queue.run)


def _units(queue: Queue) -> dict[str, tuple[str | None, str, str]]:
    with queue.engine.connect() as conn:
        return {r.id: (r.parent_id, r.name, r.path) for r in conn.execute(select(unit))}


def test_the_pulled_register_does_not_undo_what_was_decided_here(queue: Queue) -> None:
    day = queue.clock.now().date()
    _register(queue, day, A=None, B=None, X="A")
    why = change.decide(queue.clock, "boss", "文")
    with queue.engine.begin() as conn:
        change.move(conn, "X", "B", why)
        change.rename(conn, "X", "新局", why)
    for night in range(3):
        _register(queue, day + timedelta(days=night), A=None, B=None, X="A")
    assert _units(queue)["X"] == ("B", "新局", "/B/X/")
    _register(queue, day + timedelta(days=5), A=None, B=None, X="A:更新局", N="X")
    assert _units(queue)["X"] == ("B", "更新局", "/B/X/")
    assert _units(queue)["N"] == ("X", "N", "/B/X/N/")


def test_news_of_the_register_are_history_like_any_change(queue: Queue) -> None:
    day = queue.clock.now().date()
    _register(queue, day, A=None, B=None, X="A")
    _register(queue, day + timedelta(days=1), A=None, B=None, X="B")
    _register(queue, day + timedelta(days=2), A=None, B=None, X="B")
    with queue.engine.connect() as conn:
        rows = conn.execute(select(unit_change)).mappings().all()
    assert [(r["unit_id"], r["kind"], r["before"], r["after"], r["day"]) for r in rows] == [
        ("X", "moved", "A", "B", day + timedelta(days=1))
    ]
    assert [a["action"] for a in queue.audited("X")] == ["unit_moved"]


def test_the_register_does_not_open_again_what_was_merged_here(queue: Queue) -> None:
    day = queue.clock.now().date()
    _register(queue, day, A=None, B=None, X="A")
    merge(queue, "A", into="B")
    _register(queue, day + timedelta(days=1), A=None, B=None, X="A")
    with queue.engine.connect() as conn:
        row = conn.execute(select(unit).where(unit.c.id == "A")).one()
    assert (row.successor_id, _units(queue)["X"][0]) == ("B", "B")
