"""Whatever is done to the audit log is found, and the rows concerned are named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audit_tampering import HARM, Harm, nine_rows, rechained
from sqlalchemy import Connection, select, text
from tests.audit_unlocked import audit_unlocked

from mingjian.domain.audit import Fault, FaultKind
from mingjian.domain.clock import MovableClock
from mingjian.store import anchors, audit
from mingjian.store.audit_check import all_anchors, check
from mingjian.store.tables import audit_log


@pytest.fixture
def log(conn: Connection, clock: MovableClock) -> Iterator[Connection]:
    """Nine rows and two anchors, with the triggers off."""
    nine_rows(conn, clock)
    with audit_unlocked(conn):
        yield conn


def said(fault: Fault) -> str:
    rows = f"{fault.first}" if fault.first == fault.last else f"{fault.first}-{fault.last}"
    more = [f"was {fault.was}"] * bool(fault.was) + ["unsure"] * fault.unsure
    more += [f"by {fault.anchor}"] * (fault.anchor is not None and fault.kind is not FaultKind.CUT_OFF)
    more += [f"back to {fault.back}"] * bool(fault.back)
    return " ".join([fault.kind.value, rows, *more])


def test_an_untouched_log_is_whole(log: Connection) -> None:
    report = check(log)
    assert (report.rows, report.last_id, report.anchors, report.unanchored) == (9, 9, 2, 3)
    assert report.faults == []
    assert audit.verify(log) is None


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.name)
def test_harm_is_found_and_named(log: Connection, harm: Harm) -> None:
    harm.do(log)
    faults = check(log).faults
    assert sorted(map(said, faults)) == sorted(harm.faults)
    assert audit.verify(log) == faults[0].first


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_is_tried_and_has_words(log: Connection, kind: FaultKind) -> None:
    assert any(fault.startswith(kind) for harm in HARM for fault in harm.faults)
    assert kind.label in Fault(2, 3, kind).text


def test_a_log_written_anew_with_its_anchors_does_not_fit_the_printed_one(log: Connection) -> None:
    printed = all_anchors(log)[1]
    rechained(2, actor="qian")(log)
    log.execute(text("UPDATE audit_anchor AS a SET hash = l.hash FROM audit_log l WHERE l.id = a.last_id"))
    forged = [f for f in check(log, also=[printed]).faults if f.kind is FaultKind.FORGED]
    assert [(f.first, f.last, f.anchor) for f in forged] == [(4, 6, printed.day)]


def test_many_edited_rows_are_one_stretch_each(log: Connection, clock: MovableClock) -> None:
    entry = {"actor": "a", "action": "b", "object_kind": "c", "object_id": "d"}
    audit.record_many(log, at=clock.now(), entries=[entry] * 500)
    log.execute(text("UPDATE audit_log SET actor = 'q' WHERE id BETWEEN 20 AND 480 AND id <> 100"))
    assert [said(f) for f in check(log).faults] == ["edited 20-99", "edited 101-480"]


@pytest.mark.parametrize(
    "value", [1.0, 1e16, -0.0, 1e-7, 0.1, 2**70, "乌", None, True, {"b": [1.5, {"a": 2.0}]}]
)
def test_a_detail_reads_back_as_it_was_hashed(conn: Connection, clock: MovableClock, value: object) -> None:
    audit.record(
        conn,
        at=clock.now(),
        actor="t",
        action="c",
        object_kind="o",
        object_id="1",
        detail={"v": value, "at": clock.now(), "n": {1: value}},
    )
    assert check(conn).faults == []


def test_a_detail_that_no_table_can_hold_is_refused(conn: Connection, clock: MovableClock) -> None:
    with pytest.raises(ValueError, match="nan"):
        audit.record(
            conn,
            at=clock.now(),
            actor="t",
            action="c",
            object_kind="o",
            object_id="1",
            detail={"v": float("nan")},
        )


def test_a_day_has_one_anchor_and_its_own_audit_row(conn: Connection, clock: MovableClock) -> None:
    assert anchors.make(conn, clock.now()) is None  # nothing to pin yet
    nine_rows(conn, clock)
    made = anchors.make(conn, clock.now())
    assert made is not None and (made.last_id, made.rows) == (9, 9)
    assert anchors.make(conn, clock.now()) is None
    assert anchors.newest(conn) == made
    assert anchors.newest(conn, all_anchors(conn)[0].day) == all_anchors(conn)[0]
    row = conn.execute(select(audit_log).where(audit_log.c.id == 10)).mappings().one()
    assert (row["action"], row["detail"]["hash"]) == ("anchor", made.hash)


def test_a_broken_log_is_not_anchored_unless_a_person_says_why(log: Connection, clock: MovableClock) -> None:
    log.execute(text("UPDATE audit_log SET actor = 'q' WHERE id = 8"))
    with pytest.raises(anchors.AuditBroken, match="第 8 行"):
        anchors.make(log, clock.now())
    made = anchors.make(log, clock.now(), actor="auditor", despite="公安已取证")
    assert made is not None
    row = log.execute(select(audit_log).where(audit_log.c.id == 10)).mappings().one()
    assert (row["actor"], row["detail"]["faults"], row["detail"]["despite"]) == ("auditor", 1, "公安已取证")
    assert [said(f) for f in check(log).faults] == ["edited 8"]


def test_a_row_before_the_last_anchor_is_not_read_again_for_the_next(
    log: Connection, clock: MovableClock
) -> None:
    log.execute(text("UPDATE audit_log SET actor = 'q' WHERE id = 2"))
    assert anchors.make(log, clock.now()) is not None
    assert [said(f) for f in check(log).faults] == ["edited 2"]
