"""The pull as a whole: what lands in the lake, what a second pull does, what a killed one leaves."""

from __future__ import annotations

import stat
from datetime import date, datetime
from decimal import Decimal

import pytest
from pull_city import GOOD, GOOD_TOO, HEADER, PAYOUT_COLUMNS, City, csv_of, payout_source

from mingjian.domain.errors import ContentError, NotFound, SourceError
from mingjian.pull import stage, token_of
from mingjian.pull.part import FILE_STRIDE


def test_a_row_arrives_in_canonical_types(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    assert city.pull() == {"rows_read": 1, "rows_kept": 1, "rows_quarantined": 0}
    (row,) = city.rows()
    assert row["payout_id"] == "P1"
    assert row["month"] == date(2026, 1, 1)
    assert row["pay_date"] == date(2026, 1, 10)
    assert row["amount"] == Decimal("500.00")
    assert row["status"] == "paid"
    assert row["channel"] == "social_card"
    assert row["person_id"] == token_of(city.run.home, "person", "11010119900307782x")
    assert row["account_hash"] == token_of(city.run.home, "account", "6222 0202 0011 2230")
    assert row["_source"] == "payouts" and row["_row"] == 2
    assert row["_pulled_at"] == datetime(2026, 3, 2, 1)  # noqa: DTZ001 - naive UTC in the lake


def test_a_column_that_nothing_fills_is_null(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    (row,) = city.rows()
    assert set(city.run.content.tables["payout"].columns) <= set(row)
    assert row["company_id"] is None and row["quantity"] is None


def test_old_and_new_identity_numbers_get_one_token(city: City) -> None:
    new = GOOD.replace("11010119900307782X", "110101199003077803")
    city.write("payouts.csv", csv_of(new, GOOD_TOO))
    city.pull()
    first, second = city.rows()
    assert first["person_id"] == second["person_id"]
    assert second["amount"] == Decimal("1500.00")


def test_no_identifier_reaches_the_lake_or_the_store(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO.replace("110101900307780", "110101199003077804")))
    city.pull()
    (row,) = city.rows()
    stored = str(row) + str(city.held())
    for secret in ("11010119900307782X", "110101199003077804", "6222020200112230"):
        assert secret not in stored


def test_an_unreadable_cell_sends_its_row_to_quarantine_with_its_place(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO.replace('"1,500.00"', "一千五")))
    assert city.pull() == {"rows_read": 2, "rows_kept": 1, "rows_quarantined": 1}
    (held,) = city.held()
    assert (held.stage, held.source, held.table_name) == ("pull", "payouts", "payout")
    assert (held.file, held.row_no, held.column_name) == ("systems/payouts.csv", 3, "amount")
    assert held.value_class == "text_in_number" and held.row_key == "P2"
    assert "systems/payouts.csv 第 3 行“金额”" in held.reason and "请" in held.reason
    assert "一千五" not in held.reason


def test_all_problems_of_a_row_are_listed(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD.replace("500.00", "x").replace("2026-01-10", "昨天")))
    assert city.pull()["rows_quarantined"] == 1
    assert [(h.column_name, h.value_class) for h in city.held()] == [
        ("amount", "text_in_number"),
        ("pay_date", "unreadable_date"),
    ]


def test_several_files_are_one_batch_and_rows_stay_apart(city: City) -> None:
    city.write("payouts_a.csv", csv_of(GOOD))
    city.write("payouts_b.csv", csv_of(GOOD_TOO, "P3,,坏,,1,,成功"))
    assert city.pull() == {"rows_read": 3, "rows_kept": 2, "rows_quarantined": 1}
    rows = city.rows()
    assert [r["_row"] for r in rows] == [2, FILE_STRIDE + 2]
    assert city.held()[0].file == "systems/payouts_b.csv" and city.held()[0].row_no == 3


def test_the_same_content_again_is_no_work_but_keeps_the_feed_fresh(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD, "P9,,,,x,,成功"))
    first = city.pull()
    version = city.run.lake.version("raw", "payout")
    city.run.clock.move(days=1)  # type: ignore[attr-defined]
    assert city.pull() == first
    assert city.run.lake.version("raw", "payout") == version
    assert len(city.held()) == 1
    assert city.feed().reason == "unchanged"
    assert city.feed().pulled_at == city.run.clock.now()


def test_a_corrected_file_supersedes_what_was_held(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO.replace('"1,500.00"', "坏")))
    city.pull()
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO))
    assert city.pull()["rows_kept"] == 2
    assert city.held() == [] and len(city.held("superseded")) == 1
    assert city.feed().batch in city.run.lake.batches("payout")


def test_a_file_restored_from_before_is_held_again(city: City) -> None:
    broken = csv_of(GOOD, GOOD_TOO.replace('"1,500.00"', "坏"))
    city.write("payouts.csv", broken)
    city.pull()
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO))
    city.pull()
    city.write("payouts.csv", broken)
    city.pull()
    assert len(city.held()) == 1 and city.held("superseded") == []


