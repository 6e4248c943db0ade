"""The gate as a department sees it: what goes in, what is ready, what is held and what stops a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from gate_city import AMOUNT_ABOVE_ZERO, AS_OF, SECTOR, pay
from sqlalchemy import delete, select, update

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import ContentError, GateError
from mingjian.gate import accept_size, gate_table, raw
from mingjian.gate.state import of_table
from mingjian.run import Run
from mingjian.store.tables import feed, gate_result, quarantine, table_state

Pulled = Callable[..., str]
Expectations = Callable[[str], None]


DAY_GIVEN = """
  - expect: expect_column_values_to_not_be_null
    column: day
    action: quarantine
    why: {zh: 日期必填}
"""


def moment(day: int, hour: int, minute: int) -> datetime:
    """A naive city-local timestamp of March 2026, as the lake keeps them."""
    return datetime(2026, 3, day, hour, minute)  # noqa: DTZ001


def ready(run: Run) -> list[dict[str, Any]]:
    """Rows of the ready version that the store names, by key."""
    version = state(run)["ready_version"]
    uris = run.lake.uris("ready", "pay", version)
    return duckdb.sql(f"SELECT * FROM read_parquet({uris}) ORDER BY pay_id").to_arrow_table().to_pylist()


def ready_ids(run: Run) -> list[str]:
    return [row["pay_id"] for row in ready(run)]


def state(run: Run) -> dict[str, Any]:
    with run.engine.connect() as conn:
        return dict(of_table(conn, "pay") or {})


def held(run: Run, status: str = "held") -> list[tuple[int, str, str]]:
    """(row number, value class, key) of the rows with this status."""
    q = quarantine.c
    query = select(q.row_no, q.value_class, q.row_key).where(q.status == status).order_by(q.row_no)
    with run.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(query)]


def outcomes(run: Run, as_of: date = AS_OF) -> dict[str, str]:
    r = gate_result.c
    with run.engine.connect() as conn:
        rows = conn.execute(select(r.expectation, r.outcome).where(r.as_of == as_of).order_by(r.id)).all()
    return {row.expectation: row.outcome for row in rows}


def test_good_rows_arrive_in_the_manifests_types(run: Run, pulled: Pulled) -> None:
    pulled([pay("A", "1.50", seen_at=moment(1, 8, 30))])
    assert gate_table(run, "pay") == {
        "rows_in": 1,
        "rows_ready": 1,
        "rows_quarantined": 0,
        "rows_duplicate": 0,
    }
    assert ready(run)[0]["amount"] == Decimal("1.50")
    assert ready(run)[0]["seen_at"] == moment(1, 8, 30)
    version = state(run)["ready_version"]
    written = duckdb.sql(
        f"SELECT * FROM read_parquet({run.lake.uris('ready', 'pay', version)})"
    ).to_arrow_table()
    assert written.schema.names == raw.arrow_schema(SECTOR.tables["pay"]).names


def test_table_with_no_feed_is_missing(run: Run) -> None:
    assert gate_table(run, "pay")["rows_in"] == 0
    assert state(run)["verdict"] == "missing"
    assert state(run)["ready_version"] is None


class TestKeys:
    def test_equal_rows_of_one_batch_count_as_duplicates(self, run: Run, pulled: Pulled) -> None:
        pulled([pay("A"), pay("B"), pay("A")])
        counts = gate_table(run, "pay")
        assert (counts["rows_ready"], counts["rows_duplicate"], counts["rows_quarantined"]) == (2, 1, 0)

    def test_same_key_with_other_content_is_held_and_the_first_row_stays(
        self, run: Run, pulled: Pulled
    ) -> None:
        pulled([pay("A", "1"), pay("A", "2"), pay("A", "1"), pay("B")])
        counts = gate_table(run, "pay")
        assert (counts["rows_ready"], counts["rows_duplicate"], counts["rows_quarantined"]) == (2, 1, 1)
        assert held(run) == [(3, "duplicate_key", "A")]
        assert ready(run)[0]["amount"] == 1

    def test_row_without_key_is_held(self, run: Run, pulled: Pulled) -> None:
        pulled([pay(None), pay("B")])
        assert gate_table(run, "pay")["rows_ready"] == 1
        assert held(run) == [(2, "missing_key", "")]

    def test_newest_batch_of_an_increment_wins(self, run: Run, pulled: Pulled, clock: MovableClock) -> None:
        pulled([pay("A", "1"), pay("B", "1")], origin="hotline", batch="b1")
        clock.move(hours=1)
        pulled([pay("A", "2")], origin="hotline", batch="a2")
        counts = gate_table(run, "pay")
        assert counts == {"rows_in": 3, "rows_ready": 2, "rows_quarantined": 0, "rows_duplicate": 1}
        assert [int(r["amount"]) for r in ready(run)] == [2, 1]

    def test_only_the_last_snapshot_counts(self, run: Run, pulled: Pulled, clock: MovableClock) -> None:
        pulled([pay("A"), pay("GONE")], batch="b1")
        clock.move(hours=1)
        pulled([pay("A")], batch="b2")
        gate_table(run, "pay")
        assert ready_ids(run) == ["A"]

    def test_snapshot_and_increment_fill_one_table_together(self, run: Run, pulled: Pulled) -> None:
        pulled([pay("A")], origin="bank", batch="b1")
        pulled([pay("B")], origin="hotline", batch="h1")
        pulled([pay("C")], origin="hotline", batch="h2")
        gate_table(run, "pay")
        assert ready_ids(run) == ["A", "B", "C"]
        assert state(run)["verdict"] == "ok"


class TestActions:
    def test_quarantine_holds_the_bad_row_and_lets_the_rest_through(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO)
        pulled([pay("A", "-5"), pay("B"), pay("C", None)])
        assert gate_table(run, "pay")["rows_quarantined"] == 1
        assert ready_ids(run) == ["B", "C"]
        assert held(run) == [(2, "be_between", "A")]
        assert state(run)["verdict"] == "partial"

    def test_block_stops_the_table_and_keeps_the_version_it_had(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        pulled([pay("A")], batch="b1")
        gate_table(run, "pay")
        before = state(run)
        expectations(DAY_GIVEN.replace("quarantine", "block"))
        pulled([pay("A", day=None)], batch="b2")
        assert gate_table(run, "pay")["rows_ready"] == 0
        after = state(run)
        assert after["verdict"] == "blocked"
        assert "日期必填" in after["message"]
        assert (after["ready_version"], after["rows"]) == (before["ready_version"], before["rows"])

    def test_block_with_mostly_tolerates_a_few(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(
            "  - {expect: expect_column_values_to_not_be_null, column: day, mostly: 0.9, action: block,"
            " why: {zh: 日期大多应有}}\n"
        )
        pulled([*(pay(f"A{i}") for i in range(9)), pay("B", day=None)])
        assert gate_table(run, "pay")["rows_ready"] == 10

    def test_note_only_writes_it_down(self, run: Run, pulled: Pulled, expectations: Expectations) -> None:
        expectations(AMOUNT_ABOVE_ZERO.replace("action: quarantine", "action: note"))
        pulled([pay("A", "-5")], origin="bank")
        pulled([pay("B")], origin="hotline", batch="h1")
        assert gate_table(run, "pay")["rows_ready"] == 2
        assert outcomes(run)["expect_column_values_to_be_between"] == "failed"
        assert state(run)["verdict"] == "ok"

    def test_quarantine_below_mostly_means_the_file_is_wrong_and_blocks(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO + "    mostly: 0.5\n")
        pulled([pay("A", "-5"), pay("B", "-1"), pay("C")])
        gate_table(run, "pay")
        assert state(run)["verdict"] == "blocked"
        assert held(run) == []

    def test_table_of_which_nothing_is_left_is_blocked_not_empty(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO)
        pulled([pay("A", "-5")])
        gate_table(run, "pay")
        assert state(run)["verdict"] == "blocked"

    def test_row_that_fails_twice_has_two_entries_and_counts_once(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO + DAY_GIVEN)
        pulled([pay("A", "-5", day=None), pay("B")])
        assert gate_table(run, "pay")["rows_quarantined"] == 1
        assert [name for _row, name, _key in held(run)] == ["be_between", "not_be_null"]

    @pytest.mark.parametrize(
        ("check", "kept"),
        [
            ("expect_column_values_to_match_regex, column: person_id, args: {regex: '^p$'}", ["A", "D"]),
            ("expect_column_value_lengths_to_equal, column: person_id, args: {value: 1}", ["A", "D"]),
            ("expect_column_values_to_be_in_set, column: person_id, args: {value_set: [p]}", ["A", "D"]),
            (
                "expect_column_pair_values_a_to_be_greater_than_b, args: {column_A: due, column_B: day,"
                " or_equal: true, ignore_row_if: either_value_is_missing}",
                ["A", "B", "D"],
            ),
            (
                "expect_column_values_to_be_between, column: day, args: {min_value: 2026-03-01}",
                ["A", "B", "D"],
            ),
            ("expect_column_values_to_be_unique, column: day", ["C"]),
        ],
        ids=["regex", "length", "set", "pair", "day", "unique"],
    )
    def test_each_kind_of_expectation_names_its_bad_rows(
        self, run: Run, pulled: Pulled, expectations: Expectations, check: str, kept: list[str]
    ) -> None:
        expectations(f"  - {{expect: {check}, action: quarantine, why: {{zh: 应如此}}}}\n")
        early = {"day": date(2025, 1, 1), "due": date(2024, 12, 31), "person_id": "xx"}
        pulled([pay("A"), pay("B", person_id="yy"), pay("C", **early), pay("D", None, person_id=None)])
        gate_table(run, "pay")
        assert ready_ids(run) == kept
        assert "error" not in outcomes(run).values()


class TestVariables:
    NOT_IN_FUTURE = (
        "  - {{expect: expect_column_values_to_be_between, column: {column}, args: {{max_value: $as_of}},"
        " action: quarantine, why: {{zh: 不晚于当日}}}}\n"
    )

    def test_date_after_the_day_of_the_run_is_held(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(self.NOT_IN_FUTURE.format(column="day"))
        pulled(
            [
                pay("TODAY", day=AS_OF),
                pay("TOMORROW", day=date(2026, 3, 3)),
                pay("FAR", day=date(9999, 12, 31)),
            ]
        )
        gate_table(run, "pay")
        assert ready_ids(run) == ["TODAY"]

    def test_moment_late_on_the_day_of_the_run_passes(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(self.NOT_IN_FUTURE.format(column="seen_at"))
        pulled(
            [
                pay("LATE", seen_at=moment(2, 23, 59)),
                pay("NEXT", seen_at=moment(3, 0, 1)),
            ]
        )
        gate_table(run, "pay")
        assert ready_ids(run) == ["LATE"]

    def test_held_for_the_future_arrives_when_its_day_comes(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(self.NOT_IN_FUTURE.format(column="day"))
        pulled([pay("A"), pay("B", day=date(2026, 3, 3))])
        gate_table(run, "pay")
        gate_table(replace(run, as_of=date(2026, 3, 3)), "pay")
        assert ready_ids(run) == ["A", "B"]
        assert held(run) == []

    def test_table_that_lost_more_than_half_is_blocked_until_someone_accepts_it(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(
            "  - {expect: expect_table_row_count_to_be_between, args: {min_value: $half_of_last},"
            " action: block, why: {zh: 行数不应骤减}}\n"
        )
        pulled([pay(f"A{i}") for i in range(10)], batch="b1")
        gate_table(run, "pay")
        pulled([pay(f"A{i}") for i in range(4)], batch="b2")
        gate_table(run, "pay")
        assert state(run)["verdict"] == "blocked"
        with run.engine.begin() as conn:
            accept_size(conn, "pay", "steward", run.clock.now())
        assert gate_table(run, "pay")["rows_ready"] == 4


class TestAgain:
    def test_same_inputs_keep_the_version(self, run: Run, pulled: Pulled, expectations: Expectations) -> None:
        expectations(AMOUNT_ABOVE_ZERO)
        pulled([pay("A", "-5"), pay("B")])
        first, before = gate_table(run, "pay"), state(run)
        assert gate_table(run, "pay") == first
        assert state(run)["ready_version"] == before["ready_version"]
        assert len(held(run)) == 1

    def test_unchanged_table_carries_its_results_to_the_next_day(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO)
        pulled([pay("A")])
        first, before = gate_table(run, "pay"), state(run)
        tomorrow = replace(run, as_of=date(2026, 3, 3))
        assert gate_table(tomorrow, "pay") == first
        assert state(run)["ready_version"] == before["ready_version"]
        assert state(run)["as_of"] == date(2026, 3, 3)
        assert outcomes(run, date(2026, 3, 3)) == outcomes(run)

    def test_changed_suite_is_applied_to_the_same_batch(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        pulled([pay("A", "-5"), pay("B")])
        gate_table(run, "pay")
        expectations(AMOUNT_ABOVE_ZERO)
        gate_table(run, "pay")
        assert ready_ids(run) == ["B"]

    def test_ready_version_that_no_state_names_is_written_again(self, run: Run, pulled: Pulled) -> None:
        """Killed after the lake was written and before the store was: the next run gives the same."""
        pulled([pay("A"), pay(None), pay("B"), pay("B")])
        first, rows, entries = gate_table(run, "pay"), ready(run), held(run)
        with run.engine.begin() as conn:
            for table in (table_state, gate_result, quarantine):
                conn.execute(delete(table))
        assert run.lake.version("ready", "pay") == 0
        assert (gate_table(run, "pay"), ready(run), held(run)) == (first, rows, entries)


class TestFeeds:
    def test_failing_late_and_absent_sources_make_the_table_partial_and_are_named(
        self, run: Run, pulled: Pulled
    ) -> None:
        pulled([pay("A")], error="服务器 500", as_of=date(2026, 1, 1))
        gate_table(run, "pay")
        assert state(run)["verdict"] == "partial"
        assert "没有来数的数据源：hotline" in state(run)["message"]
        assert "最近一次拉取失败的数据源：bank" in state(run)["message"]
        assert "逾期未更新的数据源：bank" in state(run)["message"]

    def test_source_that_has_only_ever_failed_leaves_the_table_missing(
        self, run: Run, pulled: Pulled
    ) -> None:
        pulled([pay("A")], batch="b1")
        pulled([pay("B")], batch="b2", error="文件打不开")
        with run.engine.begin() as conn:
            conn.execute(update(feed).values(batch=None))
        gate_table(run, "pay")
        assert state(run)["verdict"] == "missing"


class TestFaults:
    def test_broken_expectation_blocks_and_says_it_is_the_gates_fault(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(
            "  - {expect: expect_column_values_to_be_tasty, column: day, action: note, why: {zh: 无此检查}}\n"
            + AMOUNT_ABOVE_ZERO
        )
        pulled([pay("A")])
        gate_table(run, "pay")
        assert state(run)["verdict"] == "blocked"
        assert "检查程序自身出错" in state(run)["message"]
        assert outcomes(run)["expect_column_values_to_be_tasty"] == "error"
        assert outcomes(run)["expect_column_values_to_be_between"] == "passed"

    def test_column_that_does_not_exist_is_the_gates_fault_too(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO.replace("column: amount", "column: amuont"))
        pulled([pay("A")])
        gate_table(run, "pay")
        assert outcomes(run)["expect_column_values_to_be_between"] == "error"
        assert "amuont" in state(run)["message"]

    def test_mended_suite_is_tried_again_on_the_same_batch(
        self, run: Run, pulled: Pulled, expectations: Expectations
    ) -> None:
        expectations(AMOUNT_ABOVE_ZERO.replace("column: amount", "column: amuont"))
        pulled([pay("A")])
        gate_table(run, "pay")
        expectations(AMOUNT_ABOVE_ZERO)
        assert gate_table(run, "pay")["rows_ready"] == 1

    def test_unknown_table_is_named(self, run: Run) -> None:
        with pytest.raises(GateError, match="nonsense"):
            gate_table(run, "nonsense")

    def test_raw_rows_that_do_not_fit_the_manifest_are_a_gate_error(self, run: Run, pulled: Pulled) -> None:
        pulled([pay("A")])
        shape = SECTOR.tables["pay"]
        wrong = shape.model_copy(update={"columns": {**shape.columns, "person_id": shape.columns["day"]}})
        run.content.tables["pay"] = wrong
        with pytest.raises(GateError, match="pay"):
            gate_table(run, "pay")

    @pytest.mark.parametrize(
        ("checks", "said"),
        [
            ("  - {expect: x, colour: y, action: note, why: {zh: 错}}\n", "pay.yaml:3"),
            (
                "  - {expect: expect_table_row_count_to_equal, action: quarantine, why: {zh: 错}}\n",
                "whole table",
            ),
            ("  - {expect: x, args: {a: $tomorrow}, action: note, why: {zh: 错}}\n", r"\$tomorrow"),
            ("  - {expect: x, action: note, why: {en: wrong}}\n", "zh"),
        ],
        ids=["unknown key", "table-wise quarantine", "unknown variable", "no Chinese reason"],
    )
    def test_suite_that_breaks_its_format_fails_with_its_line(
        self, run: Run, expectations: Expectations, checks: str, said: str
    ) -> None:
        expectations(checks)
        with pytest.raises(ContentError, match=said):
            gate_table(run, "pay")


def test_empty_snapshot_gives_a_ready_table_without_rows(run: Run, pulled: Pulled) -> None:
    pulled([pay("A")], batch="b1")
    with run.engine.begin() as conn:
        conn.execute(update(feed).values(batch="nothing-in-it"))
    assert gate_table(run, "pay")["rows_in"] == 0
    assert run.lake.uris("ready", "pay", state(run)["ready_version"]) == []
