"""Held rows: listed by page, released by a person with an audit row, superseded by a corrected file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gate_city import AMOUNT_ABOVE_ZERO, pay
from sqlalchemy import select

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.gate import gate_table, list_held, release
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store.tables import audit_log, quarantine

Pulled = Callable[..., str]
DAY_GIVEN = """
  - expect: expect_column_values_to_not_be_null
    column: day
    action: quarantine
    why: {zh: 日期必填}
"""


@pytest.fixture
def bad(run: Run, pulled: Pulled, expectations: Callable[[str], None]) -> Run:
    """Gated once: rows 2 (fails twice) and 3 (fails once) are held, row 4 is ready."""
    expectations(AMOUNT_ABOVE_ZERO + DAY_GIVEN)
    pulled([pay("TWICE", "-5", day=None), pay("ONCE", "-1"), pay("GOOD")])
    gate_table(run, "pay")
    return run


def entries(run: Run, status: str = "held") -> dict[str, list[int]]:
    """Ids by key of the entries with this status."""
    q = quarantine.c
    found: dict[str, list[int]] = {}
    with run.engine.connect() as conn:
        for row in conn.execute(select(q.row_key, q.id).where(q.status == status).order_by(q.id)):
            found.setdefault(row.row_key, []).append(row.id)
    return found


def let_go(run: Run, *ids: int) -> int:
    with run.engine.begin() as conn:
        return release(conn, ids, "steward", run.clock.now())


def test_entry_says_where_why_and_what_to_do(bad: Run) -> None:
    with bad.engine.connect() as conn:
        first = list_held(conn, "pay")[0]
    assert (first["source"], first["batch"], first["row_no"]) == ("bank", "b1", 2)
    assert (first["column_name"], first["value_class"]) == ("amount", "be_between")
    assert first["reason"] == "金额应大于零。请更正后重新拉取，或核实无误后放行"


def test_list_pages_by_id(bad: Run) -> None:
    with bad.engine.connect() as conn:
        first = list_held(conn, limit=2)
        rest = list_held(conn, after_id=first[-1]["id"])
        assert list_held(conn, table="other") == []
    assert [len(first), len(rest)] == [2, 1]


def test_released_row_passes_the_next_gate_with_all_its_entries(bad: Run) -> None:
    assert let_go(bad, entries(bad)["TWICE"][0]) == 1
    assert gate_table(bad, "pay") == {
        "rows_in": 3,
        "rows_ready": 2,
        "rows_quarantined": 1,
        "rows_duplicate": 0,
    }
    assert set(entries(bad)) == {"ONCE"}
    assert len(entries(bad, "released")["TWICE"]) == 2


def test_release_keeps_who_and_writes_one_audit_row_a_row(bad: Run) -> None:
    assert let_go(bad, *entries(bad)["TWICE"], *entries(bad)["ONCE"]) == 2
    with bad.engine.connect() as conn:
        said = conn.execute(select(audit_log.c.actor, audit_log.c.action, audit_log.c.object_id)).all()
        assert audit.verify(conn) is None
        assert set(conn.execute(select(quarantine.c.decided_by)).scalars()) == {"steward"}
    assert said == [
        ("steward", "quarantine.release", "pay/b1/2"),
        ("steward", "quarantine.release", "pay/b1/3"),
    ]


def test_releasing_again_changes_nothing(bad: Run) -> None:
    number = entries(bad)["ONCE"][0]
    assert [let_go(bad, number), let_go(bad, number)] == [1, 0]


def test_released_row_stays_released_when_the_suite_changes(
    bad: Run, expectations: Callable[[str], None]
) -> None:
    let_go(bad, entries(bad)["ONCE"][0])
    expectations(AMOUNT_ABOVE_ZERO.replace("min_value: 0", "min_value: 1") + DAY_GIVEN)
    assert gate_table(bad, "pay")["rows_ready"] == 2


def test_corrected_file_supersedes_the_old_rows(bad: Run, pulled: Pulled) -> None:
    old = entries(bad)
    pulled([pay("TWICE", "5"), pay("ONCE", "-1"), pay("GOOD")], batch="b2")
    assert gate_table(bad, "pay")["rows_quarantined"] == 1
    assert entries(bad, "superseded") == old
    with pytest.raises(TransitionError, match="取代"):
        let_go(bad, old["TWICE"][0])


def test_rows_of_a_file_that_comes_back_are_held_again(bad: Run, pulled: Pulled) -> None:
    pulled([pay("TWICE", "5"), pay("ONCE", "1"), pay("GOOD")], batch="b2")
    gate_table(bad, "pay")
    pulled([pay("TWICE", "-5", day=None), pay("ONCE", "-1"), pay("GOOD")], batch="b1")
    assert gate_table(bad, "pay")["rows_quarantined"] == 2
    assert set(entries(bad)) == {"TWICE", "ONCE"}


@pytest.mark.parametrize(
    "rows", [[pay(None), pay("A")], [pay("A", "1"), pay("A", "2")]], ids=["missing", "taken"]
)
def test_key_problem_cannot_be_released(run: Run, pulled: Pulled, rows: list) -> None:
    pulled(rows)
    gate_table(run, "pay")
    (ids,) = entries(run).values()
    with pytest.raises(TransitionError, match="主键"):
        let_go(run, *ids)


def test_unknown_id_is_named(run: Run) -> None:
    with pytest.raises(NotFound, match="12345"):
        let_go(run, 12345)