def test_a_changed_definition_is_a_new_batch(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    before = city.feed().batch
    columns = PAYOUT_COLUMNS | {"amount": {"from": "金额", "type": "money", "unit": "万元"}}
    city.use(payout_source(columns=columns))
    city.pull()
    assert city.feed().batch != before
    assert {r["amount"] for r in city.rows()} == {Decimal("500.00"), Decimal("5000000.00")}


@pytest.mark.parametrize("killed_in", ["hold", "save"])
def test_a_pull_killed_after_the_lake_write_ends_the_same(
    city: City, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    city.write("payouts.csv", csv_of(GOOD, "P9,,,,x,,成功"))

    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage.quarantine if killed_in == "hold" else stage.feeds, killed_in, killed)
        with pytest.raises(KeyboardInterrupt):
            city.pull()
    assert city.feed() is None and city.held() == []
    assert city.pull() == {"rows_read": 2, "rows_kept": 1, "rows_quarantined": 1}
    assert len(city.rows()) == 1 and len(city.held()) == 1


def test_a_failed_pull_keeps_its_message_and_the_next_good_one_clears_it(city: City) -> None:
    path = city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    before = city.feed()
    path.write_bytes(b"")
    with pytest.raises(SourceError):
        city.pull()
    after = city.feed()
    assert "systems/payouts.csv" not in (before.error or "") and "payouts.csv" in after.error
    assert (after.batch, after.as_of, after.pulled_at) == (before.batch, before.as_of, before.pulled_at)
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    assert city.feed().error is None


def test_a_header_alone_is_an_empty_snapshot(city: City) -> None:
    city.write("payouts.csv", HEADER + "\n")
    assert city.pull() == {"rows_read": 0, "rows_kept": 0, "rows_quarantined": 0}
    assert city.feed().reason == "appended"


def test_a_missing_optional_column_is_null_and_said_once(city: City) -> None:
    for name in ("payouts_a.csv", "payouts_b.csv"):
        city.write(name, f"流水号,金额\n{name},5\n")
    assert city.pull()["rows_kept"] == 2
    assert all(r["person_id"] is None for r in city.rows())
    assert sum("身份证号" in line for line in city.said) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table": "nowhere"}, "nowhere"),
        ({"columns": PAYOUT_COLUMNS | {"colour": {"from": "颜色"}}}, "colour"),
        ({"columns": {"amount": {"from": "金额", "type": "money"}}}, "payout_id"),
        ({"columns": PAYOUT_COLUMNS | {"amount": {"from": "金额", "type": "id_no"}}}, "amount"),
        ({"columns": PAYOUT_COLUMNS | {"amount": {"type": "money"}}}, "amount"),
        ({"columns": PAYOUT_COLUMNS | {"amount": {"from": "金额", "type": "money", "unit": "斤"}}}, "斤"),
        ({"columns": PAYOUT_COLUMNS | {"month": {"const": "春天"}}}, "春天"),
        ({"watermark": "never"}, "never"),
    ],
)
def test_a_source_that_does_not_fit_its_table_is_refused(
    city: City, changes: dict[str, object], said: str
) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.use(payout_source(**changes))
    with pytest.raises(ContentError, match=said):
        city.pull()
    assert city.rows() == []


def test_an_unknown_source_is_named(city: City) -> None:
    with pytest.raises(NotFound, match="nobody"):
        city.pull("nobody")


def test_the_key_is_made_once_and_only_its_owner_may_read_it(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    key = city.run.home / "secret" / "hash.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = key.read_text()
    city.write("payouts.csv", csv_of(GOOD, GOOD_TOO))
    city.pull()
    assert key.read_text() == made
    assert list(key.parent.iterdir()) == [key]


def test_a_named_key_wins_and_changes_the_batch(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    monkeypatch.setenv("MINGJIAN_HASH_KEY", "k" * 32)
    city.pull()
    monkeypatch.setenv("MINGJIAN_HASH_KEY", "j" * 32)
    city.pull()
    tokens = {r["person_id"] for r in city.rows()}
    assert len(tokens) == 2
    assert not (city.run.home / "secret").exists()


def test_a_short_key_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    monkeypatch.setenv("MINGJIAN_HASH_KEY", "short")
    with pytest.raises(SourceError, match="密钥太短"):
        city.pull()


def test_blank_bad_and_good_cells_of_one_column_stay_apart(city: City) -> None:
    blank, bad = GOOD_TOO.replace("2026年1月10日", ""), GOOD.replace("P1", "P3").replace("2026-01-10", "坏")
    city.write("payouts.csv", csv_of(GOOD, blank, bad))
    assert city.pull() == {"rows_read": 3, "rows_kept": 2, "rows_quarantined": 1}
    assert [r["pay_date"] for r in city.rows()] == [date(2026, 1, 10), None]
    assert [(h.row_no, h.value_class) for h in city.held()] == [(4, "unreadable_date")]
